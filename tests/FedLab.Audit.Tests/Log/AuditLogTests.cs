using System.Text;
using System.Text.Json.Nodes;
using FedLab.Curve25519;

namespace FedLab.Audit.Tests.Log;

/// <summary>The log in its folder: what it writes, what survives, what it refuses.</summary>
public sealed class AuditLogTests : IDisposable
{
    private const string Name = "fedlab.example/audit";
    private static readonly Sha256Hash SomeHash = Sha256Hash.Of("some"u8);

    private readonly TemporaryFolder _folder = new();
    private readonly Ed25519PrivateKey _key = Ed25519PrivateKey.FromSeed([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));

    private string Entries => _folder["entries.jsonl"];

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    private Task<AuditLog> OpenAsync() => AuditLog.OpenAsync(_folder.FullName, Name, _key, _clock, TestContext.Current.CancellationToken);

    private static AuditEvent Event(int i) => AuditEvent.RunStarted("run-" + i, 1, SomeHash);

    private async Task FillAsync(int from, int to, bool flush = true)
    {
        await using AuditLog log = await OpenAsync();
        for (int i = from; i < to; i++) await log.AppendAsync(Event(i), TestContext.Current.CancellationToken);
        if (flush) await log.FlushAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_entry_is_written_as_the_known_canonical_line()
    {
        await using (AuditLog log = await OpenAsync())
        {
            AuditReceipt receipt = await log.AppendAsync(AuditEvent.RunAborted("run-7", 2, "party-lost") with { Actor = "bank-a" }, TestContext.Current.CancellationToken);
            Assert.Equal(0, receipt.Index);
        }

        const string Expected = """{"actor":"bank-a","body":{"attempt":2,"reason":"party-lost"},"log":"fedlab.example/audit","prev":"0000000000000000000000000000000000000000000000000000000000000000","run":"run-7","seq":0,"time":"2026-01-02T03:04:05.678Z","type":"run.aborted","v":1}""";
        Assert.Equal(Expected + "\n", await File.ReadAllTextAsync(Entries, TestContext.Current.CancellationToken));
        Assert.Equal(MerkleHasher.HashLeaf(Encoding.UTF8.GetBytes(Expected)).ToArray(), await File.ReadAllBytesAsync(_folder["leaves.sha256"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_appended_is_read_back_and_is_in_the_tree_after_reopening()
    {
        await FillAsync(0, 10);
        await FillAsync(10, 25);
        await using AuditLog log = await OpenAsync();
        Assert.Equal(25, log.Size);
        var range = new CompactRange();
        Sha256Hash previous = AuditEntry.PreviousOfFirst;
        await foreach (AuditEntry entry in log.ReadAsync(0, log.Size, TestContext.Current.CancellationToken))
        {
            Assert.Equal(range.Size, entry.Sequence);
            Assert.Equal("run-" + entry.Sequence, entry.Run);
            Assert.Equal(Name, entry.Actor);
            Assert.Equal(AuditEventType.RunStarted, entry.Type);
            Assert.Equal(previous, entry.Previous);
            Assert.Equal(_clock.Now, entry.Time);
            Assert.True(JsonNode.DeepEquals(Event(0).Body, entry.Body));
            Assert.True(MerkleProof.VerifyInclusion(entry.Sequence, 25, entry.LeafHash, log.InclusionProof(entry.Sequence, 25), log.Root));
            previous = entry.LeafHash;
            range.Append(entry.LeafHash);
        }

        Assert.Equal(range.Root(), log.Root);
        Assert.True(MerkleProof.VerifyConsistency(7, 25, log.RootAt(7), log.Root, log.ConsistencyProof(7, 25)));
    }

    [Fact]
    public async Task Entries_that_were_not_flushed_survive_the_process_though_their_hashes_are_not_yet_recorded()
    {
        await FillAsync(0, 10);
        // As after a kill: the entries are in the file, the acknowledgement is not.
        byte[] leaves = await File.ReadAllBytesAsync(_folder["leaves.sha256"], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder["leaves.sha256"], leaves[..(6 * 32 + 5)], TestContext.Current.CancellationToken);
        await using AuditLog log = await OpenAsync();
        Assert.Equal(10, log.Size);
        Assert.Equal(leaves, await File.ReadAllBytesAsync(_folder["leaves.sha256"], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("{\"actor\":\"fed")]
    [InlineData("\0\0\0\0\0\0")]
    [InlineData("garbage with an end\n")]
    [InlineData("garbage with an end\n\0\0\0more")]
    public async Task A_torn_end_is_cut_off_and_the_log_goes_on(string torn)
    {
        await FillAsync(0, 5);
        byte[] whole = await File.ReadAllBytesAsync(Entries, TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(Entries, torn, TestContext.Current.CancellationToken);
        await using (AuditLog log = await OpenAsync())
        {
            Assert.Equal(5, log.Size);
            Assert.Equal(whole, await ReadSharedAsync(Entries));
        }

        await FillAsync(5, 6);
        await using AuditLog again = await OpenAsync();
        Assert.Equal(6, again.Size);
    }

    [Fact]
    public async Task A_last_entry_cut_anywhere_before_it_was_acknowledged_is_dropped_and_the_rest_kept()
    {
        await FillAsync(0, 3);
        byte[] whole = await File.ReadAllBytesAsync(Entries, TestContext.Current.CancellationToken);
        byte[] leaves = await File.ReadAllBytesAsync(_folder["leaves.sha256"], TestContext.Current.CancellationToken);
        int lastBegin = whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (int length = lastBegin; length < whole.Length; length += 13)
        {
            await File.WriteAllBytesAsync(Entries, whole[..length], TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(_folder["leaves.sha256"], leaves[..64], TestContext.Current.CancellationToken);
            await using AuditLog log = await OpenAsync();
            Assert.Equal(2, log.Size);
        }
    }

    [Fact]
    public async Task A_damaged_entry_is_an_error_that_names_it_and_changes_nothing()
    {
        await FillAsync(0, 8);
        byte[] whole = await File.ReadAllBytesAsync(Entries, TestContext.Current.CancellationToken);
        int[] begins = [0, .. Enumerable.Range(0, whole.Length).Where(i => whole[i] == '\n').Select(i => i + 1)];
        for (int index = 0; index < 8; index++)
        {
            foreach (int offset in (int[])[0, 40, begins[index + 1] - begins[index] - 1])
            {
                byte[] damaged = [.. whole];
                damaged[begins[index] + offset] ^= 4;
                await File.WriteAllBytesAsync(Entries, damaged, TestContext.Current.CancellationToken);
                var exception = await Assert.ThrowsAsync<AuditFormatException>(OpenAsync);
                Assert.Equal(index, exception.EntryIndex);
                Assert.Equal(damaged, await File.ReadAllBytesAsync(Entries, TestContext.Current.CancellationToken));
            }
        }
    }

    [Fact]
    public async Task A_missing_end_that_was_acknowledged_or_signed_is_an_error()
    {
        await FillAsync(0, 8);
        byte[] whole = await File.ReadAllBytesAsync(Entries, TestContext.Current.CancellationToken);
        byte[] leaves = await File.ReadAllBytesAsync(_folder["leaves.sha256"], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Entries, whole[..(whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1)], TestContext.Current.CancellationToken);
        Assert.Equal(7, (await Assert.ThrowsAsync<AuditFormatException>(OpenAsync)).EntryIndex);

        await File.WriteAllBytesAsync(Entries, whole, TestContext.Current.CancellationToken);
        await using (AuditLog log = await OpenAsync()) await log.CreateCheckpointAsync(TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Entries, whole[..^1], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder["leaves.sha256"], leaves[..32], TestContext.Current.CancellationToken);
        Assert.Equal(7, (await Assert.ThrowsAsync<AuditFormatException>(OpenAsync)).EntryIndex);
    }

    [Fact]
    public async Task A_damaged_entry_in_the_middle_of_unacknowledged_ones_is_an_error_too()
    {
        await FillAsync(0, 8);
        byte[] whole = await File.ReadAllBytesAsync(Entries, TestContext.Current.CancellationToken);
        int[] feeds = [.. Enumerable.Range(0, whole.Length).Where(i => whole[i] == '\n')];
        whole[feeds[4] + 10] ^= 1;
        await File.WriteAllBytesAsync(Entries, whole, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder["leaves.sha256"], [], TestContext.Current.CancellationToken);
        Assert.Equal(5, (await Assert.ThrowsAsync<AuditFormatException>(OpenAsync)).EntryIndex);
    }

    [Fact]
    public async Task Checkpoints_are_signed_kept_and_given_again_while_nothing_is_new()
    {
        using var witnessKey = Ed25519PrivateKey.Generate();
        var witness = NoteSigner.ForWitness("bank-a", witnessKey, _clock);
        await using (AuditLog log = await OpenAsync())
        {
            await log.AppendAsync(Event(0), TestContext.Current.CancellationToken);
            SignedCheckpoint first = await log.CreateCheckpointAsync(TestContext.Current.CancellationToken);
            Assert.Same(first, await log.CreateCheckpointAsync(TestContext.Current.CancellationToken));
            await log.AppendAsync(Event(1), TestContext.Current.CancellationToken);
            SignedCheckpoint second = await log.CreateCheckpointAsync(TestContext.Current.CancellationToken);
            Assert.Equal(2, second.Checkpoint.Size);
            NoteSignature cosignature = witness.Sign(second.Note.Text.Span);
            await log.AddCosignatureAsync(2, cosignature, witness.Key, TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<AuditException>(() => log.AddCosignatureAsync(1, cosignature, witness.Key, TestContext.Current.CancellationToken));
            await Assert.ThrowsAsync<AuditException>(() => log.AddCosignatureAsync(3, cosignature, witness.Key, TestContext.Current.CancellationToken));
        }

        await using AuditLog again = await OpenAsync();
        Assert.Equal([1L, 2L], again.Checkpoints.Select(checkpoint => checkpoint.Checkpoint.Size));
        Assert.Equal(2, again.LatestCheckpoint!.Note.Verify(again.Key, witness.Key).Valid.Count);
        Assert.True(MerkleProof.VerifyConsistency(1, 2, again.Checkpoints[0].Checkpoint.Root, again.Checkpoints[1].Checkpoint.Root, again.ConsistencyProof(1, 2)));
    }

    [Fact]
    public async Task A_second_writer_another_name_and_another_key_are_refused()
    {
        await using (AuditLog log = await OpenAsync())
        {
            var exception = await Assert.ThrowsAsync<AuditException>(OpenAsync);
            Assert.Contains(_folder.FullName, exception.Message, StringComparison.Ordinal);
        }

        using var other = Ed25519PrivateKey.Generate();
        await Assert.ThrowsAsync<AuditFormatException>(() => AuditLog.OpenAsync(_folder.FullName, Name, other, _clock, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<AuditFormatException>(() => AuditLog.OpenAsync(_folder.FullName, "other", _key, _clock, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(() => AuditLog.OpenAsync(_folder["x"], "two words", _key, _clock, TestContext.Current.CancellationToken));
        await using AuditLog reopened = await OpenAsync();
        Assert.Equal(0, reopened.Size);
    }

    [Fact]
    public async Task Time_never_goes_back_in_a_log_even_when_the_clock_does()
    {
        await using AuditLog log = await OpenAsync();
        DateTimeOffset start = _clock.Now;
        await log.AppendAsync(Event(0), TestContext.Current.CancellationToken);
        _clock.Now = start - TimeSpan.FromHours(1);
        await log.AppendAsync(Event(1), TestContext.Current.CancellationToken);
        _clock.Now = start + TimeSpan.FromSeconds(1);
        await log.AppendAsync(Event(2), TestContext.Current.CancellationToken);
        var times = new List<DateTimeOffset>();
        await foreach (AuditEntry entry in log.ReadAsync(0, 3, TestContext.Current.CancellationToken)) times.Add(entry.Time);
        Assert.Equal([start, start, start + TimeSpan.FromSeconds(1)], times);
    }

    [Fact]
    public async Task Many_threads_append_one_contiguous_log()
    {
        const int Threads = 8;
        const int Each = 250;
        await using (AuditLog log = await OpenAsync())
        {
            AuditReceipt[][] receipts = await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
            {
                var mine = new List<AuditReceipt>();
                for (int i = 0; i < Each; i++)
                {
                    mine.Add(await log.AppendAsync(Event((thread * Each) + i), TestContext.Current.CancellationToken));
                    if (i % 50 == 0) await log.FlushAsync(TestContext.Current.CancellationToken);
                    if (i % 100 == 0) await log.CreateCheckpointAsync(TestContext.Current.CancellationToken);
                }

                return mine.ToArray();
            })));
            Assert.Equal(Enumerable.Range(0, Threads * Each).Select(i => (long)i), receipts.SelectMany(mine => mine).Select(receipt => receipt.Index).Order());
        }

        await using AuditLog again = await OpenAsync();
        Assert.Equal(Threads * Each, again.Size);
    }

    [Fact]
    public async Task Whoever_writes_while_the_log_is_closed_is_told_and_nobody_waits_for_ever()
    {
        for (int round = 0; round < 30; round++)
        {
            AuditLog log = await OpenAsync();
            Task[] writers = [.. Enumerable.Range(0, 6).Select(writer => Task.Run(async () =>
            {
                for (int i = 0; ; i++)
                {
                    await log.AppendAsync(Event(i), TestContext.Current.CancellationToken);
                    if (writer % 2 == 0) await log.FlushAsync(TestContext.Current.CancellationToken);
                    else await log.CreateCheckpointAsync(TestContext.Current.CancellationToken);
                }
            }))];
            await Task.Delay(round, TestContext.Current.CancellationToken);
            await log.DisposeAsync();
            foreach (Task writer in writers) await Assert.ThrowsAsync<ObjectDisposedException>(() => writer.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        }

        await using AuditLog again = await OpenAsync();
        Assert.True(again.Size > 0);
    }

    [Fact]
    public async Task Events_that_could_carry_a_subject_or_free_text_are_refused()
    {
        await using AuditLog log = await OpenAsync();
        AuditEvent[] refused =
        [
            new("customer.seen", Run: null, []),
            AuditEvent.PolicyDenied(run: null, "bank-a", "the director Mr Wang has debts"),
            AuditEvent.RunAborted("run", 1, "91310000MA1FL0Q123 failed"),
            AuditEvent.RunStarted("", 1, SomeHash),
            AuditEvent.RunStarted("run", -1, SomeHash),
            AuditEvent.RunStarted(new string('x', 129), 1, SomeHash),
            AuditEvent.RunStarted("run", 1, SomeHash) with { Actor = "a\nb" },
            new(AuditEventType.RunStarted, "run", new JsonObject { ["attempt"] = 1 }),
            new(AuditEventType.RunStarted, Run: null, Event(0).Body),
            new(AuditEventType.RunStarted, "run", new JsonObject { ["attempt"] = 1, ["specSha256"] = SomeHash.ToHex(), ["note"] = "x" }),
            new(AuditEventType.RunStarted, "run", new JsonObject { ["attempt"] = "1", ["specSha256"] = SomeHash.ToHex() }),
            new(AuditEventType.RunStarted, "run", new JsonObject { ["attempt"] = 1, ["specSha256"] = SomeHash.ToHex().ToUpperInvariant() }),
        ];
        foreach (AuditEvent @event in refused) await Assert.ThrowsAsync<ArgumentException>(async () => await log.AppendAsync(@event, TestContext.Current.CancellationToken));
        Assert.Equal(0, log.Size);
    }

    [Fact]
    public async Task An_export_is_a_log_that_opens_with_the_same_head()
    {
        using var copy = new TemporaryFolder();
        Sha256Hash root;
        await using (AuditLog log = await OpenAsync())
        {
            for (int i = 0; i < 300; i++) await log.AppendAsync(Event(i), TestContext.Current.CancellationToken);
            await log.CreateCheckpointAsync(TestContext.Current.CancellationToken);
            root = log.Root;
            await log.ExportAsync(copy.FullName, TestContext.Current.CancellationToken);
        }

        await using AuditLog exported = await AuditLog.OpenAsync(copy.FullName, Name, _key, _clock, TestContext.Current.CancellationToken);
        Assert.Equal(root, exported.Root);
        Assert.Equal(300, exported.LatestCheckpoint!.Checkpoint.Size);
    }

    [Fact]
    public async Task A_forged_or_foreign_checkpoint_in_the_folder_is_an_error()
    {
        await FillAsync(0, 4);
        using var other = Ed25519PrivateKey.Generate();
        string path = _folder["checkpoints", "0000000000000004.note"];
        var head = new Checkpoint(Name, 4, SomeHash);
        await File.WriteAllBytesAsync(path, SignedCheckpoint.Sign(head, NoteSigner.ForLog(Name, other)).ToBytes(), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<AuditFormatException>(OpenAsync);
        await File.WriteAllBytesAsync(path, SignedCheckpoint.Sign(head, NoteSigner.ForLog(Name, _key)).ToBytes(), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<AuditFormatException>(OpenAsync);
        await File.WriteAllBytesAsync(path, "not a note"u8.ToArray(), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<AuditFormatException>(OpenAsync);
    }

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}
