namespace FedLab.Cli.CommandLine;

/// <summary>Words of a command line that a person copies into a POSIX shell.</summary>
internal static class ShellWord
{
    private const string Plain = "-_./:=@%+,";

    /// <summary>The word, in quotes where the shell would read it otherwise.</summary>
    /// <param name="word">The word.</param>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(letter => char.IsLetterOrDigit(letter) || Plain.Contains(letter, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
