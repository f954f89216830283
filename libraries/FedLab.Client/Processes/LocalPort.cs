using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FedLab.Client.Resources;

namespace FedLab.Client.Processes;

/// <summary>
/// A port of this machine for a program that is about to listen there: bound and not listened on. As long as it is held, the system gives it to nobody who asks for any port,
/// while the program that is told this very number can listen on it, again and again.
/// </summary>
internal sealed class LocalPort : IDisposable
{
    private const int PortsInARow = 100;

    private readonly Socket _socket;

    private LocalPort(int wanted)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, wanted));
            Number = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
        // There it would keep the program out as well.
        if (OperatingSystem.IsWindows()) _socket.Dispose();
    }

    /// <summary>The port.</summary>
    public int Number { get; }

    /// <summary>Takes a port that can be listened on now.</summary>
    /// <param name="wanted">The port asked for, or null for any.</param>
    /// <exception cref="ClientException">The port asked for is in use.</exception>
    public static LocalPort Take(int? wanted)
    {
        try
        {
            return new LocalPort(wanted ?? 0);
        }
        catch (SocketException e) when (wanted is { } port)
        {
            throw new ClientException(Messages.PortInUse(port.ToString(CultureInfo.InvariantCulture)), e);
        }
    }

    /// <summary>
    /// The first port that can be listened on now, from one that would be good; any where all of a hundred are taken. It is not held: a program that begins to listen there at
    /// that very moment, such as the coordinator of another lab that has found the port free, is quicker.
    /// </summary>
    /// <param name="first">The port that is tried first.</param>
    public static int ChooseFrom(int first)
    {
        foreach (var port in Enumerable.Range(first, Math.Min(PortsInARow, IPEndPoint.MaxPort - first + 1)))
        {
            if (IsFree(port)) return port;
        }
        using var any = Take(wanted: null);
        return any.Number;
    }

    /// <summary>Whether a port can be listened on now.</summary>
    /// <param name="port">The port.</param>
    public static bool IsFree(int port)
    {
        try
        {
            using var taken = new LocalPort(port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
