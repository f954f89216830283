using FedLab.Audit;
using FedLab.Client.Labs;
using FedLab.Curve25519;
using FedLab.Federation.Identity;

namespace FedLab.Client.InMemory;

/// <summary>One institution of an in-memory lab: its identity, its audit log and its cosigning key, in the folders of its home.</summary>
internal sealed class InMemoryParty : IAsyncDisposable
{
    // Approvals of a local lab are given by its rule, not by a person.
    private const string Approver = "automatic";

    private readonly Ed25519PrivateKey _key;

    private InMemoryParty(string name, PartyIdentity identity, Ed25519PrivateKey key, AuditLog log, string home)
    {
        Name = name;
        Identity = identity;
        _key = key;
        Log = log;
        Home = home;
    }

    /// <summary>Name of the party.</summary>
    public string Name { get; }

    /// <summary>Its certificate and signing key.</summary>
    public PartyIdentity Identity { get; }

    /// <summary>Its audit log.</summary>
    public AuditLog Log { get; }

    /// <summary>Its home.</summary>
    public string Home { get; }

    /// <summary>The key that its cosignatures are verified with.</summary>
    public VerifierKey CosigningKey => VerifierKey.ForWitness(Name, _key.PublicKey);

    /// <summary>Opens the party.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="name">Name of the party.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<InMemoryParty> OpenAsync(LocalLab lab, string name, TimeProvider time, CancellationToken cancellationToken)
    {
        var home = lab.Workspace.Party(name);
        var identity = lab.LoadIdentity(name);
        Ed25519PrivateKey? key = null;
        try
        {
            key = LabEnrolment.LoadSigningKey(Path.Combine(LocalLab.KeysOf(home), LabEnrolment.CosigningKey));
            var log = await AuditLog.OpenAsync(Path.Combine(home, "audit"), name, key, time, cancellationToken);
            return new InMemoryParty(name, identity, key, log, home);
        }
        catch
        {
            key?.Dispose();
            identity.Dispose();
            throw;
        }
    }

    /// <summary>Approves a run and records it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="specHash">The hash of its specification.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>The entry for the coordinator's log.</returns>
    public async Task<AuditEvent> ApproveAsync(string run, Sha256Hash specHash, CancellationToken cancellationToken)
    {
        var approval = new ApprovalRecord(run, Name, Approver, specHash);
        var entry = AuditEvent.RunApproved(approval, Identity.Sign(approval.SigningBytes()));
        await Log.AppendAsync(entry, cancellationToken);
        return entry;
    }

    /// <summary>Cosigns the coordinator's head, records that, and signs the head of the own log.</summary>
    /// <param name="coordinator">The coordinator's log.</param>
    /// <param name="head">Its head.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task CosignAsync(AuditLog coordinator, SignedCheckpoint head, TimeProvider time, CancellationToken cancellationToken)
    {
        using var witness = await Witness.OpenAsync(Path.Combine(Home, "witness"), Name, _key, [coordinator.Key], time, cancellationToken);
        var oldSize = witness.Latest(coordinator.Name)?.Checkpoint.Size ?? 0;
        var decision = await witness.CosignAsync(oldSize, head, coordinator.ConsistencyProof(oldSize, head.Checkpoint.Size), cancellationToken);
        var cosignature = decision.Cosignature ?? throw new ClientException($"{Name}: {decision.Reason}");
        await coordinator.AddCosignatureAsync(head.Checkpoint.Size, cosignature, witness.Key, cancellationToken);
        await Log.AppendAsync(AuditEvent.WitnessCosigned(head, coordinator.Key, Name), cancellationToken);
        await Log.CreateCheckpointAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        _key.Dispose();
        Identity.Dispose();
    }
}
