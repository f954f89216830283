using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace FedLab.Kernel.Session;

/// <summary>Whether a text that is being typed in a console is a whole cell.</summary>
internal static class Completeness
{
    /// <summary>It can be run.</summary>
    public const string Complete = "complete";

    /// <summary>Another line must follow.</summary>
    public const string Incomplete = "incomplete";

    /// <summary>No line that follows would make it C#.</summary>
    public const string Invalid = "invalid";

    private const int IndentWidth = 4;

    private static readonly CSharpParseOptions Script = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);

    /// <summary>The state of a text.</summary>
    /// <param name="code">The text.</param>
    /// <returns>The state, and the spaces that the next line begins with.</returns>
    public static (string State, string Indent) Of(string code)
    {
        if (CellSource.Question(code) is not null) return (Complete, "");
        var tree = CSharpSyntaxTree.ParseText(CellSource.ToCSharp(code), Script);
        if (!SyntaxFactory.IsCompleteSubmission(tree)) return (Incomplete, new string(' ', IndentWidth * OpenBrackets(tree.GetRoot())));
        return (tree.GetDiagnostics().Any(found => found.Severity == DiagnosticSeverity.Error) ? Invalid : Complete, "");
    }

    private static int OpenBrackets(SyntaxNode root)
    {
        var open = 0;
        foreach (var token in root.DescendantTokens().Where(token => !token.IsMissing))
        {
            if (token.Kind() is SyntaxKind.OpenBraceToken or SyntaxKind.OpenParenToken or SyntaxKind.OpenBracketToken) open++;
            else if (token.Kind() is SyntaxKind.CloseBraceToken or SyntaxKind.CloseParenToken or SyntaxKind.CloseBracketToken) open = Math.Max(0, open - 1);
        }
        return open;
    }
}
