using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FedLab.Curve25519;

namespace FedLab.Audit.Tests.Verification;

/// <summary>One side of the lab with its keys, its log and, for a party, its witness.</summary>
internal sealed class TestParty(string name) : IAsyncDisposable
{
    internal string Name { get; } = name;

    internal Ed25519PrivateKey LogKey { get; } = Ed25519PrivateKey.Generate();

    internal ECDsa SigningKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal X509Certificate2 Certificate { get; set; } = null!;

    internal AuditLog Log { get; set; } = null!;

    internal Witness Witness { get; set; } = null!;

    internal Dictionary<string, long> Sequences { get; } = new(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        if (Log is not null) await Log.DisposeAsync();
        Witness?.Dispose();
        Certificate?.Dispose();
        SigningKey.Dispose();
        LogKey.Dispose();
    }
}

/// <summary>What goes wrong on purpose while an envelope travels.</summary>
internal sealed record Mishap
{
    internal bool OmitSent { get; init; }

    internal bool OmitForwarded { get; init; }

    internal bool OmitReceived { get; init; }

    internal bool IsReplayed { get; init; }

    internal Func<EnvelopeRecord, EnvelopeRecord>? AtCoordinator { get; init; }

    internal Func<EnvelopeRecord, EnvelopeRecord>? AtReceiver { get; init; }

    internal byte[]? Signature { get; init; }

    /// <summary>Of a broadcast: the parties whose logs do not have it.</summary>
    internal IReadOnlyList<string> Missed { get; init; } = [];

    /// <summary>Of a broadcast: the parties whose logs have it although it is not for them.</summary>
    internal IReadOnlyList<string> Overheard { get; init; } = [];

    /// <summary>The parties that have left the run.</summary>
    internal IReadOnlyList<string> Absent { get; init; } = [];
}

/// <summary>
/// A real small lab: an authority, a coordinator and three parties with their logs, a run with envelopes, a published
/// model, and the bundle that comes of it. Every tamper test begins with one.
/// </summary>
internal sealed class TestLab : IAsyncDisposable
{
    internal const string Run = "run-1";
    internal const string CoordinatorLog = "fedlab.example/audit";
    internal static readonly string[] PartyNames = ["bank-a", "data-b", "data-c"];
    internal static readonly byte[] Manifest = Encoding.UTF8.GetBytes("""{"model":"joint","trees":50}""");

    private static readonly Sha256Hash Specification = Sha256Hash.Of("specification"u8);
    private readonly TemporaryFolder _folder = new();

    private TestLab()
    {
    }

    internal ManualTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));

    internal ManualTimeProvider WitnessClock { get; } = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));

    internal TestParty Coordinator { get; } = new("coordinator");

    internal List<TestParty> Parties { get; } = [.. PartyNames.Select(name => new TestParty(name))];

    internal X509Certificate2 Authority { get; private set; } = null!;

    internal int Attempt { get; set; } = 1;

    internal int Quorum { get; init; } = 2;

    internal TestParty this[string name] => name == Coordinator.Name ? Coordinator : Parties.Single(party => party.Name == name);

    /// <summary>Sets the lab up to the moment at which the run has started.</summary>
    internal static async Task<TestLab> StartAsync(DateTimeOffset? certificatesUntil = null)
    {
        var lab = new TestLab();
        lab.Authority = CreateAuthority("CN=FedLab test authority");
        foreach (TestParty party in lab.Parties.Append(lab.Coordinator))
        {
            party.Certificate = Issue(lab.Authority, party.Name, party.SigningKey, certificatesUntil);
            await lab.OpenLogAsync(party);
        }

        foreach (TestParty party in lab.Parties)
        {
            party.Witness = await Witness.OpenAsync(lab.WitnessFolder(party), party.Name, party.LogKey, [lab.Coordinator.Log.Key], lab.WitnessClock);
        }

        await lab.Append(lab.Coordinator, AuditEvent.LabConfigured("test lab", HashOf(lab.Authority), lab.Quorum));
        foreach (TestParty party in lab.Parties)
        {
            AuditEvent joined = AuditEvent.PartyJoined(party.Name, HashOf(party.Certificate), party.Witness.Key);
            await lab.Append(lab.Coordinator, joined);
            await lab.Append(party, joined);
        }

        await lab.Append(lab.Coordinator, AuditEvent.RunProposed(Run, "bank-a", Specification));
        foreach (TestParty party in lab.Parties)
        {
            var approval = new ApprovalRecord(Run, party.Name, "officer of " + party.Name, Specification);
            await lab.Append(lab.Coordinator, AuditEvent.RunApproved(approval, approval.Sign(party.SigningKey)));
            await lab.Append(lab.Coordinator, AuditEvent.DatasetCommitted(Run, party.Name, Sha256Hash.Of(Encoding.UTF8.GetBytes(party.Name)), 24_000, Specification));
        }

        await lab.Append(lab.Coordinator, AuditEvent.RunStarted(Run, lab.Attempt, Specification));
        await lab.Append(lab.Coordinator, AuditEvent.AlignDone(Run, 20_000, PartyNames.Select(name => KeyValuePair.Create(name, 24_000L))));
        return lab;
    }

    /// <summary>A whole run with nothing wrong, and its bundle in a new folder.</summary>
    internal static async Task<TemporaryFolder> BundleAsync(int rounds = 4, Func<TestLab, Task>? during = null, DateTimeOffset? certificatesUntil = null)
    {
        await using TestLab lab = await StartAsync(certificatesUntil);
        await lab.RoundsAsync(rounds / 2);
        await lab.CheckpointAsync();
        if (during is not null) await during(lab);
        await lab.RoundsAsync(rounds - (rounds / 2));
        await lab.FinishAsync();
        return await lab.AssembleAsync();
    }

    internal async Task OpenLogAsync(TestParty party)
    {
        string name = party == Coordinator ? CoordinatorLog : party.Name;
        party.Log = await AuditLog.OpenAsync(_folder["logs", party.Name], name, party.LogKey, Clock);
    }

    /// <summary>As a crash and a restart of the process would.</summary>
    internal async Task RestartAsync(TestParty party)
    {
        await party.Log.DisposeAsync();
        await OpenLogAsync(party);
    }

    internal async Task RoundsAsync(int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            await SendAsync("bank-a", "data-b");
            await SendAsync("bank-a", "data-c", @class: EnvelopeClass.Ciphertext);
            await SendAsync("data-b", "bank-a");
            await SendAsync("data-c", "coordinator", @class: EnvelopeClass.Public);
            await SendAsync("coordinator", "data-b", @class: EnvelopeClass.Public);
        }
    }

    internal async Task<EnvelopeRecord> SendAsync(string from, string to, Mishap? mishap = null, EnvelopeClass @class = EnvelopeClass.Sealed)
    {
        mishap ??= new Mishap();
        TestParty sender = this[from];
        TestParty receiver = this[to];
        long sequence = sender.Sequences.GetValueOrDefault(to);
        sender.Sequences[to] = sequence + 1;
        var envelope = new EnvelopeRecord(Run, Attempt, "scan", sequence, from, to, @class, 4096 + sequence, Sha256Hash.Of(Encoding.UTF8.GetBytes($"{from} {to} {sequence}")));
        byte[] signature = mishap.Signature ?? envelope.Sign(sender.SigningKey);
        for (int i = 0; i < (mishap.IsReplayed ? 2 : 1); i++)
        {
            if (!mishap.OmitSent && i == 0) await Append(sender, AuditEvent.EgressSent(envelope, signature));
            if (sender != Coordinator && receiver != Coordinator && !mishap.OmitForwarded) await Append(Coordinator, AuditEvent.RelayForwarded(mishap.AtCoordinator?.Invoke(envelope) ?? envelope, signature));
            if (!mishap.OmitReceived) await Append(receiver, AuditEvent.IngressReceived(mishap.AtReceiver?.Invoke(envelope) ?? envelope, signature));
        }

        return envelope;
    }

    /// <summary>A message to all other parties of the attempt.</summary>
    internal async Task<EnvelopeRecord> BroadcastAsync(string from, Mishap? mishap = null)
    {
        mishap ??= new Mishap();
        TestParty sender = this[from];
        long sequence = sender.Sequences.GetValueOrDefault("*");
        sender.Sequences["*"] = sequence + 1;
        var envelope = new EnvelopeRecord(Run, Attempt, "sum.part", sequence, from, "*", EnvelopeClass.Ciphertext, 2048 + sequence, Sha256Hash.Of(Encoding.UTF8.GetBytes($"{from} * {sequence}")));
        byte[] signature = mishap.Signature ?? envelope.Sign(sender.SigningKey);
        if (!mishap.OmitSent) await Append(sender, AuditEvent.EgressSent(envelope, signature));
        if (sender != Coordinator && !mishap.OmitForwarded) await Append(Coordinator, AuditEvent.RelayForwarded(mishap.AtCoordinator?.Invoke(envelope) ?? envelope, signature));
        foreach (TestParty receiver in Parties.Where(party => party != sender && (mishap.Overheard.Contains(party.Name) || !(mishap.Missed.Contains(party.Name) || mishap.Absent.Contains(party.Name)))))
        {
            // Only the first receiver's copy is changed: the others contradict it.
            bool isFirst = receiver == Parties.First(party => party != sender);
            await Append(receiver, AuditEvent.IngressReceived(isFirst && mishap.AtReceiver is not null ? mishap.AtReceiver(envelope) : envelope, signature));
        }

        return envelope;
    }

    internal async Task Append(TestParty party, AuditEvent @event)
    {
        Clock.Now += TimeSpan.FromMilliseconds(250);
        await party.Log.AppendAsync(@event);
    }

    /// <summary>The parties' heads go into the coordinator's log, its head is cosigned, and each party notes that it did.</summary>
    internal async Task CheckpointAsync(params string[] gone)
    {
        TestParty[] present = [.. Parties.Where(party => !gone.Contains(party.Name))];
        foreach (TestParty party in present) await Append(Coordinator, AuditEvent.LogCheckpoint((await party.Log.CreateCheckpointAsync()).Checkpoint));
        await CosignAsync(present);
    }

    /// <summary>The coordinator's head is cosigned by some, each of which notes that it did.</summary>
    internal async Task CosignAsync(params TestParty[] parties)
    {
        SignedCheckpoint head = await Coordinator.Log.CreateCheckpointAsync();
        WitnessClock.Now = WitnessClock.Now > Clock.Now ? WitnessClock.Now : Clock.Now;
        foreach (TestParty party in parties)
        {
            long old = party.Witness.Latest(CoordinatorLog)?.Checkpoint.Size ?? 0;
            WitnessDecision decision = await party.Witness.CosignAsync(old, head, Coordinator.Log.ConsistencyProof(old, head.Checkpoint.Size));
            Assert.Equal(WitnessOutcome.Cosigned, decision.Outcome);
            await Coordinator.Log.AddCosignatureAsync(head.Checkpoint.Size, decision.Cosignature!, party.Witness.Key);
            await Append(party, AuditEvent.WitnessCosigned(head, Coordinator.Log.Key, party.Name));
            await party.Log.CreateCheckpointAsync();
        }
    }

    internal async Task FinishAsync(params string[] gone)
    {
        await Append(Coordinator, AuditEvent.RunFinished(Run, Attempt, Sha256Hash.Of(Manifest)));
        await Append(Coordinator, AuditEvent.ModelPublished(Run, Sha256Hash.Of(Manifest), "joint"));
        await CheckpointAsync(gone);
    }

    internal async Task<TemporaryFolder> AssembleAsync(params string[] unsigned)
    {
        var bundle = new TemporaryFolder();
        Directory.CreateDirectory(bundle["certificates"]);
        Directory.CreateDirectory(bundle["model"]);
        var description = new BundleDescription(
            "test lab",
            Quorum,
            new BundleCoordinator(Coordinator.Name, CoordinatorLog, Coordinator.Log.Key.ToString(), "certificates/coordinator.pem"),
            [.. Parties.Select(party => new BundleParty(party.Name, party.Witness.Key.ToString(), $"certificates/{party.Name}.pem"))]);
        await File.WriteAllBytesAsync(bundle["audit.json"], description.ToJson());
        await File.WriteAllTextAsync(bundle["certificates", "ca.pem"], Authority.ExportCertificatePem());
        foreach (TestParty party in Parties.Append(Coordinator))
        {
            await File.WriteAllTextAsync(bundle["certificates", party.Name + ".pem"], party.Certificate.ExportCertificatePem());
            await party.Log.ExportAsync(bundle["logs", party.Name]);
            if (party != Coordinator) TemporaryFolder.Copy(WitnessFolder(party), bundle["logs", party.Name, "witness"]);
        }

        await File.WriteAllBytesAsync(bundle["model", "manifest.json"], Manifest);
        var signatures = new ModelSignatures([.. Parties.Where(party => !unsigned.Contains(party.Name)).Select(party => ModelSignature.Sign(party.Name, party.SigningKey, Manifest))]);
        await File.WriteAllBytesAsync(bundle["model", "signatures.json"], signatures.ToJson());
        // For tests that play a dishonest owner of a log; the verifier must not mind the file.
        foreach (TestParty party in Parties.Append(Coordinator)) await File.WriteAllBytesAsync(bundle["logs", party.Name, "lock"], party.LogKey.ExportSeed());
        return bundle;
    }

    /// <summary>What a party signs when it publishes a catalogue; the name stands for its content.</summary>
    internal CatalogueRecord Catalogue(string party, string name) => new(HashOf(Authority), party, Sha256Hash.Of(Encoding.UTF8.GetBytes(name)));

    /// <summary>A catalogue is published in one log; in which name is another's to say.</summary>
    internal async Task PublishAsync(TestParty log, string party, string name, string? signer = null)
    {
        CatalogueRecord catalogue = Catalogue(party, name);
        await Append(log, AuditEvent.CataloguePublished(catalogue, catalogue.Sign(this[signer ?? party].SigningKey), 3));
    }

    internal static X509Certificate2 CreateAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        return request.CreateSelfSigned(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2035, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    internal static X509Certificate2 Issue(X509Certificate2 authority, string name, ECDsa key, DateTimeOffset? until = null)
    {
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        return request.Create(authority, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), until ?? new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), RandomNumberGenerator.GetBytes(8));
    }

    internal static Sha256Hash HashOf(X509Certificate2 certificate) => Sha256Hash.Of(certificate.RawData);

    public async ValueTask DisposeAsync()
    {
        foreach (TestParty party in Parties.Append(Coordinator)) await party.DisposeAsync();
        Authority?.Dispose();
        _folder.Dispose();
    }

    private string WitnessFolder(TestParty party) => _folder["witness", party.Name];
}
