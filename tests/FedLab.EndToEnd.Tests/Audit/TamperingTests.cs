using System.Text.Json;
using FedLab.Audit;
using FedLab.EndToEnd.Tests.Support;
using FedLab.Federation.Identity;

namespace FedLab.EndToEnd.Tests.Audit;

/// <summary><c>fedlab audit verify</c> on the trail of a real run: it holds, and whatever is changed afterwards is named.</summary>
[Collection(FinishedRunGroup.Name)]
public sealed class TamperingTests(FinishedRun finished) : IDisposable
{
    // What is changed, and what the verdict must say of it: its code, and whose log or file it is.
    private static readonly Dictionary<string, (Func<string, int?> Change, string Code, string Named)> Tamperings = new(StringComparer.Ordinal)
    {
        ["an entry of the coordinator altered"] = (bundle => EditEntries(bundle, "coordinator", (lines, at) => lines[at] = lines[at].Replace("\"length\":", "\"length\":1", StringComparison.Ordinal)), "EntryAltered", FinishedRun.Name),
        ["an entry of the coordinator removed"] = (bundle => EditEntries(bundle, "coordinator", (lines, at) => lines.RemoveAt(at)), "EntryRemoved", FinishedRun.Name),
        ["an entry of the coordinator repeated"] = (bundle => EditEntries(bundle, "coordinator", (lines, at) => lines.Insert(at, lines[at])), "EntryAdded", FinishedRun.Name),
        ["two entries of the coordinator exchanged"] = (bundle => EditEntries(bundle, "coordinator", (lines, at) => (lines[at], lines[at + 1]) = (lines[at + 1], lines[at])), "EntryReordered", FinishedRun.Name),
        ["the end of the coordinator's log cut off"] = (bundle => EditEntries(bundle, "coordinator", (lines, at) => lines.RemoveRange(at, lines.Count - 1 - at)), "EntryRemoved", FinishedRun.Name),
        ["the coordinator's log removed"] = (bundle => RemoveLog(bundle, "coordinator"), "CoordinatorLogMissing", "coordinator"),
        ["an entry of a source altered"] = (bundle => EditEntries(bundle, "platform", (lines, at) => lines[at] = lines[at].Replace("\"length\":", "\"length\":1", StringComparison.Ordinal)), "EntryAltered", "platform"),
        ["an entry of a source removed"] = (bundle => EditEntries(bundle, "platform", (lines, at) => lines.RemoveAt(at)), "EntryRemoved", "platform"),
        ["the manifest changed"] = (bundle => Edit(bundle, "model/manifest.json", text => text.Replace("\"trees\": 12", "\"trees\": 13", StringComparison.Ordinal)), "ModelReplaced", "manifest"),
        ["a signature under the model exchanged"] = (bundle => Edit(bundle, "model/signatures.json", SwapSignatures), "ModelSignatureInvalid", "bank"),
        ["a certificate swapped"] = (SwapCertificates, "CertificateSwapped", "bank"),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Tamperings.Keys];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_trail_of_a_finished_run_holds_as_folder_and_as_zip()
    {
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
        var (change, code, named) = Tamperings[tampering];
        var bundle = _folder.CopyOf(finished.Workspace.Audit, "audit");
        CopyAuthority();
        var place = change(bundle);

        var run = await FedLabProgram.RunAsync(_folder.Path, "audit", "verify", bundle, "--json");

        Assert.True(run.ExitCode == 1, $"exit code {run.ExitCode}\n{run.Output}\n{run.Error}");
        Assert.Empty(run.Complaints);
        var verdict = Parse(run);
        Assert.False(verdict.GetProperty("verified").GetBoolean());
        Assert.Contains(verdict.GetProperty("findings").EnumerateArray(), finding =>
            finding.GetProperty("severity").GetString() == "Error"
            && finding.GetProperty("code").GetString() == code
            && (place is not { } entry || (finding.GetProperty("entry").GetInt64() - entry) is 0 or 1)
            && (finding.GetProperty("text").GetString()! + finding.GetProperty("log").GetString()).Contains(named, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task For_people_the_verdict_is_a_table_that_ends_in_a_plain_sentence()
    {
        var good = (await FedLabProgram.RunAsync(_folder.Path, "audit", "verify", finished.Workspace.Audit)).Succeeded();
        var bundle = _folder.CopyOf(finished.Workspace.Audit, "audit");
        EditEntries(bundle, "coordinator", (lines, at) => lines.RemoveAt(at));
        var bad = await FedLabProgram.RunAsync(_folder.Path, "audit", "verify", bundle);

        Assert.Equal(1, bad.ExitCode);
        Assert.NotEqual(LastLine(good), LastLine(bad));
        Assert.DoesNotContain("at FedLab.", bad.Output + bad.Error, StringComparison.Ordinal);

        static string LastLine(ProgramRun run) => run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1];
    }

    [Fact]
    public async Task A_party_that_gives_no_log_is_named_in_a_verdict_that_otherwise_holds()
    {
        var bundle = _folder.CopyOf(finished.Workspace.Audit, "audit");
        RemoveLog(bundle, "platform");

        var verdict = Parse((await FedLabProgram.RunAsync(_folder.Path, "audit", "verify", bundle, "--json")).Succeeded());

        Assert.Contains(verdict.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("code").GetString() == "PartyLogMissing" && finding.GetProperty("log").GetString() == "platform");
    }

    [Fact]
    public async Task A_folder_without_a_trail_is_a_wrong_request() =>
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "audit", "verify", "nowhere"), 2, ["nowhere"]);

    /// <summary>Whoever swaps certificates best holds the authority's key.</summary>
    private void CopyAuthority()
    {
        var authority = _folder.CopyOf(finished.Workspace.Authority, "authority");
        File.SetUnixFileMode(Path.Combine(authority, LabAuthority.KeyFile), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static JsonElement Parse(ProgramRun run) => JsonDocument.Parse(run.Output).RootElement;

    /// <summary>Changes a text file; the change says where nothing else does.</summary>
    private static int? Edit(string bundle, string file, Func<string, string> change)
    {
        var path = Path.Combine(bundle, file);
        var before = File.ReadAllText(path);
        var after = change(before);
        Assert.NotEqual(before, after);
        File.WriteAllText(path, after);
        return null;
    }

    /// <summary>Changes the lines at a message of the scan in the middle of a log.</summary>
    /// <returns>The number of the entry.</returns>
    private static int? EditEntries(string bundle, string log, Action<List<string>, int> change)
    {
        var at = -1;
        Edit(bundle, $"logs/{log}/entries.jsonl", text =>
        {
            var lines = text.Split('\n').ToList();
            at = lines.FindIndex(lines.Count / 2, line => line.Contains("\"scan.", StringComparison.Ordinal));
            change(lines, at);
            return string.Join('\n', lines);
        });
        return at;
    }

    private static int? RemoveLog(string bundle, string log)
    {
        Directory.Delete(Path.Combine(bundle, "logs", log), recursive: true);
        return null;
    }

    private static string SwapSignatures(string text)
    {
        var signatures = ModelSignatures.Parse(System.Text.Encoding.UTF8.GetBytes(text)).Signatures;
        var swapped = signatures.Select(signature => signature with { Signature = signatures.First(other => other.Party == (signature.Party == "bank" ? "chain" : signature.Party)).Signature });
        return System.Text.Encoding.UTF8.GetString(new ModelSignatures([.. swapped]).ToJson());
    }

    /// <summary>The bank's certificate gives way to another one of the same authority and name.</summary>
    private static int? SwapCertificates(string bundle)
    {
        using var authority = LabAuthority.Load(Path.Combine(Path.GetDirectoryName(bundle)!, "authority"));
        using var other = authority.Issue("bank", LabRole.Participant);
        File.WriteAllText(Path.Combine(bundle, "certificates", "bank.crt.pem"), other.ExportCertificatePem() + "\n");
        return null;
    }
}
