using FedLab.Audit;
using FedLab.Client.Labs;
using FedLab.Curve25519;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Identity;

namespace FedLab.Client.InMemory;

/// <summary>What a coordinator does, in memory: it sees every envelope in passing, keeps the lab's log, and adds the banks' sums blind.</summary>
internal sealed class InMemoryCoordinator : IAsyncDisposable
{
    private readonly Ed25519PrivateKey _key;
    private BlindAdder? _adder;

    private InMemoryCoordinator(Ed25519PrivateKey key, AuditLog log, PartyIdentity identity)
    {
        _key = key;
        Log = log;
        Identity = identity;
    }

    /// <summary>The lab's audit log.</summary>
    public AuditLog Log { get; }

    /// <summary>Its certificate and signing key.</summary>
    public PartyIdentity Identity { get; }

    /// <summary>Opens the coordinator; a new log begins with the lab's rules and its parties.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="labName">Its name.</param>
    /// <param name="parties">Its parties.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<InMemoryCoordinator> OpenAsync(LocalLab lab, string labName, IReadOnlyList<InMemoryParty> parties, TimeProvider time, CancellationToken cancellationToken)
    {
        var home = lab.Workspace.Coordinator;
        var key = LabEnrolment.LoadSigningKey(Path.Combine(LocalLab.KeysOf(home), LabEnrolment.LogKey));
        PartyIdentity? identity = null;
        try
        {
            var log = await AuditLog.OpenAsync(Path.Combine(home, "audit"), labName, key, time, cancellationToken);
            if (log.Size == 0)
            {
                using var authority = KeyFiles.LoadCertificate(Path.Combine(LocalLab.KeysOf(home), LabAuthority.CertificateFile));
                await log.AppendAsync(AuditEvent.LabConfigured(labName, Sha256Hash.Of(authority.RawData), Quorum(parties.Count)), cancellationToken);
                foreach (var party in parties)
                    await log.AppendAsync(AuditEvent.PartyJoined(party.Name, Sha256Hash.Of(party.Identity.Certificate.RawData), party.CosigningKey), cancellationToken);
            }
            identity = lab.LoadCoordinator();
            return new InMemoryCoordinator(key, log, identity);
        }
        catch
        {
            identity?.Dispose();
            key.Dispose();
            throw;
        }
    }

    /// <summary>An envelope passes. Parties send concurrently; the log orders them.</summary>
    /// <param name="envelope">The envelope.</param>
    public void Forward(Envelope envelope) =>
        Log.AppendAsync(AuditEvent.RelayForwarded(AuditRunJournal.RecordOf(envelope.Header), envelope.Signature)).AsTask().GetAwaiter().GetResult();

    /// <summary>Prepares to add the sums of an attempt between banks.</summary>
    /// <param name="run">The run.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="spec">The experiment.</param>
    public void AddSums(string run, int attempt, ExperimentSpec spec) =>
        _adder = new BlindAdder(Identity, run, attempt, spec, spec.Parties.Select(party => party.Name));

    /// <summary>A broadcast has been delivered. One comes after the other.</summary>
    /// <param name="envelope">The envelope.</param>
    /// <returns>The announcement of a sum, once every bank's part is there.</returns>
    public Envelope? Answer(Envelope envelope)
    {
        if (_adder is null || envelope.Header.Step != Steps.SumPart.Name) return null;
        var announcement = _adder.Add(envelope.Header, envelope.Payload.AsSequence());
        if (announcement is not null) Log.AppendAsync(AuditEvent.EgressSent(AuditRunJournal.RecordOf(announcement.Header), announcement.Signature)).AsTask().GetAwaiter().GetResult();
        return announcement;
    }

    /// <summary>Signs the log's head and has every party cosign it.</summary>
    /// <param name="parties">The parties.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task CheckpointAsync(IReadOnlyList<InMemoryParty> parties, TimeProvider time, CancellationToken cancellationToken)
    {
        var head = await Log.CreateCheckpointAsync(cancellationToken);
        foreach (var party in parties) await party.CosignAsync(Log, head, time, cancellationToken);
    }

    /// <summary>More than half of the parties, as every coordinator has it: two different histories cannot both find as many cosigners.</summary>
    private static int Quorum(int parties) => (parties / 2) + 1;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        _adder?.Dispose();
        Identity.Dispose();
        _key.Dispose();
    }
}
