using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FedLab.Client.Resources;

namespace FedLab.Client.Processes;

/// <summary>The coordinator's port on this machine.</summary>
internal static class LocalPort
{
    /// <summary>A port that can be listened on now.</summary>
    /// <param name="wanted">The port asked for, or null for any.</param>
    /// <exception cref="ClientException">The port asked for is in use.</exception>
    public static int Choose(int? wanted)
    {
        using var listener = new TcpListener(IPAddress.Loopback, wanted ?? 0);
        try
        {
            listener.Start();
        }
        catch (SocketException e) when (wanted is { } port)
        {
            throw new ClientException(Messages.PortInUse(port.ToString(CultureInfo.InvariantCulture)), e);
        }
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
