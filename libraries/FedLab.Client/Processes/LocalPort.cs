using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FedLab.Client.Resources;

namespace FedLab.Client.Processes;

/// <summary>The coordinator's port on this machine.</summary>
internal static class LocalPort
{
    private const int PortsInARow = 100;

    /// <summary>A port that can be listened on now.</summary>
    /// <param name="wanted">The port asked for, or null for any.</param>
    /// <exception cref="ClientException">The port asked for is in use.</exception>
    public static int Choose(int? wanted)
    {
        try
        {
            return Look(wanted ?? 0);
        }
        catch (SocketException e) when (wanted is { } port)
        {
            throw new ClientException(Messages.PortInUse(port.ToString(CultureInfo.InvariantCulture)), e);
        }
    }

    /// <summary>The first port that can be listened on now, from one that would be good; any where all of a hundred are taken.</summary>
    /// <param name="first">The port that is tried first.</param>
    public static int ChooseFrom(int first) => Enumerable.Range(first, Math.Min(PortsInARow, IPEndPoint.MaxPort - first + 1)).Cast<int?>().FirstOrDefault(port => IsFree(port!.Value)) ?? Choose(wanted: null);

    /// <summary>Whether a port can be listened on now.</summary>
    /// <param name="port">The port.</param>
    public static bool IsFree(int port)
    {
        try
        {
            Look(port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>
    /// Takes a port for a moment, without listening. That fails where somebody listens; but a program that begins to listen there at that very moment, such as the coordinator of another lab
    /// that has found the port free, is not kept from it.
    /// </summary>
    private static int Look(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
