using System.Text;
using FedLab.Audit;
using FedLab.Client.Resources;
using FedLab.Client.Simulations;
using FedLab.Federation.Identity;
using FedLab.Federation.Publication;

namespace FedLab.Client.Labs;

/// <summary>
/// Collects the audit trail of a local lab into one folder and checks it. In production the lead fetches the coordinator's part
/// over the network and each institution hands in its own log.
/// </summary>
internal static class AuditBundleBuilder
{
    private const string AuditFolder = "audit";
    private const string WitnessFolder = "witness";
    private const string LockFile = "lock";

    /// <summary>Builds <see cref="LabWorkspace.Audit"/> and verifies it.</summary>
    /// <param name="lab">The lab; its programs have ended.</param>
    /// <param name="labName">Its name, which is that of the coordinator's log.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<ReportAudit> BuildAsync(LocalLab lab, string labName, CancellationToken cancellationToken)
    {
        var workspace = lab.Workspace;
        var bundle = workspace.Audit;
        if (Directory.Exists(bundle)) Directory.Delete(bundle, recursive: true);
        var certificates = Path.Combine(bundle, "certificates");
        var model = Path.Combine(bundle, "model");
        Directory.CreateDirectory(certificates);
        Directory.CreateDirectory(model);

        File.Copy(Path.Combine(LocalLab.KeysOf(workspace.Coordinator), LabAuthority.CertificateFile), Path.Combine(certificates, LabAuthority.CertificateFile));
        File.Copy(LocalLab.CertificateOf(workspace.Coordinator), Path.Combine(certificates, "coordinator.crt.pem"));
        CopyLog(workspace.Coordinator, Path.Combine(bundle, "logs", "coordinator"));
        var parties = new List<BundleParty>();
        foreach (var party in lab.Parties)
        {
            var home = workspace.Party(party);
            var certificate = party + ".crt.pem";
            File.Copy(LocalLab.CertificateOf(home), Path.Combine(certificates, certificate));
            CopyLog(home, Path.Combine(bundle, "logs", party));
            using var cosigning = LabEnrolment.LoadSigningKey(Path.Combine(LocalLab.KeysOf(home), LabEnrolment.CosigningKey));
            parties.Add(new BundleParty(party, VerifierKey.ForWitness(party, cosigning.PublicKey).ToString(), "certificates/" + certificate));
        }
        File.Copy(workspace.ManifestFile, Path.Combine(model, Manifest.FileName));
        File.Copy(workspace.SignaturesFile, Path.Combine(model, Path.GetFileName(workspace.SignaturesFile)));
        using var log = LabEnrolment.LoadSigningKey(Path.Combine(LocalLab.KeysOf(workspace.Coordinator), LabEnrolment.LogKey));
        var coordinator = new BundleCoordinator("coordinator", labName, VerifierKey.ForLog(labName, log.PublicKey).ToString(), "certificates/coordinator.crt.pem");
        var description = new BundleDescription(labName, Quorum(Path.Combine(workspace.Coordinator, AuditFolder)), coordinator, parties);
        await File.WriteAllBytesAsync(Path.Combine(bundle, BundleDescription.FileName), description.ToJson(), cancellationToken);

        var verdict = await AuditVerifier.VerifyAsync(bundle, cancellationToken);
        var entries = verdict.Checks.FirstOrDefault(check => check.Kind == AuditCheckKind.Entries)?.Count ?? 0;
        return new ReportAudit(verdict.Holds, entries, verdict.Findings.Count(finding => finding.Severity == AuditSeverity.Error), bundle);
    }

    /// <summary>The number of cosignatures that the log itself says a checkpoint needs: its first entry.</summary>
    private static int Quorum(string log)
    {
        using var entries = new StreamReader(Path.Combine(log, "entries.jsonl"));
        var first = AuditEntry.Parse(Encoding.UTF8.GetBytes(entries.ReadLine() ?? ""));
        return (int?)(long?)first.Body["quorum"] ?? throw new ClientException(Messages.LogWithoutRules(log));
    }

    private static void CopyLog(string home, string target)
    {
        CopyFolder(Path.Combine(home, AuditFolder), target);
        if (Directory.Exists(Path.Combine(home, WitnessFolder))) CopyFolder(Path.Combine(home, WitnessFolder), Path.Combine(target, WitnessFolder));
    }

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source).Where(file => Path.GetFileName(file) != LockFile)) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(source)) CopyFolder(folder, Path.Combine(target, Path.GetFileName(folder)));
    }
}
