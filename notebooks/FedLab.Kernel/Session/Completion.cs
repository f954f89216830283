using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FedLab.Kernel.Session;

/// <summary>One way to go on.</summary>
/// <param name="Text">What would stand there.</param>
/// <param name="Kind">What it is, in the words that JupyterLab has icons for.</param>
internal sealed record Proposal(string Text, string Kind);

/// <summary>What may stand at a place of a cell: members after a dot, else names, types, keywords, argument names and properties of an initializer.</summary>
internal static class Completion
{
    private const int MaximumProposals = 500;
    private const string Placeholder = "_";
    private const string Keyword = "keyword";

    // Namespaces of the framework that hold nothing public.
    private static readonly string[] InternalNamespaces = ["FxResources", "Internal", "Interop"];

    private static readonly string[] Keywords = [.. SyntaxFacts.GetKeywordKinds().Select(SyntaxFacts.GetText).Concat(["var", "await", "async", "record", "when", "with", "nameof"]).Distinct()];

    /// <summary>Proposes.</summary>
    /// <param name="session">What the cells before have declared.</param>
    /// <param name="code">The cell.</param>
    /// <param name="cursor">The place, in UTF-16 units.</param>
    /// <returns>Where the word begins that a proposal replaces, and the proposals, likelier ones first.</returns>
    public static (int Start, IReadOnlyList<Proposal> Proposals) Complete(CSharpSession session, string code, int cursor)
    {
        // What follows the cursor is left out: half-written code before it would draw it into nonsense.
        var text = CellSource.ToCSharp(code[..cursor]);
        if (text.Length != cursor) return (cursor, []);
        var start = cursor;
        while (start > 0 && SyntaxFacts.IsIdentifierPartCharacter(text[start - 1])) start--;
        var prefix = text[start..];
        if (prefix.Length > 0 && char.IsAsciiDigit(prefix[0])) return (cursor, []);
        var compilation = session.Understand(prefix.Length == 0 ? text + Placeholder : text);
        var tree = compilation.SyntaxTrees.Last();
        var root = tree.GetRoot();
        var token = root.FindToken(start);
        if (token.SpanStart != start || IsLiteral(token)) return (cursor, []);
        var found = new Finder(compilation.GetSemanticModel(tree), start, prefix);
        if (MemberOf(token) is { } left) found.AddMembers(left);
        else found.AddNames(token);
        return (start, found.Sorted());
    }

    private static bool IsLiteral(SyntaxToken token) => token.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.CharacterLiteralToken or SyntaxKind.InterpolatedStringTextToken
        or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken or SyntaxKind.NumericLiteralToken or SyntaxKind.EndOfFileToken;

    private static ExpressionSyntax? MemberOf(SyntaxToken token) => token.Parent is not SimpleNameSyntax name ? null : name.Parent switch
    {
        MemberAccessExpressionSyntax access when access.Name == name => access.Expression,
        QualifiedNameSyntax qualified when qualified.Right == name => qualified.Left,
        MemberBindingExpressionSyntax => name.Ancestors().OfType<ConditionalAccessExpressionSyntax>().FirstOrDefault(access => access.WhenNotNull.Span.Contains(name.Span))?.Expression,
        _ => null,
    };

    private sealed class Finder(SemanticModel model, int position, string prefix)
    {
        private readonly Dictionary<string, string> _proposals = new(StringComparer.Ordinal);

        public void AddMembers(ExpressionSyntax left)
        {
            var symbol = model.GetSymbolInfo(left).Symbol;
            var ofType = symbol is INamespaceOrTypeSymbol;
            INamespaceOrTypeSymbol? container = symbol as INamespaceOrTypeSymbol;
            container ??= model.GetTypeInfo(left).Type is { TypeKind: not TypeKind.Error } type ? type : (model.GetSymbolInfo(left).CandidateSymbols.FirstOrDefault() as IMethodSymbol)?.ReturnType;
            if (container is null) return;
            foreach (var member in model.LookupSymbols(position, container, includeReducedExtensionMethods: !ofType))
            {
                if (member is INamespaceOrTypeSymbol ? ofType : member.IsStatic == ofType || member is IMethodSymbol { ReducedFrom: not null }) Add(member);
            }
        }

        public void AddNames(SyntaxToken token)
        {
            var everything = prefix.Length > 0;
            foreach (var symbol in model.LookupSymbols(position))
            {
                // Without a letter to go by, the thousands of types would bury what the notebook itself has declared.
                if (everything || symbol is not INamedTypeSymbol || symbol.Locations.Any(location => location.IsInSource))
                {
                    if (symbol is not INamespaceSymbol || !InternalNamespaces.Contains(symbol.Name, StringComparer.Ordinal)) Add(symbol);
                }
            }
            foreach (var keyword in Keywords) Add(keyword, Keyword);
            AddArguments(token);
            AddInitialized(token);
        }

        public IReadOnlyList<Proposal> Sorted() =>
        [
            .. _proposals.Select(entry => new Proposal(entry.Key, entry.Value))
                .OrderBy(proposal => proposal.Text.StartsWith(prefix, StringComparison.Ordinal) ? 0 : 1)
                .ThenBy(proposal => proposal.Kind == Keyword ? 1 : 0)
                .ThenBy(proposal => proposal.Text, StringComparer.Ordinal)
                .Take(MaximumProposals),
        ];

        // Names of parameters, as in Fit(table, seed: 1): where an argument begins.
        private void AddArguments(SyntaxToken token)
        {
            if (token.Parent is not IdentifierNameSyntax { Parent: ArgumentSyntax { Parent: ArgumentListSyntax list } }) return;
            IEnumerable<ISymbol> called = list.Parent switch
            {
                InvocationExpressionSyntax invocation => model.GetMemberGroup(invocation.Expression),
                ObjectCreationExpressionSyntax creation when model.GetTypeInfo(creation).Type is INamedTypeSymbol type => type.InstanceConstructors,
                _ => [],
            };
            foreach (var parameter in called.OfType<IMethodSymbol>().SelectMany(method => method.Parameters)) Add(parameter.Name + ":", "instance");
        }

        // Properties that an object initializer or a with expression can set. One that is not finished yet reads as a collection of its names.
        private void AddInitialized(SyntaxToken token)
        {
            var initializer = token.Parent?.FirstAncestorOrSelf<InitializerExpressionSyntax>();
            if (initializer is null || initializer.Kind() is not (SyntaxKind.ObjectInitializerExpression or SyntaxKind.CollectionInitializerExpression or SyntaxKind.WithInitializerExpression)) return;
            if (token.Parent!.Parent != initializer && !(token.Parent.Parent is AssignmentExpressionSyntax assignment && assignment.Left == token.Parent && assignment.Parent == initializer)) return;
            var type = initializer.Parent switch
            {
                WithExpressionSyntax with => model.GetTypeInfo(with.Expression).Type,
                ExpressionSyntax creation => model.GetTypeInfo(creation).Type,
                _ => null,
            };
            if (type is null) return;
            foreach (var property in model.LookupSymbols(position, type).OfType<IPropertySymbol>().Where(property => !property.IsStatic && property.SetMethod is not null)) Add(property);
        }

        private void Add(ISymbol symbol)
        {
            if (symbol.CanBeReferencedByName && symbol.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && !IsHidden(symbol)) Add(symbol.Name, KindOf(symbol));
        }

        private void Add(string text, string kind)
        {
            if (text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && text != Placeholder) _proposals.TryAdd(text, kind);
        }

        private static bool IsHidden(ISymbol symbol) => symbol.GetAttributes().Any(attribute =>
            attribute.AttributeClass is { Name: "EditorBrowsableAttribute" } && attribute.ConstructorArguments is [{ Value: 1 }]);

        private static string KindOf(ISymbol symbol) => symbol switch
        {
            IMethodSymbol => "function",
            INamespaceSymbol => "module",
            INamedTypeSymbol { TypeKind: TypeKind.Interface } => "interface",
            INamedTypeSymbol { TypeKind: TypeKind.Enum } => "enum",
            ITypeSymbol => "class",
            IPropertySymbol or IEventSymbol => "property",
            _ => "instance",
        };
    }
}
