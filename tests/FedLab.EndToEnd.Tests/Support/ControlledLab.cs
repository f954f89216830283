using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FedLab.Audit;
using FedLab.Client.InMemory;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Processes;
using FedLab.Client.Simulations;
using FedLab.Data;
using FedLab.Federation.Experiments;
using FedLab.Proto;

namespace FedLab.EndToEnd.Tests.Support;

/// <summary>A lab of real processes whose ends and connections are in the hands of the test.</summary>
internal sealed class ControlledLab : IAsyncDisposable
{
    private readonly string _name;
    private readonly ExperimentSpec _spec;
    private readonly HeldPort _port;
    private readonly TimeProvider _time = TimeProvider.System;
    private bool _stopped;

    private ControlledLab(string name, ExperimentSpec spec, HeldPort port, LocalLab lab)
    {
        _name = name;
        _port = port;
        _spec = spec;
        Lab = lab;
        Processes = new LabProcesses(_time) { Restarted = Restarted.Enqueue };
        Connection = new LabConnection(lab.Address, LocalLab.KeysOf(lab.Workspace.Lead), _time);
    }

    public LocalLab Lab { get; }

    public LabProcesses Processes { get; }

    public LabConnection Connection { get; }

    /// <summary>Names of the processes that were killed and have been started again.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Restarted { get; } = new();

    /// <summary>The model that the plan gives without a network: what every other way must give, to the byte.</summary>
    public static Task<byte[]> ReferenceManifestAsync(string name, SimulationPlan plan, string folder, CancellationToken cancellationToken) =>
        ReferenceManifestAsync(name, plan, plan.ToSpec(name), folder, cancellationToken);

    /// <summary>As above, for any federation.</summary>
    public static async Task<byte[]> ReferenceManifestAsync(string name, ILabPlan plan, ExperimentSpec spec, string folder, CancellationToken cancellationToken)
    {
        var sets = new List<DataSet>();
        foreach (var party in plan.Parties) sets.Add(await DataSetReader.ReadAsync(party.Source, progress: null, cancellationToken));
        var lab = LocalLab.Create(name, plan, LabWorkspace.Create(folder), 0, TimeProvider.System, isIssued: true);
        var outcome = await new InMemoryLabRunner(lab, new Progress<LabProgress>(), TimeProvider.System).TrainAsync(spec, plan, sets, cancellationToken);
        return outcome.Manifest!;
    }

    /// <summary>Makes the homes; nothing runs yet.</summary>
    public static ControlledLab Create(string name, SimulationPlan plan, string folder) => Create(name, plan, plan.ToSpec(name), folder);

    /// <summary>As above, for any federation.</summary>
    public static ControlledLab Create(string name, ILabPlan plan, ExperimentSpec spec, string folder)
    {
        var port = new HeldPort();
        return new(name, spec, port, LocalLab.Create(name, plan, LabWorkspace.Create(folder), port.Number, TimeProvider.System));
    }

    /// <summary>Changes a participant's configuration.</summary>
    public void Configure(string party, Action<JsonObject> change) => Change(Path.Combine(Lab.Workspace.Party(party), "participant.json"), change);

    /// <summary>Changes the coordinator's configuration.</summary>
    public void ConfigureCoordinator(Action<JsonObject> change) => Change(Path.Combine(Lab.Workspace.Coordinator, "coordinator.json"), change);

    private static void Change(string path, Action<JsonObject> change)
    {
        var configuration = JsonNode.Parse(File.ReadAllBytes(path))!.AsObject();
        change(configuration);
        File.WriteAllText(path, configuration.ToJsonString());
    }

    /// <summary>Starts all processes and waits until every party is there.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Processes.StartCoordinator(Lab.Workspace.Coordinator);
        foreach (var party in Lab.Parties) Processes.StartParticipant(party, Lab.Workspace.Party(party));
        await Processes.GuardAsync(Connection.WaitForPartiesAsync(Lab.Parties, Patience.Long, Patience.Long, "coordinator.log", cancellationToken));
    }

    /// <summary>Trains a model.</summary>
    /// <param name="watch">Sees every event; a task that it returns is waited for before the next one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<RunDescription> TrainAsync(Action<RunDescription> watch, CancellationToken cancellationToken)
    {
        var run = await Processes.GuardAsync(Connection.CreateRunAsync(_spec, cancellationToken));
        return await Processes.GuardAsync(Connection.WatchRunAsync(run, change => watch(change.Run), cancellationToken));
    }

    /// <summary>Ends a process as the system's out-of-memory killer does: SIGKILL.</summary>
    public void Kill(string name)
    {
        using var process = Process.GetProcessById(Processes.Ids[name]);
        process.Kill();
    }

    /// <summary>Stops a process in its tracks, as a machine that hangs: it answers nothing and is not gone.</summary>
    public void Freeze(string name) => Signal(name, "-STOP");

    /// <summary>Lets a process that was frozen go on.</summary>
    public void Thaw(string name) => Signal(name, "-CONT");

    /// <summary>The run has finished; otherwise the failure shows what the logs say of it.</summary>
    public void AssertFinished(RunDescription ended)
    {
        if (ended.State == RunState.Finished) return;
        var lines = Directory.EnumerateFiles(Path.GetDirectoryName(Lab.Workspace.Coordinator)!, "*.log", SearchOption.AllDirectories)
            .SelectMany(log => File.ReadLines(log).Where(line => line.Contains("\"Error\"", StringComparison.Ordinal) || line.Contains("\"Warning\"", StringComparison.Ordinal)).Select(line => $"{Path.GetRelativePath(Lab.Workspace.Root, log)}: {line}"));
        Assert.Fail($"{ended.State}: {ended.Reason}\n{string.Join('\n', lines)}");
    }

    /// <summary>Stops all processes, writes the published model where the simulation would, and verifies the audit trail.</summary>
    public async Task<ReportAudit> CloseAsync(RunDescription ended, CancellationToken cancellationToken)
    {
        var model = await Connection.GetModelAsync(ended.Run, cancellationToken);
        await StopAsync();
        var workspace = Lab.Workspace;
        Directory.CreateDirectory(workspace.Model);
        await File.WriteAllBytesAsync(workspace.ManifestFile, model.Manifest.ToByteArray(), cancellationToken);
        var signatures = new ModelSignatures([.. model.Signatures.OrderBy(signature => signature.Key, StringComparer.Ordinal).Select(signature => new ModelSignature(signature.Key, "ecdsa-p256-sha256", signature.Value.ToBase64()))]);
        await File.WriteAllBytesAsync(workspace.SignaturesFile, signatures.ToJson(), cancellationToken);
        Assert.Equal(ended.ManifestHash.ToByteArray(), SHA256.HashData(model.Manifest.Span));
        return await AuditBundleBuilder.BuildAsync(Lab, _name, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Connection.Dispose();
        await StopAsync();
        _port.Dispose();
    }

    private void Signal(string name, string signal)
    {
        using var kill = Process.Start("kill", [signal, Processes.Ids[name].ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private async ValueTask StopAsync()
    {
        if (_stopped) return;
        _stopped = true;
        await Processes.DisposeAsync();
    }
}
