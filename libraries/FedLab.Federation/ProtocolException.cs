namespace FedLab.Federation;

/// <summary>A message, file or setting of the federation breaks the protocol; the message says which and why.</summary>
public sealed class ProtocolException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public ProtocolException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
