using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace FedLab.Audit.Tests.Verification;

/// <summary>What a party has published and what the coordinator showed of it: the verifier tells a coordinator that makes up or leaves out from a message on its way.</summary>
public sealed class CatalogueTests
{
    private const string Party = "data-b";

    /// <summary>Each letter is a catalogue that was published, a dash that it was taken back.</summary>
    [Theory]
    [InlineData("", "", "")]
    [InlineData("ab", "ab", "")]
    [InlineData("a-b", "a-b", "")]
    [InlineData("a-a", "a-a", "")]
    // A coordinator that lost its state records again what it is told again.
    [InlineData("ab", "aabb", "")]
    [InlineData("a-", "aa-", "")]
    // A party that comes back to what the coordinator has, and one that takes back what never arrived.
    [InlineData("aba", "a", "CatalogueNotRecorded:b")]
    [InlineData("-", "", "")]
    // Only one side has it, and it is not the latest.
    [InlineData("abc", "ac", "CatalogueNotRecorded:b")]
    [InlineData("a-b", "ab", "CatalogueNotRecorded:-")]
    [InlineData("a-a", "a", "CatalogueNotRecorded:-")]
    [InlineData("abc", "a", "CatalogueNotRecorded:b CatalogueUnderWay:c")]
    [InlineData("ac", "axc", "CatalogueNotPublished:x")]
    [InlineData("a", "axa", "CatalogueNotPublished:x")]
    [InlineData("a", "a-a", "CatalogueNotPublished:-")]
    // The latest may be on its way to the coordinator, but not from it: the party has cosigned since.
    [InlineData("ab", "a", "CatalogueUnderWay:b")]
    [InlineData("a-", "a", "CatalogueUnderWay:-")]
    [InlineData("a", "", "CatalogueUnderWay:a")]
    [InlineData("a", "ax", "CatalogueNotPublished:x")]
    [InlineData("a", "a-", "CatalogueNotPublished:-")]
    [InlineData("", "x", "CatalogueNotPublished:x")]
    // The same, in another order.
    [InlineData("ab", "ba", "CatalogueReordered:a")]
    [InlineData("abcd", "acbd", "CatalogueReordered:b")]
    [InlineData("abx", "xab", "CatalogueReordered:x")]
    public async Task Both_logs_have_the_same_in_the_same_order_or_the_difference_is_named(string own, string shown, string expected)
    {
        AuditVerdict verdict = await VerifyAsync(async lab =>
        {
            await WriteAsync(lab, lab[Party], own);
            await WriteAsync(lab, lab.Coordinator, shown);
            await WriteAsync(lab, lab["data-c"], "a", "data-c");
            await WriteAsync(lab, lab.Coordinator, "a", "data-c");
            lab.Clock.Now += TimeSpan.FromHours(1);
        });
        AuditFinding[] found = [.. verdict.Findings.Where(finding => finding.Code != AuditFindingCode.TrustNotAnchored)];
        Assert.Equal(expected, string.Join(' ', found.OrderBy(finding => finding.Code).Select(finding => $"{finding.Code}:{NameIn(finding.Text)}")));
        Assert.Equal(expected.Contains("NotPublished", StringComparison.Ordinal) || expected.Contains("Reordered", StringComparison.Ordinal), !verdict.Holds);
        foreach (AuditFinding finding in found)
        {
            bool isCoordinators = finding.Code is AuditFindingCode.CatalogueNotPublished or AuditFindingCode.CatalogueReordered;
            Assert.Equal((isCoordinators ? TestLab.CoordinatorLog : Party, finding.Code == AuditFindingCode.CatalogueUnderWay ? AuditSeverity.Note : isCoordinators ? AuditSeverity.Error : AuditSeverity.Warning), (finding.Log, finding.Severity));
            Assert.Contains(isCoordinators ? Party : TestLab.CoordinatorLog, finding.Text, StringComparison.Ordinal);
        }
        Assert.Equal(own.Count(char.IsLetter) + shown.Count(char.IsLetter) + 2, Count(verdict, AuditCheckKind.CatalogueSignatures));
        if (expected.Length == 0 && own == shown) Assert.Equal(own.Length + 1, Count(verdict, AuditCheckKind.Catalogues));
    }

    [Fact]
    public async Task A_catalogue_that_the_coordinator_made_up_bears_no_signature_of_its_party()
    {
        AuditVerdict verdict = await VerifyAsync(async lab =>
        {
            await WriteAsync(lab, lab[Party], "a");
            await lab.PublishAsync(lab.Coordinator, Party, "x", signer: "coordinator");
        });
        AuditFinding forged = Assert.Single(verdict.Findings, finding => finding.Code == AuditFindingCode.CatalogueSignatureInvalid);
        Assert.Equal((TestLab.CoordinatorLog, AuditSeverity.Error), (forged.Log, forged.Severity));
        Assert.Contains(Party, forged.Text, StringComparison.Ordinal);
        Assert.Equal(forged.EntryIndex, Assert.Single(verdict.Findings, finding => finding.Code == AuditFindingCode.CatalogueNotPublished).EntryIndex);
    }

    [Fact]
    public async Task A_party_that_the_bundle_does_not_name_is_not_asked_for_its_certificate()
    {
        AuditVerdict verdict = await VerifyAsync(async lab =>
        {
            CatalogueRecord catalogue = lab.Catalogue("data-d", "a");
            await lab.Append(lab.Coordinator, AuditEvent.CataloguePublished(catalogue, catalogue.Sign(lab[Party].SigningKey), 3));
        });
        Assert.True(verdict.Holds, UntouchedBundleTests.Describe(verdict));
        Assert.Equal(0, Count(verdict, AuditCheckKind.CatalogueSignatures));
    }

    [Fact]
    public void What_a_party_signs_says_what_it_is()
    {
        var record = new CatalogueRecord(Sha256Hash.Of("authority"u8), Party, Sha256Hash.Of("catalogue"u8));
        Assert.Equal(
            $$"""{"authoritySha256":"{{Sha256Hash.Of("authority"u8).ToHex()}}","catalogueSha256":"{{Sha256Hash.Of("catalogue"u8).ToHex()}}","party":"data-b","type":"catalogue.published"}""",
            Encoding.UTF8.GetString(record.SigningBytes()));
    }

    [Fact]
    public async Task A_signature_that_was_given_in_another_lab_does_not_count()
    {
        AuditVerdict verdict = await VerifyAsync(async lab =>
        {
            CatalogueRecord elsewhere = lab.Catalogue(Party, "a") with { AuthoritySha256 = Sha256Hash.Of("another lab"u8) };
            foreach (TestParty log in (TestParty[])[lab[Party], lab.Coordinator]) await lab.Append(log, AuditEvent.CataloguePublished(elsewhere, elsewhere.Sign(lab[Party].SigningKey), 3));
        });
        Assert.Equal(2, verdict.Findings.Count(finding => finding.Code == AuditFindingCode.CatalogueSignatureInvalid));
    }

    [Fact]
    public async Task Entries_of_before_catalogues_were_signed_are_compared_all_the_same()
    {
        AuditVerdict verdict = await VerifyAsync(async lab =>
        {
            foreach ((TestParty log, string name) in ((TestParty, string)[])[(lab[Party], "a"), (lab.Coordinator, "a"), (lab[Party], "b"), (lab.Coordinator, "x")])
                await lab.Append(log, new AuditEvent(AuditEventType.CataloguePublished, Run: null, new JsonObject { ["catalogueSha256"] = lab.Catalogue(Party, name).CatalogueSha256.ToHex(), ["featureCount"] = 3, ["party"] = Party }));
        });
        Assert.Equal((0, 1), (Count(verdict, AuditCheckKind.CatalogueSignatures), Count(verdict, AuditCheckKind.Catalogues)));
        Assert.Contains(NameHash("x"), Assert.Single(verdict.Findings, finding => finding.Severity == AuditSeverity.Error).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bundle_that_was_put_together_between_two_writes_holds_whichever_log_was_copied_first()
    {
        // The party's log first: it has published, been heard and cosigned since.
        await using (TestLab lab = await TestLab.StartAsync())
        {
            await WriteAsync(lab, lab[Party], "a");
            await WriteAsync(lab, lab.Coordinator, "a");
            await lab.FinishAsync();
            using var early = new TemporaryFolder();
            await lab[Party].Log.ExportAsync(early["log"]);
            await WriteAsync(lab, lab[Party], "b-c");
            await WriteAsync(lab, lab.Coordinator, "b-c");
            await lab.CosignAsync([.. lab.Parties]);
            using TemporaryFolder bundle = await lab.AssembleAsync();
            Directory.Delete(bundle["logs", Party], recursive: true);
            TemporaryFolder.Copy(early["log"], bundle["logs", Party]);
            AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
            Assert.True(verdict.Holds, UntouchedBundleTests.Describe(verdict));
            Assert.Equal(["b", "-", "c"], verdict.Findings.Where(finding => finding.Code == AuditFindingCode.CatalogueUnderWay && finding.Log == TestLab.CoordinatorLog).Select(finding => NameIn(finding.Text)));
        }

        // The coordinator's first: it ends before the party has published.
        AuditVerdict late = await VerifyAsync(lab => WriteAsync(lab, lab[Party], "abc"));
        Assert.True(late.Holds, UntouchedBundleTests.Describe(late));
        Assert.Equal(3, late.Findings.Count(finding => finding.Code == AuditFindingCode.CatalogueUnderWay && finding.Log == Party));
    }

    [Fact]
    public async Task Before_one_that_both_have_nothing_is_under_way_however_close_the_two_copies_are()
    {
        AuditVerdict left = await VerifyAsync(async lab =>
        {
            await WriteAsync(lab, lab[Party], "abc");
            await WriteAsync(lab, lab.Coordinator, "ac");
        });
        Assert.Equal((AuditSeverity.Warning, "b"), left.Findings.Where(finding => finding.Code == AuditFindingCode.CatalogueNotRecorded).Select(finding => (finding.Severity, NameIn(finding.Text))).Single());

        await using TestLab lab = await TestLab.StartAsync();
        await lab.FinishAsync();
        await WriteAsync(lab, lab[Party], "ab");
        await lab[Party].Log.CreateCheckpointAsync();
        await WriteAsync(lab, lab.Coordinator, "axb");
        await lab.CosignAsync(lab["bank-a"], lab["data-c"]);
        using TemporaryFolder bundle = await lab.AssembleAsync();
        AuditVerdict added = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
        Assert.Equal((AuditSeverity.Error, "x"), added.Findings.Where(finding => finding.Code == AuditFindingCode.CatalogueNotPublished).Select(finding => (finding.Severity, NameIn(finding.Text))).Single());
    }

    [Fact]
    public async Task What_the_party_has_not_cosigned_is_a_warning_when_its_log_went_on_long_after()
    {
        await using TestLab lab = await TestLab.StartAsync();
        await lab.FinishAsync();
        await WriteAsync(lab, lab.Coordinator, "x");
        await lab.CosignAsync(lab["bank-a"], lab["data-c"]);
        lab.Clock.Now += TimeSpan.FromHours(1);
        await lab.Append(lab[Party], AuditEvent.PeerPinned("bank-a", TestLab.HashOf(lab["bank-a"].Certificate)));
        await lab[Party].Log.CreateCheckpointAsync();
        using TemporaryFolder bundle = await lab.AssembleAsync();
        AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
        AuditFinding finding = Assert.Single(verdict.Findings, finding => finding.Code != AuditFindingCode.TrustNotAnchored);
        Assert.Equal((AuditFindingCode.CatalogueNotPublished, AuditSeverity.Warning), (finding.Code, finding.Severity));
    }

    [Fact]
    public async Task The_latest_is_not_under_way_when_the_coordinator_has_heard_the_party_since()
    {
        AuditVerdict verdict = await VerifyAsync(async lab =>
        {
            await WriteAsync(lab, lab[Party], "a");
            var approval = new ApprovalRecord(TestLab.Run, Party, "officer of " + Party, Sha256Hash.Of("specification"u8));
            await lab.Append(lab[Party], AuditEvent.RunApproved(approval, approval.Sign(lab[Party].SigningKey)));
            lab.Clock.Now += TimeSpan.FromHours(1);
        });
        Assert.Equal((AuditSeverity.Warning, "a"), verdict.Findings.Where(finding => finding.Code == AuditFindingCode.CatalogueNotRecorded).Select(finding => (finding.Severity, NameIn(finding.Text))).Single());
    }

    [Fact]
    public async Task Entries_at_the_end_of_all_time_are_judged_like_others()
    {
        await using TestLab lab = await TestLab.StartAsync();
        lab.Clock.Now = new DateTimeOffset(9999, 12, 31, 23, 55, 0, TimeSpan.Zero);
        await WriteAsync(lab, lab[Party], "a");
        await WriteAsync(lab, lab.Coordinator, "x");
        await lab.FinishAsync();
        using TemporaryFolder bundle = await lab.AssembleAsync();
        AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
        Assert.Equal("x", NameIn(Assert.Single(verdict.Findings, finding => finding.Code == AuditFindingCode.CatalogueNotPublished).Text));
    }

    [Fact]
    public async Task What_a_party_published_under_an_earlier_key_is_not_looked_for_in_its_present_log()
    {
        AuditVerdict verdict = await VerifyAsync(async lab =>
        {
            using var earlier = Curve25519.Ed25519PrivateKey.Generate();
            Sha256Hash certificate = TestLab.HashOf(lab[Party].Certificate);
            await lab.Append(lab.Coordinator, AuditEvent.PartyJoined(Party, certificate, VerifierKey.ForWitness(Party, earlier.PublicKey)));
            await WriteAsync(lab, lab.Coordinator, "x");
            await lab.Append(lab.Coordinator, AuditEvent.PartyJoined(Party, certificate, lab[Party].Witness.Key));
            await WriteAsync(lab, lab[Party], "a");
            await WriteAsync(lab, lab.Coordinator, "a");
        });
        Assert.True(verdict.Holds, UntouchedBundleTests.Describe(verdict));
        Assert.Equal(AuditFindingCode.TrustNotAnchored, Assert.Single(verdict.Findings).Code);
    }

    [Fact]
    public async Task The_sentences_are_in_the_readers_language()
    {
        CultureInfo before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
        try
        {
            AuditVerdict verdict = await VerifyAsync(async lab =>
            {
                await WriteAsync(lab, lab[Party], "ab");
                await WriteAsync(lab, lab.Coordinator, "a-x");
            });
            foreach (AuditFinding finding in verdict.Findings.Where(finding => finding.Code != AuditFindingCode.TrustNotAnchored)) Assert.Contains("目录", finding.Text, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private static async Task<AuditVerdict> VerifyAsync(Func<TestLab, Task> during)
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync(2, during);
        return await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
    }

    private static async Task WriteAsync(TestLab lab, TestParty log, string changes, string party = Party)
    {
        foreach (char change in changes)
        {
            if (change == '-') await lab.Append(log, AuditEvent.CatalogueWithdrawn(party));
            else await lab.PublishAsync(log, party, change.ToString());
        }
    }

    private static long Count(AuditVerdict verdict, AuditCheckKind kind) => verdict.Checks.Single(check => check.Kind == kind).Count;

    private static string NameIn(string text) => "abcdx".Select(name => name.ToString()).FirstOrDefault(name => text.Contains(NameHash(name), StringComparison.Ordinal)) ?? (text.Contains("taking back", StringComparison.Ordinal) ? "-" : "?");

    private static string NameHash(string name) => Sha256Hash.Of(Encoding.UTF8.GetBytes(name)).ToHex();
}
