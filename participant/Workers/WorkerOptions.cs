using System.Net;
using FedLab.Federation.Remote;
using FedLab.Federation.Scan.Workers;

namespace FedLab.Participant.Workers;

/// <summary>Where the institution's scan workers are: <c>workers</c> in <c>participant.json</c>.</summary>
internal sealed record WorkerOptions
{
    /// <summary>The port on which workers listen unless another one is named.</summary>
    public const int DefaultPort = 7444;

    /// <summary><c>host:port</c> or <c>host</c>, or several with commas between; every address to which a host resolves is a worker.</summary>
    public required string Address { get; init; }

    /// <summary>Folder of the worker credential (<c>workers.pem</c>, <c>workers.crt.pem</c>), relative to the home folder.</summary>
    public string Credential { get; init; } = "keys";

    /// <summary>Silence in seconds after which a worker that has work counts as lost.</summary>
    public int PatienceSeconds { get; init; } = 10;

    /// <summary>Checks every field.</summary>
    /// <param name="invalid">Makes the exception of a field and its problem.</param>
    /// <exception cref="ConfigurationException">A field is out of range.</exception>
    public void Check(Func<string, string, ConfigurationException> invalid)
    {
        foreach (var address in Address.Split(','))
        {
            if (!WorkerAddress.TryParse(address, out _)) throw invalid("workers.address", Messages.MustBeHostAndPort(address));
        }
        if (Credential.Length == 0) throw invalid("workers.credential", Messages.MustNotBeEmpty);
        if (PatienceSeconds is < 1 or > 3600) throw invalid("workers.patienceSeconds", Messages.MustBeBetween(PatienceSeconds, 1, 3600));
    }

    /// <summary>Refuses a home without a usable credential, so that a run does not meet that first.</summary>
    /// <param name="home">The home folder.</param>
    /// <exception cref="Federation.Identity.KeyFileException">The credential is missing or wrong.</exception>
    public void RequireCredential(string home) => WorkerCredential.Load(Path.Combine(home, Credential)).Dispose();

    /// <summary>The workers of a run.</summary>
    /// <param name="home">The home folder.</param>
    /// <param name="found">Told of a worker that takes part.</param>
    /// <param name="lost">Told of a worker that is lost, and why.</param>
    /// <param name="noneLeft">Told when the participant computes alone.</param>
    /// <exception cref="Federation.Identity.KeyFileException">The credential is missing or wrong.</exception>
    public ScanWorkerPool Open(string home, Action<string> found, Action<string, string> lost, Action noneLeft)
    {
        DnsEndPoint[] hosts = [.. Address.Split(',').Select(text => WorkerAddress.TryParse(text, out var address) ? new DnsEndPoint(address.Host, address.Port) : throw new InvalidOperationException("The options were not checked."))];
        return new ScanWorkerPool(hosts, WorkerCredential.Load(Path.Combine(home, Credential)))
        {
            Patience = TimeSpan.FromSeconds(PatienceSeconds),
            OnFound = found,
            OnLost = lost,
            OnNoneLeft = noneLeft,
        };
    }
}
