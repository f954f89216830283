using System.CommandLine;
using System.Globalization;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Federation.Identity;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab project invite</c>, <c>list</c>, <c>revoke</c> and <c>renew</c>: what a lead asks a running coordinator.</summary>
internal static class ProjectMembersCommand
{
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(24);

    /// <summary><c>fedlab project invite</c>.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Invite(Screen screen, TimeProvider time)
    {
        var name = new Argument<string>("name") { HelpName = "NAME", Description = Messages.ProjectPartyArgument };
        var expires = Options.One("--expires", "24h", Messages.ProjectExpiresOption);
        var output = Options.One("--out", "FILE", Messages.ProjectTokenOutOption);
        var access = new Access();
        var command = new DescribedCommand("invite", Messages.ProjectInviteDescription)
        {
            Usage = "NAME",
            Examples =
            [
                new Example("fedlab project invite bank --project credit-2026 --out bank.token", Messages.ProjectInviteExample1),
                new Example("fedlab project invite bank --expires 2h --coordinator https://lab.example:7443 --keys alice/keys > bank.token", Messages.ProjectInviteExample2),
            ],
            Arguments = { name },
            Options = { expires, output },
        };
        access.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var lifetime = result.GetValue(expires) is { } text ? ParseLifetime(text) : DefaultLifetime;
            var file = result.GetValue(output);
            if (file is not null && (File.Exists(file) || Directory.Exists(file))) throw ClientException.Usage(Messages.ProjectTokenFileExists(file));
            using var lab = access.Connect(result, screen, time, out var address);
            var (token, until) = await new LabMembers(lab).InviteAsync(result.GetRequiredValue(name), address, lifetime, cancellationToken);
            if (file is not null) KeyFiles.WriteSecret(file, token.ToText());
            var party = result.GetRequiredValue(name);
            if (result.GetValue(access.Json)) screen.WriteJson(JsonOutput.Serialize(new { party, expires = until, file, token = file is null ? token.ToText() : null }));
            // Alone on standard output, so that it can be sent into a file.
            else if (file is null) screen.WriteLine(token.ToText());
            screen.WriteRemark(Messages.ProjectInvited(party, Date(until)));
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary><c>fedlab project list</c>.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command List(Screen screen, TimeProvider time)
    {
        var access = new Access();
        var command = new DescribedCommand("list", Messages.ProjectListDescription) { Usage = "", Examples = [new Example("fedlab project list --project credit-2026", Messages.ProjectListExample)] };
        access.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var lab = access.Connect(result, screen, time, out _);
            var reply = await new LabMembers(lab).ListAsync(cancellationToken);
            if (result.GetValue(access.Json)) screen.WriteJson(ProjectReports.ToJson(reply));
            else ProjectReports.Write(screen.Output, reply);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary><c>fedlab project revoke</c>.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Revoke(Screen screen, TimeProvider time)
    {
        var name = new Argument<string>("name") { HelpName = "NAME", Description = Messages.ProjectPartyArgument };
        var reason = Options.One("--reason", "TEXT", Messages.ProjectReasonOption);
        var access = new Access();
        var command = new DescribedCommand("revoke", Messages.ProjectRevokeDescription)
        {
            Usage = "NAME",
            Examples = [new Example("fedlab project revoke bank --reason \"key stolen\" --project credit-2026", Messages.ProjectRevokeExample)],
            Arguments = { name },
            Options = { reason },
        };
        access.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var lab = access.Connect(result, screen, time, out _);
            var party = result.GetRequiredValue(name);
            var member = await new LabMembers(lab).RevokeAsync(party, result.GetValue(reason) ?? "", cancellationToken);
            if (result.GetValue(access.Json)) screen.WriteJson(ProjectReports.ToJson(member));
            else screen.WriteLine(Messages.ProjectRevoked(party));
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary><c>fedlab project renew</c>.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Renew(Screen screen, TimeProvider time)
    {
        var access = new Access();
        var command = new DescribedCommand("renew", Messages.ProjectRenewDescription)
        {
            Usage = "",
            Examples =
            [
                new Example("fedlab project renew --project credit-2026", Messages.ProjectRenewExample1),
                new Example("fedlab project renew --coordinator https://lab.example:7443 --keys alice/keys", Messages.ProjectRenewExample2),
            ],
        };
        access.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            access.Locate(result, out var address, out var keys, out var authority);
            var before = LeadCertificate.Read(keys);
            var after = authority is not null ? LeadCertificate.Renew(authority, keys, time) : await LeadCertificate.RenewAsync(address, keys, time, cancellationToken);
            var isRenewed = after.Until > before.Until;
            if (result.GetValue(access.Json)) screen.WriteJson(JsonOutput.Serialize(new { lead = after.Name, renewed = isRenewed, until = after.Until, renewableFrom = after.Renewal }));
            else screen.WriteLine(isRenewed ? Messages.ProjectRenewed(after.Name, Date(after.Until)) : Messages.ProjectNotDue(after.Name, Date(after.Until), Date(after.Renewal)));
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Reminds a lead whose certificate is to be renewed.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="keys">Folder of the lead's keys.</param>
    /// <param name="command">The command that renews it.</param>
    /// <param name="time">Clock.</param>
    internal static void RemindOfRenewal(Screen screen, string keys, string command, TimeProvider time)
    {
        var certificate = LeadCertificate.Read(keys);
        if (certificate.Renewal <= time.GetUtcNow()) screen.WriteRemark(Messages.ProjectRenewalDue(certificate.Name, Date(certificate.Until), command));
    }

    /// <summary>A point of time for people, in UTC.</summary>
    /// <param name="time">The time.</param>
    internal static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";

    /// <summary>Reads such as 30m, 24h or 7d.</summary>
    private static TimeSpan ParseLifetime(string text)
    {
        if (text.Length > 1 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 100_000)
        {
            TimeSpan? lifetime = text[^1] switch
            {
                's' => TimeSpan.FromSeconds(number),
                'm' => TimeSpan.FromMinutes(number),
                'h' => TimeSpan.FromHours(number),
                'd' => TimeSpan.FromDays(number),
                _ => null,
            };
            if (lifetime is { } value) return value;
        }
        throw ClientException.Usage(Messages.ProjectExpiresInvalid(text));
    }

    /// <summary>The options that say which project, and with whose keys.</summary>
    private sealed class Access
    {
        private readonly Option<string?> _project = Options.One("--project", "DIR", Messages.ProjectFolderOption);
        private readonly Option<string?> _coordinator = Options.One("--coordinator", "https://HOST:PORT", Messages.RunCoordinatorOption);
        private readonly Option<string?> _keys = Options.One("--keys", "DIR", Messages.RunKeysOption);

        public Option<bool> Json { get; } = Options.Json();

        public void AddTo(Command command)
        {
            command.Add(_project);
            command.Add(_coordinator);
            command.Add(_keys);
            command.Add(Json);
        }

        public LabConnection Connect(ParseResult result, Screen screen, TimeProvider time, out Uri address)
        {
            Locate(result, out address, out var keys, out _);
            var lab = new LabConnection(address, keys, time);
            var where = result.GetValue(_keys) is null ? $"--project {ShellWord.Quote(result.GetValue(_project) ?? ".")}" : $"--coordinator {ShellWord.Quote(address.OriginalString)} --keys {ShellWord.Quote(keys)}";
            RemindOfRenewal(screen, keys, $"fedlab project renew {where}", time);
            return lab;
        }

        /// <summary>Where the coordinator and the keys are.</summary>
        /// <param name="result">What was typed.</param>
        /// <param name="address">The coordinator.</param>
        /// <param name="keys">Folder of the lead's keys.</param>
        /// <param name="authority">Folder of the project's authority, where it is in the project's folder still; null otherwise.</param>
        public void Locate(ParseResult result, out Uri address, out string keys, out string? authority)
        {
            var (coordinator, folderOfKeys) = (result.GetValue(_coordinator), result.GetValue(_keys));
            var project = coordinator is null || folderOfKeys is null ? ProjectFolder.Open(result.GetValue(_project) ?? ".") : null;
            address = coordinator is null ? project!.Coordinator : RunCommand.ParseAddress(coordinator);
            keys = folderOfKeys ?? project!.LeadKeys;
            authority = project is not null && coordinator is null && Directory.Exists(project.Authority) ? project.Authority : null;
        }
    }
}
