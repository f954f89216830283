namespace FedLab.Learning;

/// <summary>
/// Training or scoring cannot go on because of a setting, the data or a malformed file. <see cref="Exception.Message"/> is one
/// sentence for the person who can act on it, in the language of <see cref="System.Globalization.CultureInfo.CurrentUICulture"/>.
/// </summary>
public sealed class LearningException : Exception
{
    /// <summary>An error with a sentence that names what is wrong and what to do.</summary>
    public LearningException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a sentence that names what is wrong, and the exception that revealed it.</summary>
    public LearningException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
