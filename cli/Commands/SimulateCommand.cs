using System.CommandLine;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Simulations;
using FedLab.Federation.Channels;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab simulate</c>: a federation on one's own files.</summary>
internal static class SimulateCommand
{
    private const string DefaultName = "simulation";
    private const int MaximumNameLength = 64;

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time)
    {
        var party = Options.Many("--party", "NAME=FILE", Messages.PartyOption);
        var key = Options.Many("--key", "COLUMN", Messages.KeyOption);
        var label = Options.One("--label", "PARTY.COLUMN", Messages.LabelOption);
        var model = Options.One("--model", "trees", Messages.ModelOption);
        var set = Options.Many("--set", "NAME=VALUE", Messages.SetOption);
        var testFold = Options.One("--test-fold", "F/K", Messages.TestFoldOption);
        var testColumn = Options.One("--test-column", "PARTY.COLUMN", Messages.TestColumnOption);
        var optional = Options.Many("--optional", "NAME", Messages.OptionalOption);
        var categorical = Options.Many("--categorical", "PARTY.COLUMN", Messages.CategoricalOption);
        var exclude = Options.Many("--exclude", "PARTY.COLUMN", Messages.ExcludeOption);
        var keyFormat = Options.One("--key-format", "auto|text|uscc", Messages.KeyFormatOption);
        var cohort = Options.One("--minimum-cohort", "N", Messages.MinimumCohortOption);
        var run = new RunOptions();
        var command = new DescribedCommand("simulate", Messages.SimulateDescription)
        {
            Usage = "--party NAME=FILE --party NAME=FILE --key COLUMN --label PARTY.COLUMN",
            Examples =
            [
                new Example("fedlab simulate --party bank=bank.csv --party platform=platform.csv --key id --label bank.default", Messages.SimulateExample1),
                new Example("fedlab simulate --party bank=bank.csv.gz --party credit=credit.csv.gz --party chain=chain.csv --optional chain --key uscc --label bank.bad --set trees=100 --set depth=5 --test-column bank.holdout", Messages.SimulateExample2),
                new Example("fedlab simulate --party bank=bank.csv --party platform=platform.csv --key id --label bank.default --in-memory --json", Messages.SimulateExample3),
            ],
            Options = { party, key, label, model, set, testFold, testColumn, optional, categorical, exclude, keyFormat, cohort },
        };
        run.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = new SimulationOptions
            {
                Parties = result.GetValue(party) ?? [],
                Keys = result.GetValue(key) ?? [],
                Label = result.GetValue(label),
                Model = result.GetValue(model) ?? "trees",
                Settings = result.GetValue(set) ?? [],
                TestFold = result.GetValue(testFold),
                TestColumn = result.GetValue(testColumn),
                Optional = result.GetValue(optional) ?? [],
                Categorical = result.GetValue(categorical) ?? [],
                Exclude = result.GetValue(exclude) ?? [],
                KeyFormat = result.GetValue(keyFormat) ?? "auto",
                MinimumCohort = result.GetValue(cohort),
                Port = result.GetValue(run.Port),
            };
            var name = result.GetValue(run.Name) ?? DefaultName;
            RequireName(name);
            var plan = SimulationPlan.Create(options);
            var folder = RunFolder.Choose(result.GetValue(run.Out), name, time);
            LabWorkspace.RequireVacant(folder);
            return await RunAsync(screen, time, result.GetValue(run.Json), async progress =>
            {
                var data = await SimulationData.ReadAsync(plan, progress, cancellationToken);
                return await Simulation.RunAsync(
                    data,
                    LabWorkspace.Create(folder),
                    new SimulationChoices(name, result.GetValue(run.InMemory), !result.GetValue(run.NoBaselines)),
                    progress,
                    time,
                    cancellationToken);
            });
        });
        return command;
    }

    /// <summary>Runs a simulation with progress and prints its report.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    /// <param name="json">Whether the report is JSON.</param>
    /// <param name="work">The simulation.</param>
    public static async Task<int> RunAsync(Screen screen, TimeProvider time, bool json, Func<IProgress<LabProgress>, Task<SimulationReport>> work)
    {
        var report = await screen.Progress(json).ShowAsync(work);
        if (json) screen.WriteJson(report.ToJson());
        else ReportTables.Write(screen.Output, report);
        return report.Audit.Verified ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static void RequireName(string name)
    {
        if (!EnvelopeHeader.IsName(name) || name.Length > MaximumNameLength) throw ClientException.Usage(Messages.NameInvalid(name));
    }

    /// <summary>The options that <c>simulate</c> and <c>demo</c> share.</summary>
    internal sealed class RunOptions
    {
        /// <summary><c>--in-memory</c>.</summary>
        public Option<bool> InMemory { get; } = new("--in-memory") { Description = Messages.InMemoryOption };

        /// <summary><c>--no-baselines</c>.</summary>
        public Option<bool> NoBaselines { get; } = new("--no-baselines") { Description = Messages.NoBaselinesOption };

        /// <summary><c>--name</c>.</summary>
        public Option<string?> Name { get; } = Options.One("--name", "NAME", Messages.NameOption);

        /// <summary><c>--out</c>.</summary>
        public Option<string?> Out { get; } = Options.One("--out", "DIR", Messages.OutOption);

        /// <summary><c>--port</c>.</summary>
        public Option<string?> Port { get; } = Options.One("--port", "N", Messages.PortOption);

        /// <summary><c>--json</c>.</summary>
        public Option<bool> Json { get; } = Options.Json();

        /// <summary>Adds them to a command.</summary>
        /// <param name="command">The command.</param>
        /// <param name="withName">Whether the experiment can be named.</param>
        public void AddTo(Command command, bool withName = true)
        {
            command.Add(InMemory);
            command.Add(NoBaselines);
            if (withName) command.Add(Name);
            command.Add(Out);
            command.Add(Port);
            command.Add(Json);
        }
    }
}
