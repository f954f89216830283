using FedLab.Audit;
using FedLab.Client.Labs;
using FedLab.Curve25519;
using FedLab.Federation.Channels;
using FedLab.Federation.Identity;

namespace FedLab.Client.InMemory;

/// <summary>What a coordinator does for the audit trail, in memory: it sees every envelope in passing and keeps the lab's log.</summary>
internal sealed class InMemoryCoordinator : IAsyncDisposable
{
    private readonly Ed25519PrivateKey _key;

    private InMemoryCoordinator(Ed25519PrivateKey key, AuditLog log)
    {
        _key = key;
        Log = log;
    }

    /// <summary>The lab's audit log.</summary>
    public AuditLog Log { get; }

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
            return new InMemoryCoordinator(key, log);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>An envelope passes. Parties send concurrently; the log orders them.</summary>
    /// <param name="envelope">The envelope.</param>
    public void Forward(Envelope envelope) =>
        Log.AppendAsync(AuditEvent.RelayForwarded(AuditRunJournal.RecordOf(envelope.Header), envelope.Signature)).AsTask().GetAwaiter().GetResult();

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
        _key.Dispose();
    }
}
