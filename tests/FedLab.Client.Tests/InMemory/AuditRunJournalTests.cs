using FedLab.Audit;
using FedLab.Client.InMemory;
using FedLab.Curve25519;

namespace FedLab.Client.Tests.InMemory;

public sealed class AuditRunJournalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task What_a_bank_refuses_and_the_keys_it_makes_are_entries_of_its_log()
    {
        using var key = Ed25519PrivateKey.Generate();
        var hash = new string('a', 64);
        await using (var log = await AuditLog.OpenAsync(_folder.File("audit"), "bank", key, TimeProvider.System, TestContext.Current.CancellationToken))
        {
            var journal = new AuditRunJournal(log, "run-1", "bank");
            journal.Record("policy.denied", new Dictionary<string, object> { ["party"] = "coordinator", ["rule"] = "sum-differs", ["step"] = "sum.total" });
            journal.Record("key.registered", new Dictionary<string, object> { ["purpose"] = "collective-public-key", ["sha256"] = hash });
            journal.Record("key.registered", new Dictionary<string, object> { ["sha256"] = hash });
        }
        var entries = (await File.ReadAllLinesAsync(_folder.File("audit/entries.jsonl"), TestContext.Current.CancellationToken)).Select(line => AuditEntry.Parse(System.Text.Encoding.UTF8.GetBytes(line))).ToArray();
        Assert.Equal(3, entries.Length);
        Assert.Equal(("coordinator", "sum-differs", "sum.total"), ((string)entries[0].Body["party"]!, (string)entries[0].Body["rule"]!, (string)entries[0].Body["step"]!));
        Assert.Equal(["collective-public-key", "scan-public-key"], entries[1..].Select(entry => (string)entry.Body["purpose"]!));
        Assert.All(entries[1..], entry => Assert.Equal((hash, "bank"), ((string)entry.Body["keySha256"]!, (string)entry.Body["party"]!)));
    }

    public void Dispose() => _folder.Dispose();
}
