using FedLab.Cli.Display;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Simulations;
using FedLab.Federation.Experiments;
using FedLab.Synthesis;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab demo --federation horizontal</c>: four synthetic banks, one of them small.</summary>
internal static class BankDemo
{
    /// <summary>Rows of all banks together where nothing is said.</summary>
    public const int DefaultRows = 8_000;

    private const string Name = "banks";

    // With this few rows shallow trees are better: over four seeds the mean joint AUC is 0.726, and 0.721 with depth 3.
    private static readonly (string Name, string Value)[] TreeSettings = [("depth", "2"), ("learning-rate", "0.2")];

    /// <summary>Runs the demo.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    /// <param name="json">Whether the report is JSON.</param>
    /// <param name="folder">The folder that is filled.</param>
    /// <param name="typed">What was typed.</param>
    /// <param name="cancellationToken">Stops the demo.</param>
    public static Task<int> RunAsync(Screen screen, TimeProvider time, bool json, string folder, DemoCommand.Typed typed, CancellationToken cancellationToken)
    {
        var read = Reader(typed, cancellationToken);
        if (typed.Prepare is { } host)
        {
            return screen.Progress(json).ShowAsync(async progress =>
            {
                var workspace = LabWorkspace.Create(folder);
                var data = await read(workspace, progress);
                return DemoCommand.Prepare(screen, time, json, workspace, data.Plan, data.ToSpec(Name), host);
            });
        }
        return SimulateCommand.RunAsync(screen, json, BankReportTables.Write, async progress =>
        {
            var workspace = LabWorkspace.Create(folder);
            return await RunFolderException.GuardAsync(workspace, async () =>
            {
                var data = await read(workspace, progress);
                return await BankSimulation.RunAsync(data, workspace, typed.Choices, progress, time, cancellationToken);
            });
        });
    }

    /// <summary>As <see cref="DemoCommand.Maker"/>, for banks.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="name">Name of the experiment.</param>
    /// <param name="cancellationToken">Ends the making.</param>
    public static Func<LabWorkspace, IProgress<LabProgress>, Task<(ILabPlan Plan, ExperimentSpec Spec)>> Maker(DemoCommand.Typed typed, string name, CancellationToken cancellationToken)
    {
        var read = Reader(typed, cancellationToken);
        return async (workspace, progress) =>
        {
            var data = await read(workspace, progress);
            return (data.Plan, data.ToSpec(name));
        };
    }

    /// <summary>Checks everything that was typed, before anything is written, and gives what makes the banks' files and reads them.</summary>
    private static Func<LabWorkspace, IProgress<LabProgress>, Task<BankData>> Reader(DemoCommand.Typed typed, CancellationToken cancellationToken)
    {
        var population = SyntheticBanks.Generate(DemoCommand.ParseRows(typed.Rows, DefaultRows, SyntheticBanks.MinimumRows, SyntheticBanks.MaximumRows), typed.Seed);
        var settings = typed.Model == ExperimentSpec.Trees ? DemoCommand.WithDemoSettings(typed.Settings, TreeSettings) : typed.Settings;
        BankPlan.CheckSettings(typed.Model, settings, population.Banks.Count);
        return async (workspace, progress) =>
        {
            await GenerateAsync(population, workspace, progress, cancellationToken);
            var plan = BankPlan.Create(new SimulationOptions
            {
                Parties = [.. population.Banks.Select(bank => $"{bank.Name}={FileOf(workspace, bank)}")],
                Keys = [SyntheticBanks.KeyColumn],
                Label = SyntheticBanks.LabelColumn,
                Model = typed.Model,
                Settings = settings,
                Port = typed.Port,
                Descriptions = population.Banks.ToDictionary(bank => bank.Name, SyntheticDescriptions.Of, StringComparer.Ordinal),
            });
            return await BankData.ReadAsync(plan, progress, cancellationToken);
        };
    }

    private static string FileOf(LabWorkspace workspace, SyntheticBank bank) => Path.Combine(workspace.Data, bank.Name + ".csv");

    private static async Task GenerateAsync(SyntheticBanks population, LabWorkspace workspace, IProgress<LabProgress> progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(workspace.Data);
        for (var index = 0; index < population.Banks.Count; index++)
        {
            progress.Report(new LabProgress(LabPhase.Generating, index, population.Banks.Count));
            await population.WriteCsvAsync(population.Banks[index], FileOf(workspace, population.Banks[index]), cancellationToken);
        }
    }
}
