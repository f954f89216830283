using System.Globalization;
using System.IO.Compression;
using System.Resources;
using System.Text.RegularExpressions;

namespace FedLab.Audit.Tests.Verification;

/// <summary>Files that nobody honest would hand over: they are refused or named, and never crash the verifier.</summary>
public sealed class HostileInputTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Paths_and_files_that_are_no_bundle_are_refused()
    {
        using var folder = new TemporaryFolder();
        await Assert.ThrowsAsync<AuditFormatException>(() => AuditVerifier.VerifyAsync(folder["missing"], None));
        await Assert.ThrowsAsync<AuditFormatException>(() => AuditVerifier.VerifyAsync(folder.FullName, None));
        foreach (byte[] content in (byte[][])[[], "not a zip"u8.ToArray(), [0x50, 0x4b, 5, 6, .. new byte[18]], [0x50, 0x4b, 5, 6, .. Enumerable.Repeat((byte)0xff, 18)]])
        {
            await File.WriteAllBytesAsync(folder["x.zip"], content, None);
            await Assert.ThrowsAsync<AuditFormatException>(() => AuditVerifier.VerifyAsync(folder["x.zip"], None));
        }
    }

    [Theory]
    [InlineData("../audit.json")]
    [InlineData("/audit.json")]
    [InlineData("logs/../audit.json")]
    [InlineData("logs\\audit.json")]
    [InlineData("C:/audit.json")]
    [InlineData("logs//audit.json")]
    [InlineData("logs/a\nb")]
    [InlineData("audit.json")]
    [InlineData("AUDIT.json")]
    public async Task Zip_files_with_unsafe_or_repeated_names_are_refused(string name)
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync(2);
        using var zips = new TemporaryFolder();
        await ZipFile.CreateFromDirectoryAsync(bundle.FullName, zips["bundle.zip"], None);
        using (ZipArchive zip = await ZipFile.OpenAsync(zips["bundle.zip"], ZipArchiveMode.Update, None))
        {
            await using Stream entry = await zip.CreateEntry(name).OpenAsync(None);
            entry.WriteByte(1);
        }

        var exception = await Assert.ThrowsAsync<AuditFormatException>(() => AuditVerifier.VerifyAsync(zips["bundle.zip"], None));
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public async Task Zip_files_that_unpack_to_far_more_or_hold_too_many_files_are_refused()
    {
        using var folder = new TemporaryFolder();
        await using (var zip = new ZipArchive(new FileStream(folder["bomb.zip"], FileMode.Create), ZipArchiveMode.Create))
        {
            await using Stream entry = await zip.CreateEntry("audit.json", CompressionLevel.Optimal).OpenAsync(None);
            await entry.WriteAsync(new byte[8 << 20], None);
        }

        Assert.Contains("audit.json", (await Assert.ThrowsAsync<AuditFormatException>(() => AuditVerifier.VerifyAsync(folder["bomb.zip"], None))).Message, StringComparison.Ordinal);

        await using (var zip = new ZipArchive(new FileStream(folder["many.zip"], FileMode.Create), ZipArchiveMode.Create))
        {
            for (int i = 0; i <= 20_000; i++) zip.CreateEntry("f" + i, CompressionLevel.NoCompression);
        }

        Assert.Contains("20000", (await Assert.ThrowsAsync<AuditFormatException>(() => AuditVerifier.VerifyAsync(folder["many.zip"], None))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"version\":1}")]
    [InlineData("{\"version\":2,\"lab\":\"x\",\"quorum\":0,\"coordinator\":{\"name\":\"c\",\"log\":\"l\",\"key\":\"k\"},\"parties\":[]}")]
    [InlineData("{\"version\":1,\"lab\":\"x\",\"quorum\":1,\"coordinator\":{\"name\":\"c\",\"log\":\"example.com/foo\",\"key\":\"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\"},\"parties\":[]}")]
    [InlineData("{\"version\":1,\"lab\":\"x\",\"quorum\":0,\"quorum\":0,\"coordinator\":{\"name\":\"c\",\"log\":\"example.com/foo\",\"key\":\"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\"},\"parties\":[]}")]
    [InlineData("{\"version\":1,\"lab\":\"x\",\"quorum\":0,\"coordinator\":{\"name\":\"c\",\"log\":\"other\",\"key\":\"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\"},\"parties\":[]}")]
    [InlineData("{\"version\":1,\"lab\":\"x\",\"quorum\":0,\"coordinator\":{\"name\":\"c\",\"log\":\"example.com/foo\",\"key\":\"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\",\"certificate\":\"../x\"},\"parties\":[]}")]
    [InlineData("{\"version\":1,\"lab\":\"x\",\"quorum\":0,\"coordinator\":{\"name\":\"c\",\"log\":\"example.com/foo\",\"key\":\"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\"},\"parties\":[null]}")]
    [InlineData("{\"version\":1,\"lab\":\"x\",\"quorum\":0,\"coordinator\":{\"name\":\"c\",\"log\":\"example.com/foo\",\"key\":\"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\"},\"parties\":[],\"extra\":1}")]
    public async Task Malformed_descriptions_are_refused(string json)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["audit.json"], json, None);
        await Assert.ThrowsAsync<AuditFormatException>(() => AuditVerifier.VerifyAsync(folder.FullName, None));
    }

    [Fact]
    public async Task A_line_longer_than_any_entry_is_named_and_the_entries_behind_it_are_still_read()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync(2);
        var tamperer = new BundleTamperer(bundle);
        List<string> lines = tamperer.Lines("coordinator");
        lines.Insert(4, new string('x', 400_000));
        tamperer.Write("coordinator", lines);
        AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, None);
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.EntryMalformed && finding.EntryIndex == 4);
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.EntryAdded && finding.EntryIndex == 4);
        Assert.DoesNotContain(verdict.Findings, finding => finding.Code == AuditFindingCode.EntryRemoved);
    }

    [Fact]
    public async Task Links_in_a_folder_are_not_followed()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync(2);
        using var outside = new TemporaryFolder();
        File.Move(bundle["model", "manifest.json"], outside["manifest.json"]);
        File.CreateSymbolicLink(bundle["model", "manifest.json"], outside["manifest.json"]);
        AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, None);
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.ModelMissing);
    }

    [Fact]
    public async Task Verification_can_be_cancelled()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync(2);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AuditVerifier.VerifyAsync(bundle.FullName, cancelled.Token));
    }

    /// <summary>
    /// A flipped bit in entries, hashes, model or keys is always found. What may be flipped unnoticed is what does not bear
    /// on the answer: a key id of one cosignature more than the quorum needs, or text around a certificate.
    /// </summary>
    [Fact]
    public async Task Flipped_bits_anywhere_never_crash_and_never_pass_where_they_matter()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync(2);
        AuditVerdict original = await AuditVerifier.VerifyAsync(bundle.FullName, None);
        Dictionary<AuditCheckKind, long> expected = original.Checks.ToDictionary(check => check.Kind, check => check.Count);
        string[] files = [.. Directory.GetFiles(bundle.FullName, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock").Order(StringComparer.Ordinal)];
        ulong state = 20260101;
        int found = 0;
        int passed = 0;
        foreach (string file in files)
        {
            byte[] content = await File.ReadAllBytesAsync(file, None);
            for (int i = 0; i < 6; i++)
            {
                // splitmix64, so that a failure can be run again.
                state += 0x9E3779B97F4A7C15;
                ulong mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
                mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
                int position = (int)(mixed % (ulong)content.Length);
                byte[] flipped = [.. content];
                flipped[position] ^= (byte)(1 << (int)(mixed >> 61));
                await File.WriteAllBytesAsync(file, flipped, None);
                AuditVerdict verdict;
                try
                {
                    verdict = await AuditVerifier.VerifyAsync(bundle.FullName, None);
                }
                catch (AuditFormatException)
                {
                    Assert.EndsWith("audit.json", file, StringComparison.Ordinal);
                    found++;
                    continue;
                }

                if (!verdict.Holds)
                {
                    found++;
                    continue;
                }

                passed++;
                Assert.True(file.EndsWith(".note", StringComparison.Ordinal) || file.EndsWith(".pem", StringComparison.Ordinal) || file.EndsWith("audit.json", StringComparison.Ordinal), $"{file} byte {position}");
                foreach (AuditCheck check in verdict.Checks)
                {
                    if (check.Kind == AuditCheckKind.Cosignatures) Assert.InRange(check.Count, expected[check.Kind] - 1, expected[check.Kind]);
                    else Assert.True(check.Count == expected[check.Kind], $"{file} byte {position}: {check.Kind}");
                }
            }

            await File.WriteAllBytesAsync(file, content, None);
        }

        // Some six pass, more or less with the keys, which are new each time.
        Assert.True(found > 10 * passed, $"{found} found, {passed} passed");
    }

    [Fact]
    public async Task Flipped_bits_in_a_zip_file_never_crash()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync(2);
        using var zips = new TemporaryFolder();
        await ZipFile.CreateFromDirectoryAsync(bundle.FullName, zips["bundle.zip"], None);
        byte[] content = await File.ReadAllBytesAsync(zips["bundle.zip"], None);
        // Every part of the directory, and a sample of the rest.
        for (int position = content.Length - 1; position >= 0; position -= position > content.Length - 900 ? 7 : 311)
        {
            byte[] flipped = [.. content];
            flipped[position] ^= (byte)(1 << (position % 8));
            await File.WriteAllBytesAsync(zips["flipped.zip"], flipped, None);
            try
            {
                await AuditVerifier.VerifyAsync(zips["flipped.zip"], None);
            }
            catch (AuditFormatException)
            {
                // The only exception that there may be.
            }
        }
    }

    [Fact]
    public void Every_text_exists_in_both_languages_with_the_same_places_to_fill()
    {
        var manager = new ResourceManager("FedLab.Audit.Resources.Messages", typeof(AuditVerifier).Assembly);
        ResourceSet english = manager.GetResourceSet(CultureInfo.InvariantCulture, createIfNotExists: true, tryParents: false)!;
        ResourceSet chinese = manager.GetResourceSet(CultureInfo.GetCultureInfo("zh-CN"), createIfNotExists: true, tryParents: false)!;
        string[] names = [.. english.Cast<System.Collections.DictionaryEntry>().Select(entry => (string)entry.Key)];
        Assert.Equal(names.Length, chinese.Cast<System.Collections.DictionaryEntry>().Count());
        foreach (string name in names)
        {
            string translated = chinese.GetString(name)!;
            Assert.Equal(Places(english.GetString(name)!), Places(translated));
            Assert.True(translated.Any(c => c > '\u2000'), name);
        }

        string[] required =
        [
            .. Enum.GetNames<AuditFindingCode>().Select(code => "Finding" + code),
            .. Enum.GetNames<AuditCheckKind>().Select(kind => "Check" + kind),
            .. Enum.GetNames<BodyValueKind>().Select(kind => "Kind" + kind),
            .. Enum.GetNames<WitnessOutcome>().Select(outcome => "Witness" + outcome),
        ];
        Assert.Empty(required.Except(names));
    }

    private static string[] Places(string text) => [.. Regex.Matches(text, @"\{\d\}", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal)];
}
