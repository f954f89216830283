using System.Security.Cryptography.X509Certificates;
using FedLab.Cli.Commands;
using FedLab.Cli.Resources;
using FedLab.Federation.Identity;
using FedLab.Proto;
using Spectre.Console;

namespace FedLab.Cli.Display;

/// <summary>The members of a project, as a table and as JSON.</summary>
internal static class ProjectReports
{
    /// <summary>Prints the members.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="reply">The members.</param>
    public static void Write(IAnsiConsole console, ListMembersReply reply)
    {
        var table = ReportTables.Create(Messages.RunLab(reply.Lab), [Messages.ReportParty, Messages.RunState, Messages.ProjectUntil, Messages.ProjectFingerprintColumn], leftColumns: 4);
        foreach (var member in reply.Members)
        {
            using var certificate = CertificateOf(member);
            ReportTables.AddRow(table, member.Party, StateName(member), Until(member, certificate), certificate is null ? ReportTables.Blank : LabFingerprint.TextOf(certificate));
        }
        console.Write(table);
        if (reply.Members.Count == 0) console.WriteLine(Messages.ProjectNobody);
    }

    /// <summary>The members as JSON.</summary>
    /// <param name="reply">The members.</param>
    public static string ToJson(ListMembersReply reply) => JsonOutput.Serialize(new { project = reply.Lab, members = reply.Members.Select(Describe).ToArray() });

    /// <summary>A member as JSON.</summary>
    /// <param name="member">The member.</param>
    public static string ToJson(Member member) => JsonOutput.Serialize(Describe(member));

    private static object Describe(Member member)
    {
        using var certificate = CertificateOf(member);
        return new
        {
            party = member.Party,
            state = member.State switch { MemberState.Invited => "invited", MemberState.Lapsed => "lapsed", MemberState.Enrolled => "enrolled", MemberState.Revoked => "revoked", _ => "unknown" },
            connected = member.Connected,
            until = member.UntilUnixMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(member.UntilUnixMs) : (DateTimeOffset?)null,
            certificateUntil = certificate is null ? (DateTimeOffset?)null : new DateTimeOffset(certificate.NotAfter),
            fingerprint = certificate is null ? null : LabFingerprint.TextOf(certificate),
            reason = member.Reason.Length > 0 ? member.Reason : null,
        };
    }

    private static X509Certificate2? CertificateOf(Member member) => member.Certificate.IsEmpty ? null : X509CertificateLoader.LoadCertificate(member.Certificate.Span);

    private static string Until(Member member, X509Certificate2? certificate) => member switch
    {
        { State: MemberState.Enrolled } when certificate is not null => ProjectMembersCommand.Date(new DateTimeOffset(certificate.NotAfter)),
        { UntilUnixMs: > 0 } => ProjectMembersCommand.Date(DateTimeOffset.FromUnixTimeMilliseconds(member.UntilUnixMs)),
        _ => ReportTables.Blank,
    };

    private static string StateName(Member member) => member.State switch
    {
        MemberState.Invited => Messages.ProjectStateInvited,
        MemberState.Lapsed => Messages.ProjectStateLapsed,
        MemberState.Enrolled => member.Connected ? Messages.ProjectStateConnected : Messages.ProjectStateEnrolled,
        MemberState.Revoked => member.Reason.Length > 0 ? Messages.ProjectStateRevokedBecause(member.Reason) : Messages.ProjectStateRevoked,
        _ => ReportTables.Blank,
    };
}
