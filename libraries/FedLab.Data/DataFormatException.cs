namespace FedLab.Data;

/// <summary>
/// Data cannot be used. The message is one sentence for the person at the terminal, in the language of the current UI culture: which
/// file or table, where in it, what is wrong, what to do. It never contains a key or a credential.
/// </summary>
public sealed class DataFormatException : Exception
{
    internal DataFormatException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>The line or row that the message is about; the largest number where it is about the whole.</summary>
    internal long Row { get; init; } = long.MaxValue;
}
