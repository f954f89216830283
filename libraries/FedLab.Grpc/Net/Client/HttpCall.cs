using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>
/// One call as one HTTP/2 exchange. It ends exactly once, with the first of: the server's trailers, a failure of the
/// transport, the deadline, a cancellation, its disposal. Everything that waits on the call then fails with that status.
/// </summary>
internal abstract class HttpCall : IDisposable
{
    private static readonly string UserAgent = "grpc-dotnet-fedlab/" + (typeof(HttpCall).Assembly.GetName().Version?.ToString(3) ?? "0");

    private readonly GrpcChannel _channel;
    private readonly IMethod _method;
    private readonly HttpRequestMessage _message;
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource<Status> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<HttpResponseMessage?> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Metadata _metadata;
    private readonly TimeSpan? _timeout;
    private readonly long _started;
    private readonly CancellationToken _userToken;
    private CancellationTokenRegistration _userRegistration;
    private CancellationTokenRegistration _channelRegistration;
    private DeadlineTimer? _deadline;
    private Metadata _trailers = Metadata.Empty;
    private int _ending;

    protected HttpCall(GrpcChannel channel, IMethod method, string? host, CallOptions options)
    {
        channel.ThrowIfDisposed();
        _channel = channel;
        _method = method;
        _userToken = options.CancellationToken;
        _started = channel.Time.GetTimestamp();
        _timeout = TimeLeft(options.Deadline);
        _metadata = options.Headers ?? Metadata.Empty;
        _message = CreateMessage(host);
    }

    /// <summary>Fires when the call has ended.</summary>
    public CancellationToken Token => _cancel.Token;

    public Task<Metadata> ResponseHeadersAsync => _headers.Task;

    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>The status, once the call has ended.</summary>
    public Task<Status> Ended => _ended.Task;

    /// <summary>Whether somebody reads responses now and so will come upon the end of the call.</summary>
    public abstract bool IsReading { get; }

    public GrpcChannel Channel => _channel;

    public TimeProvider Time => _channel.Time;

    /// <summary>The response, or null when the call ended without a body to read.</summary>
    protected Task<HttpResponseMessage?> Response => _response.Task;

    /// <summary>Sends the request.</summary>
    /// <param name="content">The request messages.</param>
    public void Start(HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue(ProtocolNames.ContentType);
        _message.Content = content;
        if (_userToken.IsCancellationRequested)
        {
            End(new Status(StatusCode.Cancelled, "The call was cancelled by the client."));
            return;
        }
        try
        {
            MetadataText.CheckSize(_metadata, _channel.MaxSendMetadataSize);
        }
        catch (RpcException e)
        {
            End(e);
            return;
        }
        if (_timeout is { } timeout)
        {
            if (timeout <= TimeSpan.Zero)
            {
                End(new Status(StatusCode.DeadlineExceeded, "The deadline had passed before the call began."));
                return;
            }
            _deadline = new DeadlineTimer(Time, timeout, () => End(new Status(StatusCode.DeadlineExceeded, "The deadline passed.")));
        }
        _userRegistration = _userToken.UnsafeRegister(static state => ((HttpCall)state!).End(new Status(StatusCode.Cancelled, "The call was cancelled by the client.")), this);
        _channelRegistration = _channel.Shutdown.UnsafeRegister(static state => ((HttpCall)state!).End(new Status(StatusCode.Cancelled, "The channel was disposed.")), this);
        _ = RunAsync();
        if (HasEnded) Release(); // an end that came while the registrations were being made did not see them all
    }

    public Status GetStatus() => HasEnded ? _ended.Task.GetAwaiter().GetResult() : throw new InvalidOperationException("The call has not finished, so it has no status yet.");

    public Metadata GetTrailers() => HasEnded ? _trailers : throw new InvalidOperationException("The call has not finished, so it has no trailers yet.");

    /// <summary>The exception for a call that has ended.</summary>
    public RpcException EndedException() => new(GetStatus(), _trailers);

    /// <summary>Ends the call with what an exception of the transport means.</summary>
    public void End(Exception exception) => End(exception is RpcException rpc ? rpc.Status : TransportErrors.ToStatus(exception));

    /// <summary>Ends the call, unless it has ended.</summary>
    /// <param name="status">How.</param>
    /// <param name="trailers">The trailers, when the server sent them.</param>
    public void End(Status status, Metadata? trailers = null)
    {
        if (Interlocked.Exchange(ref _ending, 1) != 0) return;
        if (trailers is not null) _trailers = trailers;
        else if (status.StatusCode is StatusCode.Cancelled && DeadlinePassed()) status = new Status(StatusCode.DeadlineExceeded, "The deadline passed.", status.DebugException);
        if (status.StatusCode != StatusCode.OK) Log.CallFailed(_channel.Logger, _method.FullName, status.StatusCode, status.Detail, status.DebugException);
        _ended.SetResult(status);
        if (!_headers.Task.IsCompleted && _headers.TrySetException(EndedException())) _ = _headers.Task.Exception; // nobody has to look at the headers
        _response.TrySetResult(null);
        Release();
        // Cancelling resets the stream if it is still open, so that the server's handler hears of it.
        _cancel.Cancel();
        if (_response.Task is { IsCompletedSuccessfully: true } response) response.GetAwaiter().GetResult()?.Dispose();
    }

    public void Dispose() => End(new Status(StatusCode.Cancelled, "The call was disposed by the client."));

    /// <summary>The status and the trailers that the server sent after the last message.</summary>
    protected static (Status Status, Metadata Trailers) ReadTrailers(HttpResponseMessage response)
    {
        if (Find(response.TrailingHeaders, ProtocolNames.Status) is not { } code) return (new Status(StatusCode.Unknown, "The server ended the stream without a grpc-status."), Metadata.Empty);
        return WithMetadata(StatusText.ParseStatus(code, Find(response.TrailingHeaders, ProtocolNames.Message)), response.TrailingHeaders);
    }

    protected static string? Encoding(HttpResponseMessage response) => Find(response.Headers, ProtocolNames.Encoding);

    private static (Status Status, Metadata Metadata) WithMetadata(Status status, HttpResponseHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
            {
                if (MetadataText.TryAdd(metadata, name, value)) continue;
                return (new Status(StatusCode.Internal, $"The server sent metadata '{name}' that is not base64."), Metadata.Empty);
            }
        }
        return (status, metadata);
    }

    private static string? Find(HttpResponseHeaders headers, string name) => headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private HttpRequestMessage CreateMessage(string? host)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(_channel.Address, _method.FullName))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var headers = message.Headers;
        if (host is not null) headers.Host = host;
        if (_timeout is { } timeout && timeout > TimeSpan.Zero) headers.TryAddWithoutValidation(ProtocolNames.Timeout, TimeoutText.Format(timeout));
        headers.TryAddWithoutValidation(ProtocolNames.Te, ProtocolNames.Trailers);
        headers.TryAddWithoutValidation("user-agent", UserAgent);
        headers.TryAddWithoutValidation(ProtocolNames.AcceptEncoding, ProtocolNames.IdentityEncoding);
        MetadataText.Validate(_metadata);
        foreach (var entry in _metadata) headers.TryAddWithoutValidation(entry.Key, MetadataText.Encode(entry));
        return message;
    }

    private TimeSpan? TimeLeft(DateTime? deadline)
    {
        if (deadline is not { } at || at == DateTime.MaxValue) return null;
        if (at == DateTime.MinValue) return TimeSpan.Zero;
        if (at.Kind == DateTimeKind.Unspecified) throw new ArgumentException("A deadline must be in UTC or local time; its DateTime.Kind is Unspecified.", nameof(deadline));
        return at.ToUniversalTime() - Time.GetUtcNow().UtcDateTime;
    }

    private bool DeadlinePassed() => _timeout is { } timeout && Time.GetElapsedTime(_started) >= timeout;

    private async Task RunAsync()
    {
        try
        {
            var response = await _channel.Http.SendAsync(_message, _cancel.Token).ConfigureAwait(false);
            if (!_response.TrySetResult(AcceptResponse(response) ? response : null) || HasEnded) response.Dispose();
        }
        catch (Exception e)
        {
            End(e);
        }
    }

    /// <summary>Looks at the response headers.</summary>
    /// <returns>Whether messages may follow; otherwise the call has ended.</returns>
    private bool AcceptResponse(HttpResponseMessage response)
    {
        if (Find(response.Headers, ProtocolNames.Status) is { } code)
        {
            var (status, trailers) = WithMetadata(StatusText.ParseStatus(code, Find(response.Headers, ProtocolNames.Message)), response.Headers);
            if (status.StatusCode == StatusCode.OK && _method.Type is MethodType.Unary or MethodType.ClientStreaming) status = new Status(StatusCode.Unimplemented, "The server sent no response to a method that has one.");
            _headers.TrySetResult(Metadata.Empty);
            End(status, trailers);
            return false;
        }
        if (response.StatusCode != HttpStatusCode.OK)
        {
            End(TransportErrors.ToStatus(response.StatusCode));
            return false;
        }
        var contentType = response.Content.Headers.NonValidated.TryGetValues("content-type", out var values) ? values.ToString() : null;
        if (!ProtocolNames.IsGrpcContentType(contentType))
        {
            End(new Status(StatusCode.Unknown, contentType is null ? "The answer has no content-type; it is not gRPC." : $"The answer has content-type '{contentType}'; it is not gRPC."));
            return false;
        }
        var (headersStatus, headers) = WithMetadata(Status.DefaultSuccess, response.Headers);
        if (headersStatus.StatusCode != StatusCode.OK)
        {
            End(headersStatus);
            return false;
        }
        _headers.TrySetResult(headers);
        return true;
    }

    private void Release()
    {
        _userRegistration.Unregister();
        _channelRegistration.Unregister();
        _deadline?.Dispose();
    }
}

/// <summary>One call with the type of its responses.</summary>
/// <typeparam name="TResponse">The response message.</typeparam>
internal sealed class HttpCall<TResponse> : HttpCall
    where TResponse : class
{
    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: 64 * 1024, minimumReadSize: 16 * 1024, leaveOpen: true);

    private readonly Marshaller<TResponse> _marshaller;

    public HttpCall(GrpcChannel channel, IMethod method, Marshaller<TResponse> marshaller, string? host, CallOptions options)
        : base(channel, method, host, options)
    {
        _marshaller = marshaller;
        Responses = new ResponseStream<TResponse>(this);
    }

    public ResponseStream<TResponse> Responses { get; }

    public override bool IsReading => Responses.IsReading;

    /// <summary>Waits for the response and opens its messages.</summary>
    /// <returns>The messages, or null when the call has ended.</returns>
    public async ValueTask<MessageReader<TResponse>?> OpenAsync()
    {
        if (await Response.ConfigureAwait(false) is not { } response) return null;
        var stream = await response.Content.ReadAsStreamAsync(Token).ConfigureAwait(false);
        return new MessageReader<TResponse>(PipeReader.Create(stream, ReaderOptions), _marshaller, Channel.MaxReceiveMessageSize, Encoding(response), StatusCode.Internal);
    }

    /// <summary>The status and the trailers at the end of the response.</summary>
    public (Status Status, Metadata Trailers) ReadTrailers() => ReadTrailers(Response.GetAwaiter().GetResult()!);
}
