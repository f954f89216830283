using FedLab.Curve25519;

namespace FedLab.Audit.Tests.Log;

/// <summary>A witness cosigns what extends what it saw, refuses everything else with the reason, and keeps proof of a fork.</summary>
public sealed class WitnessTests : IDisposable
{
    private const string Origin = "fedlab.example/audit";

    private readonly TemporaryFolder _folder = new();
    private readonly Ed25519PrivateKey _logKey = Ed25519PrivateKey.Generate();
    private readonly Ed25519PrivateKey _witnessKey = Ed25519PrivateKey.Generate();
    private readonly ManualTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_767_225_600));
    private readonly MerkleTree _tree = Merkle.MerkleTreeTests.ByteTree(40);

    public void Dispose()
    {
        _logKey.Dispose();
        _witnessKey.Dispose();
        _folder.Dispose();
    }

    private Task<Witness> OpenAsync() =>
        Witness.OpenAsync(_folder.FullName, "bank-a", _witnessKey, [VerifierKey.ForLog(Origin, _logKey.PublicKey)], _clock, TestContext.Current.CancellationToken);

    private SignedCheckpoint Head(long size) => Head(Origin, size, _tree.RootAt(size), _logKey);

    private static SignedCheckpoint Head(string origin, long size, Sha256Hash root, Ed25519PrivateKey key) => SignedCheckpoint.Sign(new Checkpoint(origin, size, root), NoteSigner.ForLog(origin, key));

    private Task<WitnessDecision> Cosign(Witness witness, long oldSize, long newSize) =>
        witness.CosignAsync(oldSize, Head(newSize), _tree.ConsistencyProof(oldSize, newSize), TestContext.Current.CancellationToken);

    [Fact]
    public async Task Heads_that_extend_the_last_one_are_cosigned_also_after_a_restart()
    {
        using (Witness witness = await OpenAsync())
        {
            Assert.Null(witness.Latest(Origin));
            foreach ((long from, long to) in ((long, long)[])[(0, 0), (0, 1), (1, 5), (5, 5), (5, 12)])
            {
                WitnessDecision decision = await Cosign(witness, from, to);
                Assert.Equal(WitnessOutcome.Cosigned, decision.Outcome);
                Assert.True(witness.Key.Verify(Head(to).Note.Text.Span, decision.Cosignature!));
                Assert.Equal(_clock.Now, witness.Key.TimeOf(decision.Cosignature!));
                Assert.Equal(to, decision.LatestSize);
            }
        }

        using Witness again = await OpenAsync();
        Assert.Equal(12, again.Latest(Origin)!.Checkpoint.Size);
        Assert.Equal(WitnessOutcome.Cosigned, (await Cosign(again, 12, 40)).Outcome);
    }

    [Fact]
    public async Task Rollback_stale_proof_bad_proof_strange_log_and_wrong_key_are_refused_without_a_cosignature()
    {
        using Witness witness = await OpenAsync();
        await Cosign(witness, 0, 20);
        using var stranger = Ed25519PrivateKey.Generate();
        CancellationToken token = TestContext.Current.CancellationToken;
        (WitnessOutcome Expected, WitnessDecision Decision)[] cases =
        [
            (WitnessOutcome.Rollback, await witness.CosignAsync(20, Head(12), [], token)),
            (WitnessOutcome.SizeConflict, await Cosign(witness, 12, 30)),
            (WitnessOutcome.BadProof, await witness.CosignAsync(20, Head(30), [], token)),
            (WitnessOutcome.BadProof, await witness.CosignAsync(20, Head(30), _tree.ConsistencyProof(19, 30), token)),
            (WitnessOutcome.BadProof, await witness.CosignAsync(20, Head(Origin, 30, Sha256Hash.Of("x"u8), _logKey), _tree.ConsistencyProof(20, 30), token)),
            (WitnessOutcome.BadProof, await witness.CosignAsync(20, Head(20), [default], token)),
            (WitnessOutcome.UnknownLog, await witness.CosignAsync(0, Head("other", 30, _tree.RootAt(30), _logKey), [], token)),
            (WitnessOutcome.UntrustedSignature, await witness.CosignAsync(20, Head(Origin, 30, _tree.RootAt(30), stranger), _tree.ConsistencyProof(20, 30), token)),
        ];
        foreach ((WitnessOutcome expected, WitnessDecision decision) in cases)
        {
            Assert.Equal(expected, decision.Outcome);
            Assert.Null(decision.Cosignature);
            Assert.NotEmpty(decision.Reason);
        }

        Assert.Equal(20, witness.Latest(Origin)!.Checkpoint.Size);
        Assert.Empty(Directory.GetFiles(_folder.FullName, "*fork*"));
    }

    [Fact]
    public async Task A_fork_is_refused_and_both_heads_are_kept_as_a_proof_that_convinces_anybody()
    {
        using Witness witness = await OpenAsync();
        await Cosign(witness, 0, 20);
        WitnessDecision decision = await witness.CosignAsync(20, Head(Origin, 20, Sha256Hash.Of("another history"u8), _logKey), [], TestContext.Current.CancellationToken);
        Assert.Equal(WitnessOutcome.Fork, decision.Outcome);
        VerifierKey key = VerifierKey.ForLog(Origin, _logKey.PublicKey);
        Assert.True(decision.Equivocation!.Proves(key));

        SignedCheckpoint[] kept = [.. Directory.GetFiles(_folder.FullName, "*fork*").Select(file => SignedCheckpoint.Parse(File.ReadAllBytes(file)))];
        Assert.Equal(2, kept.Length);
        Assert.True(new EquivocationProof(kept[0], kept[1]).Proves(key));
        Assert.False(new EquivocationProof(kept[0], kept[0]).Proves(key));
        Assert.False(new EquivocationProof(kept[0], kept[1]).Proves(VerifierKey.ForLog(Origin, _witnessKey.PublicKey)));
        Assert.False(new EquivocationProof(Head(20), Head(21)).Proves(key));
    }

    [Fact]
    public async Task A_record_that_was_tampered_with_stops_the_witness()
    {
        using (Witness witness = await OpenAsync()) await Cosign(witness, 0, 20);
        string record = Assert.Single(Directory.GetFiles(_folder.FullName));
        byte[] bytes = await File.ReadAllBytesAsync(record, TestContext.Current.CancellationToken);
        bytes[Origin.Length + 1] = (byte)'1';
        await File.WriteAllBytesAsync(record, bytes, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<AuditFormatException>(OpenAsync);
    }

    [Fact]
    public async Task Of_two_heads_that_race_for_the_same_old_one_only_consistent_ones_are_cosigned()
    {
        using Witness witness = await OpenAsync();
        await Cosign(witness, 0, 10);
        WitnessDecision[] decisions = await Task.WhenAll(Enumerable.Range(11, 20).Select(size => Task.Run(() => Cosign(witness, 10, size))));
        Assert.Single(decisions, decision => decision.Outcome == WitnessOutcome.Cosigned);
        Assert.All(decisions.Where(decision => decision.Outcome != WitnessOutcome.Cosigned), decision => Assert.True(decision.Outcome is WitnessOutcome.SizeConflict or WitnessOutcome.Rollback));
    }
}
