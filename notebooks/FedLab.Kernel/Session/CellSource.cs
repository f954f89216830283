using System.Text.RegularExpressions;

namespace FedLab.Kernel.Session;

/// <summary>The text of a cell before it is C#.</summary>
internal static partial class CellSource
{
    private const string LanguageSelector = "#!csharp";

    /// <summary>
    /// Blanks lines that select the language of a cell, as notebooks of .NET Interactive have them: this kernel has one. Line numbers stay.
    /// </summary>
    /// <param name="code">The cell.</param>
    public static string ToCSharp(string code)
    {
        if (!code.Contains(LanguageSelector, StringComparison.Ordinal)) return code;
        var lines = code.Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            if (lines[index].AsSpan().Trim().SequenceEqual(LanguageSelector)) lines[index] = "";
        }
        return string.Join('\n', lines);
    }

    /// <summary>The name that a cell asks about with <c>?name</c> or <c>name?</c>; null where the cell is C#.</summary>
    /// <param name="code">The cell.</param>
    public static string? Question(string code)
    {
        var match = QuestionPattern().Match(code);
        return match.Success ? match.Groups["name"].Value : null;
    }

    /// <summary>Whether a line names a package, which this kernel does not fetch.</summary>
    /// <param name="line">The line.</param>
    public static bool IsPackage(string line) => PackagePattern().IsMatch(line);

    [GeneratedRegex(@"^\s*(?:\?{1,2}\s*(?<name>[\w.]+(?:<[\w., <>]*>)?)|(?<name>[\w.]+(?:<[\w., <>]*>)?)\s*\?{1,2})\s*;?\s*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex QuestionPattern();

    [GeneratedRegex(@"^\s*#[ri]\s*""nuget:", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex PackagePattern();
}
