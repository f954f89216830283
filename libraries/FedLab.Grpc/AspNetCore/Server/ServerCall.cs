using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// One call on the server: its messages, its context, and the way it ends.
/// <code>
///   headers ──► handler ──► returns ─────────► Status of the context (OK)
///      │           │──────► RpcException ────► its status and trailers
///      │           │──────► other exception ─► Unknown, logged
///      │           └─ token ◄─ client gone: nothing can be sent
///      └─ deadline ─────────────────────────► DeadlineExceeded at once, token, then wait for the handler
/// </code>
/// </summary>
/// <typeparam name="TRequest">The request message.</typeparam>
/// <typeparam name="TResponse">The response message.</typeparam>
internal sealed class ServerCall<TRequest, TResponse> : IDisposable
    where TRequest : class
    where TResponse : class
{
    private readonly Method<TRequest, TResponse> _method;
    private readonly ServerResponse _response;
    private readonly int _maxSendMetadataSize;
    private readonly TimeSpan? _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _cancel;
    private readonly RequestStream<TRequest> _requests;
    private readonly ResponseWriter<TResponse> _responses;
    private TResponse? _single;
    private volatile bool _stopping;
    private volatile bool _isOverdue;

    public ServerCall(HttpContext http, Method<TRequest, TResponse> method, Metadata metadata, TimeSpan? timeout, GrpcServiceOptions options, TimeProvider time, ILogger logger)
    {
        Http = http;
        _method = method;
        _maxSendMetadataSize = options.MaxSendMetadataSize;
        _timeout = timeout;
        _time = time;
        _logger = logger;
        _response = new ServerResponse(http, options.MaxSendMetadataSize);
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        Context = new HttpServerCallContext(http, method, metadata, Deadline(timeout, time), _response, _cancel.Token);
        _requests = new RequestStream<TRequest>(http, _response, method.RequestMarshaller, options.MaxReceiveMessageSize, _cancel);
        _responses = new ResponseWriter<TResponse>(http, _response, Context, method.ResponseMarshaller, options.MaxSendMessageSize, _cancel);
    }

    public HttpContext Http { get; }

    public HttpServerCallContext Context { get; }

    public IAsyncStreamReader<TRequest> Requests => _requests;

    public IServerStreamWriter<TResponse> Responses => _responses;

    /// <summary>The only request of a method that has one.</summary>
    public Task<TRequest> ReadSingleAsync() => _requests.ReadSingleAsync();

    /// <summary>The only response of a method that has one.</summary>
    public void SetResponse(TResponse response) => _single = response ?? throw new InvalidOperationException($"The handler of {_method.FullName} returned no response.");

    /// <summary>Runs the handler and ends the call.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="stopping">Fires when the server shuts down and open streams should end.</param>
    public async Task RunAsync(Func<ServerCall<TRequest, TResponse>, Task> handler, CancellationToken stopping)
    {
        using var stop = stopping.UnsafeRegister(
            static state =>
            {
                var call = (ServerCall<TRequest, TResponse>)state!;
                call._stopping = true;
                call._cancel.Cancel();
            },
            this);
        if (_timeout is not { } timeout)
        {
            End(await RunHandlerAsync(handler));
            return;
        }

        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = new DeadlineTimer(_time, timeout, () => passed.TrySetResult());
        var running = RunHandlerAsync(handler);
        if (await Task.WhenAny(running, passed.Task) == running)
        {
            End(await running);
            return;
        }
        _isOverdue = true;
        // Without trailers of the handler, which may be adding to them at this moment.
        var sent = _response.EndOverdue(new Status(StatusCode.DeadlineExceeded, "The deadline passed."), Metadata.Empty);
        await _cancel.CancelAsync();
        if (sent) await Http.Response.CompleteAsync();
        await running; // the handler's scope must not go before the handler
    }

    public void Dispose() => _cancel.Dispose();

    private static DateTime Deadline(TimeSpan? timeout, TimeProvider time)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return timeout is { } span && span < DateTime.MaxValue - now ? now + span : DateTime.MaxValue;
    }

    private async Task<Status> RunHandlerAsync(Func<ServerCall<TRequest, TResponse>, Task> handler)
    {
        try
        {
            await handler(this);
            if (_single is not null && Context.Status.StatusCode == StatusCode.OK) await _responses.WriteAsync(_single);
            return Context.Status;
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.OK)
        {
            foreach (var entry in e.Trailers) Context.ResponseTrailers.Add(entry);
            Log.CallFailed(_logger, _method.FullName, e.StatusCode, e.Status.Detail, e);
            return e.Status;
        }
        catch (Exception e) when (_isOverdue || Http.RequestAborted.IsCancellationRequested)
        {
            Log.CallCancelled(_logger, _method.FullName, e);
            return Status.DefaultCancelled;
        }
        catch (OperationCanceledException e) when (_cancel.IsCancellationRequested)
        {
            Log.CallCancelled(_logger, _method.FullName, e);
            return _stopping ? new Status(StatusCode.Unavailable, "The server is shutting down.") : Status.DefaultCancelled;
        }
        catch (Exception e)
        {
            Log.HandlerThrew(_logger, _method.FullName, e);
            return new Status(StatusCode.Unknown, "Exception was thrown by handler.");
        }
    }

    private void End(Status status)
    {
        var trailers = Context.ResponseTrailers;
        try
        {
            MetadataText.Validate(trailers);
            MetadataText.CheckSize(trailers, _maxSendMetadataSize);
        }
        catch (Exception e) when (e is ArgumentException or RpcException)
        {
            Log.TrailersRefused(_logger, _method.FullName, e);
            trailers = Metadata.Empty;
            status = e is RpcException rpc ? rpc.Status : new Status(StatusCode.Internal, "The handler set trailers under a reserved name.");
        }
        _response.End(status, trailers);
    }
}
