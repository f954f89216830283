using System.Globalization;
using System.Security.Cryptography;
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
    private const string CheckpointsFolder = "checkpoints";
    private const int BlockBytes = 1 << 16;

    /// <summary>Builds <see cref="LabWorkspace.Audit"/> and verifies it.</summary>
    /// <param name="lab">The lab; its programs have ended.</param>
    /// <param name="labName">Its name, which is that of the coordinator's log.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<ReportAudit> BuildAsync(LocalLab lab, string labName, CancellationToken cancellationToken)
    {
        var workspace = lab.Workspace;
        if (Directory.Exists(workspace.Audit)) Directory.Delete(workspace.Audit, recursive: true);
        await FillAsync(workspace, lab.Parties, labName, File.ReadAllBytes(workspace.ManifestFile), File.ReadAllBytes(workspace.SignaturesFile), workspace.Audit, cancellationToken);
        var verdict = await AuditVerifier.VerifyAsync(workspace.Audit, cancellationToken);
        var entries = verdict.Checks.FirstOrDefault(check => check.Kind == AuditCheckKind.Entries)?.Count ?? 0;
        return new ReportAudit(verdict.Holds, entries, verdict.Findings.Count(finding => finding.Severity == AuditSeverity.Error), workspace.Audit);
    }

    /// <summary>Collects the logs, certificates and the model into a folder.</summary>
    /// <param name="workspace">The lab's folder.</param>
    /// <param name="parties">Names of its institutions.</param>
    /// <param name="labName">Its name, which is that of the coordinator's log.</param>
    /// <param name="manifest">The published manifest.</param>
    /// <param name="signatures">The signatures over it, as a bundle has them.</param>
    /// <param name="bundle">The folder to fill.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task FillAsync(LabWorkspace workspace, IReadOnlyList<string> parties, string labName, byte[] manifest, byte[] signatures, string bundle, CancellationToken cancellationToken)
    {
        var certificates = Path.Combine(bundle, "certificates");
        var model = Path.Combine(bundle, "model");
        Directory.CreateDirectory(certificates);
        Directory.CreateDirectory(model);

        File.Copy(Path.Combine(LocalLab.KeysOf(workspace.Coordinator), LabAuthority.CertificateFile), Path.Combine(certificates, LabAuthority.CertificateFile));
        File.Copy(LocalLab.CertificateOf(workspace.Coordinator), Path.Combine(certificates, "coordinator.crt.pem"));
        var described = new List<BundleParty>();
        foreach (var party in parties)
        {
            var home = workspace.Party(party);
            var certificate = party + ".crt.pem";
            File.Copy(LocalLab.CertificateOf(home), Path.Combine(certificates, certificate));
            CopyLog(home, Path.Combine(bundle, "logs", party));
            using var cosigning = LabEnrolment.LoadSigningKey(Path.Combine(LocalLab.KeysOf(home), LabEnrolment.CosigningKey));
            described.Add(new BundleParty(party, VerifierKey.ForWitness(party, cosigning.PublicKey).ToString(), "certificates/" + certificate));
        }
        // Last: the institutions' logs tell of heads of this one, which must then be in it.
        CopyLog(workspace.Coordinator, Path.Combine(bundle, "logs", "coordinator"), Quorum(Path.Combine(workspace.Coordinator, AuditFolder)));
        await File.WriteAllBytesAsync(Path.Combine(model, Manifest.FileName), manifest, cancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(model, Path.GetFileName(workspace.SignaturesFile)), signatures, cancellationToken);
        using var log = LabEnrolment.LoadSigningKey(Path.Combine(LocalLab.KeysOf(workspace.Coordinator), LabEnrolment.LogKey));
        var coordinator = new BundleCoordinator("coordinator", labName, VerifierKey.ForLog(labName, log.PublicKey).ToString(), "certificates/coordinator.crt.pem");
        var description = new BundleDescription(labName, Quorum(Path.Combine(bundle, "logs", "coordinator")), coordinator, described);
        await File.WriteAllBytesAsync(Path.Combine(bundle, BundleDescription.FileName), description.ToJson(), cancellationToken);
    }

    /// <summary>The number of cosignatures that the log itself says a checkpoint needs: the last rules in it. They change as parties come and go.</summary>
    private static int Quorum(string log)
    {
        using var entries = new StreamReader(Path.Combine(log, "entries.jsonl"));
        AuditEntry? rules = null;
        while (entries.ReadLine() is { } line)
        {
            // The lines of envelopes are many and long; only those that may be the rules are parsed.
            if (line.Contains(AuditEventType.LabConfigured, StringComparison.Ordinal) && AuditEntry.Parse(Encoding.UTF8.GetBytes(line)) is { Type: AuditEventType.LabConfigured } found) rules = found;
        }
        return (int?)(long?)rules?.Body["quorum"] ?? throw new ClientException(Messages.LogWithoutRules(log));
    }

    /// <summary>
    /// Copies a log up to its last signed head that enough institutions have cosigned, and where there is none up to the last one: what stands behind it nobody vouches for
    /// yet. The head is looked for first, so that the log that is written to meanwhile holds it.
    /// </summary>
    private static void CopyLog(string home, string target, int cosignatures = 0)
    {
        var source = Path.Combine(home, AuditFolder);
        // Checkpoints are named by their size.
        string[] heads = [.. Directory.EnumerateFiles(Path.Combine(source, CheckpointsFolder)).Order(StringComparer.Ordinal)];
        var witness = Path.Combine(home, WitnessFolder);
        if (heads.Length == 0) throw new ClientException(Messages.LogWithoutHead(source));
        // The log's own signature is one of them.
        var last = Array.FindLastIndex(heads, head => SignedCheckpoint.Parse(File.ReadAllBytes(head)).Note.Signatures.Count > cosignatures);
        if (last >= 0) heads = heads[..(last + 1)];
        var size = long.Parse(Path.GetFileNameWithoutExtension(heads[^1]), NumberStyles.None, CultureInfo.InvariantCulture);
        Directory.CreateDirectory(Path.Combine(target, CheckpointsFolder));
        foreach (var head in heads) File.Copy(head, Path.Combine(target, CheckpointsFolder, Path.GetFileName(head)));
        File.Copy(Path.Combine(source, "log.json"), Path.Combine(target, "log.json"));
        CopyLines(Path.Combine(source, "entries.jsonl"), Path.Combine(target, "entries.jsonl"), size);
        CopyBytes(Path.Combine(source, "leaves.sha256"), Path.Combine(target, "leaves.sha256"), size * SHA256.HashSizeInBytes);
        if (!Directory.Exists(witness)) return;
        Directory.CreateDirectory(Path.Combine(target, WitnessFolder));
        foreach (var note in Directory.EnumerateFiles(witness)) File.Copy(note, Path.Combine(target, WitnessFolder, Path.GetFileName(note)));
    }

    private static void CopyLines(string source, string target, long lines)
    {
        using var from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BlockBytes);
        using var to = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, BlockBytes);
        var block = new byte[BlockBytes];
        while (lines > 0 && from.Read(block) is > 0 and var length)
        {
            var taken = 0;
            while (lines > 0 && taken < length)
            {
                var feed = block.AsSpan(taken, length - taken).IndexOf((byte)'\n');
                taken = feed < 0 ? length : taken + feed + 1;
                if (feed >= 0) lines--;
            }
            to.Write(block, 0, taken);
        }
    }

    private static void CopyBytes(string source, string target, long bytes)
    {
        using var from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BlockBytes);
        using var to = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, BlockBytes);
        var block = new byte[BlockBytes];
        while (bytes > 0 && from.Read(block, 0, (int)Math.Min(block.Length, bytes)) is > 0 and var length)
        {
            to.Write(block, 0, length);
            bytes -= length;
        }
    }
}
