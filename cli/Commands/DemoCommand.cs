using System.CommandLine;
using System.Globalization;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Simulations;
using FedLab.Federation.Experiments;
using FedLab.Synthesis;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab demo</c>: the whole job on a synthetic population, of data sources around a bank or of several banks.</summary>
internal static class DemoCommand
{
    private const string Name = "demo";
    internal const int DefaultEnterprises = 50_000;
    internal const ulong DefaultSeed = 20260101;

    // With few defaults among the rows, the learner's own defaults overfit: AUC 0.786 on the held-out rows, 0.803 with these.
    private static readonly (string Name, string Value)[] DemoSettings = [("depth", "3"), ("learning-rate", "0.15"), ("bins", "16")];

    private static readonly SyntheticInstitution[] Institutions = [SyntheticInstitution.BankA, SyntheticInstitution.PublicCredit, SyntheticInstitution.SupplyChain];

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time)
    {
        var rows = Options.One("--rows", "N", Messages.DemoRows(Formats.Count(DefaultEnterprises), Formats.Count(BankDemo.DefaultRows)));
        var federation = Options.One("--federation", "vertical|horizontal", Messages.DemoFederationOption);
        var model = Options.One("--model", "trees|logistic", Messages.DemoModelOption);
        var seed = Options.One("--seed", "N", $"{Messages.DemoSeed} [{DefaultSeed.ToString(CultureInfo.InvariantCulture)}]");
        var set = Options.Many("--set", "NAME=VALUE", Messages.SetOption);
        var prepare = Options.One("--prepare", "HOST", Messages.DemoPrepareOption);
        var run = new SimulateCommand.RunOptions();
        var command = new DescribedCommand(Name, Messages.DemoDescription)
        {
            Usage = "",
            Examples =
            [
                new Example("fedlab demo", Messages.DemoExample1),
                new Example("fedlab demo --federation horizontal", Messages.DemoExample3),
                new Example("fedlab demo --rows 5000 --set trees=10 --json", Messages.DemoExample2),
                new Example("fedlab demo --prepare coordinator --out compose/lab", Messages.DemoExample4),
            ],
            Options = { federation, model, rows, seed, set, prepare },
        };
        run.AddTo(command, withName: false);
        command.SetAction(async (result, cancellationToken) =>
        {
            var typed = new Typed(
                result.GetValue(model) ?? ExperimentSpec.Trees,
                result.GetValue(rows),
                ParseSeed(result.GetValue(seed)),
                result.GetValue(set) ?? [],
                result.GetValue(run.Port),
                new SimulationChoices(Name, result.GetValue(run.InMemory), !result.GetValue(run.NoBaselines)),
                result.GetValue(prepare));
            if (typed.Prepare is { } host)
            {
                LabPreparation.CheckHost(host);
                if (typed.Choices.InMemory) throw ClientException.Usage(Messages.DemoPrepareOnly("--in-memory"));
                if (!typed.Choices.Baselines) throw ClientException.Usage(Messages.DemoPrepareOnly("--no-baselines"));
            }
            SimulationPlan.CheckPort(typed.Port);
            var folder = RunFolder.Choose(result.GetValue(run.Out), Name, time);
            LabWorkspace.RequireVacant(folder);
            var asJson = result.GetValue(run.Json);
            return FederationKinds.Parse(result.GetValue(federation)) == FederationKind.Horizontal
                ? await BankDemo.RunAsync(screen, time, asJson, folder, typed, cancellationToken)
                : await RunAsync(screen, time, asJson, folder, typed, cancellationToken);
        });
        return command;
    }

    /// <summary>What both demos take from the command line.</summary>
    /// <param name="Model">Kind of model.</param>
    /// <param name="Rows">Number of rows, as typed.</param>
    /// <param name="Seed">Seed of the population.</param>
    /// <param name="Settings">Settings as <c>name=value</c>.</param>
    /// <param name="Port">Port of the coordinator, as typed.</param>
    /// <param name="Choices">How it runs.</param>
    /// <param name="Prepare">Host of the coordinator when nothing runs and only the homes are made; null otherwise.</param>
    internal sealed record Typed(string Model, string? Rows, ulong Seed, string[] Settings, string? Port, SimulationChoices Choices, string? Prepare);

    /// <summary>Makes the demo's homes and starts nothing.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    /// <param name="json">Whether the result is JSON.</param>
    /// <param name="workspace">The folder, with the data in it.</param>
    /// <param name="plan">The institutions.</param>
    /// <param name="spec">The experiment.</param>
    /// <param name="host">Host of the coordinator.</param>
    internal static int Prepare(Screen screen, TimeProvider time, bool json, LabWorkspace workspace, ILabPlan plan, ExperimentSpec spec, string host)
    {
        var path = LabPreparation.Write(plan, spec, workspace, host, time);
        var keys = Path.Combine(workspace.Lead, "keys");
        if (json) screen.WriteJson(JsonOutput.Serialize(new { @out = workspace.Root, spec = path, leadKeys = keys, coordinator = workspace.Coordinator, parties = plan.Parties.ToDictionary(party => party.Name, party => workspace.Party(party.Name), StringComparer.Ordinal) }));
        else screen.Output.Profile.Out.Writer.WriteLine(Messages.DemoPrepared(path, keys));
        return ExitCodes.Success;
    }

    /// <summary>Reads a number of rows.</summary>
    /// <param name="text">The number as typed, or null.</param>
    /// <param name="usual">What null means.</param>
    /// <param name="least">The smallest.</param>
    /// <param name="most">The largest.</param>
    internal static int ParseRows(string? text, int usual, int least, int most)
    {
        if (text is null) return usual;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rows) && rows >= least && rows <= most) return rows;
        throw ClientException.Usage(Messages.DemoRowsInvalid(text, least, most));
    }

    /// <summary>The settings typed, and the demo's own where none was.</summary>
    /// <param name="settings">Settings as <c>name=value</c>.</param>
    /// <param name="demo">The demo's settings.</param>
    internal static string[] WithDemoSettings(string[] settings, IEnumerable<(string Name, string Value)> demo) =>
        [.. settings, .. demo.Where(own => !settings.Any(setting => setting.StartsWith(own.Name + "=", StringComparison.Ordinal))).Select(own => $"{own.Name}={own.Value}")];

    /// <summary>Checks everything that was typed, before anything is written, and gives what makes the demo's files and plan in a folder.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="name">Name of the experiment.</param>
    /// <param name="cancellationToken">Ends the making.</param>
    internal static Func<LabWorkspace, IProgress<LabProgress>, Task<(ILabPlan Plan, ExperimentSpec Spec)>> Maker(Typed typed, string name, CancellationToken cancellationToken)
    {
        var make = PlanMaker(typed, cancellationToken);
        return async (workspace, progress) =>
        {
            var plan = await make(workspace, progress);
            return (plan, plan.ToSpec(name));
        };
    }

    private static Func<LabWorkspace, IProgress<LabProgress>, Task<SimulationPlan>> PlanMaker(Typed typed, CancellationToken cancellationToken)
    {
        if (typed.Model == ExperimentSpec.Logistic) throw ClientException.Usage(Messages.DemoLogistic);
        if (typed.Model != ExperimentSpec.Trees) throw ClientException.Usage(Messages.DemoModelInvalid(typed.Model));
        var population = SyntheticPopulation.Generate(ParseRows(typed.Rows, DefaultEnterprises, SyntheticPopulation.MinimumEnterprises, SyntheticPopulation.MaximumEnterprises), typed.Seed);
        var settings = WithDemoSettings(typed.Settings, DemoSettings);
        SimulationPlan.CheckSettings(settings);
        return async (workspace, progress) =>
        {
            await GenerateAsync(population, workspace, progress, cancellationToken);
            return SimulationPlan.Create(new SimulationOptions
            {
                Parties = [.. Institutions.Select(institution => $"{institution.Name}={FileOf(workspace, institution)}")],
                Keys = [SyntheticInstitution.KeyColumn],
                Label = $"{SyntheticInstitution.BankA.Name}.{SyntheticInstitution.BankA.LabelColumn}",
                Optional = [SyntheticInstitution.SupplyChain.Name],
                Settings = settings,
                Port = typed.Port,
                Descriptions = Institutions.ToDictionary(institution => institution.Name, SyntheticDescriptions.Of, StringComparer.Ordinal),
            });
        };
    }

    private static Task<int> RunAsync(Screen screen, TimeProvider time, bool json, string folder, Typed typed, CancellationToken cancellationToken)
    {
        var make = PlanMaker(typed, cancellationToken);
        if (typed.Prepare is { } host)
        {
            return screen.Progress(json).ShowAsync(async progress =>
            {
                var workspace = LabWorkspace.Create(folder);
                var plan = await make(workspace, progress);
                return Prepare(screen, time, json, workspace, plan, plan.ToSpec(Name), host);
            });
        }
        return SimulateCommand.RunAsync(screen, json, ReportTables.Write, async progress =>
        {
            var workspace = LabWorkspace.Create(folder);
            return await RunFolderException.GuardAsync(workspace, async () =>
            {
                var plan = await make(workspace, progress);
                var data = await SimulationData.ReadAsync(plan, progress, cancellationToken);
                return await Simulation.RunAsync(data, workspace, typed.Choices, progress, time, cancellationToken);
            });
        });
    }

    private static string FileOf(LabWorkspace workspace, SyntheticInstitution institution) => Path.Combine(workspace.Data, institution.Name + ".csv");

    private static async Task GenerateAsync(SyntheticPopulation population, LabWorkspace workspace, IProgress<LabProgress> progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(workspace.Data);
        for (var index = 0; index < Institutions.Length; index++)
        {
            progress.Report(new LabProgress(LabPhase.Generating, index, Institutions.Length));
            await population.WriteCsvAsync(Institutions[index], FileOf(workspace, Institutions[index]), cancellationToken: cancellationToken);
        }
    }

    /// <summary>Reads the seed of the population.</summary>
    /// <param name="text">The seed as typed, or null for the usual one.</param>
    internal static ulong ParseSeed(string? text)
    {
        if (text is null) return DefaultSeed;
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)) return seed;
        throw ClientException.Usage(Messages.DemoSeedInvalid(text));
    }
}
