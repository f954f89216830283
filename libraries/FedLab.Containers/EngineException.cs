namespace FedLab.Containers;

/// <summary>What kind of thing went wrong at an engine.</summary>
public enum EngineFailure
{
    /// <summary>Nobody answers at the socket.</summary>
    Absent,

    /// <summary>The socket is there and may not be used.</summary>
    NotAllowed,

    /// <summary>There is no such container, image, network or service.</summary>
    NotFound,

    /// <summary>The name is taken, or the thing is in a state that does not allow it.</summary>
    Conflict,

    /// <summary>The engine refused or failed.</summary>
    Refused,

    /// <summary>What answers does not speak the Engine API, or says too much.</summary>
    Malformed,

    /// <summary>The engine did not answer in time.</summary>
    TooSlow,
}

/// <summary>A container engine could not do what was asked; the message is one sentence for people.</summary>
public sealed class EngineException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="failure">What kind.</param>
    /// <param name="message">One sentence in the current language.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public EngineException(EngineFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>What kind of thing went wrong.</summary>
    public EngineFailure Failure { get; }
}
