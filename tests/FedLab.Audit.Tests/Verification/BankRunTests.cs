namespace FedLab.Audit.Tests.Verification;

/// <summary>Broadcasts between banks and banks that leave: what holds, and what is missing, changed or too much in which log.</summary>
public sealed class BankRunTests
{
    private static readonly Mishap WithoutC = new() { Absent = ["data-c"] };

    [Fact]
    public async Task A_run_between_banks_of_which_one_left_holds_without_its_signature()
    {
        AuditVerdict verdict = await RunAsync(lab => Task.CompletedTask, unsigned: ["data-c"]);
        Assert.True(verdict.Holds, UntouchedBundleTests.Describe(verdict));
        Assert.Equal([AuditFindingCode.TrustNotAnchored], verdict.Findings.Select(finding => finding.Code));
        // A round of three and one of two, each with the coordinator's announcement.
        Assert.Equal(7, verdict.Checks.Single(check => check.Kind == AuditCheckKind.Envelopes).Count);
        Assert.Equal(7, verdict.Checks.Single(check => check.Kind == AuditCheckKind.EnvelopeSignatures).Count);
    }

    [Fact]
    public async Task A_bank_that_did_not_leave_must_have_signed_the_model()
    {
        AuditFinding missing = Only(await RunAsync(lab => Task.CompletedTask, unsigned: ["data-b", "data-c"]), AuditFindingCode.ModelSignatureMissing);
        Assert.Contains("data-b", missing.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaving_after_the_publication_or_another_run_excuses_nobody()
    {
        async Task LeaveAsync(TestLab lab)
        {
            await lab.Append(lab.Coordinator, AuditEvent.PartyLeft("run-2", "data-b", 1));
            await lab.FinishAsync();
            await lab.Append(lab.Coordinator, AuditEvent.PartyLeft(TestLab.Run, "data-b", 2));
        }
        AuditFinding missing = Only(await RunAsync(LeaveAsync, unsigned: ["data-b", "data-c"]), AuditFindingCode.ModelSignatureMissing);
        Assert.Contains("data-b", missing.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broadcast_that_one_bank_did_not_receive_is_named_with_the_bank()
    {
        AuditFinding missed = Only(await RunAsync(lab => lab.BroadcastAsync("bank-a", WithoutC with { Missed = ["data-b"] })), AuditFindingCode.EnvelopeNotReceived);
        Assert.Equal(AuditSeverity.Error, missed.Severity);
        Assert.Contains("data-b", missed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bank_whose_log_says_nothing_of_an_attempt_that_it_did_not_leave_is_missed_too()
    {
        AuditVerdict verdict = await RunAsync(
            async lab =>
            {
                lab.Attempt = 3;
                foreach (TestParty party in lab.Parties.Append(lab.Coordinator)) party.Sequences.Clear();
                await lab.BroadcastAsync("bank-a", WithoutC with { Missed = ["data-b"] });
                await lab.BroadcastAsync("coordinator", WithoutC with { Missed = ["data-b"] });
            },
            unsigned: ["data-c"]);
        Assert.Equal(2, verdict.Findings.Count(finding => finding.Code == AuditFindingCode.EnvelopeNotReceived && finding.Text.Contains("data-b", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_announcement_that_no_bank_received_and_one_that_the_coordinator_does_not_own_up_to_are_named()
    {
        AuditVerdict unheard = await RunAsync(lab => lab.BroadcastAsync("coordinator", WithoutC with { Missed = ["bank-a", "data-b"] }), unsigned: ["data-c"]);
        Assert.Equal([AuditFindingCode.EnvelopeNotReceived, AuditFindingCode.EnvelopeNotReceived], Errors(unheard));
        Only(await RunAsync(lab => lab.BroadcastAsync("coordinator", WithoutC with { OmitSent = true })), AuditFindingCode.EnvelopeNotSent);
    }

    [Fact]
    public async Task A_broadcast_that_the_relay_did_not_record_or_recorded_otherwise_is_named()
    {
        Only(await RunAsync(lab => lab.BroadcastAsync("data-b", WithoutC with { OmitForwarded = true })), AuditFindingCode.EnvelopeNotForwarded);
        AuditVerdict changed = await RunAsync(lab => lab.BroadcastAsync("data-b", WithoutC with { AtCoordinator = envelope => envelope with { Sha256 = Sha256Hash.Of("other"u8) } }), unsigned: ["data-c"]);
        Assert.Contains(changed.Findings, finding => finding is { Code: AuditFindingCode.EnvelopeDiffers, Log: TestLab.CoordinatorLog });
    }

    [Fact]
    public async Task One_bank_that_was_given_another_part_than_the_others_is_named()
    {
        AuditVerdict verdict = await RunAsync(lab => lab.BroadcastAsync("data-b", WithoutC with { AtReceiver = envelope => envelope with { Sha256 = Sha256Hash.Of("other"u8) } }), unsigned: ["data-c"]);
        AuditFinding differs = Assert.Single(verdict.Findings, finding => finding.Code == AuditFindingCode.EnvelopeDiffers);
        Assert.Equal("bank-a", differs.Log);
        Assert.Contains("sha256", differs.Text, StringComparison.Ordinal);
        Assert.Contains(verdict.Findings, finding => finding is { Code: AuditFindingCode.EnvelopeSignatureInvalid, Log: "bank-a" });
    }

    [Fact]
    public async Task A_bank_that_has_left_should_hear_nothing_any_more()
    {
        AuditFinding overheard = Only(await RunAsync(lab => lab.BroadcastAsync("bank-a", WithoutC with { Overheard = ["data-c"] })), AuditFindingCode.EnvelopeMisplaced);
        Assert.Equal("data-c", overheard.Log);
    }

    [Fact]
    public async Task What_was_on_its_way_when_the_attempt_broke_off_is_nobodys_fault()
    {
        AuditVerdict verdict = await RunAsync(lab => Task.CompletedTask, atEndOfFirst: lab => lab.BroadcastAsync("bank-a", new Mishap { Missed = ["data-c"], OmitForwarded = true }), unsigned: ["data-c"]);
        Assert.True(verdict.Holds, UntouchedBundleTests.Describe(verdict));
        Assert.Equal([AuditFindingCode.EnvelopeNotForwarded, AuditFindingCode.EnvelopeNotReceived], verdict.Findings.Where(finding => finding.Severity == AuditSeverity.Warning).Select(finding => finding.Code).Order());
    }

    [Fact]
    public async Task The_log_of_a_bank_that_left_and_never_came_back_is_short_and_not_false()
    {
        AuditVerdict verdict = await RunAsync(lab => Task.CompletedTask, BeforeItFroze, unsigned: ["data-c"], gone: ["data-c"]);
        Assert.True(verdict.Holds, UntouchedBundleTests.Describe(verdict));
        AuditFinding early = Assert.Single(verdict.Findings, finding => finding.Severity == AuditSeverity.Warning);
        Assert.Equal((AuditFindingCode.LogEndsEarly, "data-c"), (early.Code, early.Log));
        Assert.Contains(" 3 ", early.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_goes_on_behind_the_leaving_or_has_a_gap_is_not_merely_short()
    {
        AuditVerdict later = await RunAsync(lab => Task.CompletedTask, BeforeItFroze, unsigned: ["data-c"]);
        Assert.Equal([AuditFindingCode.EnvelopeNotSent, AuditFindingCode.EnvelopeNotSent], Errors(later));
        Assert.DoesNotContain(later.Findings, finding => finding.Code == AuditFindingCode.LogEndsEarly);

        async Task WithGapAsync(TestLab lab)
        {
            await lab.BroadcastAsync("data-c", new Mishap { OmitSent = true });
            await lab.BroadcastAsync("data-c");
            await lab["data-c"].Log.CreateCheckpointAsync();
        }
        Assert.Equal([AuditFindingCode.EnvelopeNotSent], Errors(await RunAsync(lab => Task.CompletedTask, WithGapAsync, unsigned: ["data-c"], gone: ["data-c"])));
    }

    /// <summary>Nothing of this is in what data-c has signed.</summary>
    private static async Task BeforeItFroze(TestLab lab)
    {
        await lab.BroadcastAsync("data-c", new Mishap { OmitSent = true });
        await lab.BroadcastAsync("bank-a", new Mishap { Missed = ["data-c"] });
        await lab.BroadcastAsync("data-c", new Mishap { OmitSent = true });
    }

    /// <summary>A run of two attempts: all three banks in the first, data-c left before the second.</summary>
    private static async Task<AuditVerdict> RunAsync(Func<TestLab, Task> during, Func<TestLab, Task>? atEndOfFirst = null, IReadOnlyList<string>? unsigned = null, IReadOnlyList<string>? gone = null)
    {
        await using TestLab lab = await TestLab.StartAsync();
        foreach (string bank in TestLab.PartyNames) await lab.BroadcastAsync(bank);
        await lab.BroadcastAsync("coordinator");
        await lab.CheckpointAsync();
        if (atEndOfFirst is not null) await atEndOfFirst(lab);
        await lab.Append(lab.Coordinator, AuditEvent.PartyLeft(TestLab.Run, "data-c", 1));
        await lab.Append(lab.Coordinator, AuditEvent.RunAborted(TestLab.Run, 1, "party-absent"));
        await lab.Append(lab.Coordinator, AuditEvent.RunResumed(TestLab.Run, 2));
        lab.Attempt = 2;
        foreach (TestParty party in lab.Parties.Append(lab.Coordinator)) party.Sequences.Clear();
        foreach (string bank in (string[])["bank-a", "data-b"]) await lab.BroadcastAsync(bank, WithoutC);
        await lab.BroadcastAsync("coordinator", WithoutC);
        await during(lab);
        await lab.FinishAsync([.. gone ?? []]);
        using TemporaryFolder bundle = await lab.AssembleAsync([.. unsigned ?? ["data-c"]]);
        return await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
    }

    private static AuditFinding Only(AuditVerdict verdict, AuditFindingCode code)
    {
        Assert.True(Errors(verdict).SequenceEqual([code]), UntouchedBundleTests.Describe(verdict));
        return verdict.Findings.Single(finding => finding.Code == code);
    }

    private static IEnumerable<AuditFindingCode> Errors(AuditVerdict verdict) => verdict.Findings.Where(finding => finding.Severity == AuditSeverity.Error).Select(finding => finding.Code);
}
