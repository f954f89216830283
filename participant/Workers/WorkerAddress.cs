using System.Globalization;

namespace FedLab.Participant.Workers;

/// <summary>A host and a port.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">Port; 0 takes a free one where it is listened on.</param>
internal readonly record struct WorkerAddress(string Host, int Port)
{
    /// <summary>Reads <c>host:port</c>, <c>[address]:port</c> or a host alone.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">Host and port.</param>
    public static bool TryParse(string text, out WorkerAddress address)
    {
        address = new WorkerAddress(text, WorkerOptions.DefaultPort);
        var colon = text.LastIndexOf(':');
        if (colon >= 0 && !text.EndsWith(']'))
        {
            if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return false;
            address = new WorkerAddress(text[..colon], port);
        }
        address = address with { Host = address.Host.TrimStart('[').TrimEnd(']') };
        return Uri.CheckHostName(address.Host) != UriHostNameType.Unknown;
    }
}
