using System.Net;
using System.Net.Sockets;

namespace FedLab.Coordinator.Tests.Lab;

/// <summary>A TCP relay on loopback that can cut its connections, refuse new ones, and cut by itself after a number of bytes.</summary>
internal sealed class FaultProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<Socket> _sockets = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly int _port;
    private long _budget = long.MaxValue;
    private bool _refuse;

    public FaultProxy(int port)
    {
        _port = port;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>How often connections were cut.</summary>
    public int Cuts { get; private set; }

    /// <summary>Bytes that went through in both directions.</summary>
    public long Bytes { get; private set; }

    /// <summary>Cuts everything after so many more bytes, wherever in a frame that is.</summary>
    public void CutAfter(long bytes)
    {
        lock (_gate) _budget = bytes;
    }

    /// <summary>Cuts everything and lets nobody in for a while.</summary>
    public Task CutForAsync(TimeSpan time) => CutWhileAsync(() => Task.Delay(time, TestContext.Current.CancellationToken));

    /// <summary>Cuts everything and lets nobody in while something happens.</summary>
    public async Task CutWhileAsync(Func<Task> meanwhile)
    {
        lock (_gate) _refuse = true;
        Cut();
        await meanwhile();
        lock (_gate) _refuse = false;
    }

    public void Cut()
    {
        List<Socket> sockets;
        lock (_gate)
        {
            sockets = [.. _sockets];
            _sockets.Clear();
            Cuts++;
        }
        foreach (var socket in sockets)
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0); // a reset, as from a line that broke
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                // It had ended by itself.
            }
            socket.Dispose();
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        Cut();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                bool refuse;
                lock (_gate) refuse = _refuse;
                if (refuse)
                {
                    client.LingerState = new LingerOption(enable: true, seconds: 0);
                    client.Dispose();
                    continue;
                }
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await server.ConnectAsync(IPAddress.Loopback, _port, _stop.Token);
                client.NoDelay = server.NoDelay = true;
                lock (_gate)
                {
                    refuse = _refuse;
                    if (!refuse) _sockets.AddRange([client, server]);
                }
                if (refuse)
                {
                    // Cut while it was being made.
                    client.Dispose();
                    server.Dispose();
                    continue;
                }
                _ = CopyAsync(client, server);
                _ = CopyAsync(server, client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // A listener that was stopped between two connections says "not listening". The proxy or the coordinator has ended.
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var length = await from.ReceiveAsync(buffer, _stop.Token);
                if (length == 0) break;
                bool cut;
                lock (_gate)
                {
                    Bytes += length;
                    cut = length > _budget;
                    length = (int)Math.Min(length, _budget);
                    _budget = cut ? long.MaxValue : _budget == long.MaxValue ? _budget : _budget - length;
                }
                await to.SendAsync(buffer.AsMemory(0, length), _stop.Token);
                if (cut) Cut();
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
