using System.Text.Json;
using FedLab.Client.Labs;

namespace FedLab.EndToEnd.Tests.Support;

/// <summary>
/// One <c>fedlab simulate</c> with processes, run once for all tests that look at what a run leaves. Nobody may change its folder.
/// </summary>
public sealed class FinishedRun : IAsyncLifetime
{
    public const string Name = "canary";
    public const int Rows = 1200;

    private readonly TemporaryFolder _folder = new();

    /// <summary>Settings of the run; column sampling and missing values included, because both must repeat to the byte.</summary>
    public static string[] Settings { get; } = ["--set", "trees=12", "--set", "depth=3", "--set", "bins=16", "--set", "colsample=0.8", "--set", "subsample=0.8", "--minimum-cohort", "5"];

    internal Enterprises Enterprises { get; private set; } = null!;

    internal ProgramRun Program { get; private set; } = null!;

    internal LabWorkspace Workspace { get; private set; } = null!;

    /// <summary>What <c>--json</c> printed.</summary>
    public JsonElement Report { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Enterprises = Enterprises.Write(_folder, Rows);
        Workspace = LabWorkspace.Open(_folder.File("run"));
        Program = (await FedLabProgram.RunAsync(_folder.Path, ["simulate", .. Enterprises.Arguments, .. Settings, "--name", Name, "--out", Workspace.Root, "--no-baselines", "--json"])).Succeeded();
        Report = JsonDocument.Parse(Program.Output).RootElement;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The folder with the active party's files of the training run.</summary>
    public string StoreOf(string party) => Path.Combine(Workspace.Party(party), "runs", Report.GetProperty("run").GetString()!);
}

/// <summary>The tests that share <see cref="FinishedRun"/>.</summary>
[CollectionDefinition(Name)]
public sealed class FinishedRunGroup : ICollectionFixture<FinishedRun>
{
    public const string Name = "finished run";
}
