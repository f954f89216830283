using System.Collections.Concurrent;
using System.Security.Cryptography;
using FedLab.Audit;
using FedLab.Curve25519;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Federation.Runs;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Tests.Lab;

/// <summary>A role of a test: what a party does in an attempt.</summary>
internal delegate Task<PartyFinished> TestRole(TestAttempt attempt, CancellationToken cancellationToken);

/// <summary>A participant in this process: a real session over mutual TLS, automatic approval, and a role of the test.</summary>
internal sealed class TestParticipant : ILabSessionHandler, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PartyIdentity _identity;
    private readonly TestRole _role;
    private readonly LabSession _session;
    private readonly Ed25519PrivateKey _cosigning = Ed25519PrivateKey.Generate();
    private readonly string _witnessFolder = Directory.CreateTempSubdirectory("fedlab-witness-").FullName;
    private readonly List<Task> _working = []; // begun by the session's reader
    private Witness? _witness;

    public TestParticipant(TemporaryLab lab, string name, Uri address, TestRole role, Func<LabSessionOptions, LabSessionOptions>? change = null)
    {
        Name = name;
        Lab = lab;
        _identity = new PartyIdentity(name, new(lab.Certificates[name]));
        _role = role;
        var options = new LabSessionOptions { Party = name, CosigningKey = VerifierKey.ForWitness(name, _cosigning.PublicKey).ToString() };
        _session = new LabSession(change?.Invoke(options) ?? options, () => new LabChannel(address, _identity.Certificate, lab.Authority.Certificate), this);
        Completion = _session.RunAsync(_stop.Token);
    }

    public string Name { get; }

    public TemporaryLab Lab { get; }

    /// <summary>Ends with the session.</summary>
    public Task Completion { get; }

    public Objection? Refuses { get; init; }

    public Action<Proposal>? OnProposal { get; init; }

    public ConcurrentQueue<string> Events { get; } = new();

    public ConcurrentQueue<RunEnded> EndedRuns { get; } = new();

    /// <summary>The coordinator's answers to what was published.</summary>
    public ConcurrentQueue<CatalogueReceipt> Receipts { get; } = new();

    public void Post(ParticipantFrame frame) => _session.Post(frame);

    /// <summary>Signs that the party, or another, publishes a catalogue.</summary>
    /// <param name="hash">SHA-256 of the catalogue's canonical JSON.</param>
    /// <param name="party">Who publishes it; this party where none is named.</param>
    public byte[] SignCatalogue(byte[] hash, string? party = null) => _identity.Sign(new CatalogueRecord(Sha256Hash.Of(Lab.Authority.Certificate.RawData), party ?? Name, new Sha256Hash(hash)).SigningBytes());

    public void Connected(string lab, string logKey, bool resumed)
    {
        Events.Enqueue(resumed ? "resumed" : "connected");
        _witness ??= Witness.OpenAsync(_witnessFolder, Name, _cosigning, [VerifierKey.Parse(logKey)], TimeProvider.System).GetAwaiter().GetResult();
    }

    public void Disconnected(string reason, TimeSpan delay) => Events.Enqueue("disconnected");

    public void Proposed(Proposal proposal)
    {
        OnProposal?.Invoke(proposal);
        var spec = ExperimentSpec.Parse(proposal.Spec.Span);
        if (Refuses is { } objection)
        {
            _session.Post(new ParticipantFrame { Decision = new Decision { Run = proposal.Run, Reason = objection.Reason, ReasonCode = objection.Code } });
            return;
        }
        var approval = new ApprovalRecord(proposal.Run, Name, "test", new Sha256Hash(spec.Hash()));
        _session.Post(new ParticipantFrame { Decision = new Decision { Run = proposal.Run, Approve = true, Approver = "test", Signature = ByteString.CopyFrom(_identity.Sign(approval.SigningBytes())) } });
    }

    public void Started(StartAttempt start, AttemptTransport transport)
    {
        Events.Enqueue($"start {start.Attempt}");
        _working.Add(RunAsync(new TestAttempt(this, _identity, start, transport)));
    }

    public void Aborted(AbortAttempt abort) => Events.Enqueue($"abort {abort.Attempt}");

    public void Ended(RunEnded ended) => EndedRuns.Enqueue(ended);

    public void CatalogueJudged(CatalogueReceipt receipt) => Receipts.Enqueue(receipt);

    public void CosignRequested(CosignRequest request) => _working.Add(CosignAsync(request));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _session.Dispose();
        // They write into folders that are deleted next.
        await Task.WhenAll(_working).WaitAsync(TimeSpan.FromSeconds(60)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _identity.Dispose();
        _cosigning.Dispose();
        _witness?.Dispose();
        _stop.Dispose();
        Directory.Delete(_witnessFolder, recursive: true);
    }

    private async Task RunAsync(TestAttempt attempt)
    {
        try
        {
            var finished = await Task.Run(() => _role(attempt, attempt.Transport.Closed));
            finished.Run = attempt.Start.Run;
            finished.Attempt = attempt.Start.Attempt;
            _session.Post(new ParticipantFrame { Finished = finished });
        }
        catch (OperationCanceledException)
        {
            Events.Enqueue($"cancelled {attempt.Start.Attempt}");
        }
        catch (Exception e)
        {
            _session.Post(new ParticipantFrame { Failed = new PartyFailed { Run = attempt.Start.Run, Attempt = attempt.Start.Attempt, Code = RoleFailure.CodeOf(e), Step = "training" } });
        }
    }

    private async Task CosignAsync(CosignRequest request)
    {
        var checkpoint = SignedCheckpoint.Parse(request.Checkpoint.Span);
        var decision = await _witness!.CosignAsync((long)request.OldSize, checkpoint, [.. request.Proof.Select(hash => new Sha256Hash(hash.Span))]);
        _session.Post(new ParticipantFrame { Cosignature = new Cosignature { Signature = ByteString.CopyFromUtf8(decision.Cosignature?.ToLine() ?? ""), Refusal = decision.Reason, LastSize = (ulong)decision.LatestSize, Size = (ulong)checkpoint.Checkpoint.Size } });
    }
}

internal sealed record Objection(string Code, string Reason);

/// <summary>One attempt as a test's role sees it: sends signed envelopes and checks what arrives.</summary>
internal sealed class TestAttempt(TestParticipant party, PartyIdentity identity, StartAttempt start, AttemptTransport transport)
{
    private readonly ConcurrentDictionary<string, long> _next = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Sender, string Receiver), long> _expected = [];
    private readonly List<Envelope> _waiting = [];

    public StartAttempt Start { get; } = start;

    public AttemptTransport Transport { get; } = transport;

    public TestParticipant Party { get; } = party;

    public ExperimentSpec Spec { get; } = ExperimentSpec.Parse(start.Spec.Span);

    public PartyIdentity Identity { get; } = identity;

    public IEnumerable<string> Peers => Spec.Parties.Select(p => p.Name).Where(name => name != Party.Name && !Start.Absent.Contains(name));

    public Envelope Make(string receiver, Step step, ReadOnlySpan<byte> content, Func<EnvelopeHeader, EnvelopeHeader>? change = null)
    {
        var payload = new PayloadBuffer();
        for (var rest = content; rest.Length > 0;)
        {
            var span = payload.GetSpan();
            var length = Math.Min(span.Length, rest.Length);
            rest[..length].CopyTo(span);
            payload.Advance(length);
            rest = rest[length..];
        }
        // Banks' broadcasts are counted by themselves.
        var sequence = _next.GetOrAdd(receiver, 0);
        _next[receiver] = sequence + 1;
        var header = new EnvelopeHeader(Start.Run, Start.Attempt, step.Name, sequence, Party.Name, receiver, step.Class, payload.Length, payload.Hash());
        header = change?.Invoke(header) ?? header;
        return new Envelope(header, Identity.Sign(header.SigningBytes()), payload);
    }

    public async Task SendAsync(string receiver, Step step, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await Transport.SendAsync(Make(receiver, step, content.Span), cancellationToken);

    /// <summary>The next envelope of a party; fails when one was lost, repeated, reordered or changed.</summary>
    public async Task<byte[]> ReceiveAsync(string sender, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = _waiting.FindIndex(envelope => envelope.Header.Sender == sender);
            if (found >= 0)
            {
                using var envelope = _waiting[found];
                _waiting.RemoveAt(found);
                var key = (sender, envelope.Header.Receiver);
                Assert.Equal(_expected.GetValueOrDefault(key), envelope.Header.Sequence);
                _expected[key] = envelope.Header.Sequence + 1;
                Assert.Equal(envelope.Header.PayloadHash, envelope.Payload.Hash());
                return envelope.Payload.ToArray();
            }
            _waiting.Add(await Transport.ReceiveAsync(cancellationToken));
        }
    }

    /// <summary>The end of a training run: all sign one manifest; the active party collects the signatures, or every bank does.</summary>
    public async Task<PartyFinished> PublishAsync(CancellationToken cancellationToken)
    {
        var manifest = System.Text.Encoding.UTF8.GetBytes($"{{\"run\":\"{Spec.Name}\"}}");
        var own = Identity.Sign(manifest);
        var finished = new PartyFinished { Manifest = ByteString.CopyFrom(manifest), AlignedRows = 7 };
        finished.Signatures.Add(Party.Name, ByteString.CopyFrom(own));
        finished.Seconds.Add("training", 1.5);
        if (Spec.IsHorizontal) await SendAsync(EnvelopeHeader.Everyone, Steps.BankSignature, own, cancellationToken);
        else if (Spec.Active != Party.Name)
        {
            await SendAsync(Spec.Active, Steps.ManifestSignature, own, cancellationToken);
            return finished;
        }
        foreach (var peer in Peers) finished.Signatures.Add(peer, ByteString.CopyFrom(await ReceiveAsync(peer, cancellationToken)));
        return finished;
    }
}

/// <summary>Roles that several tests use.</summary>
internal static class TestRoles
{
    /// <summary>Every party sends every other so many envelopes of growing size and receives as many, then all publish.</summary>
    public static TestRole Exchange(int rounds, int largest, TimeSpan pause = default) => async (attempt, cancellationToken) =>
    {
        var sending = attempt.Peers.Select(peer => Task.Run(
            async () =>
            {
                for (var round = 0; round < rounds; round++) await attempt.SendAsync(peer, Steps.ScanRequest, Content(attempt.Party.Name, peer, round, rounds, largest), cancellationToken);
            },
            cancellationToken)).ToList();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var peer in attempt.Peers) Assert.Equal(Content(peer, attempt.Party.Name, round, rounds, largest), await attempt.ReceiveAsync(peer, cancellationToken));
            if (pause > TimeSpan.Zero) await Task.Delay(pause, cancellationToken);
        }
        await Task.WhenAll(sending);
        return await attempt.PublishAsync(cancellationToken);
    };

    /// <summary>Waits until the attempt is over.</summary>
    public static async Task<PartyFinished> WaitAsync(TestAttempt attempt, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return new PartyFinished();
    }

    private static byte[] Content(string sender, string receiver, int round, int rounds, int largest)
    {
        var content = new byte[(long)largest * round / Math.Max(1, rounds - 1)];
        var seed = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{sender} {receiver} {round}"));
        for (var i = 0; i < content.Length; i++) content[i] = (byte)(seed[i & 31] + (i >> 5));
        return content;
    }
}
