namespace FedLab.Notebook.Data;

/// <summary>
/// A table or plot cannot be made of what it was given. <see cref="Exception.Message"/> is one sentence for the person at the notebook, in
/// the language of <see cref="System.Globalization.CultureInfo.CurrentUICulture"/>.
/// </summary>
public sealed class FrameException : Exception
{
    /// <summary>An error with a sentence that names what is wrong and what to do.</summary>
    public FrameException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a sentence, and the exception that revealed it.</summary>
    public FrameException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
