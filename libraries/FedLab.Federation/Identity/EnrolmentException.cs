namespace FedLab.Federation.Identity;

/// <summary>A token, a signing request or an answer of an enrolment cannot be used; the message is one sentence for people.</summary>
public sealed class EnrolmentException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One sentence for people.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public EnrolmentException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
