using System.Globalization;
using System.Text;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Experiments;
using FedLab.Participant.Tests.Lab;
using FedLab.Proto;

namespace FedLab.Participant.Tests;

/// <summary>What a party's broken data look like stays with the party: its own terminal and log say it, the others learn a word.</summary>
public sealed class FailurePrivacyTests : IDisposable
{
    private const string Column = "CANARYCOLUMN";
    private const string Value = "CANARYVALUE";
    private const string Key = "CANARYKEY";
    private static readonly string[] Two = ["bank", "tax"];
    private static readonly string[] Canaries = [Column, Value, Key, "SECRETKEY"];

    private readonly TemporaryLab _lab = new(Two);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Of_a_file_that_cannot_be_read_or_used_the_coordinator_learns_neither_names_nor_values_nor_paths()
    {
        using var coordinator = await CoordinatorProcess.StartAsync(_lab, port: 0);
        var bankHome = ParticipantHomes.Write(_lab, "bank", coordinator.Address);
        var taxHome = ParticipantHomes.Write(_lab, "tax", coordinator.Address);
        ParticipantHomes.Introduce(_lab);
        coordinator.Kill(); // it must read the participants' new certificates
        using var restarted = await CoordinatorProcess.StartAsync(_lab, coordinator.Address.Port);
        ParticipantHomes.Configure(taxHome, new
        {
            name = "tax",
            coordinator = coordinator.Address.ToString().TrimEnd('/'),
            data = new { path = "data.csv", key = "enterprise", keyFormat = "text" },
            settings = new { minimumCohort = 2, threads = 1, memoryMiB = 64, publishFeatureNames = false },
        });
        // A duplicate key is dropped and reported to its owner alone.
        var good = Table(Column, row => row.ToString(CultureInfo.InvariantCulture)) + $"{Key},1,1\n{Key},2,2\n";
        File.WriteAllText(Path.Combine(taxHome, "data.csv"), good);
        using var channel = _lab.LeadChannel(restarted.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        using var bank = new ParticipantProcess(bankHome);

        RunDescription trained;
        using (new ParticipantProcess(taxHome)) trained = await RunAsync(_lab.Spec("training") with { Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["trees"] = "3", ["depth"] = "2" } });
        Assert.Equal((RunState.Finished, ""), (trained.State, trained.Reason));
        Assert.Contains("\"rowsKept\": 241", File.ReadAllText(Path.Combine(taxHome, "data-report.json")), StringComparison.Ordinal);
        AssertNothingLeft();

        // A cell that is no number: the participant does not even start.
        var unreadable = Write("unreadable.csv", Table(Column, row => row == 11 ? Value : "1"));
        var (code, error) = await ParticipantProcess.RunAsync(["--home", taxHome, "--data", unreadable]);
        Assert.Equal(1, code);
        Assert.Contains(Column, error, StringComparison.Ordinal);
        Assert.Contains(Value, error, StringComparison.Ordinal);
        AssertNothingLeft();

        // New data without a column that the model uses, and with words in place of its numbers: the role fails.
        await AssertFailsAsync(Write("lacking.csv", Table("other", row => row.ToString(CultureInfo.InvariantCulture))), "(model-column-missing)");
        await AssertFailsAsync(Write("words.csv", Table(Column, row => Value + (row % 3))), "(learning)");

        async Task AssertFailsAsync(string data, string reason)
        {
            using var tax = new ParticipantProcess(taxHome, "--data", data);
            var ended = await RunAsync(_lab.Spec("scoring") with { Kind = RunKind.Score, ManifestHash = Convert.ToHexStringLower(trained.ManifestHash.Span) });
            Assert.Equal(RunState.Failed, ended.State);
            Assert.Contains("'tax'", ended.Reason, StringComparison.Ordinal);
            Assert.Contains(reason, ended.Reason, StringComparison.Ordinal);
            AssertNothingLeft();
            // The owner is told in full.
            Assert.Contains(Column, ReadShared(Path.Combine(taxHome, "participant.log")), StringComparison.Ordinal);
            while (!tax.Errors.Contains(Column, StringComparison.Ordinal)) await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        async Task<RunDescription> RunAsync(ExperimentSpec spec)
        {
            while (!(await lead.ListPartiesAsync(new ListPartiesRequest())).Parties.All(party => party.Connected)) await Task.Delay(50, TestContext.Current.CancellationToken);
            var run = await TemporaryLab.ProposeAsync(lead, spec);
            return await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, seconds: 120);
        }

        void AssertNothingLeft()
        {
            var searched = Directory.EnumerateFiles(_lab.CoordinatorHome, "*", SearchOption.AllDirectories).Append(Path.Combine(bankHome, "participant.log")).Append(Path.Combine(bankHome, "audit", "entries.jsonl"))
                // A file that is about to be renamed is read under its name, if not now then the next time.
                .Where(path => !path.EndsWith("lock", StringComparison.Ordinal) && !path.EndsWith(".tmp", StringComparison.Ordinal)).ToArray();
            foreach (var name in (string[])["state.db", "coordinator.log", "entries.jsonl"]) Assert.Contains(searched, path => Path.GetFileName(path) == name);
            foreach (var path in searched)
            {
                var content = ReadShared(path);
                foreach (var canary in Canaries) Assert.False(content.Contains(canary, StringComparison.Ordinal), $"{canary} stands in {path}");
                Assert.False(content.Contains(taxHome, StringComparison.Ordinal), $"the path of a party's machine stands in {path}");
            }
        }
    }

    private static string Table(string column, Func<int, string> value)
    {
        var text = new StringBuilder($"enterprise,{column},power\n");
        for (var i = 0; i < ParticipantHomes.Rows; i++) text.Append(CultureInfo.InvariantCulture, $"SECRETKEY{i:D5},{value(i * 53 % 89)},{i * 29 % 97}\n");
        return text.ToString();
    }

    private static string ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file, Encoding.Latin1);
        return reader.ReadToEnd();
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_lab.Folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
