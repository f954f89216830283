namespace FedLab.Data;

/// <summary>
/// A file cannot be used. The message is one sentence for the person at the terminal, in the language of the current UI culture: which
/// file, where in it, what is wrong, what to do. It never contains a key.
/// </summary>
public sealed class DataFormatException : Exception
{
    internal DataFormatException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
