using System.CommandLine;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Simulations;
using FedLab.Federation.Channels;
using Spectre.Console;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab simulate</c>: a federation on one's own files, of data sources around a bank or of several banks.</summary>
internal static class SimulateCommand
{
    private const string DefaultName = "simulation";
    private const int MaximumNameLength = 64;

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time)
    {
        var typed = new PlanOptions();
        var run = new RunOptions();
        var command = new DescribedCommand("simulate", Messages.SimulateDescription)
        {
            Usage = "--party NAME=FILE --party NAME=FILE … --key COLUMN --label [PARTY.]COLUMN",
            Examples =
            [
                new Example("fedlab simulate --party bank=bank.csv --party platform=platform.csv --key id --label bank.default", Messages.SimulateExample1),
                new Example("fedlab simulate --party bank=bank.csv.gz --party credit=credit.csv.gz --party chain=chain.csv --optional chain --key uscc --label bank.bad --set trees=100 --set depth=5 --test-column bank.holdout", Messages.SimulateExample2),
                new Example("fedlab simulate --party bank=bank.csv --party platform=platform.csv --key id --label bank.default --in-memory --json", Messages.SimulateExample3),
                new Example("fedlab simulate --federation horizontal --party a=a.csv --party b=b.csv --party c=c.csv --key id --label default --model logistic", Messages.SimulateExample4),
            ],
        };
        typed.AddTo(command);
        run.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = typed.Read(result, result.GetValue(run.Port));
            var name = result.GetValue(run.Name) ?? DefaultName;
            RequireName(name);
            var folder = RunFolder.Choose(result.GetValue(run.Out), name, time);
            var choices = new SimulationChoices(name, result.GetValue(run.InMemory), !result.GetValue(run.NoBaselines));
            var asJson = result.GetValue(run.Json);
            if (FederationKinds.Parse(result.GetValue(typed.Federation)) == FederationKind.Horizontal)
            {
                var banks = BankPlan.Create(options);
                LabWorkspace.RequireVacant(folder);
                return await RunAsync(screen, asJson, BankReportTables.Write, async progress =>
                {
                    var data = await BankData.ReadAsync(banks, progress, cancellationToken);
                    return await BankSimulation.RunAsync(data, LabWorkspace.Create(folder), choices, progress, time, cancellationToken);
                });
            }
            var plan = SimulationPlan.Create(options);
            LabWorkspace.RequireVacant(folder);
            return await RunAsync(screen, asJson, ReportTables.Write, async progress =>
            {
                var data = await SimulationData.ReadAsync(plan, progress, cancellationToken);
                return await Simulation.RunAsync(data, LabWorkspace.Create(folder), choices, progress, time, cancellationToken);
            });
        });
        return command;
    }

    /// <summary>Runs a simulation with progress and prints its report.</summary>
    /// <typeparam name="TReport">Type of the report.</typeparam>
    /// <param name="screen">Where to write.</param>
    /// <param name="json">Whether the report is JSON.</param>
    /// <param name="write">Prints the report as tables.</param>
    /// <param name="work">The simulation.</param>
    public static async Task<int> RunAsync<TReport>(Screen screen, bool json, Action<IAnsiConsole, TReport> write, Func<IProgress<LabProgress>, Task<TReport>> work)
        where TReport : ISimulationReport
    {
        var report = await screen.Progress(json).ShowAsync(work);
        if (json) screen.WriteJson(report.ToJson());
        else write(screen.Output, report);
        return report.Audit.Verified ? ExitCodes.Success : ExitCodes.Failure;
    }

    /// <summary>Checks the name of an experiment.</summary>
    /// <param name="name">The name.</param>
    internal static void RequireName(string name)
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
