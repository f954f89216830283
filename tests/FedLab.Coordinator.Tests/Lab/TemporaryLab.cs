using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Tests.Lab;

/// <summary>A lab on disk with its own authority: a coordinator's home, participants' certificates and a lead.</summary>
internal sealed class TemporaryLab : IDisposable
{
    public const string Name = "test-lab";

    private readonly X509Certificate2 _lead;

    public TemporaryLab(IReadOnlyList<string> parties, int reconnectSeconds = 60, int windowMiB = 32, int absenceSeconds = 60)
    {
        Folder = Directory.CreateTempSubdirectory("fedlab-test-").FullName;
        Parties = parties;
        Authority = LabAuthority.Create(Name);
        LabEnrolment.WriteKeys(CoordinatorHome, Authority, "coordinator", LabRole.Coordinator);
        Authority.Save(AuthorityFolder);
        Directory.CreateDirectory(Path.Combine(CoordinatorHome, "parties"));
        foreach (var party in parties)
        {
            var certificate = Authority.Issue(party, LabRole.Participant);
            Certificates.Add(party, certificate);
            KeyFiles.SaveCertificate(Path.Combine(CoordinatorHome, "parties", party + ".crt.pem"), certificate);
        }
        WriteConfiguration(new { lab = Name, listen = "127.0.0.1", port = 0, parties = parties.Select(name => new { name }), reconnectSeconds, windowMiB, absenceSeconds, logLevel = "Debug" });
        _lead = Authority.Issue("lead", LabRole.Lead);
    }

    public string Folder { get; }

    public string CoordinatorHome => Path.Combine(Folder, "coordinator");

    /// <summary>The authority's key at the coordinator.</summary>
    public string AuthorityFolder => Path.Combine(CoordinatorHome, "authority");

    public IReadOnlyList<string> Parties { get; }

    public LabAuthority Authority { get; }

    public Dictionary<string, X509Certificate2> Certificates { get; } = new(StringComparer.Ordinal);

    public string Log => Read(Path.Combine(CoordinatorHome, "coordinator.log"));

    /// <summary>The types and bodies of the coordinator's audit log, but for a line that is being written at this moment.</summary>
    public IReadOnlyList<(string Type, JsonElement Body)> Audit => [.. AuditEntries.Split('\n')[..^1]
        .Select(line => JsonDocument.Parse(line).RootElement)
        .Select(entry => (entry.GetProperty("type").GetString()!, entry.GetProperty("body")))];

    public string AuditEntries => Read(Path.Combine(CoordinatorHome, "audit", "entries.jsonl"));

    /// <summary>The newest checkpoint of the coordinator's audit log; null when there is none yet.</summary>
    public string? NewestCheckpoint => Directory.EnumerateFiles(Path.Combine(CoordinatorHome, "audit", "checkpoints"), "*.note").Max(StringComparer.Ordinal) is { } newest ? Read(newest) : null;

    public void WriteConfiguration(object configuration) => File.WriteAllBytes(Path.Combine(CoordinatorHome, "coordinator.json"), JsonSerializer.SerializeToUtf8Bytes(configuration));

    public async Task<CoordinatorHost> StartAsync(int port = 0) => await CoordinatorHost.StartAsync(CoordinatorHome, port, cancellationToken: TestContext.Current.CancellationToken);

    public LabChannel LeadChannel(Uri address) => new(address, _lead, Authority.Certificate);

    public ExperimentSpec Spec(string name = "experiment") => new()
    {
        Name = name,
        Parties = [.. Parties.Select((party, i) => new ExperimentParty(party, i == 0 ? PartyRole.Active : PartyRole.Required))],
    };

    public static async Task<RunDescription> ProposeAsync(Proto.Lab.LabClient lead, ExperimentSpec spec) =>
        await lead.CreateRunAsync(new CreateRunRequest { Spec = ByteString.CopyFrom(spec.ToBytes()) }, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Watches a run until a condition holds.</summary>
    public static async Task<RunDescription> WaitAsync(Proto.Lab.LabClient lead, string run, Func<RunDescription, bool> condition, int seconds = 60)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var description = await lead.GetRunAsync(new GetRunRequest { Run = run }, cancellationToken: TestContext.Current.CancellationToken);
            if (condition(description)) return description;
            if (clock.Elapsed.TotalSeconds > seconds) throw new TimeoutException($"Run {run} is {description.State}, attempt {description.Attempt}: {description.Reason}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until a condition holds.</summary>
    public static async Task EventuallyAsync(Func<bool> condition, int seconds = 60, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed.TotalSeconds > seconds) throw new TimeoutException($"It does not hold after {seconds} s: {what}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    public static bool HasEnded(RunDescription run) => run.State is RunState.Finished or RunState.Failed or RunState.Stopped or RunState.Refused;

    public void Dispose()
    {
        foreach (var certificate in Certificates.Values) certificate.Dispose();
        _lead.Dispose();
        Authority.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string Read(string path)
    {
        if (!File.Exists(path)) return "";
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }
}
