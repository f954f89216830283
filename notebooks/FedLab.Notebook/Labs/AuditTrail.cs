using FedLab.Audit;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Launching;
using FedLab.Client.Wording;
using FedLab.Notebook.Display;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>The record that nobody in a lab can change unseen.</summary>
public static class AuditTrail
{
    /// <summary>Checks an audit bundle with no network and no coordinator.</summary>
    /// <param name="path">The bundle: a folder or a zip file.</param>
    /// <param name="anchors">What is known from elsewhere and not to be taken from the bundle; null for nothing.</param>
    /// <param name="cancellationToken">Ends the check; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">There is no bundle.</exception>
    /// <exception cref="AuditFormatException">It cannot be read, which says nothing good or bad of it.</exception>
    public static async Task<AuditReport> VerifyAsync(string path, AuditTrustAnchors? anchors = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!Path.Exists(path)) throw ClientException.Usage(LabMessages.AuditMissing(path));
        return new AuditReport(path, await AuditVerifier.VerifyAsync(path, anchors ?? new AuditTrustAnchors(), Interruption.Or(cancellationToken)));
    }

    /// <summary>
    /// Collects the audit bundle of a run from the folders of a lab of this machine and checks it. In production the lead has the coordinator's part, and each institution
    /// hands in its own log.
    /// </summary>
    /// <param name="lab">The lab's folder.</param>
    /// <param name="run">Name of a finished training run.</param>
    /// <param name="folder">Where to put the bundle; null for <c>audit-RUN</c> in the lab's folder.</param>
    /// <param name="cancellationToken">Ends the work; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">There is no lab, or the run has published no model, or the bundle's folder is there already.</exception>
    public static async Task<AuditReport> CollectAsync(string lab, string run, string? folder = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lab);
        ArgumentNullException.ThrowIfNull(run);
        var launched = LaunchedLab.Find(lab) ?? throw ClientException.Usage(LabMessages.NotALab(lab));
        var bundle = folder ?? Path.Combine(launched.Workspace.Root, $"audit-{run}");
        // A notebook that is run again has its bundle already.
        if (folder is null && File.Exists(Path.Combine(bundle, BundleDescription.FileName))) return await VerifyAsync(bundle, anchors: null, cancellationToken);
        return await VerifyAsync(await AuditCollection.CollectAsync(launched, run, bundle, CallerWords.Notebook, Interruption.Or(cancellationToken)), anchors: null, cancellationToken);
    }
}

/// <summary>What the verifier says of an audit bundle.</summary>
public sealed class AuditReport : IRichDisplay
{
    internal AuditReport(string path, AuditVerdict verdict) => (Path, Verdict) = (path, verdict);

    /// <summary>The bundle.</summary>
    public string Path { get; }

    /// <summary>Everything that the verifier found, with codes and entries.</summary>
    public AuditVerdict Verdict { get; }

    /// <summary>Whether the trail holds: no finding is an error.</summary>
    public bool Holds => Verdict.Holds;

    /// <summary>The verdict in one sentence.</summary>
    public string Sentence => RunText.Sentence(Verdict);

    /// <summary>What was checked and held, a sentence each.</summary>
    public IReadOnlyList<string> Checks => [.. Verdict.Checks.Select(check => check.Text)];

    /// <summary>What was found, with its weight.</summary>
    public IReadOnlyList<AuditFinding> Findings => Verdict.Findings;

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle()
    {
        var page = new Page().Title($"{LabMessages.AuditTitle} {ShownPath.Of(Path)}").Sentence(Sentence, Holds ? Tone.Good : Tone.Bad);
        page.Table([LabMessages.Check], Checks.Select(check => (IReadOnlyList<string?>)[check]));
        if (Findings.Count > 0) page.Table([LabMessages.Severity, LabMessages.Finding], Findings.Select(finding => (IReadOnlyList<string?>)[RunText.Name(finding.Severity), finding.Text]), leftColumns: 2);
        page.Facts([
            (LabMessages.TrustKey, Verdict.Trust.CoordinatorKey),
            (LabMessages.TrustAuthority, Verdict.Trust.AuthoritySha256?.ToHex()),
            (LabMessages.TrustQuorum, Formats.Count(Verdict.Trust.Quorum)),
        ]);
        return page.ToBundle();
    }
}
