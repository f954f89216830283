using System.Text;
using System.Text.Json.Nodes;
using FedLab.Curve25519;

namespace FedLab.Audit.Tests.Verification;

/// <summary>
/// One bundle, many ways to tamper with its logs and heads; each must be found under its name, and at the entry where the
/// bundle still allows to say so.
/// </summary>
public sealed class TamperedBundleTests(TamperedBundleTests.Original original) : IClassFixture<TamperedBundleTests.Original>
{
    /// <summary>The untouched bundle that each test copies.</summary>
    public sealed class Original : IAsyncLifetime
    {
        internal TemporaryFolder Bundle { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Bundle = await TestLab.BundleAsync();

        public ValueTask DisposeAsync()
        {
            Bundle.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private const string Log = TestLab.CoordinatorLog;

    private async Task<AuditVerdict> TamperAsync(Action<BundleTamperer> tamper)
    {
        using var copy = new TemporaryFolder();
        TemporaryFolder.Copy(original.Bundle.FullName, copy.FullName);
        tamper(new BundleTamperer(copy));
        AuditVerdict verdict = await AuditVerifier.VerifyAsync(copy.FullName, TestContext.Current.CancellationToken);
        Assert.False(verdict.Holds, "nothing was found");
        return verdict;
    }

    private static void Named(AuditVerdict verdict, AuditFindingCode code, string? log, long? entry) =>
        Assert.True(verdict.Findings.Any(finding => finding.Code == code && finding.Log == log && finding.EntryIndex == entry), $"expected {code} {log}[{entry}] in\n" + UntouchedBundleTests.Describe(verdict));

    private static void Lacks(AuditVerdict verdict, params AuditFindingCode[] codes) =>
        Assert.True(!verdict.Findings.Any(finding => codes.Contains(finding.Code)), "not expected in\n" + UntouchedBundleTests.Describe(verdict));

    [Theory]
    [InlineData("coordinator", Log, 0)]
    [InlineData("coordinator", Log, 17)]
    [InlineData("data-b", "data-b", 3)]
    public async Task T1_a_changed_entry_is_named(string owner, string log, int index)
    {
        AuditVerdict verdict = await TamperAsync(bundle => bundle.Edit(owner, index, entry => entry["actor"] = "somebody"));
        Named(verdict, AuditFindingCode.EntryAltered, log, index);
        Lacks(verdict, AuditFindingCode.EntryAdded, AuditFindingCode.EntryRemoved, AuditFindingCode.EntryReordered, AuditFindingCode.LogRewritten);
    }

    [Fact]
    public async Task T1_a_changed_entry_is_named_also_when_its_leaf_hash_was_changed_with_it()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            bundle.Edit("coordinator", 17, entry => entry["actor"] = "somebody");
            bundle.RewriteLeaves("coordinator");
        });
        Named(verdict, AuditFindingCode.EntryAltered, Log, 17);
        // The first checkpoint, before the run went on, no longer holds.
        Named(verdict, AuditFindingCode.CheckpointContradictsEntries, Log, 0);
    }

    [Fact]
    public async Task T1_a_change_behind_the_first_checkpoint_is_narrowed_down_by_it_when_the_whole_chain_was_made_anew()
    {
        long firstCheckpoint = 0;
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            firstCheckpoint = SignedCheckpoint.Parse(File.ReadAllBytes(bundle.Checkpoints("coordinator")[0])).Checkpoint.Size;
            bundle.Edit("coordinator", (int)firstCheckpoint + 2, entry => entry["actor"] = "somebody");
            bundle.Rechain("coordinator");
        });
        Named(verdict, AuditFindingCode.CheckpointContradictsEntries, Log, firstCheckpoint);
    }

    [Fact]
    public async Task T2_removed_entries_are_named()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            List<string> lines = bundle.Lines("coordinator");
            lines.RemoveRange(12, 2);
            bundle.Write("coordinator", lines);
        });
        Named(verdict, AuditFindingCode.EntryRemoved, Log, 12);
        Lacks(verdict, AuditFindingCode.EntryAltered, AuditFindingCode.EntryReordered);
    }

    [Fact]
    public async Task T2_an_entry_removed_with_its_leaf_hash_is_named_by_the_numbers_of_the_others()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            List<string> lines = bundle.Lines("coordinator");
            lines.RemoveAt(12);
            bundle.Write("coordinator", lines);
            bundle.RewriteLeaves("coordinator");
        });
        Named(verdict, AuditFindingCode.EntryRemoved, Log, 12);
    }

    [Fact]
    public async Task T2_a_log_without_one_entry_that_its_owner_signed_anew_is_contradicted_by_all_others()
    {
        int removed = 0;
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            List<string> lines = bundle.Lines("coordinator");
            removed = bundle.IndexOf("coordinator", AuditEventType.RelayForwarded);
            lines.RemoveAt(removed);
            bundle.Write("coordinator", lines);
            bundle.Rechain("coordinator");
            bundle.Resign("coordinator");
        });
        Named(verdict, AuditFindingCode.QuorumNotMet, Log, null);
        Named(verdict, AuditFindingCode.LogRewritten, Log, null);
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.LogTruncated && finding.Log == Log);
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.EnvelopeNotForwarded && finding.Severity == AuditSeverity.Error);
    }

    [Fact]
    public async Task T3_reordered_entries_are_named()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            List<string> lines = bundle.Lines("coordinator");
            (lines[9], lines[10]) = (lines[10], lines[9]);
            bundle.Write("coordinator", lines);
        });
        AuditFinding moved = Assert.Single(verdict.Findings, finding => finding.Code == AuditFindingCode.EntryReordered);
        Assert.True(moved.EntryIndex is 9 or 10);
        Lacks(verdict, AuditFindingCode.EntryAltered, AuditFindingCode.EntryAdded, AuditFindingCode.EntryRemoved);
    }

    [Fact]
    public async Task T3_entries_reordered_with_their_leaf_hashes_are_named_by_their_numbers()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            List<string> lines = bundle.Lines("coordinator");
            string moved = lines[9];
            lines.RemoveAt(9);
            lines.Insert(14, moved);
            bundle.Write("coordinator", lines);
            bundle.RewriteLeaves("coordinator");
        });
        Named(verdict, AuditFindingCode.EntryReordered, Log, 9);
    }

    [Fact]
    public async Task An_entry_that_was_slipped_in_is_named()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            List<string> lines = bundle.Lines("coordinator");
            lines.Insert(11, lines[5].Replace("\"actor\":\"", "\"actor\":\"x", StringComparison.Ordinal));
            bundle.Write("coordinator", lines);
        });
        Named(verdict, AuditFindingCode.EntryAdded, Log, 11);
        Lacks(verdict, AuditFindingCode.EntryAltered, AuditFindingCode.EntryReordered, AuditFindingCode.EntryRemoved);
    }

    [Fact]
    public async Task A_copied_entry_is_an_added_one()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            List<string> lines = bundle.Lines("coordinator");
            lines.Insert(11, lines[5]);
            bundle.Write("coordinator", lines);
        });
        Named(verdict, AuditFindingCode.EntryAdded, Log, 11);
    }

    [Theory]
    [InlineData("coordinator", Log)]
    [InlineData("data-b", "data-b")]
    public async Task Entries_behind_the_last_checkpoint_are_named_though_they_are_well_chained(string owner, string log)
    {
        int size = 0;
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            List<string> lines = bundle.Lines(owner);
            size = lines.Count;
            lines.Add(lines[^1]);
            lines.Add(lines[^1]);
            bundle.Write(owner, lines);
            bundle.Rechain(owner);
        });
        Named(verdict, AuditFindingCode.EntryNotCovered, log, size);
        Lacks(verdict, AuditFindingCode.EntryAdded, AuditFindingCode.LogRewritten);
    }

    [Fact]
    public async Task T4_a_log_cut_back_to_an_earlier_checkpoint_is_a_rollback_that_the_parties_recorded()
    {
        long size = 0;
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            string[] checkpoints = bundle.Checkpoints("coordinator");
            size = SignedCheckpoint.Parse(File.ReadAllBytes(checkpoints[0])).Checkpoint.Size;
            foreach (string later in checkpoints[1..]) File.Delete(later);
            bundle.Write("coordinator", bundle.Lines("coordinator").Take((int)size));
            bundle.RewriteLeaves("coordinator");
        });
        Named(verdict, AuditFindingCode.LogTruncated, Log, size);
        Lacks(verdict, AuditFindingCode.QuorumNotMet, AuditFindingCode.LogRewritten);
    }

    [Fact]
    public async Task T4_entries_cut_below_the_own_checkpoint_are_named()
    {
        int size = 0;
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            List<string> lines = bundle.Lines("data-c");
            size = lines.Count - 1;
            bundle.Write("data-c", lines.SkipLast(1));
            bundle.RewriteLeaves("data-c");
        });
        Named(verdict, AuditFindingCode.LogTruncated, "data-c", size);
    }

    [Fact]
    public async Task T5_replaced_leaf_hashes_are_told_apart_from_replaced_entries()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            string path = bundle.PathOf("logs", "coordinator", "leaves.sha256");
            byte[] leaves = File.ReadAllBytes(path);
            leaves[(7 * 32) + 3] ^= 1;
            File.WriteAllBytes(path, leaves);
        });
        Named(verdict, AuditFindingCode.LeafRecordDamaged, Log, 7);
        Assert.Single(verdict.Findings, finding => finding.Severity == AuditSeverity.Error);
    }

    [Fact]
    public async Task T6_a_second_history_of_the_same_size_is_a_fork_proved_by_the_signature_that_a_witness_logged()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            bundle.Edit("coordinator", 17, entry => entry["actor"] = "somebody");
            bundle.Rechain("coordinator");
            bundle.Resign("coordinator");
        });
        Named(verdict, AuditFindingCode.LogForked, Log, null);
        Named(verdict, AuditFindingCode.QuorumNotMet, Log, null);
        // The cosigned head before the change was signed too, but of another size.
        Named(verdict, AuditFindingCode.LogRewritten, Log, null);
    }

    [Fact]
    public async Task T6_two_heads_of_one_size_in_the_logs_own_folder_are_a_fork()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
            File.WriteAllBytes(bundle.PathOf("logs", "coordinator", "checkpoints", "other.note"), bundle.SignHead("coordinator", bundle.Tree("coordinator").Size, Sha256Hash.Of("x"u8)).ToBytes()));
        Named(verdict, AuditFindingCode.LogForked, Log, null);
        Assert.Single(verdict.Findings, finding => finding.Severity == AuditSeverity.Error);
    }

    [Fact]
    public async Task T6_a_forked_head_that_a_witness_kept_is_enough()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
            File.WriteAllBytes(bundle.PathOf("logs", "data-b", "witness", "x.fork-1.note"), bundle.SignHead("coordinator", bundle.Tree("coordinator").Size, Sha256Hash.Of("x"u8)).ToBytes()));
        Named(verdict, AuditFindingCode.LogForked, Log, null);
    }

    [Fact]
    public async Task T7_a_checkpoint_with_too_few_cosignatures_does_not_meet_the_quorum()
    {
        AuditVerdict verdict = await TamperAsync(bundle => EditLastNote(bundle, lines => [.. lines.Where(line => !line.StartsWith("— data-", StringComparison.Ordinal))]));
        Named(verdict, AuditFindingCode.QuorumNotMet, Log, null);
        Assert.Single(verdict.Findings, finding => finding.Severity == AuditSeverity.Error);
    }

    [Fact]
    public async Task T8_a_cosignature_moved_from_another_checkpoint_is_not_valid()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            string old = File.ReadAllLines(bundle.Checkpoints("coordinator")[0]).Single(line => line.StartsWith("— data-b ", StringComparison.Ordinal));
            EditLastNote(bundle, lines => [.. lines.Select(line => line.StartsWith("— data-b ", StringComparison.Ordinal) ? old : line)]);
        });
        Named(verdict, AuditFindingCode.CosignatureInvalid, Log, null);
    }

    [Fact]
    public async Task T9_cosignatures_of_nobody_known_count_for_nothing()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            using var stranger = Ed25519PrivateKey.Generate();
            string path = bundle.Checkpoints("coordinator")[^1];
            SignedCheckpoint head = SignedCheckpoint.Parse(File.ReadAllBytes(path));
            var clock = new ManualTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_772_000_000));
            string[] forged = [.. TestLab.PartyNames.Select(name => NoteSigner.ForWitness(name, stranger, clock).Sign(head.Note.Text.Span).ToLine())];
            EditLastNote(bundle, lines => [.. lines.Where(line => !TestLab.PartyNames.Any(name => line.StartsWith($"— {name} ", StringComparison.Ordinal))), .. forged]);
        });
        Named(verdict, AuditFindingCode.QuorumNotMet, Log, null);
        Assert.Equal(3, verdict.Findings.Count(finding => finding.Code == AuditFindingCode.CosignatureUnknown));
    }

    [Fact]
    public async Task One_party_with_two_names_does_not_count_twice()
    {
        using var copy = new TemporaryFolder();
        TemporaryFolder.Copy(original.Bundle.FullName, copy.FullName);
        var bundle = new BundleTamperer(copy);
        bundle.EditDescription(description =>
        {
            JsonArray parties = description["parties"]!.AsArray();
            using Ed25519PrivateKey key = bundle.KeyOf("data-b");
            parties[2]!["cosigningKey"] = VerifierKey.ForWitness("data-c", key.PublicKey).ToString();
        });
        await Assert.ThrowsAsync<AuditFormatException>(() => AuditVerifier.VerifyAsync(copy.FullName, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task T25_a_time_that_goes_back_is_named()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            bundle.Edit("data-b", 5, entry => entry["time"] = "2026-02-01T00:00:00.000Z");
            bundle.Rechain("data-b");
            bundle.Resign("data-b");
        });
        Named(verdict, AuditFindingCode.TimeWentBack, "data-b", 5);
    }

    [Fact]
    public async Task A_party_that_rewrites_and_signs_its_log_anew_is_contradicted_by_the_coordinators_log()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            bundle.Edit("data-b", 2, entry => entry["actor"] = "somebody");
            bundle.Rechain("data-b");
            bundle.Resign("data-b");
        });
        Named(verdict, AuditFindingCode.LogRewritten, "data-b", null);
        Lacks(verdict, AuditFindingCode.EntryAltered);
    }

    [Fact]
    public async Task A_rewritten_log_that_keeps_its_old_checkpoints_contradicts_itself()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            bundle.Edit("data-b", 2, entry => entry["actor"] = "somebody");
            List<string> lines = bundle.Lines("data-b");
            bundle.Write("data-b", lines.Append(lines[^1]));
            bundle.Rechain("data-b");
            bundle.Resign("data-b", keepOthers: true);
        });
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.LogRewritten && finding.Log == "data-b" && finding.Text.Contains("own checkpoint", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{\"actor\":\"a\",\"actor\":\"b\"}")]
    [InlineData("{ }")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{}")]
    public async Task T29_lines_that_are_no_canonical_entries_are_named(string line)
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            List<string> lines = bundle.Lines("coordinator");
            lines[6] = line;
            bundle.Write("coordinator", lines);
        });
        Named(verdict, AuditFindingCode.EntryMalformed, Log, 6);
        Named(verdict, AuditFindingCode.EntryAltered, Log, 6);
    }

    [Fact]
    public async Task T29_an_entry_written_with_a_duplicate_member_from_the_start_is_named_though_every_hash_fits()
    {
        int last = 0;
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            List<string> lines = bundle.Lines("data-c");
            last = lines.Count - 1;
            lines[^1] = "{\"actor\":\"data-c\"," + lines[^1][1..];
            bundle.Write("data-c", lines);
            bundle.RewriteLeaves("data-c");
            bundle.Resign("data-c");
        });
        Named(verdict, AuditFindingCode.EntryMalformed, "data-c", last);
        Lacks(verdict, AuditFindingCode.EntryAltered);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 62)]
    public async Task T31_a_signed_head_of_a_huge_size_is_a_truncated_log(long size)
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
            File.WriteAllBytes(bundle.PathOf("logs", "data-b", "checkpoints", "huge.note"), bundle.SignHead("data-b", size, Sha256Hash.Of("x"u8)).ToBytes()));
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.LogTruncated && finding.Log == "data-b");
    }

    [Fact]
    public async Task T31_an_empty_log_is_a_truncated_one()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            bundle.Write("coordinator", []);
            bundle.RewriteLeaves("coordinator");
        });
        Named(verdict, AuditFindingCode.LogTruncated, Log, 0);
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.PartyNotJoined);
    }

    [Fact]
    public async Task A_log_without_checkpoints_and_one_signed_by_another_key_are_not_believed()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            foreach (string file in bundle.Checkpoints("data-c")) File.Delete(file);
            using var stranger = Ed25519PrivateKey.Generate();
            MerkleTree tree = bundle.Tree("data-b");
            File.WriteAllBytes(
                bundle.PathOf("logs", "data-b", "checkpoints", "forged.note"),
                SignedCheckpoint.Sign(new Checkpoint("data-b", tree.Size, tree.Root), NoteSigner.ForLog("data-b", stranger)).ToBytes());
        });
        Named(verdict, AuditFindingCode.CheckpointMissing, "data-c", null);
        Named(verdict, AuditFindingCode.CheckpointSignatureInvalid, "data-b", null);
    }

    [Fact]
    public async Task A_log_under_another_key_than_its_owners_is_named()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            using var stranger = Ed25519PrivateKey.Generate();
            var key = VerifierKey.ForLog("data-b", stranger.PublicKey);
            File.WriteAllText(bundle.PathOf("logs", "data-b", "log.json"), $$"""{"key":"{{key}}","log":"data-b","v":1}""");
        });
        Named(verdict, AuditFindingCode.LogIdentityWrong, "data-b", null);
    }

    [Fact]
    public async Task Without_the_coordinators_log_nothing_holds()
    {
        AuditVerdict verdict = await TamperAsync(bundle => Directory.Delete(bundle.PathOf("logs", "coordinator"), recursive: true));
        Named(verdict, AuditFindingCode.CoordinatorLogMissing, Log, null);
    }

    [Fact]
    public async Task Missing_and_unreadable_files_of_a_log_are_named()
    {
        AuditVerdict verdict = await TamperAsync(bundle =>
        {
            File.Delete(bundle.PathOf("logs", "data-b", "entries.jsonl"));
            File.WriteAllBytes(bundle.PathOf("logs", "data-c", "leaves.sha256"), new byte[33]);
            File.WriteAllText(bundle.PathOf("logs", "bank-a", "checkpoints", "x.note"), "nonsense");
            File.WriteAllText(bundle.PathOf("logs", "bank-a", "surplus.txt"), "nonsense");
        });
        foreach (string log in (string[])["data-b", "data-c", "bank-a"]) Named(verdict, AuditFindingCode.FileUnreadable, log, null);
        Named(verdict, AuditFindingCode.FileUnexpected, "bank-a", null);
    }

    private static void EditLastNote(BundleTamperer bundle, Func<string[], string[]> change)
    {
        string path = bundle.Checkpoints("coordinator")[^1];
        File.WriteAllText(path, string.Join('\n', change(File.ReadAllLines(path))) + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }
}
