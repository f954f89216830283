using System.Net;
using System.Text;
using FedLab.Kernel.Resources;
using FedLab.Notebook.Display;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FedLab.Kernel.Session;

/// <summary>What a name in a cell means: its signature, those of its overloads, and its documentation.</summary>
internal static class Inspection
{
    private const int MaximumOverloads = 20;

    private static readonly SymbolDisplayFormat Signature = SymbolDisplayFormat.MinimallyQualifiedFormat
        .WithMemberOptions(SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeContainingType | SymbolDisplayMemberOptions.IncludeType
            | SymbolDisplayMemberOptions.IncludeModifiers | SymbolDisplayMemberOptions.IncludeRef | SymbolDisplayMemberOptions.IncludeConstantValue)
        .WithKindOptions(SymbolDisplayKindOptions.IncludeTypeKeyword | SymbolDisplayKindOptions.IncludeNamespaceKeyword)
        .AddGenericsOptions(SymbolDisplayGenericsOptions.IncludeTypeConstraints | SymbolDisplayGenericsOptions.IncludeVariance);

    /// <summary>Explains the name at a place, or the method whose arguments stand there.</summary>
    /// <param name="session">What the cells before have declared.</param>
    /// <param name="code">The cell.</param>
    /// <param name="cursor">The place, in UTF-16 units.</param>
    /// <param name="detailed">Whether all overloads are listed.</param>
    /// <returns>Null where nothing is known.</returns>
    public static MimeBundle? Inspect(CSharpSession session, string code, int cursor, bool detailed)
    {
        var text = CellSource.ToCSharp(code);
        if (text.Length != code.Length) return null;
        var compilation = session.Understand(text);
        var tree = compilation.SyntaxTrees.Last();
        var model = compilation.GetSemanticModel(tree);
        var symbols = At(tree.GetRoot(), model, cursor).ToList();
        if (symbols.Count == 0) return null;
        return Render(symbols, compilation, detailed);
    }

    private static IEnumerable<ISymbol> At(SyntaxNode root, SemanticModel model, int cursor)
    {
        // The name that the cursor is in or right behind; else the call whose brackets it is in.
        foreach (var position in new[] { cursor, cursor - 1 })
        {
            if (position < 0 || position >= root.FullSpan.End) continue;
            var token = root.FindToken(position);
            if (!token.Span.Contains(position) || token.Parent is null) continue;
            if (token.IsKind(SyntaxKind.IdentifierToken) || token.Parent is PredefinedTypeSyntax || token.IsKind(SyntaxKind.VarKeyword))
            {
                var named = Meaning(token.Parent, model);
                if (named.Count > 0) return named;
            }
        }
        // Behind the brackets of a generic type.
        if (cursor > 0 && root.FindToken(cursor - 1) is var closing && closing.IsKind(SyntaxKind.GreaterThanToken) && closing.Parent is TypeArgumentListSyntax { Parent: GenericNameSyntax generic }) return Meaning(generic, model);
        var before = root.FindToken(Math.Max(0, Math.Min(cursor, root.FullSpan.End) - 1));
        var list = before.Parent?.FirstAncestorOrSelf<BaseArgumentListSyntax>();
        return list?.Parent switch
        {
            InvocationExpressionSyntax call => Meaning(call.Expression, model),
            ObjectCreationExpressionSyntax creation => model.GetTypeInfo(creation).Type is INamedTypeSymbol type ? type.InstanceConstructors : [],
            _ => [],
        };
    }

    private static List<ISymbol> Meaning(SyntaxNode node, SemanticModel model)
    {
        var declared = model.GetDeclaredSymbol(node);
        if (declared is not null) return [declared];
        if (node is SimpleNameSyntax { Parent: MemberAccessExpressionSyntax access } name && access.Name == name) node = access;
        var info = model.GetSymbolInfo(node);
        var group = model.GetMemberGroup(node);
        var chosen = info.Symbol ?? (group.Length == 0 ? info.CandidateSymbols.FirstOrDefault() : null);
        // The overload that the call means first, then the others.
        List<ISymbol> symbols = chosen is null ? [] : [chosen];
        symbols.AddRange(group.Where(other => !SymbolEqualityComparer.Default.Equals(other, chosen)));
        if (symbols.Count == 0 && model.GetTypeInfo(node).Type is { TypeKind: not TypeKind.Error } type) symbols.Add(type);
        return symbols;
    }

    private static MimeBundle Render(List<ISymbol> symbols, Compilation compilation, bool detailed)
    {
        var first = symbols[0];
        var documentation = Documentation.Of(first, compilation) ?? symbols.Skip(1).Select(symbol => Documentation.Of(symbol, compilation)).FirstOrDefault(found => found is not null);
        var text = new StringBuilder();
        var html = new StringBuilder();
        Code(first.ToDisplayString(Signature));
        var others = symbols.Skip(1).ToList();
        if (detailed)
        {
            foreach (var other in others.Take(MaximumOverloads)) Code(other.ToDisplayString(Signature));
            others = [.. others.Skip(MaximumOverloads)];
        }
        if (others.Count > 0) Paragraph(Texts.Overloads(others.Count));
        if (documentation is not null)
        {
            if (documentation.Summary.Length > 0) Paragraph(documentation.Summary);
            Listing(Texts.Parameters, documentation.Parameters);
            if (documentation.Returns.Length > 0) Listing(Texts.Returns, [("", documentation.Returns)]);
            Listing(Texts.Throws, documentation.Exceptions);
            if (detailed && documentation.Remarks.Length > 0) Paragraph(documentation.Remarks);
        }
        return new() { { MimeBundle.Text, text.ToString().TrimEnd() }, { MimeBundle.Html, html.ToString() } };

        void Code(string line)
        {
            text.Append(line).Append('\n');
            html.Append("<pre>").Append(WebUtility.HtmlEncode(line)).Append("</pre>");
        }

        void Paragraph(string words)
        {
            text.Append('\n').Append(words).Append('\n');
            html.Append("<p>").Append(WebUtility.HtmlEncode(words).Replace("\n", "<br/>", StringComparison.Ordinal)).Append("</p>");
        }

        void Listing(string title, IReadOnlyList<(string Name, string Text)> entries)
        {
            if (entries.Count == 0) return;
            text.Append('\n').Append(title).Append('\n');
            html.Append("<p><b>").Append(WebUtility.HtmlEncode(title)).Append("</b></p><ul>");
            foreach (var (name, words) in entries)
            {
                text.Append("  ").Append(name.Length > 0 ? name + ": " : "").Append(words.Replace('\n', ' ')).Append('\n');
                html.Append("<li>");
                if (name.Length > 0) html.Append("<code>").Append(WebUtility.HtmlEncode(name)).Append("</code> ");
                html.Append(WebUtility.HtmlEncode(words)).Append("</li>");
            }
            html.Append("</ul>");
        }
    }
}
