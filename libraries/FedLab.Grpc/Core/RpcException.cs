namespace Grpc.Core;

/// <summary>
/// A call that did not succeed. A client receives it; a handler throws it to end a call with a status of its choice.
/// </summary>
public class RpcException : Exception
{
    /// <summary>Creates the exception for a status.</summary>
    /// <param name="status">How the call ended.</param>
    public RpcException(Status status)
        : this(status, Metadata.Empty, status.ToString())
    {
    }

    /// <summary>Creates the exception for a status with an exception message of its own.</summary>
    /// <param name="status">How the call ended.</param>
    /// <param name="message">The exception message; it does not travel.</param>
    public RpcException(Status status, string message)
        : this(status, Metadata.Empty, message)
    {
    }

    /// <summary>Creates the exception for a status with trailers.</summary>
    /// <param name="status">How the call ended.</param>
    /// <param name="trailers">Metadata sent after the last message.</param>
    public RpcException(Status status, Metadata trailers)
        : this(status, trailers, status.ToString())
    {
    }

    /// <summary>Creates the exception for a status with trailers and an exception message of its own.</summary>
    /// <param name="status">How the call ended.</param>
    /// <param name="trailers">Metadata sent after the last message.</param>
    /// <param name="message">The exception message; it does not travel.</param>
    public RpcException(Status status, Metadata trailers, string message)
        : base(message, status.DebugException)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        Status = status;
        Trailers = trailers;
    }

    /// <summary>How the call ended.</summary>
    public Status Status { get; }

    /// <summary>The code of <see cref="Status"/>.</summary>
    public StatusCode StatusCode => Status.StatusCode;

    /// <summary>Metadata that came after the last message; empty when there was none.</summary>
    public Metadata Trailers { get; }
}
