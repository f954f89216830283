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
    private Task _accepting = Task.CompletedTask;

    public CuttableProxy(int target)
    {
        _target = target;
        Port = Listen(0);
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
    public void Mend() => Listen(Port);

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _accepting;
    }

    private int Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
        listener.Start();
        // Before the first connection is accepted, which somebody may have made by now: accepting ends with a listener that is not the one in force.
        lock (_lock) _listener = listener;
        _accepting = AcceptAsync(listener);
        return ((IPEndPoint)listener.LocalEndpoint).Port;
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
                _ = ServeAsync(near, far);
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // A listener that was stopped between two connections says "not listening". Cut, or the test is over.
        }
    }

    /// <summary>Passes on what both sides say until both have ended.</summary>
    private async Task ServeAsync(Socket near, Socket far)
    {
        await Task.WhenAll(PumpAsync(near, far), PumpAsync(far, near));
        lock (_lock)
        {
            foreach (var socket in (Socket[])[near, far])
            {
                if (_sockets.Remove(socket)) socket.Dispose();
            }
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
            // Cut, or one side has reset its connection, which the other side is to hear.
            to.Close(timeout: 0);
        }
    }
}
