using System.CommandLine;
using System.Globalization;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Simulations;
using FedLab.Synthesis;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab demo</c>: the whole job on a synthetic population.</summary>
internal static class DemoCommand
{
    private const string Name = "demo";
    private const int DefaultEnterprises = 50_000;
    private const ulong DefaultSeed = 20260101;

    // With few defaults among the rows, the learner's own defaults overfit: AUC 0.786 on the held-out rows, 0.803 with these.
    private static readonly (string Name, string Value)[] DemoSettings = [("depth", "3"), ("learning-rate", "0.15"), ("bins", "16")];

    private static readonly SyntheticInstitution[] Institutions = [SyntheticInstitution.BankA, SyntheticInstitution.PublicCredit, SyntheticInstitution.SupplyChain];

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time)
    {
        var rows = Options.One("--rows", "N", $"{Messages.DemoRows} [{Formats.Count(DefaultEnterprises)}]");
        var seed = Options.One("--seed", "N", $"{Messages.DemoSeed} [{DefaultSeed.ToString(CultureInfo.InvariantCulture)}]");
        var set = Options.Many("--set", "NAME=VALUE", Messages.SetOption);
        var run = new SimulateCommand.RunOptions();
        var command = new DescribedCommand(Name, Messages.DemoDescription)
        {
            Usage = "",
            Examples =
            [
                new Example("fedlab demo", Messages.DemoExample1),
                new Example("fedlab demo --rows 5000 --set trees=10 --json", Messages.DemoExample2),
            ],
            Options = { rows, seed, set },
        };
        run.AddTo(command, withName: false);
        command.SetAction(async (result, cancellationToken) =>
        {
            var population = SyntheticPopulation.Generate(ParseRows(result.GetValue(rows)), ParseSeed(result.GetValue(seed)));
            var settings = WithDemoSettings(result.GetValue(set) ?? []);
            // Settings and port are checked before anything is written.
            SimulationPlan.CheckSettings(settings);
            SimulationPlan.CheckPort(result.GetValue(run.Port));
            var folder = RunFolder.Choose(result.GetValue(run.Out), Name, time);
            LabWorkspace.RequireVacant(folder);
            return await SimulateCommand.RunAsync(screen, time, result.GetValue(run.Json), async progress =>
            {
                var workspace = LabWorkspace.Create(folder);
                return await RunFolderException.GuardAsync(workspace, async () =>
                {
                    await GenerateAsync(population, workspace, progress, cancellationToken);
                    var plan = SimulationPlan.Create(new SimulationOptions
                    {
                        Parties = [.. Institutions.Select(institution => $"{institution.Name}={FileOf(workspace, institution)}")],
                        Keys = [SyntheticInstitution.KeyColumn],
                        Label = $"{SyntheticInstitution.BankA.Name}.{SyntheticInstitution.BankA.LabelColumn}",
                        Optional = [SyntheticInstitution.SupplyChain.Name],
                        Settings = settings,
                        Port = result.GetValue(run.Port),
                    });
                    var data = await SimulationData.ReadAsync(plan, progress, cancellationToken);
                    return await Simulation.RunAsync(
                        data,
                        workspace,
                        new SimulationChoices(Name, result.GetValue(run.InMemory), !result.GetValue(run.NoBaselines)),
                        progress,
                        time,
                        cancellationToken);
                });
            });
        });
        return command;
    }

    private static string[] WithDemoSettings(string[] settings) =>
        [.. settings, .. DemoSettings.Where(own => !settings.Any(setting => setting.StartsWith(own.Name + "=", StringComparison.Ordinal))).Select(own => $"{own.Name}={own.Value}")];

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

    private static int ParseRows(string? text)
    {
        if (text is null) return DefaultEnterprises;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rows) && rows is >= SyntheticPopulation.MinimumEnterprises and <= SyntheticPopulation.MaximumEnterprises) return rows;
        throw ClientException.Usage(Messages.DemoRowsInvalid(text, SyntheticPopulation.MinimumEnterprises, SyntheticPopulation.MaximumEnterprises));
    }

    private static ulong ParseSeed(string? text)
    {
        if (text is null) return DefaultSeed;
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)) return seed;
        throw ClientException.Usage(Messages.DemoSeedInvalid(text));
    }
}
