using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Identity;
using FedLab.Federation.Runs;
using FedLab.Federation.Scan.Workers;
using FedLab.Learning;

namespace FedLab.Federation.Tests;

/// <summary>A lab in memory: identities, stores and journals of some parties, and every envelope that passed.</summary>
internal sealed class TestLab : IDisposable
{
    private readonly Dictionary<string, PartyIdentity> _identities;
    private readonly PartyIdentity _coordinator = Identity("coordinator");
    private readonly string _secrets = System.IO.Directory.CreateTempSubdirectory("fedlab-test-").FullName;

    public TestLab(ExperimentSpec spec, IReadOnlyDictionary<string, PartyData> data)
    {
        (Spec, Data) = (spec, data);
        _identities = spec.Parties.ToDictionary(party => party.Name, party => Identity(party.Name));
        Directory = new PartyDirectory(_identities.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Certificate)));
        Stores = spec.Parties.ToDictionary(party => party.Name, _ => new MemoryStore());
        Journals = spec.Parties.ToDictionary(party => party.Name, _ => new MemoryJournal());
    }

    public ExperimentSpec Spec { get; init; }

    public IReadOnlyDictionary<string, PartyData> Data { get; }

    public PartyDirectory Directory { get; }

    public Dictionary<string, MemoryStore> Stores { get; }

    public Dictionary<string, MemoryJournal> Journals { get; }

    public ConcurrentQueue<(EnvelopeHeader Header, byte[] Payload)> Relayed { get; } = [];

    public PartySettings Settings { get; init; } = new(MinimumCohort: 1);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Scan workers that the required source has; null where it computes its scans itself.</summary>
    public IScanWorkers? Workers { get; init; }

    public Action<string, RunProgress>? OnProgress { get; set; }

    /// <summary>Banks that are gone for good.</summary>
    public IReadOnlyList<string> Absent { get; set; } = [];

    /// <summary>What a dishonest coordinator makes of its announcement; null for an honest one.</summary>
    public Func<Envelope, PartyIdentity, Envelope>? Forge { get; set; }

    /// <summary>Says which broadcasts a dishonest coordinator withholds from whom.</summary>
    public Func<EnvelopeHeader, string, bool>? Withhold { get; set; }

    public IEnumerable<string> Present => Spec.Parties.Select(party => party.Name).Except(Absent);

    public PartyIdentity IdentityOf(string party) => _identities[party];

    public async Task<IReadOnlyDictionary<string, PartyRunResult>> RunAsync(int attempt, CancellationToken cancellationToken, Func<string, IEnvelopeTransport, IEnvelopeTransport>? wrap = null)
    {
        using var adder = Spec.IsHorizontal ? new BlindAdder(_coordinator, "test-run", attempt, Spec, Present) : null;
        var network = new InMemoryNetwork(
            Present,
            envelope => Relayed.Enqueue((envelope.Header, envelope.Payload.ToArray())),
            adder is null ? null : envelope => Answer(adder, envelope),
            Withhold);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var runs = Present.ToDictionary(name => name, name => Task.Run(async () =>
        {
            try
            {
                var transport = network.For(name);
                return await PartyRun.ExecuteAsync(Context(name, attempt, wrap is null ? transport : wrap(name, transport)), stop.Token);
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }));
        await Task.WhenAll(runs.Values.Select(run => run.ContinueWith(_ => { }, TaskScheduler.Default)));
        // The first failure that is not the echo of another one is the one to tell.
        var failure = runs.Values.Where(run => run.IsFaulted).Select(run => run.Exception!.InnerException!).FirstOrDefault();
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        cancellationToken.ThrowIfCancellationRequested();
        var results = new Dictionary<string, PartyRunResult>();
        foreach (var (party, run) in runs) results.Add(party, await run);
        return results;
    }

    public PartyRunContext Context(string party, int attempt, IEnvelopeTransport transport) => new()
    {
        Run = "test-run",
        Attempt = attempt,
        Spec = Spec,
        Identity = _identities[party],
        Directory = Directory,
        CoordinatorCertificate = Spec.IsHorizontal ? _coordinator.Certificate : null,
        Absent = Absent,
        SecretFolder = Path.Combine(_secrets, party),
        Data = Data[party],
        Settings = Settings,
        ScanWorkers = Spec.Parties.Any(member => member.Name == party && member.Role == PartyRole.Required) ? Workers : null,
        Transport = transport,
        Store = Stores[party],
        ModelStore = Stores[party],
        Journal = Journals[party],
        Time = Time,
        Progress = OnProgress is null ? null : new CallbackProgress(progress => OnProgress(party, progress)),
    };

    public void Dispose()
    {
        System.IO.Directory.Delete(_secrets, recursive: true);
        _coordinator.Dispose();
        Directory.Dispose();
        foreach (var identity in _identities.Values) identity.Dispose();
    }

    public static PartyData MakeData(IReadOnlyList<string> keys, Table features, byte[]? labels = null, bool[]? test = null) =>
        new(keys, features, labels, test, SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', keys) + string.Join('\n', features.Columns.Select(column => column.Name)))), null);

    private Envelope? Answer(BlindAdder adder, Envelope envelope)
    {
        var answer = envelope.Header.Step == Steps.SumPart.Name ? adder.Add(envelope.Header, envelope.Payload.AsSequence()) : null;
        return answer is null || Forge is null ? answer : Forge(answer, _coordinator);
    }

    private static PartyIdentity Identity(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        return new PartyIdentity(name, request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200)));
    }

    private sealed class CallbackProgress(Action<RunProgress> callback) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => callback(value);
    }
}

internal sealed class MemoryStore : IRunStore
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new();

    public IReadOnlyCollection<string> Names => [.. _files.Keys];

    public ValueTask SaveAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _files[name] = content.ToArray();
        return ValueTask.CompletedTask;
    }

    public ValueTask AppendAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _files.AddOrUpdate(name, _ => content.ToArray(), (_, before) => [.. before, .. content.Span]);
        return ValueTask.CompletedTask;
    }

    public ValueTask<byte[]?> LoadAsync(string name, CancellationToken cancellationToken) => new(_files.GetValueOrDefault(name));

    public void Delete(string name) => _files.TryRemove(name, out _);
}

internal sealed class MemoryJournal : IRunJournal
{
    public ConcurrentQueue<EnvelopeHeader> Outgoing { get; } = [];

    public ConcurrentQueue<EnvelopeHeader> Incoming { get; } = [];

    public ConcurrentQueue<(string Type, IReadOnlyDictionary<string, object> Body)> Events { get; } = [];

    public void Sent(EnvelopeHeader header, byte[] signature) => Outgoing.Enqueue(header);

    public void Received(EnvelopeHeader header, byte[] signature) => Incoming.Enqueue(header);

    public void Record(string type, IReadOnlyDictionary<string, object> body) => Events.Enqueue((type, body));
}
