using System.CommandLine;
using FedLab.Audit;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using Spectre.Console;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab audit verify</c>: checks a bundle offline.</summary>
internal static class AuditCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    public static Command Create(Screen screen) => new DescribedCommand("audit", Messages.AuditDescription) { Verify(screen) };

    private static DescribedCommand Verify(Screen screen)
    {
        var path = new Argument<string>("path") { HelpName = "PATH", Description = Messages.AuditPath };
        var json = Options.Json();
        var command = new DescribedCommand("verify", Messages.AuditVerifyDescription)
        {
            Usage = "PATH",
            Examples = [new Example("fedlab audit verify fedlab-runs/demo-20260101-120000/audit", Messages.AuditExample1)],
            Arguments = { path },
            Options = { json },
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var bundle = result.GetRequiredValue(path);
            if (!File.Exists(bundle) && !Directory.Exists(bundle)) throw ClientException.Usage(Messages.AuditPathMissing(bundle));
            AuditVerdict verdict;
            try
            {
                verdict = await AuditVerifier.VerifyAsync(bundle, cancellationToken);
            }
            catch (AuditFormatException e)
            {
                // A bundle that cannot be read is neither good nor bad.
                throw ClientException.Usage(e.Message, e);
            }
            if (result.GetValue(json)) screen.WriteJson(ToJson(verdict));
            else Write(screen.Output, verdict);
            return verdict.Holds ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static string ToJson(AuditVerdict verdict) => JsonOutput.Serialize(new
    {
        verified = verdict.Holds,
        findings = verdict.Findings.Select(finding => new { code = finding.Code.ToString(), severity = finding.Severity.ToString(), log = finding.Log, entry = finding.EntryIndex, text = finding.Text }).ToArray(),
        checks = verdict.Checks.Select(check => new { kind = check.Kind.ToString(), count = check.Count, text = check.Text }).ToArray(),
        trust = new { coordinatorKey = verdict.Trust.CoordinatorKey, authoritySha256 = verdict.Trust.AuthoritySha256?.ToHex(), quorum = verdict.Trust.Quorum },
    });

    private static void Write(IAnsiConsole console, AuditVerdict verdict)
    {
        var checks = ReportTables.Create(title: null, [Messages.AuditCheck]);
        foreach (var check in verdict.Checks) ReportTables.AddRow(checks, check.Text);
        console.Write(checks);
        if (verdict.Findings.Count > 0)
        {
            var findings = ReportTables.Create(title: null, [Messages.AuditSeverity, Messages.AuditFinding], leftColumns: 2);
            foreach (var finding in verdict.Findings) findings.AddRow(new Text(RunText.Name(finding.Severity), StyleOf(finding.Severity)), new Text(finding.Text));
            console.Write(findings);
        }
        console.Write(new Padder(new Text(RunText.Sentence(verdict), verdict.Holds ? Styles.Good : Styles.Bad), new Padding(1, 0, 0, 0)));
    }

    private static Style StyleOf(AuditSeverity severity) => severity switch
    {
        AuditSeverity.Note => Styles.Quiet,
        AuditSeverity.Warning => Styles.Caution,
        _ => Styles.Bad,
    };
}
