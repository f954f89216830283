using System.CommandLine;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Labs;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab project</c>: a lead makes a project, and invites, lists and puts out the institutions that take part in it.</summary>
internal static class ProjectCommand
{
    private const string DefaultLead = "lead";

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time) => new DescribedCommand("project", Messages.ProjectDescription)
    {
        Init(screen, time),
        ProjectMembersCommand.Invite(screen, time),
        ProjectMembersCommand.List(screen, time),
        ProjectMembersCommand.Revoke(screen, time),
        ProjectMembersCommand.Renew(screen, time),
    };

    private static DescribedCommand Init(Screen screen, TimeProvider time)
    {
        var name = new Argument<string>("name") { HelpName = "NAME", Description = Messages.ProjectNameArgument };
        var host = Options.One("--host", "HOST[:PORT]", Messages.ProjectHostOption);
        var output = Options.One("--out", "DIR", Messages.ProjectOutOption);
        var lead = Options.One("--lead", "NAME", Messages.ProjectLeadOption);
        var json = Options.Json();
        var command = new DescribedCommand("init", Messages.ProjectInitDescription)
        {
            Usage = "NAME --host HOST[:PORT]",
            Examples = [new Example("fedlab project init credit-2026 --host lab.example:7443", Messages.ProjectInitExample)],
            Arguments = { name },
            Options = { host, output, lead, json },
        };
        command.SetAction(result =>
        {
            var wanted = result.GetRequiredValue(name);
            var coordinator = ProjectFolder.ParseHost(result.GetValue(host) ?? throw ClientException.Usage(Messages.RunNeeds("--host HOST[:PORT]")));
            var project = ProjectFolder.Create(result.GetValue(output) ?? wanted, wanted, coordinator, result.GetValue(lead) ?? DefaultLead, time);
            if (result.GetValue(json))
            {
                screen.WriteJson(JsonOutput.Serialize(new { project = project.Name, folder = project.Root, coordinator = project.Coordinator.GetLeftPart(UriPartial.Authority), fingerprint = project.Fingerprint }));
                return ExitCodes.Success;
            }
            screen.WriteLine(Messages.ProjectMade(project.Name, project.Root));
            screen.WriteLine(Messages.ProjectFingerprint(project.Fingerprint));
            screen.WriteLine(Messages.ProjectNextCoordinator(project.CoordinatorHome, project.Coordinator.Authority));
            screen.WriteLine(Messages.ProjectNextInvite($"fedlab project invite NAME --project {ShellWord.Quote(result.GetValue(output) ?? wanted)}"));
            return ExitCodes.Success;
        });
        return command;
    }
}
