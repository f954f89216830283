using System.Text.Json;
using FedLab.EndToEnd.Tests.Support;

namespace FedLab.EndToEnd.Tests.Audit;

/// <summary><c>fedlab audit verify</c> on the trail of a real run: it holds, and whatever is changed afterwards is named.</summary>
[Collection(FinishedRunGroup.Name)]
public sealed class TamperingTests(FinishedRun finished) : IDisposable
{
    private const string CoordinatorEntries = "logs/coordinator/entries.jsonl";

    // Each ends with what the verdict must say: its code, and words by which a reader finds the place.
    private static readonly Dictionary<string, (Action<string> Change, string Code, string Named)> Tamperings = new(StringComparer.Ordinal)
    {
        ["an entry of the coordinator altered"] = (bundle => EditEntries(bundle, CoordinatorEntries, (lines, at) => lines[at] = lines[at].Replace("\"length\":", "\"length\":1", StringComparison.Ordinal)), "EntryAltered", "coordinator"),
        ["an entry of the coordinator removed"] = (bundle => EditEntries(bundle, CoordinatorEntries, (lines, at) => lines.RemoveAt(at)), "EntryRemoved", "coordinator"),
        ["an entry of the coordinator repeated"] = (bundle => EditEntries(bundle, CoordinatorEntries, (lines, at) => lines.Insert(at, lines[at])), "EntryAdded", "coordinator"),
        ["two entries of the coordinator exchanged"] = (bundle => EditEntries(bundle, CoordinatorEntries, (lines, at) => (lines[at], lines[at + 1]) = (lines[at + 1], lines[at])), "EntryReordered", "coordinator"),
        ["an entry of a source removed"] = (bundle => EditEntries(bundle, "logs/platform/entries.jsonl", (lines, at) => lines.RemoveAt(at)), "EntryRemoved", "platform"),
        ["the manifest changed"] = (bundle => Edit(bundle, "model/manifest.json", text => text.Replace("\"trees\": 12", "\"trees\": 13", StringComparison.Ordinal)), "Model", "manifest"),
        ["a certificate swapped"] = (bundle => File.Copy(Path.Combine(bundle, "certificates", "platform.crt.pem"), Path.Combine(bundle, "certificates", "bank.crt.pem"), overwrite: true), "Certificate", "bank"),
        ["a party's log removed"] = (bundle => Directory.Delete(Path.Combine(bundle, "logs", "platform"), recursive: true), "PartyLogMissing", "platform"),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Tamperings.Keys];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_trail_of_a_finished_run_holds_as_folder_and_as_zip()
    {
        finished.Program.Succeeded();
        System.IO.Compression.ZipFile.CreateFromDirectory(finished.Workspace.Audit, _folder.File("audit.zip"));
        foreach (var path in (string[])[finished.Workspace.Audit, _folder.File("audit.zip")])
        {
            var verdict = Parse((await FedLabProgram.RunAsync(_folder.Path, "audit", "verify", path, "--json")).Succeeded());
            Assert.True(verdict.GetProperty("verified").GetBoolean());
            Assert.DoesNotContain(verdict.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("severity").GetString() != "Note");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Whatever_is_changed_afterwards_is_named(string tampering)
    {
        finished.Program.Succeeded();
        var (change, code, named) = Tamperings[tampering];
        var bundle = _folder.CopyOf(finished.Workspace.Audit, "audit");
        change(bundle);

        var run = await FedLabProgram.RunAsync(_folder.Path, "audit", "verify", bundle, "--json");

        Assert.True(run.ExitCode == 1, $"exit code {run.ExitCode}\n{run.Output}\n{run.Error}");
        Assert.Empty(run.Complaints);
        var verdict = Parse(run);
        Assert.False(verdict.GetProperty("verified").GetBoolean());
        Assert.Contains(verdict.GetProperty("findings").EnumerateArray(), finding =>
            finding.GetProperty("severity").GetString() == "Error"
            && finding.GetProperty("code").GetString()!.StartsWith(code, StringComparison.Ordinal)
            && (finding.GetProperty("text").GetString()! + finding.GetProperty("log").GetString()).Contains(named, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task For_people_the_verdict_is_a_table_that_ends_in_a_plain_sentence()
    {
        finished.Program.Succeeded();
        var good = (await FedLabProgram.RunAsync(_folder.Path, "audit", "verify", finished.Workspace.Audit)).Succeeded();
        var bundle = _folder.CopyOf(finished.Workspace.Audit, "audit");
        EditEntries(bundle, CoordinatorEntries, (lines, at) => lines.RemoveAt(at));
        var bad = await FedLabProgram.RunAsync(_folder.Path, "audit", "verify", bundle);

        Assert.Equal(1, bad.ExitCode);
        Assert.NotEqual(LastLine(good), LastLine(bad));
        Assert.DoesNotContain("at FedLab.", bad.Output + bad.Error, StringComparison.Ordinal);

        static string LastLine(ProgramRun run) => run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1];
    }

    [Fact]
    public async Task A_folder_without_a_trail_is_a_wrong_request() =>
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "audit", "verify", "nowhere"), 2, ["nowhere"]);

    private static JsonElement Parse(ProgramRun run) => JsonDocument.Parse(run.Output).RootElement;

    private static void Edit(string bundle, string file, Func<string, string> change)
    {
        var path = Path.Combine(bundle, file);
        var before = File.ReadAllText(path);
        var after = change(before);
        Assert.NotEqual(before, after);
        File.WriteAllText(path, after);
    }

    /// <summary>Changes the lines at a scan request in the middle of a log.</summary>
    private static void EditEntries(string bundle, string file, Action<List<string>, int> change) => Edit(bundle, file, text =>
    {
        var lines = text.Split('\n').ToList();
        change(lines, lines.FindIndex(lines.Count / 2, line => line.Contains("\"scan.", StringComparison.Ordinal)));
        return string.Join('\n', lines);
    });
}
