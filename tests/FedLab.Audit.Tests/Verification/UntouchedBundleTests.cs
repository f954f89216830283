using System.Globalization;
using System.IO.Compression;

namespace FedLab.Audit.Tests.Verification;

/// <summary>What an honest lab hands over holds, as a folder and as a zip file, also when things broke on the way.</summary>
public sealed class UntouchedBundleTests
{
    [Fact]
    public async Task An_untouched_bundle_holds_and_every_check_was_made()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync();
        AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
        Assert.True(verdict.Holds, Describe(verdict));
        Assert.Equal(AuditFindingCode.TrustNotAnchored, Assert.Single(verdict.Findings).Code);
        Dictionary<AuditCheckKind, long> counts = verdict.Checks.ToDictionary(check => check.Kind, check => check.Count);
        Assert.Equal(Enum.GetValues<AuditCheckKind>(), verdict.Checks.Select(check => check.Kind));
        Assert.Equal(4, counts[AuditCheckKind.Logs]);
        Assert.Equal(20, counts[AuditCheckKind.Envelopes]);
        Assert.Equal(20, counts[AuditCheckKind.EnvelopeSignatures]);
        Assert.Equal(3, counts[AuditCheckKind.Approvals]);
        Assert.Equal(4, counts[AuditCheckKind.Certificates]);
        Assert.Equal(3, counts[AuditCheckKind.ModelSignatures]);
        Assert.Equal(6, counts[AuditCheckKind.Cosignatures]);
        // Two of the coordinator, four of each party.
        Assert.Equal(14, counts[AuditCheckKind.Checkpoints]);
        // Twice three party heads in the coordinator's log, twice three cosigned heads in the parties', one kept by each witness.
        Assert.Equal(15, counts[AuditCheckKind.RecordedHeads]);
        Assert.Equal(2, verdict.Trust.Quorum);
    }

    [Fact]
    public async Task A_zip_file_gives_the_same_verdict_as_the_folder_every_time_and_in_each_language()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync();
        new BundleTamperer(bundle).Write("coordinator", new BundleTamperer(bundle).Lines("coordinator").SkipLast(3));
        using var zips = new TemporaryFolder();
        await ZipFile.CreateFromDirectoryAsync(bundle.FullName, zips["bundle.zip"], TestContext.Current.CancellationToken);
        AuditVerdict first = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
        AuditVerdict second = await AuditVerifier.VerifyAsync(zips["bundle.zip"], TestContext.Current.CancellationToken);
        Assert.False(first.Holds);
        Assert.Equal(first.Findings, second.Findings);
        Assert.Equal(first.Checks, second.Checks);
        Assert.Equal(first.Trust, second.Trust);

        CultureInfo before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
        try
        {
            AuditVerdict chinese = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
            Assert.Equal(first.Findings.Select(finding => finding.Code), chinese.Findings.Select(finding => finding.Code));
            Assert.Contains(chinese.Findings, finding => finding.Text.Contains("被删除", StringComparison.Ordinal));
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    [Fact]
    public async Task Restarts_lost_messages_of_a_broken_attempt_and_late_delivery_do_not_count_against_the_lab()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync(during: async lab =>
        {
            await lab.SendAsync("bank-a", "data-b", new Mishap { OmitForwarded = true, OmitReceived = true });
            await lab.SendAsync("data-b", "bank-a", new Mishap { OmitReceived = true });
            await lab.RestartAsync(lab.Coordinator);
            await lab.RestartAsync(lab["data-b"]);
            await lab.Append(lab.Coordinator, AuditEvent.RunAborted(TestLab.Run, 1, "party-lost"));
            lab.Attempt = 2;
            foreach (TestParty party in lab.Parties.Append(lab.Coordinator)) party.Sequences.Clear();
            await lab.Append(lab.Coordinator, AuditEvent.RunResumed(TestLab.Run, 2, Sha256Hash.Of("tree 3"u8)));
            // Logged as sent before the coordinator went down, passed on after it came back.
            EnvelopeRecord waiting = await lab.SendAsync("bank-a", "data-c", new Mishap { OmitForwarded = true, OmitReceived = true });
            byte[] original = Convert.FromBase64String((string)(await LastAsync(lab["bank-a"].Log)).Body["signature"]!);
            await lab.RestartAsync(lab.Coordinator);
            await lab.CheckpointAsync();
            await lab.Append(lab.Coordinator, AuditEvent.RelayForwarded(waiting, original));
            await lab.Append(lab["data-c"], AuditEvent.IngressReceived(waiting, original));
        });
        AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
        Assert.True(verdict.Holds, Describe(verdict));
        AuditFindingCode[] warnings = [.. verdict.Findings.Where(finding => finding.Severity == AuditSeverity.Warning).Select(finding => finding.Code).Order()];
        Assert.Equal([AuditFindingCode.EnvelopeNotForwarded, AuditFindingCode.EnvelopeNotReceived, AuditFindingCode.EnvelopeNotReceived], warnings);
    }

    [Fact]
    public async Task A_party_that_keeps_its_log_to_itself_is_a_note()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync();
        Directory.Delete(bundle["logs", "data-c"], recursive: true);
        AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
        Assert.True(verdict.Holds, Describe(verdict));
        AuditFinding note = Assert.Single(verdict.Findings, finding => finding.Code == AuditFindingCode.PartyLogMissing);
        Assert.Equal("data-c", note.Log);
        Assert.Equal(AuditSeverity.Note, note.Severity);
    }

    [Fact]
    public async Task A_caller_who_knows_the_keys_is_told_when_the_bundle_brings_others()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync();
        AuditVerdict plain = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
        var right = new AuditTrustAnchors { CoordinatorKey = plain.Trust.CoordinatorKey, AuthoritySha256 = plain.Trust.AuthoritySha256, MinimumQuorum = 2 };
        Assert.Empty((await AuditVerifier.VerifyAsync(bundle.FullName, right, TestContext.Current.CancellationToken)).Findings);
        foreach (AuditTrustAnchors wrong in (AuditTrustAnchors[])[right with { CoordinatorKey = plain.Trust.CoordinatorKey + "x" }, right with { AuthoritySha256 = Sha256Hash.Of("x"u8) }, right with { MinimumQuorum = 3 }])
        {
            AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, wrong, TestContext.Current.CancellationToken);
            Assert.Equal(AuditFindingCode.TrustContradicted, Assert.Single(verdict.Findings).Code);
            Assert.False(verdict.Holds);
        }
    }

    private static async Task<AuditEntry> LastAsync(AuditLog log)
    {
        AuditEntry? last = null;
        await foreach (AuditEntry entry in log.ReadAsync(log.Size - 1, log.Size)) last = entry;
        return last!;
    }

    internal static string Describe(AuditVerdict verdict) => string.Join('\n', verdict.Findings.Select(finding => $"{finding.Severity} {finding.Code}[{finding.EntryIndex}] {finding.Text}"));
}
