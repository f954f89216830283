using System.Text;

namespace FedLab.Federation;

/// <summary>
/// A message, file or setting of the federation breaks the protocol. The message says which and why, to the party that met the
/// error; it may name that party's rows, columns and files. Whoever else must know is told the <see cref="Code"/> alone.
/// </summary>
public sealed class ProtocolException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">What went wrong, as a word: lower-case letters, digits and hyphens. A constant, never made from data.</param>
    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public ProtocolException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>What went wrong, as a word such as <c>no-row-in-common</c>. It says nothing of anybody's data.</summary>
    public string Code { get; }

    /// <summary>The code of an error by the name that it has in the program: <c>NoRowInCommon</c> is <c>no-row-in-common</c>.</summary>
    internal static string CodeOf(string name)
    {
        var code = new StringBuilder(name.Length + 8);
        foreach (var letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && code.Length > 0) code.Append('-');
            code.Append(char.ToLowerInvariant(letter));
        }
        return code.ToString();
    }
}
