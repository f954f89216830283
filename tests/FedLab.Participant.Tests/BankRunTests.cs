using System.Text.Json;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Horizontal;
using FedLab.Participant.Tests.Lab;
using FedLab.Proto;

namespace FedLab.Participant.Tests;

/// <summary>Coordinator and banks as processes of their own: a bank that is killed for good, and what the logs and files say afterwards.</summary>
public sealed class BankRunTests
{
    private const string Key = "collective.key";

    [Fact]
    public async Task A_bank_that_is_killed_for_good_is_left_behind_and_every_log_says_so()
    {
        using var lab = new TemporaryLab(["bank-0", "bank-1", "bank-2", "bank-3"], absenceSeconds: 2);
        foreach (var bank in lab.Parties) ParticipantHomes.WriteBank(lab, bank, new Uri("https://127.0.0.1:1"));
        ParticipantHomes.Introduce(lab);
        using var coordinator = await CoordinatorProcess.StartAsync(lab, port: 0);
        foreach (var bank in lab.Parties)
        {
            var path = Path.Combine(lab.Folder, bank, "participant.json");
            File.WriteAllText(path, File.ReadAllText(path).Replace("https://127.0.0.1:1\"", coordinator.Address.ToString().TrimEnd('/') + "\"", StringComparison.Ordinal));
        }
        var processes = lab.Parties.ToDictionary(bank => bank, bank => new ParticipantProcess(Path.Combine(lab.Folder, bank)));
        try
        {
            using var channel = lab.LeadChannel(coordinator.Address);
            var lead = new Proto.Lab.LabClient(channel.Invoker);
            var run = await TemporaryLab.ProposeAsync(lead, ParticipantHomes.BankSpec(lab, ("trees", "300"), ("depth", "2"), ("threshold", "3")));
            await TemporaryLab.WaitAsync(lead, run.Run, description => TemporaryLab.HasEnded(description) || description.Parties.Any(party => party is { Name: "bank-1", Phase: "training", Done: >= 2 }), seconds: 120);
            foreach (var bank in lab.Parties)
            {
                Assert.True(File.Exists(FileOf(bank, Key)));
                if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FileOf(bank, Key)));
            }
            processes["bank-1"].Kill();
            var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, seconds: 180);
            Assert.Equal((RunState.Finished, 2, ""), (ended.State, ended.Attempt, ended.Reason));
            Assert.Equal(["bank-1"], ended.Parties.Where(party => party.Absent).Select(party => party.Name));

            var manifest = (await lead.GetModelAsync(new GetModelRequest { Run = run.Run }, cancellationToken: TestContext.Current.CancellationToken)).Manifest.ToByteArray();
            Assert.Equal(["bank-1"], BankManifest.Parse(manifest).Absent!.Keys);
            string[] left = ["bank-0", "bank-2", "bank-3"];
            foreach (var bank in left)
            {
                Assert.Equal(manifest, File.ReadAllBytes(FileOf(bank, "manifest.json")));
                Assert.Equal(File.ReadAllBytes(FileOf("bank-0", BankReport.ModelFileName)), File.ReadAllBytes(FileOf(bank, BankReport.ModelFileName)));
                Assert.Equal("[\"bank-1\"]", File.ReadAllText(FileOf(bank, "absent.json")));
                var entries = Entries(Path.Combine(lab.Folder, bank, "audit", "entries.jsonl"));
                foreach (var type in (string[])["dataset.committed", "run.approved", "key.registered", "egress.sent", "ingress.received", "run.aborted", "run.resumed", "model.published", "run.finished"]) Assert.Contains(entries, entry => Type(entry) == type);
                // Every announcement of the second attempt stands in the coordinator's log and in each bank's.
                Assert.Equal(Announcements(Entries(Path.Combine(lab.CoordinatorHome, "audit", "entries.jsonl")), "egress.sent"), Announcements(entries, "ingress.received"));
            }
            var coordinators = Entries(Path.Combine(lab.CoordinatorHome, "audit", "entries.jsonl"));
            Assert.Equal("bank-1", Assert.Single(coordinators, entry => Type(entry) == "party.left").GetProperty("body").GetProperty("party").GetString());

            // The bank comes back after the end: it is told how the run ended, took no part, and has no keys of it any more.
            Assert.True(File.Exists(FileOf("bank-1", Key)));
            using var back = new ParticipantProcess(Path.Combine(lab.Folder, "bank-1"));
            var score = await TemporaryLab.ProposeAsync(lead, ParticipantHomes.BankSpec(lab, ("trees", "2"), ("depth", "2")));
            Assert.Equal(RunState.Finished, (await TemporaryLab.WaitAsync(lead, score.Run, TemporaryLab.HasEnded, seconds: 120)).State);
            Assert.False(File.Exists(FileOf("bank-1", "manifest.json")));
            Assert.All(lab.Parties, bank => Assert.False(File.Exists(FileOf(bank, Key))));
            Assert.Contains(run.Run, back.Output, StringComparison.Ordinal);

            string FileOf(string bank, string name) => Path.Combine(lab.Folder, bank, "runs", run.Run, name);
        }
        finally
        {
            foreach (var process in processes.Values) process.Dispose();
        }

        static string Type(JsonElement entry) => entry.GetProperty("type").GetString()!;

        static List<string> Announcements(IEnumerable<JsonElement> entries, string type) => [.. entries
            .Where(entry => Type(entry) == type && entry.GetProperty("body") is var body && body.GetProperty("step").GetString() == "sum.total" && body.GetProperty("attempt").GetInt32() == 2)
            .Select(entry => entry.GetProperty("body").GetProperty("sha256").GetString()!)];
    }

    private static List<JsonElement> Entries(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        // A line without its end is still being written.
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
