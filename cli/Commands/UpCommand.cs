using System.CommandLine;
using System.Globalization;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Launching;
using FedLab.Client.Plans;
using FedLab.Client.Simulations;
using FedLab.Federation.Experiments;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab up</c>: brings a whole lab up on this machine, of processes or of containers, and shows how it is.</summary>
internal static class UpCommand
{
    private const string DemoName = "demo";
    private const string BanksName = "banks";
    private const string FilesName = "lab";

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time)
    {
        var containers = new Option<bool>("--containers") { Description = LabMessages.UpContainersOption };
        var detach = new Option<bool>("--detach") { Description = LabMessages.UpDetachOption };
        var engine = Options.One("--engine", "SOCKET", LabMessages.EngineOption);
        var images = Options.One("--images", "TAG", LabMessages.UpImagesOption);
        var memory = Options.One("--memory", "MIB", LabMessages.UpMemoryOption);
        var swarm = new Option<bool>("--swarm") { Description = LabMessages.UpSwarmOption };
        var constraint = Options.Many("--constraint", "PARTY=EXPRESSION", LabMessages.UpConstraintOption);
        var workers = Options.Many("--workers", "PARTY=N", LabMessages.UpWorkersOption);
        var name = Options.One("--name", "NAME", LabMessages.UpNameOption);
        var output = Options.One("--out", "DIR", LabMessages.UpOutOption);
        var port = Options.One("--port", "N", LabMessages.UpPortOption);
        var rows = Options.One("--rows", "N", Messages.DemoRows(Formats.Count(DemoCommand.DefaultEnterprises), Formats.Count(BankDemo.DefaultRows)));
        var seed = Options.One("--seed", "N", $"{Messages.DemoSeed} [{DemoCommand.DefaultSeed.ToString(CultureInfo.InvariantCulture)}]");
        var json = Options.Json();
        // A notebook names what is wrong by what stands in its cell.
        var notebook = new Option<bool>("--from-notebook") { Hidden = true };
        var plan = new PlanOptions();
        var command = new DescribedCommand("up", LabMessages.UpDescription)
        {
            Usage = "",
            Examples =
            [
                new Example("fedlab up", LabMessages.UpExample1),
                new Example("fedlab up --detach --out lab", LabMessages.UpExample6),
                new Example("fedlab up --containers", LabMessages.UpExample2),
                new Example("fedlab up --containers --detach --out lab", LabMessages.UpExample3),
                new Example("fedlab up --swarm --workers supply-chain=2 --constraint bank-a=node.labels.bank==a --detach --out lab", LabMessages.UpExample5),
                new Example("fedlab up --party bank=bank.csv --party platform=platform.csv --key id --label bank.default", LabMessages.UpExample4),
            ],
            Options = { containers, swarm, constraint, workers, detach, engine, images, memory, name, output, port, rows, seed, json, notebook },
        };
        plan.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            if (!result.GetValue(swarm) && FirstTyped(result, [constraint, workers]) is { } needsSwarm) throw ClientException.Usage(LabMessages.UpOnlySwarm(needsSwarm));
            var caller = result.GetValue(notebook) ? CallerWords.Setup : CallerWords.CommandLine;
            var kind = result.GetValue(containers) || result.GetValue(swarm) ? LaunchKind.Containers : LaunchKind.Processes;
            if (kind == LaunchKind.Processes && FirstTyped(result, [engine, images, memory]) is { } alone) throw ClientException.Usage(LabMessages.UpOnlyContainers(alone));
            var folder = RunFolder.Choose(result.GetValue(output), DemoName, time);
            var lab = LaunchedLab.Find(folder);
            if (lab is not null && lab.Kind != kind) throw ClientException.Usage(lab.Kind == LaunchKind.Containers ? LabMessages.UpIsContainers(folder) : LabMessages.UpIsProcesses(folder));
            if (lab is not null && DetachedLab.Find(folder) is { IsRunning: true }) throw ClientException.Usage(LabMessages.UpRuns(folder, lab.Address.GetLeftPart(UriPartial.Authority)));
            if (lab is not null && FirstTyped(result, [name, port, rows, seed, .. plan.All]) is { } late) throw ClientException.Usage(LabMessages.UpExists(folder, late));
            var settings = new ContainerSettings { Tag = result.GetValue(images) ?? "latest", MemoryMiB = ParseMemory(result.GetValue(memory)), Swarm = result.GetValue(swarm), Constraints = ParseConstraints(result.GetValue(constraint) ?? []), Workers = ParseWorkers(result.GetValue(workers) ?? []) };
            Func<LabWorkspace, IProgress<LabProgress>, Task<(ILabPlan Plan, ExperimentSpec Spec)>>? make = null;
            var labName = lab?.Name ?? result.GetValue(name);
            if (lab is null)
            {
                SimulationPlan.CheckPort(result.GetValue(port));
                var horizontal = FederationKinds.Parse(result.GetValue(plan.Federation)) == FederationKind.Horizontal;
                var ownFiles = result.GetValue(plan.Party) is { Length: > 0 };
                labName ??= ownFiles ? FilesName : horizontal ? BanksName : DemoName;
                SimulateCommand.RequireName(labName);
                if (ownFiles && FirstTyped(result, [rows, seed]) is { } odd) throw ClientException.Usage(LabMessages.UpOnlyDemo(odd));
                if (!ownFiles && FirstTyped(result, [.. plan.All.Where(option => option != plan.Federation && option != plan.Model && option != plan.Set)]) is { } needsFiles) throw ClientException.Usage(LabMessages.UpOnlyFiles(needsFiles));
                make = ownFiles
                    ? FilesMaker(plan.Read(result, result.GetValue(port), caller), horizontal, labName, cancellationToken)
                    : DemoMaker(new DemoCommand.Typed(result.GetValue(plan.Model) ?? ExperimentSpec.Trees, result.GetValue(rows), DemoCommand.ParseSeed(result.GetValue(seed)), result.GetValue(plan.Set) ?? [], result.GetValue(port), new SimulationChoices(labName, InMemory: false, Baselines: false), Prepare: null), horizontal, labName, cancellationToken);
                LabWorkspace.RequireVacant(folder, caller);
            }
            var asJson = result.GetValue(json);
            using var launcher = kind == LaunchKind.Containers ? await ContainerLauncher.ConnectAsync(result.GetValue(engine), time, cancellationToken) : null;
            if (launcher is not null) await launcher.CheckAsync(labName!, folder, settings, cancellationToken);
            var isNew = lab is null;
            lab ??= await screen.Progress(asJson).ShowAsync(async progress =>
            {
                var workspace = LabWorkspace.Create(folder, caller);
                return await RunFolderException.GuardAsync(workspace, async () =>
                {
                    var (made, spec) = await make!(workspace, progress);
                    return LaunchedLab.Prepare(kind, made, spec, workspace, time);
                });
            });
            var foreground = new Foreground(screen, time, lab, asJson);
            try
            {
                if (launcher is null) return result.GetValue(detach) ? await foreground.DetachProcessesAsync(cancellationToken) : await foreground.RunProcessesAsync(cancellationToken);
            }
            catch (ClientException e) when (isNew && e.IsRefusal && lab.TakeBack())
            {
                // As it was made it never comes up; what was typed can be mended and typed again.
                throw new ClientException($"{e.Message} {LabMessages.UpTakenBack(folder)}", e);
            }
            return await foreground.RunContainersAsync(launcher, settings, result.GetValue(detach), result.GetValue(engine), cancellationToken);
        });
        return command;
    }

    /// <summary>The first of some options that stands on the command line.</summary>
    private static string? FirstTyped(ParseResult result, IEnumerable<Option> options) => options.FirstOrDefault(option => result.GetResult(option) is { Implicit: false })?.Name;

    private static Func<LabWorkspace, IProgress<LabProgress>, Task<(ILabPlan Plan, ExperimentSpec Spec)>> DemoMaker(DemoCommand.Typed typed, bool horizontal, string name, CancellationToken cancellationToken) =>
        horizontal ? BankDemo.Maker(typed, name, cancellationToken) : DemoCommand.Maker(typed, name, cancellationToken);

    private static Func<LabWorkspace, IProgress<LabProgress>, Task<(ILabPlan Plan, ExperimentSpec Spec)>> FilesMaker(SimulationOptions options, bool horizontal, string name, CancellationToken cancellationToken)
    {
        if (horizontal)
        {
            var banks = BankPlan.Create(options);
            return async (_, progress) => (banks, (await BankData.ReadAsync(banks, progress, cancellationToken)).ToSpec(name));
        }
        var plan = SimulationPlan.Create(options);
        return (_, _) => Task.FromResult<(ILabPlan, ExperimentSpec)>((plan, plan.ToSpec(name)));
    }

    private static ILookup<string, string> ParseConstraints(string[] typed) => typed
        .Select(text => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && text.AsSpan(at + 1).IndexOf("=", StringComparison.Ordinal) > 0 ? (Party: text[..at], Expression: text[(at + 1)..]) : throw ClientException.Usage(LabMessages.UpConstraintInvalid(text)))
        .ToLookup(pair => pair.Party, pair => pair.Expression, StringComparer.Ordinal);

    private static Dictionary<string, int> ParseWorkers(string[] typed)
    {
        const int most = 1000;
        var workers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in typed)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || !int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > most || !workers.TryAdd(text[..at], number)) throw ClientException.Usage(LabMessages.UpWorkersInvalid(text, most));
        }
        return workers;
    }

    private static int ParseMemory(string? text)
    {
        const int least = 128, most = 16 << 20;
        if (text is null) return new ContainerSettings().MemoryMiB;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var memory) && memory is 0 or (>= least and <= most)) return memory;
        throw ClientException.Usage(LabMessages.UpMemoryInvalid(text, least, most));
    }
}
