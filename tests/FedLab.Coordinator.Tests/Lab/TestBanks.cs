using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using FedLab.Federation.Channels;
using FedLab.Federation.Identity;
using FedLab.Federation.Runs;
using FedLab.Federation.Tests;
using FedLab.Federation.Tests.Horizontal;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Tests.Lab;

/// <summary>Banks whose role is the real one, with what they keep on their disks, so that a bank can go and come back.</summary>
internal sealed class TestBanks : IDisposable
{
    private readonly string _secrets = Directory.CreateTempSubdirectory("fedlab-banks-").FullName;
    private readonly Dictionary<string, X509Certificate2> _certificates;
    private readonly PartyDirectory _directory;
    private readonly IReadOnlyDictionary<string, PartyData> _data;
    private readonly ConcurrentDictionary<(string Run, string Bank), MemoryStore> _stores = [];
    private readonly ConcurrentDictionary<(string Run, string Bank, int Attempt), MemoryJournal> _journals = [];

    public TestBanks(TemporaryLab lab)
    {
        _certificates = lab.Certificates.ToDictionary(pair => pair.Key, pair => X509CertificateLoader.LoadCertificate(pair.Value.RawData), StringComparer.Ordinal);
        _directory = new PartyDirectory(_certificates);
        _data = Banks.Data([.. lab.Parties.Select((_, bank) => 120 + (60 * bank))]);
    }

    /// <summary>Called by a role as it goes on, on its own thread; may block it or throw.</summary>
    public Action<TestAttempt, RunProgress>? OnProgress { get; set; }

    /// <summary>Stands between a role and its network.</summary>
    public Func<TestAttempt, IEnvelopeTransport, IEnvelopeTransport>? Wrap { get; set; }

    public static string[] Names(int banks) => [.. Enumerable.Range(0, banks).Select(bank => $"bank-{bank}")];

    /// <summary>What a bank's channel sent and received in an attempt.</summary>
    public MemoryJournal JournalOf(string run, string bank, int attempt) => _journals.GetOrAdd((run, bank, attempt), _ => new MemoryJournal());

    public MemoryStore StoreOf(string run, string bank) => _stores.GetOrAdd((run, bank), _ => new MemoryStore());

    public async Task<PartyFinished> RunAsync(TestAttempt attempt, CancellationToken cancellationToken)
    {
        var (run, bank) = (attempt.Start.Run, attempt.Party.Name);
        using var coordinator = X509CertificateLoader.LoadCertificate(attempt.Start.CoordinatorCertificate.Span);
        Assert.Null(LabCertificates.Refusal(coordinator, attempt.Party.Lab.Authority.Certificate, LabRole.Coordinator, TimeProvider.System));
        var result = await PartyRun.ExecuteAsync(
            new PartyRunContext
            {
                Run = run,
                Attempt = attempt.Start.Attempt,
                Spec = attempt.Spec,
                Identity = attempt.Identity,
                Directory = _directory,
                CoordinatorCertificate = coordinator,
                Absent = [.. attempt.Start.Absent],
                SecretFolder = Path.Combine(_secrets, run, bank),
                Data = _data[bank],
                Settings = new PartySettings(MinimumCohort: 1, DegreeOfParallelism: 1),
                Transport = Wrap?.Invoke(attempt, attempt.Transport) ?? attempt.Transport,
                Store = StoreOf(run, bank),
                Journal = JournalOf(run, bank, attempt.Start.Attempt),
                Progress = new Callback(progress => OnProgress?.Invoke(attempt, progress)),
            },
            cancellationToken);
        var finished = new PartyFinished { Manifest = ByteString.CopyFrom(result.Manifest), AlignedRows = result.AlignedRows };
        foreach (var (party, signature) in result.Signatures) finished.Signatures.Add(party, ByteString.CopyFrom(signature));
        return finished;
    }

    /// <summary>Makes a bank's role stop at so many trees until the session ends under it, as when its machine fails.</summary>
    public static void Hang(TestAttempt attempt)
    {
        attempt.Transport.Closed.WaitHandle.WaitOne();
        attempt.Transport.Closed.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        _directory.Dispose();
        foreach (var certificate in _certificates.Values) certificate.Dispose();
        Directory.Delete(_secrets, recursive: true);
    }

    private sealed class Callback(Action<RunProgress> report) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => report(value);
    }
}
