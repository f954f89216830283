using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace FedLab.Notebook.Tests.Labs;

/// <summary>Ports for labs that are made at the same time, which would all choose the usual one.</summary>
internal static class FreePort
{
    // Below those that systems give to connections and to whoever asks for any: until a lab has its port, seconds later, one of those may be gone.
    private const int First = 20_000;
    private const int Last = 32_000;

    /// <summary>A port that was free a moment ago.</summary>
    public static int Choose()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(First, Last));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The next one.
            }
        }
    }
}
