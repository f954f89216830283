using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace FedLab.Kernel.Zmtp;

/// <summary>Takes a message of a peer. The peer's next one is read when it is done, so a peer that is too fast slows only itself.</summary>
/// <param name="peer">The peer.</param>
/// <param name="frames">The message's frames.</param>
/// <param name="cancellationToken">Cancelled when the peer or the socket is gone.</param>
internal delegate ValueTask ZmtpReceiver(ZmtpPeer peer, IReadOnlyList<byte[]> frames, CancellationToken cancellationToken);

/// <summary>A bound endpoint: accepts peers, greets them and reads each in a task of its own.</summary>
internal sealed class ZmtpListener : IAsyncDisposable
{
    private const int ReadBuffer = 16 << 10;
    private static readonly TimeSpan _acceptPause = TimeSpan.FromMilliseconds(20);

    private readonly TcpListener _listener;
    private readonly string _socketType;
    private readonly string[] _acceptedTypes;
    private readonly ZmtpLimits _limits;
    private readonly ZmtpReceiver _receive;
    private readonly IncomingBudget _budget;
    private readonly ConcurrentDictionary<ZmtpPeer, byte> _peers = new();
    private readonly ConcurrentDictionary<Task, byte> _serving = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;

    /// <summary>Binds and begins to accept.</summary>
    /// <param name="socketType">ROUTER, PUB or REP.</param>
    /// <param name="acceptedTypes">The types of sockets that may connect.</param>
    /// <param name="endpoint">Where; port 0 takes a free one.</param>
    /// <param name="limits">What peers may make this side hold.</param>
    /// <param name="receive">Takes their messages.</param>
    /// <exception cref="SocketException">The port is taken or not allowed.</exception>
    public ZmtpListener(string socketType, string[] acceptedTypes, IPEndPoint endpoint, ZmtpLimits limits, ZmtpReceiver receive)
    {
        (_socketType, _acceptedTypes, _limits, _receive, _budget) = (socketType, acceptedTypes, limits, receive, new IncomingBudget(limits.IncomingBytes));
        _listener = new TcpListener(endpoint);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>The port that it is bound to.</summary>
    public int Port { get; }

    /// <summary>The peers whose handshake is done.</summary>
    public IEnumerable<ZmtpPeer> Peers => _peers.Select(entry => entry.Key);

    /// <summary>Writes what is queued, for a moment, and ends all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        // Accepting ends before the listener stops: a listener that was stopped between two peers refuses to accept with an error of its own.
        await _closing.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _listener.Stop();
        await Task.WhenAll(Peers.Select(peer => peer.DisposeAsync().AsTask())).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_serving.Keys).ConfigureAwait(false);
        _closing.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket;
                try
                {
                    socket = await _listener.AcceptSocketAsync(_closing.Token).ConfigureAwait(false);
                }
                catch (SocketException) when (!_closing.IsCancellationRequested)
                {
                    // A peer that was gone again before it was accepted, or no file handle left for it: the pause keeps the second from turning at full speed.
                    await Task.Delay(_acceptPause, _closing.Token).ConfigureAwait(false);
                    continue;
                }
                if (Interlocked.Increment(ref _connections) > _limits.Connections)
                {
                    Interlocked.Decrement(ref _connections);
                    socket.Dispose();
                    continue;
                }
                var serving = ServeAsync(socket);
                _serving.TryAdd(serving, 0);
                _ = serving.ContinueWith(done => _serving.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // The listener closes.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        ZmtpPeer? peer = null;
        ZmtpReader? reader = null;
        try
        {
            socket.NoDelay = true;
            var stream = new NetworkStream(socket, ownsSocket: true);
            reader = new ZmtpReader(new BufferedStream(stream, ReadBuffer), _limits, _budget);
            peer = new ZmtpPeer(stream, await GreetAsync(stream, reader).ConfigureAwait(false), _limits);
            _peers.TryAdd(peer, 0);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, peer.Closed);
            while (await reader.ReadMessageAsync(ended.Token).ConfigureAwait(false) is { } frames)
            {
                await _receive(peer, frames, ended.Token).ConfigureAwait(false);
                reader.Release();
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // A peer that does not keep to the protocol, or is gone, loses its connection; the others notice nothing.
        }
        finally
        {
            reader?.Release();
            if (peer is not null)
            {
                _peers.TryRemove(peer, out _);
                await peer.DisposeAsync().ConfigureAwait(false);
            }
            socket.Dispose();
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task<byte[]> GreetAsync(NetworkStream stream, ZmtpReader reader)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        late.CancelAfter(_limits.Handshake);
        await stream.WriteAsync(ZmtpWire.Greeting(), late.Token).ConfigureAwait(false);
        ZmtpWire.CheckGreeting(await reader.ReadGreetingAsync(late.Token).ConfigureAwait(false));
        await stream.WriteAsync(ZmtpWire.ReadyCommand(_socketType), late.Token).ConfigureAwait(false);
        if (await reader.ReadFrameAsync(ZmtpWire.ReadyBytes, late.Token).ConfigureAwait(false) is not var (flags, content) || (flags & ZmtpWire.Command) == 0)
            throw new InvalidDataException("The peer did not say READY.");
        reader.Release();
        return ZmtpWire.ParseReady(content, _acceptedTypes);
    }
}
