using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using FedLab.Lattice.Multiparty;

namespace FedLab.Lattice.Tests.Multiparty;

public sealed class ShareLedgerTests : IDisposable
{
    private const string ChildVariable = "FEDLAB_TEST_LEDGER_CHILD";

    private static readonly LatticeContext Context = new(LatticeParameters.Create(2048, 1, 50));
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 30, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-ledger-").FullName;

    private string LedgerFile => Path.Combine(_folder, "party", "shares.ledger");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_second_fresh_share_is_refused_across_restarts_and_the_stored_one_is_identical()
    {
        var clock = new FixedClock(Start);
        byte[] share = [1, 2, 3, 4, 5];
        using (var ledger = Open(clock))
        {
            ledger.Reserve(Request(1));
            ledger.Store(Request(1), share);
            Assert.Throws<ShareAlreadyGivenException>(() => ledger.Reserve(Request(1)));
        }

        clock.Now = Start.AddDays(3);
        using (var ledger = Open(clock))
        {
            var refusal = Assert.Throws<ShareAlreadyGivenException>(() => ledger.Reserve(Request(1)));
            Assert.Equal(Start, refusal.GivenAt);
            Assert.Equal(CollectiveProtocolKind.KeySwitchToPublicKey, refusal.Protocol);
            Assert.True(refusal.IsCertain && refusal.IsSameRequest);
            Assert.Contains("2026-03-01 08:30:00Z", refusal.Message, StringComparison.Ordinal);
            Assert.Contains(Convert.ToHexStringLower(Request(1).Subject(0)), refusal.Message, StringComparison.Ordinal);
            Assert.Contains("may be sent again", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(share, Stored(ledger, Request(1)));

            // Another active set, transcript or protocol for the same ciphertext is a repetition, and has no stored share.
            foreach (var other in new[] { Request(1, parties: PartySet.Of(0, 2)), Request(1, run: 9), Request(1, kind: CollectiveProtocolKind.PartialDecryption) })
            {
                var repetition = Assert.Throws<ShareAlreadyGivenException>(() => ledger.Reserve(other));
                Assert.False(repetition.IsSameRequest);
                Assert.Contains("Re-randomise", repetition.Message, StringComparison.Ordinal);
                Assert.Null(Stored(ledger, other));
            }

            ledger.Reserve(Request(2));
            ledger.Store(Request(2), share);
            Assert.Equal(2, ledger.Count);
        }
    }

    [Fact]
    public void A_reservation_without_a_share_counts_as_possibly_given()
    {
        using (var ledger = Open())
            ledger.Reserve(Request(1));
        using (var ledger = Open())
        {
            var refusal = Assert.Throws<ShareAlreadyGivenException>(() => ledger.Reserve(Request(1)));
            Assert.False(refusal.IsCertain);
            Assert.Contains("may have been given", refusal.Message, StringComparison.Ordinal);
            Assert.Null(Stored(ledger, Request(1)));
            Assert.Throws<InvalidOperationException>(() => ledger.Store(Request(2), [1]));
            ledger.Reserve(Request(2));
        }
    }

    [Fact]
    public void Several_subjects_are_spent_together_or_not_at_all()
    {
        using var ledger = Open();
        ledger.Reserve(Request(1));
        Assert.Throws<ShareAlreadyGivenException>(() => ledger.Reserve(Request(2, 3, 1, 4)));
        Assert.Throws<ArgumentException>(() => ledger.Reserve(Request(5, 5)));
        ledger.Reserve(Request(2, 3, 4));
        ledger.Store(Request(2, 3, 4), [7]);
        Assert.Throws<InvalidOperationException>(() => ledger.Store(Request(2, 3, 4), [7]));
        ledger.Dispose();
        using var again = Open();
        foreach (var subject in new[] { 1, 2, 3, 4 })
            Assert.Throws<ShareAlreadyGivenException>(() => again.Reserve(Request(subject)));
        Assert.Equal([7], Stored(again, Request(2, 3, 4))!);
        again.Reserve(Request(5));
    }

    [Fact]
    public void Cut_anywhere_in_its_last_record_the_ledger_never_gives_the_share_again()
    {
        byte[] whole;
        long before;
        using (var ledger = Open())
        {
            ledger.Reserve(Request(1));
            ledger.Store(Request(1), [1]);
            before = new FileInfo(LedgerFile).Length;
            ledger.Reserve(Request(2));
        }

        whole = File.ReadAllBytes(LedgerFile);
        Assert.Equal(before + LedgerRecord.Bytes, whole.Length);
        // Around every field: each opening flushes to the disk, so not all 183.
        foreach (var cut in new[] { 1, 31, 32, 33, 39, 40, 47, 48, 49, 56, 88, 120, 151, 152, 183 })
        {
            var isNamed = cut >= 48;

            // Cut, or of full length with what follows the cut never written.
            foreach (var isPadded in new[] { false, true })
            {
                var torn = whole[..(int)(before + cut)];
                if (isPadded)
                    Array.Resize(ref torn, whole.Length);
                if (torn.AsSpan().SequenceEqual(whole))
                    continue;
                File.WriteAllBytes(LedgerFile, torn);
                for (var restart = 0; restart < 2; restart++)
                {
                    using var ledger = Open();
                    Assert.Equal(!isNamed, ledger.IsSealed);
                    Assert.ThrowsAny<Exception>(() => ledger.Reserve(Request(1)));
                    if (isNamed)
                        Assert.False(Assert.Throws<ShareAlreadyGivenException>(() => ledger.Reserve(Request(2))).IsCertain);
                    else
                        Assert.Contains("no fresh share", Assert.Throws<ShareLedgerException>(() => ledger.Reserve(Request(2))).Message, StringComparison.Ordinal);
                    Assert.Equal([1], Stored(ledger, Request(1))!);
                }

                if (isNamed)
                {
                    // What comes after the mended record holds.
                    using (var ledger = Open())
                        ledger.Reserve(Request(3));
                    using var again = Open();
                    Assert.Throws<ShareAlreadyGivenException>(() => again.Reserve(Request(3)));
                }
            }
        }
    }

    [Fact]
    public void A_cut_completion_leaves_the_share_possibly_given()
    {
        using (var ledger = Open())
        {
            ledger.Reserve(Request(1));
            ledger.Store(Request(1), [1]);
        }

        var whole = File.ReadAllBytes(LedgerFile);
        foreach (var cut in new[] { 60, 183 })
        {
            File.WriteAllBytes(LedgerFile, whole[..^(LedgerRecord.Bytes - cut)]);
            using var ledger = Open();
            Assert.False(Assert.Throws<ShareAlreadyGivenException>(() => ledger.Reserve(Request(1))).IsCertain);
            ledger.Reserve(Request(2));
            Assert.Equal(2, ledger.Count);
        }
    }

    [Fact]
    public void A_damaged_ledger_does_not_open_and_says_what_to_do()
    {
        using (var ledger = Open())
        {
            for (var subject = 1; subject <= 3; subject++)
            {
                ledger.Reserve(Request(subject));
                ledger.Store(Request(subject), [1]);
            }
        }

        var whole = File.ReadAllBytes(LedgerFile);
        foreach (var position in new[] { 16, 16 + 33, 16 + 50, 16 + 183, 16 + (4 * LedgerRecord.Bytes) + 100 })
        {
            var damaged = whole.ToArray();
            damaged[position] ^= 4;
            File.WriteAllBytes(LedgerFile, damaged);
            var refusal = Assert.Throws<ShareLedgerException>(() => Open());
            Assert.Contains("new collective keys", refusal.Message, StringComparison.Ordinal);
            Assert.Contains($"record {(position - 16) / LedgerRecord.Bytes}", refusal.Message, StringComparison.Ordinal);
        }

        // A record taken out of the middle.
        File.WriteAllBytes(LedgerFile, [.. whole[..(16 + LedgerRecord.Bytes)], .. whole[(16 + (2 * LedgerRecord.Bytes))..]]);
        Assert.Throws<ShareLedgerException>(() => Open());
        File.WriteAllBytes(LedgerFile, "something else entirely"u8.ToArray());
        Assert.Contains("not a share ledger", Assert.Throws<ShareLedgerException>(() => Open()).Message, StringComparison.Ordinal);
        File.WriteAllBytes(LedgerFile, whole);
        Open().Dispose();
    }

    [Fact]
    public void A_missing_ledger_is_refused_and_an_existing_one_is_not_started_anew()
    {
        Assert.Contains("missing", Assert.Throws<ShareLedgerException>(() => FileShareLedger.Open(LedgerFile, TimeProvider.System)).Message, StringComparison.Ordinal);
        using (var ledger = FileShareLedger.Create(LedgerFile, TimeProvider.System))
            ledger.Reserve(Request(1));
        Assert.Contains("already", Assert.Throws<ShareLedgerException>(() => FileShareLedger.Create(LedgerFile, TimeProvider.System)).Message, StringComparison.Ordinal);
        using (var ledger = FileShareLedger.Open(LedgerFile, TimeProvider.System))
            Assert.Equal(1, ledger.Count);
        File.WriteAllBytes(LedgerFile, []);
        Assert.Throws<ShareLedgerException>(() => FileShareLedger.Open(LedgerFile, TimeProvider.System));
        File.Delete(LedgerFile);
        Assert.Contains("new collective keys", Assert.Throws<ShareLedgerException>(() => FileShareLedger.Open(LedgerFile, TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_are_there_in_Chinese()
    {
        var culture = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
            using var ledger = Open();
            ledger.Reserve(Request(1));
            Assert.Contains("重新随机化", Assert.Throws<ShareAlreadyGivenException>(() => ledger.Reserve(Request(1))).Message, StringComparison.Ordinal);
            Assert.Contains("另一进程", Assert.Throws<ShareLedgerException>(() => Open()).Message, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentUICulture = culture;
        }
    }

    [Fact]
    public void A_changed_or_missing_stored_share_is_not_sent()
    {
        using var ledger = Open();
        ledger.Reserve(Request(1));
        ledger.Store(Request(1), [1, 2, 3]);
        var stored = Assert.Single(Directory.GetFiles(LedgerFile + ".shares"));
        File.WriteAllBytes(stored, [1, 2, 4]);
        Assert.Contains(stored, Assert.Throws<ShareLedgerException>(() => Stored(ledger, Request(1))).Message, StringComparison.Ordinal);
        File.Delete(stored);
        Assert.Null(Stored(ledger, Request(1)));
    }

    [Fact]
    public void Files_are_for_their_owner_alone_and_a_wider_ledger_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "POSIX permissions");
        if (OperatingSystem.IsWindows())
            return;
        using (var ledger = Open())
        {
            ledger.Reserve(Request(1));
            ledger.Store(Request(1), [1]);
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(LedgerFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Directory.GetFiles(LedgerFile + ".shares")[0]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(LedgerFile)!));
        File.SetUnixFileMode(LedgerFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("640", Assert.Throws<ShareLedgerException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_that_is_open_is_refused_here_and_in_another_process()
    {
        using (Open())
            Assert.Contains("open in another process", Assert.Throws<ShareLedgerException>(() => Open()).Message, StringComparison.Ordinal);
        using var child = StartChild();
        Assert.StartsWith("stored", child.StandardOutput.ReadLine(), StringComparison.Ordinal);
        var refusal = Assert.Throws<ShareLedgerException>(() => Open());
        Assert.Contains("open in another process", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(LedgerFile, refusal.Message, StringComparison.Ordinal);
        child.Kill();
        child.WaitForExit();
    }

    [Fact]
    public void After_a_killed_process_every_share_that_it_gave_is_refused_and_identical()
    {
        for (var round = 0; round < 3; round++)
        {
            var given = 0;
            using (var child = StartChild())
            {
                for (var line = 0; line <= 20 * round; line++)
                    given = int.Parse(child.StandardOutput.ReadLine()!.Split(' ')[1], CultureInfo.InvariantCulture);
                child.Kill();
                given = child.StandardOutput.ReadToEnd().Split('\n').Where(line => line.StartsWith("stored ", StringComparison.Ordinal))
                    .Select(line => int.Parse(line.AsSpan(7), CultureInfo.InvariantCulture)).Append(given).Max();
                child.WaitForExit();
            }

            using var ledger = Open();
            for (var subject = 1; subject <= given; subject++)
            {
                Assert.True(Assert.Throws<ShareAlreadyGivenException>(() => ledger.Reserve(Request(subject))).IsCertain);
                Assert.Equal(BitConverter.GetBytes(subject), Stored(ledger, Request(subject)));
            }

            // At most one more was under way.
            Assert.InRange(ledger.Count, given, given + 1);
            Directory.Delete(Path.GetDirectoryName(LedgerFile)!, recursive: true);
        }
    }

    /// <summary>The program of the second process: gives shares until it is killed.</summary>
    [ModuleInitializer]
    internal static void RunAsChild()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is not { Length: > 0 } path)
            return;
        using var ledger = OpenOrCreate(path, TimeProvider.System);
        for (var subject = ledger.Count + 1; ; subject++)
        {
            ledger.Reserve(Request(subject));
            ledger.Store(Request(subject), BitConverter.GetBytes(subject));
            Console.Out.WriteLine($"stored {subject}");
            Console.Out.Flush();
        }
    }

    private static byte[]? Stored(FileShareLedger ledger, ShareRequest request)
    {
        var bytes = new ArrayBufferWriter<byte>();
        return ledger.TryRead(request, bytes) ? bytes.WrittenSpan.ToArray() : null;
    }

    [Fact]
    public void A_mask_times_a_number_is_the_same_subject()
    {
        var mask = new double[] { 0, 3, Context.Tables[0].Modulus - 2, 5, 0, 7, 11, 13 };
        var multiples = new[] { 1.0, 2, 12345678, Context.Tables[0].Modulus - 1 }.Select(factor => Subject([.. mask.Select(value => (double)((System.Numerics.BigInteger)value * (System.Numerics.BigInteger)factor % Context.Tables[0].Prime))])).ToArray();
        Assert.Single(multiples.Distinct(StringComparer.Ordinal));
        Assert.NotEqual(multiples[0], Subject([.. mask.Reverse()]));
        Assert.NotEqual(Subject(new double[8]), Subject([1, 0, 0, 0, 0, 0, 0, 0]));

        static string Subject(double[] mask) =>
            Convert.ToHexString(new ShareRequest(Context, CollectiveProtocolKind.KeySwitchToPublicKey, PartySet.All(2)).ForMasks(mask, mask.Length, new byte[32]).Subject(0));
    }

    private static ShareRequest Request(params int[] subjects) => Request(subjects, PartySet.All(3), CollectiveProtocolKind.KeySwitchToPublicKey, 0);

    private static ShareRequest Request(int subject, PartySet? parties = null, CollectiveProtocolKind kind = CollectiveProtocolKind.KeySwitchToPublicKey, int run = 0) =>
        Request([subject], parties ?? PartySet.All(3), kind, run);

    private static ShareRequest Request(int[] subjects, PartySet parties, CollectiveProtocolKind kind, int run) =>
        new ShareRequest(Context, kind, parties).ForMasks(subjects.SelectMany(subject => new double[] { 1, subject, 0, 0, 0, 0, 0, 0 }).ToArray(), 8, SHA256.HashData(BitConverter.GetBytes(run)));

    private Process StartChild()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, Path.GetFileName(Environment.ProcessPath!).StartsWith("dotnet", StringComparison.Ordinal) ? $"\"{typeof(ShareLedgerTests).Assembly.Location}\"" : string.Empty)
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[ChildVariable] = LedgerFile;
        return Process.Start(start)!;
    }

    private FileShareLedger Open(TimeProvider? clock = null) => OpenOrCreate(LedgerFile, clock ?? TimeProvider.System);

    private static FileShareLedger OpenOrCreate(string path, TimeProvider clock) =>
        File.Exists(path) ? FileShareLedger.Open(path, clock) : FileShareLedger.Create(path, clock);

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
