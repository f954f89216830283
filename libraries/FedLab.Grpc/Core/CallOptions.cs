using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core;

/// <summary>What a caller says about one call.</summary>
public readonly struct CallOptions
{
    /// <summary>Creates options.</summary>
    /// <param name="headers">Metadata sent before the first message.</param>
    /// <param name="deadline">When the call fails with <see cref="StatusCode.DeadlineExceeded"/>; UTC or local time.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="writeOptions">Options for the requests.</param>
    [SuppressMessage("Design", "CA1068:CancellationToken parameters must come last", Justification = "The order of the official packages.")]
    public CallOptions(Metadata? headers = null, DateTime? deadline = null, CancellationToken cancellationToken = default, WriteOptions? writeOptions = null)
    {
        Headers = headers;
        Deadline = deadline;
        CancellationToken = cancellationToken;
        WriteOptions = writeOptions;
    }

    /// <summary>Metadata sent before the first message.</summary>
    public Metadata? Headers { get; }

    /// <summary>When the call fails with <see cref="StatusCode.DeadlineExceeded"/>.</summary>
    public DateTime? Deadline { get; }

    /// <summary>Cancels the call.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Options for the requests.</summary>
    public WriteOptions? WriteOptions { get; }

    /// <summary>The same options with other headers.</summary>
    /// <param name="headers">Metadata sent before the first message.</param>
    public CallOptions WithHeaders(Metadata headers) => new(headers, Deadline, CancellationToken, WriteOptions);

    /// <summary>The same options with another deadline.</summary>
    /// <param name="deadline">When the call fails; UTC or local time.</param>
    public CallOptions WithDeadline(DateTime deadline) => new(Headers, deadline, CancellationToken, WriteOptions);

    /// <summary>The same options with another cancellation token.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    public CallOptions WithCancellationToken(CancellationToken cancellationToken) => new(Headers, Deadline, cancellationToken, WriteOptions);

    /// <summary>The same options with other options for the requests.</summary>
    /// <param name="writeOptions">Options for the requests.</param>
    public CallOptions WithWriteOptions(WriteOptions writeOptions) => new(Headers, Deadline, CancellationToken, writeOptions);
}
