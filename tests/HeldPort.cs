using System.Net;
using System.Net.Sockets;

namespace FedLab.Tests;

/// <summary>
/// A loopback port that is a test's own as long as it is held: bound and not listened on, so that the system gives it to nobody else and
/// whoever connects is refused, while a server that is told this very number can listen on it, again and again.
/// </summary>
internal sealed class HeldPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public HeldPort()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Number = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        if (OperatingSystem.IsWindows()) _socket.Dispose(); // there it would keep the server out as well
    }

    public int Number { get; }

    public void Dispose() => _socket.Dispose();
}
