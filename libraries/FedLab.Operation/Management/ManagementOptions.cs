using System.Net;
using FedLab.Federation.Remote;

namespace FedLab.Operation.Management;

/// <summary>The section <c>management</c> of a configuration: the port on which the program tells how it is. Plain HTTP, no data of any party.</summary>
public sealed record ManagementOptions
{
    /// <summary>Address to listen on.</summary>
    public string Listen { get; init; } = "127.0.0.1";

    /// <summary>Port; 0: none.</summary>
    public int Port { get; init; }

    /// <summary>Checks every field.</summary>
    /// <param name="invalid">Makes the error for a field and what is wrong with it.</param>
    public void Check(Func<string, string, ConfigurationException> invalid)
    {
        ArgumentNullException.ThrowIfNull(invalid);
        if (!IPAddress.TryParse(Listen, out _)) throw invalid("management.listen", Messages.MustBeAddress(Listen));
        if (Port is < 0 or > IPEndPoint.MaxPort) throw invalid("management.port", Messages.MustBeBetween(Port, 0, IPEndPoint.MaxPort));
    }
}
