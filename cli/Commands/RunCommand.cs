using System.CommandLine;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Federation.Experiments;
using FedLab.Proto;
using Spectre.Console;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab run</c>: a lead proposes an experiment to a lab that institutions run, watches it, and fetches what it publishes.</summary>
internal static class RunCommand
{
    private const string Name = "run";
    private const string Attach = "--attach";
    private const string StopOption = "--stop";
    private const string ListOption = "--list";

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time)
    {
        var specification = new Argument<string?>("spec") { HelpName = "SPEC.json", Description = Messages.RunSpec, Arity = ArgumentArity.ZeroOrOne };
        var coordinator = Options.One("--coordinator", "https://HOST:PORT", Messages.RunCoordinatorOption);
        var keys = Options.One("--keys", "DIR", Messages.RunKeysOption);
        var attach = Options.One(Attach, "RUN", Messages.RunAttachOption);
        var stop = Options.One(StopOption, "RUN", Messages.RunStopOption);
        var reason = Options.One("--reason", "TEXT", Messages.RunReasonOption);
        var list = new Option<bool>(ListOption) { Description = Messages.RunListOption };
        var output = Options.One("--out", "DIR", Messages.RunOutOption);
        var json = Options.Json();
        var command = new DescribedCommand(Name, Messages.RunDescription)
        {
            Usage = "SPEC.json --coordinator https://HOST:PORT --keys DIR",
            Examples =
            [
                new Example("fedlab run spec.json --coordinator https://lab.example:7443 --keys alice/keys --out model", Messages.RunExample1),
                new Example("fedlab run --attach first-0a1b2c3d --coordinator https://lab.example:7443 --keys alice/keys", Messages.RunExample2),
                new Example("fedlab run --stop first-0a1b2c3d --reason \"wrong settings\" --coordinator https://lab.example:7443 --keys alice/keys", Messages.RunExample3),
                new Example("fedlab run --list --coordinator https://lab.example:7443 --keys alice/keys", Messages.RunExample4),
            ],
            Arguments = { specification },
            Options = { coordinator, keys, attach, stop, reason, list, output, json },
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var typed = new Typed(result.GetValue(specification), result.GetValue(attach), result.GetValue(stop), result.GetValue(list));
            typed.RequireOne();
            if (result.GetValue(reason) is not null && typed.Stop is null) throw ClientException.Usage(Messages.RunReasonAlone);
            var folder = result.GetValue(output);
            if (folder is not null && (typed.Stop is not null || typed.List)) throw ClientException.Usage(Messages.RunOutAlone);
            var address = ParseAddress(result.GetValue(coordinator) ?? throw ClientException.Usage(Messages.RunNeeds("--coordinator https://HOST:PORT")));
            var folderOfKeys = result.GetValue(keys) ?? throw ClientException.Usage(Messages.RunNeeds("--keys DIR"));
            var spec = typed.Specification is { } path ? RemoteRun.ReadSpecification(path) : null;
            if (folder is not null) LabWorkspace.RequireVacant(folder);
            var asJson = result.GetValue(json);
            using var lab = new LabConnection(address, folderOfKeys, time);
            ProjectMembersCommand.RemindOfRenewal(screen, folderOfKeys, $"fedlab project renew --coordinator {ShellWord.Quote(address.OriginalString)} --keys {ShellWord.Quote(folderOfKeys)}", time);
            if (typed.List) return await ListAsync(screen, time, lab, asJson, cancellationToken);
            if (typed.Stop is { } unwanted) return await StopAsync(screen, time, lab, unwanted, result.GetValue(reason) ?? "", asJson, cancellationToken);
            var again = $"--coordinator {ShellWord.Quote(address.OriginalString)} --keys {ShellWord.Quote(folderOfKeys)}";
            return await FollowAsync(new Lead(screen, time, lab, asJson, again), spec, typed.Attach, folder, cancellationToken);
        });
        return command;
    }

    private static async Task<int> FollowAsync(Lead lead, ExperimentSpec? spec, string? known, string? folder, CancellationToken cancellationToken)
    {
        var remote = new RemoteRun(lead.Lab, lead.Time);
        var name = known ?? await remote.ProposeAsync(spec!, cancellationToken);
        var run = await lead.Lab.GetRunAsync(name, known is null ? CancellationToken.None : cancellationToken);
        if (known is null) lead.Screen.WriteRemark(Messages.RunIs(name));
        try
        {
            run = await lead.Screen.Progress(lead.Json).ShowAsync(progress => remote.WatchAsync(run, progress, cancellationToken));
        }
        catch (Exception e) when (e is OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            if (lead.Json) lead.Screen.WriteJson(RunReports.ToJson(run, modelFolder: null, lead.Time));
            throw new ClientException(Messages.RunGoesOn(name, $"fedlab run {Attach} {name} {lead.Again}"), e);
        }
        catch (ClientException e)
        {
            throw new ClientException($"{e.Message} {Messages.RunMayGoOn(name, $"fedlab run {Attach} {name} {lead.Again}")}", e);
        }
        var published = run.State == RunState.Finished && !run.ManifestHash.IsEmpty ? folder ?? RunFolder.Of(name) : null;
        if (published is not null) await remote.FetchModelAsync(run, published, CallerWords.CommandLine, cancellationToken);
        if (lead.Json) lead.Screen.WriteJson(RunReports.ToJson(run, published, lead.Time));
        else if (run.State == RunState.Finished) RunReports.Write(lead.Screen.Output, run, published, lead.Time);
        return run.State == RunState.Finished ? ExitCodes.Success : throw new ClientException(RunText.WhyNot(run));
    }

    private static async Task<int> StopAsync(Screen screen, TimeProvider time, LabConnection lab, string name, string reason, bool json, CancellationToken cancellationToken)
    {
        var run = await lab.StopRunAsync(name, reason, cancellationToken);
        if (json) screen.WriteJson(RunReports.ToJson(run, modelFolder: null, time));
        else screen.Output.WriteLine(Messages.RunStopped(name));
        return ExitCodes.Success;
    }

    private static async Task<int> ListAsync(Screen screen, TimeProvider time, LabConnection lab, bool json, CancellationToken cancellationToken)
    {
        var parties = await lab.ListPartiesAsync(cancellationToken);
        var runs = await lab.ListRunsAsync(cancellationToken);
        if (json) screen.WriteJson(RunReports.ToJson(parties, runs, time));
        else RunReports.Write(screen.Output, parties, runs, time);
        return ExitCodes.Success;
    }

    /// <summary>Reads the address of a coordinator.</summary>
    /// <param name="text">What was typed.</param>
    /// <exception cref="ClientException">It is not <c>https://HOST:PORT</c>.</exception>
    internal static Uri ParseAddress(string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps && address.Host.Length > 0 && address.PathAndQuery == "/" && address.UserInfo.Length == 0) return address;
        throw ClientException.Usage(Messages.RunAddressInvalid(text));
    }

    /// <summary>What is to be done with which run.</summary>
    private sealed record Typed(string? Specification, string? Attach, string? Stop, bool List)
    {
        public void RequireOne()
        {
            var given = new[] { Specification is not null, Attach is not null, Stop is not null, List }.Count(one => one);
            if (given != 1) throw ClientException.Usage(Messages.RunOneOf($"SPEC.json, {RunCommand.Attach} RUN, {StopOption} RUN, {ListOption}"));
        }
    }

    /// <summary>Who follows a run.</summary>
    /// <param name="Screen">Where to write.</param>
    /// <param name="Time">Clock.</param>
    /// <param name="Lab">The connection.</param>
    /// <param name="Json">Whether the result is JSON.</param>
    /// <param name="Again">The options with which the same lab is found again.</param>
    private sealed record Lead(Screen Screen, TimeProvider Time, LabConnection Lab, bool Json, string Again);
}
