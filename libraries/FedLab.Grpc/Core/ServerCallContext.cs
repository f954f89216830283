namespace Grpc.Core;

/// <summary>One call, seen by its handler.</summary>
public abstract class ServerCallContext
{
    /// <summary>The path of the method: <c>/service/method</c>.</summary>
    public string Method => MethodCore;

    /// <summary>The authority that the client named.</summary>
    public string Host => HostCore;

    /// <summary>The client's address, such as <c>ipv4:127.0.0.1:50000</c>.</summary>
    public string Peer => PeerCore;

    /// <summary>When the call ends, in UTC; <see cref="DateTime.MaxValue"/> without a deadline.</summary>
    public DateTime Deadline => DeadlineCore;

    /// <summary>The metadata that the client sent.</summary>
    public Metadata RequestHeaders => RequestHeadersCore;

    /// <summary>Fires when the client cancelled, the connection broke or the deadline passed.</summary>
    public CancellationToken CancellationToken => CancellationTokenCore;

    /// <summary>Metadata to send after the last message.</summary>
    public Metadata ResponseTrailers => ResponseTrailersCore;

    /// <summary>The status to end the call with when the handler returns without an exception.</summary>
    public Status Status
    {
        get => StatusCore;
        set => StatusCore = value;
    }

    /// <summary>Options for the responses written from now on.</summary>
    public WriteOptions? WriteOptions
    {
        get => WriteOptionsCore;
        set => WriteOptionsCore = value;
    }

    /// <summary>Who the client is, as far as its certificate proves it.</summary>
    public AuthContext AuthContext => AuthContextCore;

    /// <summary>What the parts of a server want to remember for the time of the call.</summary>
    public IDictionary<object, object> UserState => UserStateCore;

    /// <summary>The path of the method.</summary>
    protected abstract string MethodCore { get; }

    /// <summary>The authority that the client named.</summary>
    protected abstract string HostCore { get; }

    /// <summary>The client's address.</summary>
    protected abstract string PeerCore { get; }

    /// <summary>When the call ends, in UTC.</summary>
    protected abstract DateTime DeadlineCore { get; }

    /// <summary>The metadata that the client sent.</summary>
    protected abstract Metadata RequestHeadersCore { get; }

    /// <summary>Fires when the call is over before its time.</summary>
    protected abstract CancellationToken CancellationTokenCore { get; }

    /// <summary>Metadata to send after the last message.</summary>
    protected abstract Metadata ResponseTrailersCore { get; }

    /// <summary>The status to end the call with.</summary>
    protected abstract Status StatusCore { get; set; }

    /// <summary>Options for the responses.</summary>
    protected abstract WriteOptions? WriteOptionsCore { get; set; }

    /// <summary>Who the client is.</summary>
    protected abstract AuthContext AuthContextCore { get; }

    /// <summary>What is remembered for the time of the call.</summary>
    protected virtual IDictionary<object, object> UserStateCore => throw new NotSupportedException();

    /// <summary>Sends the response headers at once, before the first message; at most once a call.</summary>
    /// <param name="responseHeaders">Metadata to send with them.</param>
    /// <exception cref="InvalidOperationException">The response has already begun: by this method, by a written message, or by reading from a request stream.</exception>
    public Task WriteResponseHeadersAsync(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        return WriteResponseHeadersAsyncCore(responseHeaders);
    }

    /// <summary>Sends the response headers.</summary>
    /// <param name="responseHeaders">Metadata to send with them.</param>
    protected abstract Task WriteResponseHeadersAsyncCore(Metadata responseHeaders);
}
