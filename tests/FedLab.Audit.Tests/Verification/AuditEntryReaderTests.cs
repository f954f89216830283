using System.IO.Compression;

namespace FedLab.Audit.Tests.Verification;

/// <summary>Entries for people to look at, from a log or a whole bundle.</summary>
public sealed class AuditEntryReaderTests
{
    [Fact]
    public async Task A_bundle_has_the_same_envelopes_as_a_folder_and_as_a_zip_file()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync();
        using var zips = new TemporaryFolder();
        await ZipFile.CreateFromDirectoryAsync(bundle.FullName, zips["bundle.zip"], TestContext.Current.CancellationToken);
        EnvelopeRecord[] folder = [.. Envelopes(bundle.FullName)];
        Assert.Equal(folder, Envelopes(zips["bundle.zip"]));
        // Each of the verifier's 20 envelopes is sent, forwarded and received.
        Assert.Equal(20, folder.Select(envelope => (envelope.Sender, envelope.Receiver, envelope.Sequence, envelope.Attempt)).Distinct().Count());
    }

    [Fact]
    public async Task A_line_that_is_still_being_written_is_left_out_and_a_damaged_one_is_an_error()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync();
        string log = Path.Combine(bundle.FullName, "logs", "coordinator");
        string entries = Path.Combine(log, "entries.jsonl");
        int whole = AuditEntryReader.Read(log, TestContext.Current.CancellationToken).Count();
        await File.AppendAllTextAsync(entries, "{\"actor\":\"coor", TestContext.Current.CancellationToken);
        Assert.Equal(whole, AuditEntryReader.Read(log, TestContext.Current.CancellationToken).Count());
        await File.AppendAllTextAsync(entries, "\n", TestContext.Current.CancellationToken);
        Assert.Throws<AuditFormatException>(() => AuditEntryReader.Read(log, TestContext.Current.CancellationToken).Count());
        Assert.Throws<AuditFormatException>(() => AuditEntryReader.Read(bundle["nothing"], TestContext.Current.CancellationToken).Count());
    }

    private static IEnumerable<EnvelopeRecord> Envelopes(string path) => AuditEntryReader.Read(path, TestContext.Current.CancellationToken).Select(EnvelopeRecord.Of).OfType<EnvelopeRecord>();
}
