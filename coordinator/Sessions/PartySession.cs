using System.Runtime.ExceptionServices;
using FedLab.Coordinator.Runs;
using FedLab.Federation;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Coordinator.Sessions;

/// <summary>One participant's session: it lives as long as the coordinator and outlives its connections.</summary>
internal sealed class PartySession : IDisposable
{
    private readonly RunBook _book;
    private readonly EnvelopeRelay _relay;
    private readonly FrameCounter _counter;
    private readonly long _window;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _gate = new();
    private byte[] _instance = [];
    private Connection? _current;
    private ulong _lastEnvelope;
    private volatile string? _refusal;

    /// <summary>Makes the session of a party that has not connected yet.</summary>
    /// <param name="name">The party.</param>
    /// <param name="book">What is told of events.</param>
    /// <param name="relay">Checks and forwards this party's envelopes.</param>
    /// <param name="window">Bytes on their way to the party from which on senders wait, and on their way from it from which on it is to wait itself.</param>
    public PartySession(string name, RunBook book, Func<PartySession, EnvelopeRelay> relay, long window)
    {
        Name = name;
        _book = book;
        _window = window;
        _relay = relay(this);
        Outbox = new FrameOutbox<CoordinatorFrame>(window);
        _counter = new FrameCounter(Outbox.Received);
    }

    /// <summary>The party.</summary>
    public string Name { get; }

    /// <summary>Whether the party was put out.</summary>
    public bool IsRefused => _refusal is not null;

    /// <summary>Frames on their way to the party.</summary>
    public FrameOutbox<CoordinatorFrame> Outbox { get; }

    /// <summary>Sends a frame.</summary>
    public void Post(CoordinatorFrame frame) => Outbox.Enqueue(frame);

    /// <summary>A number for an envelope on its way to this party.</summary>
    public ulong NextEnvelope() => Interlocked.Increment(ref _lastEnvelope);

    /// <summary>Serves a connection from the participant's greeting to the connection's end.</summary>
    /// <param name="hello">The greeting, checked.</param>
    /// <param name="requests">Frames from the participant.</param>
    /// <param name="responses">Frames to it.</param>
    /// <param name="cancellationToken">Ends the connection.</param>
    /// <exception cref="RpcException">The participant connected anew, or broke the protocol.</exception>
    public async Task ServeAsync(Hello hello, IAsyncStreamReader<ParticipantFrame> requests, IServerStreamWriter<CoordinatorFrame> responses, CancellationToken cancellationToken)
    {
        using var connection = new Connection(hello.Instance.ToByteArray(), CancellationTokenSource.CreateLinkedTokenSource(cancellationToken));
        Connection? before;
        lock (_gate) (before, _current) = (_current, connection);
        before?.Supersede(connection);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (connection.Superseded is not null) throw Replaced(connection);
            ThrowIfRefused();
            var resumed = hello.CoordinatorInstance.Span.SequenceEqual(_book.Instance) && connection.Instance.AsSpan().SequenceEqual(_instance) && hello.Received <= Outbox.Last;
            if (!resumed)
            {
                _relay.Reset();
                Outbox.Reset();
                _counter.Reset();
                _instance = connection.Instance;
            }
            var welcome = new Welcome
            {
                ProtocolVersion = LabProtocol.Version,
                Lab = _book.Lab,
                Instance = ByteString.CopyFrom(_book.Instance),
                Resumed = resumed,
                Received = _counter.Received,
                LogVkey = _book.LogKey,
                Window = _window,
            };
            await responses.WriteAsync(new CoordinatorFrame { Welcome = welcome }, cancellationToken).ConfigureAwait(false);
            _book.Connected(this, hello, resumed);
            try
            {
                await ExchangeAsync(connection, hello.Received, resumed, requests, responses).ConfigureAwait(false);
            }
            finally
            {
                _book.Disconnected(this);
            }
        }
        finally
        {
            lock (_gate)
            {
                if (ReferenceEquals(_current, connection)) _current = null;
            }
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _relay.Reset();
        Outbox.Reset();
        _turn.Dispose();
    }

    /// <summary>Ends the connection for good: the party was put out.</summary>
    /// <param name="sentence">Why, for people at the party.</param>
    public void Refuse(string sentence)
    {
        _refusal = sentence;
        Close();
    }

    /// <summary>Ends the connection, if there is one.</summary>
    public void Close()
    {
        lock (_gate) _current?.Cancel();
    }

    private async Task ExchangeAsync(Connection connection, ulong received, bool resumed, IAsyncStreamReader<ParticipantFrame> requests, IServerStreamWriter<CoordinatorFrame> responses)
    {
        var pump = Outbox.PumpAsync(responses, resumed ? received : 0, connection.Token);
        var read = ReadAsync(requests, connection.Token);
        await Task.WhenAny(pump, read).ConfigureAwait(false);
        connection.Cancel();
        await Task.WhenAll(pump, read).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connection.Superseded is not null) throw Replaced(connection);
        ThrowIfRefused();
        if (read.Exception?.InnerException is ProtocolException broken) throw new RpcException(new Status(StatusCode.Internal, broken.Message));
        if (read.Exception?.InnerException is { } other and not (OperationCanceledException or IOException)) ExceptionDispatchInfo.Throw(other);
    }

    private void ThrowIfRefused()
    {
        if (_refusal is { } sentence) throw new RpcException(new Status(StatusCode.PermissionDenied, sentence));
    }

    private static RpcException Replaced(Connection connection) => connection.Superseded is { } other && other.Instance.AsSpan().SequenceEqual(connection.Instance)
        ? new RpcException(new Status(StatusCode.Aborted, Messages.ConnectionReplaced))
        : new RpcException(new Status(StatusCode.AlreadyExists, Messages.OtherProcessConnected));

    private async Task ReadAsync(IAsyncStreamReader<ParticipantFrame> requests, CancellationToken cancellationToken)
    {
        while (await requests.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            var frame = requests.Current;
            Outbox.Acknowledge(frame.Acknowledged);
            if (frame.Sequence == 0 || !_counter.Accept(frame.Sequence)) continue;
            _counter.Handled(Handle(frame));
        }
    }

    /// <summary>Takes a frame in; the task completes when there is room for more.</summary>
    private Task Handle(ParticipantFrame frame)
    {
        switch (frame.BodyCase)
        {
            case ParticipantFrame.BodyOneofCase.Envelope:
                return _relay.Start(frame.Envelope);
            case ParticipantFrame.BodyOneofCase.Chunk:
                return _relay.Append(frame.Chunk);
            case ParticipantFrame.BodyOneofCase.Decision:
                _book.Decided(this, frame.Decision);
                break;
            case ParticipantFrame.BodyOneofCase.Finished:
                _book.Finished(this, frame.Finished);
                break;
            case ParticipantFrame.BodyOneofCase.Failed:
                _book.Failed(this, frame.Failed);
                break;
            case ParticipantFrame.BodyOneofCase.Progress:
                _book.Progressed(this, frame.Progress);
                break;
            case ParticipantFrame.BodyOneofCase.Cosignature:
                _book.Cosigned(this, frame.Cosignature);
                break;
            case ParticipantFrame.BodyOneofCase.Catalogue:
                _book.Published(this, frame.Catalogue);
                break;
            default:
                // A later participant of the same protocol version may say more than this program understands.
                break;
        }
        return Task.CompletedTask;
    }

    private sealed class Connection(byte[] instance, CancellationTokenSource end) : IDisposable
    {
        private readonly Lock _gate = new();
        private bool _disposed;

        public byte[] Instance { get; } = instance;

        public CancellationToken Token { get; } = end.Token;

        public Connection? Superseded { get; private set; }

        public void Supersede(Connection by)
        {
            Superseded = by;
            Cancel();
        }

        public void Cancel()
        {
            lock (_gate)
            {
                if (!_disposed) end.Cancel();
            }
        }

        public void Dispose()
        {
            lock (_gate) _disposed = true;
            end.Dispose();
        }
    }
}
