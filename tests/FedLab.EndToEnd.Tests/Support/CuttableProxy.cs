using System.Net;
using System.Net.Sockets;

namespace FedLab.EndToEnd.Tests.Support;

/// <summary>Stands between participants and coordinator; cuts all connections and refuses new ones until it is told otherwise.</summary>
internal sealed class CuttableProxy : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly int _target;
    private TcpListener? _listener;
    private Task _accepting;

    public CuttableProxy(int target)
    {
        _target = target;
        (_listener, _accepting) = Listen(0);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>Connections that reached the other side since the start.</summary>
    public int Accepted { get; private set; }

    /// <summary>Connections that are open now.</summary>
    public int Open
    {
        get
        {
            lock (_lock) return _sockets.Count / 2;
        }
    }

    /// <summary>Resets all connections; from now on nobody listens.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _listener?.Dispose();
            _listener = null;
            foreach (var socket in _sockets) socket.Close(timeout: 0);
            _sockets.Clear();
        }
    }

    /// <summary>Listens again on the same port.</summary>
    public void Mend() => (_listener, _accepting) = Listen(Port);

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _accepting;
    }

    private (TcpListener Listener, Task Accepting) Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
        listener.Start();
        return (listener, AcceptAsync(listener));
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptSocketAsync();
                var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await far.ConnectAsync(IPAddress.Loopback, _target);
                }
                catch (SocketException)
                {
                    // The coordinator does not listen yet.
                    near.Close(timeout: 0);
                    far.Dispose();
                    continue;
                }
                lock (_lock)
                {
                    if (!ReferenceEquals(_listener, listener))
                    {
                        near.Dispose();
                        far.Dispose();
                        return;
                    }
                    Accepted++;
                    _sockets.Add(near);
                    _sockets.Add(far);
                }
                _ = PumpAsync(near, far);
                _ = PumpAsync(far, near);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut, or the test is over.
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[256 << 10];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer)) > 0;)
            {
                for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }
}
