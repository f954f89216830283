namespace FedLab.Client;

/// <summary>Something that the person at the terminal can put right; the message is one sentence that says what and how.</summary>
public sealed class ClientException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong, where, and what to do, in the current language.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public ClientException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>True when what was asked for is wrong (an option, a setting, a file that is not there); false when doing it failed.</summary>
    public bool IsUsage { get; private init; }

    /// <summary>True when a program of a lab refused its settings or its data, and the message says why: the lab never comes up as it was made.</summary>
    public bool IsRefusal { get; private init; }

    /// <summary>Makes the exception for a wrong option, setting or file name.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public static ClientException Usage(string message, Exception? innerException = null) => new(message, innerException) { IsUsage = true };

    /// <summary>Makes the exception for a program that ended by itself and said why.</summary>
    /// <param name="message">Which program, and what it said.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    internal static ClientException Refusal(string message, Exception? innerException = null) => new(message, innerException) { IsRefusal = true };
}
