using System.Security.Cryptography;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Federation.Remote;

/// <summary>
/// A participant's session with the coordinator: dials, greets, and keeps the session alive over lost connections. Nothing
/// that was sent is lost or arrives twice as long as both processes live; when the coordinator is another process than
/// before, every attempt is closed and the session starts anew.
/// </summary>
public sealed class LabSession : IDisposable
{
    /// <summary>Time that the reader has to come to the coordinator's last word when writing has failed.</summary>
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(2);

    private static readonly StatusCode[] Final = [StatusCode.Unauthenticated, StatusCode.PermissionDenied, StatusCode.FailedPrecondition, StatusCode.InvalidArgument, StatusCode.AlreadyExists, StatusCode.Unimplemented];

    private readonly LabSessionOptions _options;
    private readonly Func<LabChannel> _dial;
    private readonly ILabSessionHandler _handler;
    private readonly TimeProvider _time;
    private readonly byte[] _instance = RandomNumberGenerator.GetBytes(LabProtocol.InstanceBytes);
    private readonly FrameOutbox<ParticipantFrame> _outbox;
    private readonly FrameCounter _counter;
    private readonly ByteBudget _inbox;
    private readonly EnvelopeAssembler _assembler = new();
    private readonly Dictionary<string, AttemptTransport> _attempts = new(StringComparer.Ordinal);
    private byte[] _coordinator = [];
    private ulong _lastEnvelope;
    private bool _everConnected;

    /// <summary>Prepares a session.</summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="dial">Makes a fresh channel for every connection.</param>
    /// <param name="handler">What is told of events.</param>
    /// <param name="time">Clock.</param>
    public LabSession(LabSessionOptions options, Func<LabChannel> dial, ILabSessionHandler handler, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _dial = dial;
        _handler = handler;
        _time = time ?? TimeProvider.System;
        _outbox = new FrameOutbox<ParticipantFrame>(options.SendWindow);
        _counter = new FrameCounter(_outbox.Received);
        _inbox = new ByteBudget(options.ReceiveWindow);
    }

    /// <summary>Sends a frame that is no envelope: a decision, a result, progress, a cosignature.</summary>
    /// <param name="frame">The frame; it must not be changed afterwards.</param>
    public void Post(ParticipantFrame frame) => _outbox.Enqueue(frame);

    /// <summary>Waits until the coordinator has everything that was sent, or the token ends the wait.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        while (!_outbox.IsEmpty) await Task.Delay(TimeSpan.FromMilliseconds(20), _time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps the session until the token ends it.</summary>
    /// <param name="cancellationToken">Ends the session.</param>
    /// <exception cref="SessionRefusedException">One side refuses the other for good, or the first connection took too long.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var delay = new ReconnectDelay(_options.FirstDelay, _options.LongestDelay);
        var begin = _time.GetTimestamp();
        try
        {
            while (true)
            {
                string reason;
                try
                {
                    reason = await ConnectAsync(delay.Reset, cancellationToken).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    throw;
                }
                catch (RpcException e) when (Final.Contains(e.StatusCode))
                {
                    throw new SessionRefusedException(e.Status.Detail.Length > 0 ? e.Status.Detail : LabMessages.RefusedWithoutReason(e.StatusCode.ToString()), e);
                }
                catch (Exception e) when (e is RpcException or HttpRequestException or IOException or OperationCanceledException or TimeoutException or ProtocolException or InvalidOperationException or ObjectDisposedException)
                {
                    reason = e is RpcException rpc ? rpc.Status.Detail : e.Message;
                }
                cancellationToken.ThrowIfCancellationRequested();
                var wait = delay.Next();
                if (!_everConnected && _options.ConnectTimeout != Timeout.InfiniteTimeSpan && _time.GetElapsedTime(begin) + wait > _options.ConnectTimeout)
                    throw new SessionRefusedException(LabMessages.CannotConnect(_options.ConnectTimeout, reason));
                _handler.Disconnected(reason, wait);
                await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            CloseAttempts();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CloseAttempts();
        _assembler.Dispose();
        _outbox.Reset();
    }

    private async Task<string> ConnectAsync(Action connected, CancellationToken cancellationToken)
    {
        using var channel = _dial();
        using var connection = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            using var call = new Lab.LabClient(channel.Invoker).Session(new CallOptions(cancellationToken: connection.Token));
            var welcome = await GreetAsync(call, cancellationToken).ConfigureAwait(false);
            if (!welcome.Resumed) StartAnew(welcome);
            _everConnected = true;
            connected();
            _handler.Connected(welcome.Lab, welcome.LogVkey, welcome.Resumed);

            var pump = _outbox.PumpAsync(call.RequestStream, welcome.Received, connection.Token);
            var read = ReadAsync(call.ResponseStream, connection.Token);
            var first = await Task.WhenAny(pump, read).ConfigureAwait(false);
            // A write is refused before the reader has come to the status that says why, which a cancellation would overwrite: a process whose place another one took would come back.
            if (first == pump) await Task.WhenAny(read, Task.Delay(LastWord, cancellationToken)).ConfigureAwait(false);
            await connection.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(pump, read).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // The reader knows the status with which the coordinator ended the call; a broken write is only its echo.
            if (read.IsFaulted) await read.ConfigureAwait(false);
            await first.ConfigureAwait(false);
            return LabMessages.ConnectionClosed;
        }
        catch (Exception e) when (channel.Refusal is not null && e is not SessionRefusedException)
        {
            throw new SessionRefusedException(channel.Refusal, e);
        }
    }

    private async Task<Welcome> GreetAsync(AsyncDuplexStreamingCall<ParticipantFrame, CoordinatorFrame> call, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LabProtocol.GreetingTimeout);
        try
        {
            await call.RequestStream.WriteAsync(
                new ParticipantFrame
                {
                    Hello = new Hello
                    {
                        ProtocolVersion = (uint)_options.ProtocolVersion,
                        Party = _options.Party,
                        Instance = ByteString.CopyFrom(_instance),
                        CoordinatorInstance = ByteString.CopyFrom(_coordinator),
                        Received = _counter.Received,
                        CosigningVkey = _options.CosigningKey,
                        Software = LabProtocol.SoftwareVersion,
                    },
                },
                patience.Token).ConfigureAwait(false);
        }
        catch (RpcException)
        {
            // The answer's status says why; when there is no answer either, reading fails as well.
        }
        if (!await call.ResponseStream.MoveNext(patience.Token).ConfigureAwait(false)) throw new RpcException(new Status(StatusCode.Unavailable, LabMessages.ConnectionClosed));
        if (call.ResponseStream.Current.Welcome is not { } welcome) throw ProtocolErrors.GreetingMissing();
        if (welcome.ProtocolVersion != _options.ProtocolVersion) throw new SessionRefusedException(LabMessages.OtherProtocolVersion(welcome.ProtocolVersion, _options.ProtocolVersion));
        if (welcome.Instance.Length != LabProtocol.InstanceBytes || welcome.Window <= 0) throw ProtocolErrors.GreetingMalformed();
        _outbox.Budget.LowerTo(welcome.Window);
        return welcome;
    }

    private void StartAnew(Welcome welcome)
    {
        CloseAttempts();
        _assembler.Drop((_, _) => true);
        _outbox.Reset();
        _counter.Reset();
        _coordinator = welcome.Instance.ToByteArray();
    }

    private async Task ReadAsync(IAsyncStreamReader<CoordinatorFrame> reader, CancellationToken cancellationToken)
    {
        while (await reader.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            var frame = reader.Current;
            _outbox.Acknowledge(frame.Acknowledged);
            if (frame.Sequence == 0 || !_counter.Accept(frame.Sequence)) continue;
            Handle(frame);
            _counter.Handled(_inbox.WhenBelowLimit());
        }
    }

    private void Handle(CoordinatorFrame frame)
    {
        switch (frame.BodyCase)
        {
            case CoordinatorFrame.BodyOneofCase.Envelope:
                Deliver(_assembler.Start(frame.Envelope));
                break;
            case CoordinatorFrame.BodyOneofCase.Chunk:
                Deliver(_assembler.Append(frame.Chunk));
                break;
            case CoordinatorFrame.BodyOneofCase.Proposal:
                _handler.Proposed(frame.Proposal);
                break;
            case CoordinatorFrame.BodyOneofCase.Start:
                CloseAttempt(frame.Start.Run);
                var transport = new AttemptTransport(frame.Start.Run, frame.Start.Attempt, _outbox, _inbox, () => Interlocked.Increment(ref _lastEnvelope));
                _attempts.Add(frame.Start.Run, transport);
                _handler.Started(frame.Start, transport);
                break;
            case CoordinatorFrame.BodyOneofCase.Abort:
                CloseAttempt(frame.Abort.Run);
                _handler.Aborted(frame.Abort);
                break;
            case CoordinatorFrame.BodyOneofCase.Ended:
                CloseAttempt(frame.Ended.Run);
                _handler.Ended(frame.Ended);
                break;
            case CoordinatorFrame.BodyOneofCase.Cosign:
                _handler.CosignRequested(frame.Cosign);
                break;
            case CoordinatorFrame.BodyOneofCase.Catalogue:
                _handler.CatalogueJudged(frame.Catalogue);
                break;
            default:
                // A later coordinator of the same protocol version may say more than this program understands.
                break;
        }
    }

    private void Deliver(IReadOnlyList<Channels.Envelope> envelopes)
    {
        foreach (var envelope in envelopes)
        {
            if (_attempts.TryGetValue(envelope.Header.Run, out var transport) && transport.Attempt == envelope.Header.Attempt) transport.Deliver(envelope);
            else envelope.Dispose();
        }
    }

    private void CloseAttempt(string run)
    {
        if (_attempts.Remove(run, out var transport)) transport.Close();
        _assembler.Drop((of, _) => of == run);
    }

    private void CloseAttempts()
    {
        foreach (var transport in _attempts.Values) transport.Close();
        _attempts.Clear();
    }
}
