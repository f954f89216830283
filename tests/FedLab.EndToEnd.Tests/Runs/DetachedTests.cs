using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using FedLab.Client.Labs;
using FedLab.Client.Launching;
using FedLab.Client.Processes;
using FedLab.EndToEnd.Tests.Support;

namespace FedLab.EndToEnd.Tests.Runs;

/// <summary><c>fedlab up --detach</c> with processes: a lab that outlives the command that brought it up.</summary>
public sealed class DetachedTests : IDisposable
{
    private const int Failure = 1;
    private const int Usage = 2;
    private const int Programs = 4;

    // Forty seconds are the grace that the supervisor is given with its programs; the rest is for a loaded machine.
    private static readonly TimeSpan EndOfChildren = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();

    private readonly HeldPort _port = new();

    private string[] Demo => ["--rows", "1500", "--set", "trees=3", "--port", _port.Number.ToString(CultureInfo.InvariantCulture)];

    public void Dispose()
    {
        _folder.Dispose();
        _port.Dispose();
    }

    [Fact]
    public async Task A_lab_is_left_running_shows_its_catalogues_survives_the_loss_of_its_supervisor_and_is_ended_by_its_folder()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var first = FedLabProgram.Start(_folder.Path, ["up", "--detach", "--json", "--out", "lab", .. Demo]);
        var up = await first.LeaveAsync();
        Assert.True(up.ExitCode == 0, up.Error);
        Assert.Equal(Programs + 1, up.Survivors.Count);
        using var lab = JsonDocument.Parse(up.Output);
        Assert.Equal(("demo", _folder.File("lab")), (Text(lab, "lab"), Text(lab, "folder")));
        Assert.Equal(["bank-a", "public-credit", "supply-chain"], lab.RootElement.GetProperty("parties").EnumerateArray().Select(party => party.GetString()!));
        var (address, keys) = (Text(lab, "address"), Text(lab, "keys"));
        var supervisor = lab.RootElement.GetProperty("process").GetInt32();
        // Neither a terminal's end nor its signals reach it.
        if (OperatingSystem.IsLinux()) Assert.Equal(supervisor, SessionOf(supervisor));

        // One lab runs once, whether watched or not.
        foreach (var how in (string[][])[[], ["--detach"]])
            Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, ["up", "--out", "lab", .. how]), Usage, [address, "fedlab down --out lab"]);

        (await FedLabProgram.RunAsync(_folder.Path, "run", Text(lab, "spec"), "--coordinator", address, "--keys", keys, "--out", "model")).Succeeded();
        await AssertCataloguesAsync(address, keys);

        // The supervisor is killed: its programs do not outlive it, and the next one waits for their end.
        using (var process = Process.GetProcessById(supervisor)) process.Kill();
        await using var second = FedLabProgram.Start(_folder.Path, "up", "--out", "lab");
        Assert.True(await Patience.UntilAsync(() => second.HasExited || second.ErrorSoFar.Contains("Ctrl-C", StringComparison.Ordinal), Patience.Long, cancellation));
        Assert.False(second.HasExited, second.ErrorSoFar);
        Assert.Empty(first.Survivors);
        Assert.Single(await RunsAsync(address, keys));

        // A lab that somebody watches is ended by its folder, too.
        var down = (await FedLabProgram.RunAsync(_folder.Path, "down", "--out", "lab", "--json")).Succeeded();
        Assert.Equal(Programs, JsonDocument.Parse(down.Output).RootElement.GetProperty("processes").GetArrayLength());
        (await second.EndAsync()).Succeeded();

        // And it is left running again, with all its runs.
        await using var third = FedLabProgram.Start(_folder.Path, "up", "--detach", "--out", "lab");
        var again = await third.LeaveAsync();
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Contains("fedlab down --out lab", again.Error, StringComparison.Ordinal);
        Assert.Single(await RunsAsync(address, keys));
        Assert.Contains("4 programs", (await FedLabProgram.RunAsync(_folder.Path, "down", "--out", "lab")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Empty(third.Survivors);
        Assert.Contains("Nothing", (await FedLabProgram.RunAsync(_folder.Path, "down", "--out", "lab")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_labs_that_come_up_at_once_have_a_port_each_and_without_a_folder_the_only_one_that_runs_is_ended()
    {
        string[] small = ["--rows", "1500", "--set", "trees=3"];
        await using var first = FedLabProgram.Start(_folder.Path, ["up", "--detach", "--json", .. small]);
        await using var second = FedLabProgram.Start(_folder.Path, ["up", "--detach", "--json", "--out", "fedlab-runs/second", .. small]);
        var labs = new List<(Uri Address, string Folder)>();
        foreach (var program in (FedLabProgram[])[first, second])
        {
            var up = await program.LeaveAsync();
            Assert.True(up.ExitCode == 0, up.Error);
            using var lab = JsonDocument.Parse(up.Output);
            var address = new Uri(Text(lab, "address"));
            // Whoever listens there is this lab and no other: the certificates are those of its own authority.
            using var connection = new LabConnection(address, Text(lab, "keys"), TimeProvider.System);
            Assert.All((await connection.ListPartiesAsync(TestContext.Current.CancellationToken)).Parties, party => Assert.True(party.Connected));
            Assert.All(await connection.ListInstitutionsAsync(TestContext.Current.CancellationToken), institution => Assert.NotNull(institution.Published));
            Assert.Equal(address, DetachedLab.Find(Text(lab, "folder"))!.Lab.Address);
            labs.Add((address, Text(lab, "folder")));
        }
        Assert.NotEqual(labs[0].Address, labs[1].Address);

        Refusal.Assert(await DownAsync(), Usage, [labs[0].Folder, labs[1].Folder]);
        (await FedLabProgram.RunAsync(_folder.Path, "down", "--out", labs[0].Folder)).Succeeded();
        Assert.Contains(labs[1].Folder, (await DownAsync()).Succeeded().Output, StringComparison.Ordinal);
        Assert.Empty(first.Survivors.Concat(second.Survivors));
        Refusal.Assert(await DownAsync(), Failure, ["fedlab-runs", "--out"]);

        // Its port was taken while it was down: it comes up at another one.
        using var taken = new TcpListener(IPAddress.Loopback, labs[1].Address.Port);
        taken.Start();
        await using var again = FedLabProgram.Start(_folder.Path, "up", "--detach", "--json", "--out", "fedlab-runs/second");
        var moved = await again.LeaveAsync();
        Assert.True(moved.ExitCode == 0, moved.Error);
        Assert.NotEqual(labs[1].Address, new Uri(Text(JsonDocument.Parse(moved.Output), "address")));
        (await DownAsync()).Succeeded();

        // Where no container engine is, as where other tests have labs on one that must not be touched.
        async Task<ProgramRun> DownAsync()
        {
            await using var down = FedLabProgram.StartWith(_folder.Path, "DOCKER_HOST=unix:///nowhere/docker.sock", ProgramLocator.Host, "exec", FedLabProgram.Path, "down");
            return await down.EndAsync();
        }
    }

    [Fact]
    public async Task A_lab_that_cannot_come_up_says_why_and_leaves_nothing_running()
    {
        await using var up = FedLabProgram.Start(_folder.Path, ["up", "--detach", "--out", "lab", .. Demo]);
        Assert.Equal(0, (await up.LeaveAsync()).ExitCode);
        (await FedLabProgram.RunAsync(_folder.Path, "down", "--out", "lab")).Succeeded();
        File.Delete(_folder.File("lab", "data", "public-credit.csv"));
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "up", "--detach", "--out", "lab"), Failure, ["public-credit"]);
        Assert.False(DetachedLab.Find(_folder.File("lab"))!.IsRunning);
        Assert.Contains("public-credit.csv", await File.ReadAllTextAsync(_folder.File("lab", "up.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "catalogue", "--out", "lab"), Failure, [DetachedLab.Find(_folder.File("lab"))!.Lab.Address.Authority]);
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "catalogue", "--out", "nowhere"), Usage, ["nowhere"]);
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "catalogue", "--keys", "nowhere"), Usage, ["--coordinator"]);
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "supervise", "nowhere"), Usage, ["nowhere"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lab_whose_own_programs_refuse_it_is_taken_back_and_what_was_mistyped_can_be_mended(bool isNew)
    {
        var cancellation = TestContext.Current.CancellationToken;
        foreach (var (name, column) in ((string, string)[])[("bank", "bad"), ("platform", "visits")])
            await File.WriteAllLinesAsync(_folder.File(name + ".csv"), Enumerable.Range(0, 100).Select(row => string.Create(CultureInfo.InvariantCulture, $"e{row},{row % 2}")).Prepend("id," + column), cancellation);
        if (!isNew) Directory.CreateDirectory(_folder.File("lab"));
        string[] command = ["up", "--detach", "--out", "lab", "--party", "bank=bank.csv", "--party", "platform=platform.csv", "--key", "id"];

        // With somebody who watches and without: the reason is said, and the folder is as it was.
        foreach (var how in (string[][])[command, [.. command.Where(word => word != "--detach")]])
        {
            Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, [.. how, "--label", "bank.badd"]), Failure, ["badd", "Did you mean", "nothing of it is left"]);
            Assert.Equal(!isNew, Directory.Exists(_folder.File("lab")));
            if (!isNew) Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.File("lab")));
        }

        // Mended it comes up; a lab that has been up stays, whatever happens to its data.
        await using var up = FedLabProgram.Start(_folder.Path, [.. command, "--label", "bank.bad"]);
        var left = await up.LeaveAsync();
        Assert.True(left.ExitCode == 0, left.Error);
        (await FedLabProgram.RunAsync(_folder.Path, "down", "--out", "lab")).Succeeded();
        await File.WriteAllTextAsync(_folder.File("bank.csv"), "id,other\n1,2\n", cancellation);
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "up", "--detach", "--out", "lab"), Failure, ["bank.csv"]);
        Assert.NotNull(DetachedLab.Find(_folder.File("lab")));
    }

    [Fact]
    public async Task A_start_that_is_interrupted_leaves_nothing_running()
    {
        await using var up = FedLabProgram.Start(_folder.Path, ["up", "--detach", "--out", "lab", .. Demo]);
        Assert.True(await Patience.UntilAsync(() => up.HasExited || up.Survivors.Count > 3, Patience.Long, TestContext.Current.CancellationToken));
        await up.SignalAsync("INT");
        Assert.True(await Patience.UntilAsync(() => up.HasExited, EndOfChildren, TestContext.Current.CancellationToken), "still running");
        Refusal.Assert(await up.LeaveAsync(), Failure, [_folder.File("lab")]);
        Assert.False(DetachedLab.Find(_folder.File("lab"))!.IsRunning);
    }

    private async Task AssertCataloguesAsync(string address, string keys)
    {
        using var listed = JsonDocument.Parse((await FedLabProgram.RunAsync(_folder.Path, "catalogue", "--out", "lab", "--json")).Succeeded().Output);
        var institutions = listed.RootElement.GetProperty("institutions").EnumerateArray().ToDictionary(one => one.GetProperty("name").GetString()!, one => one, StringComparer.Ordinal);
        Assert.Equal(3, institutions.Count);
        var bank = institutions["bank-a"];
        Assert.True(bank.GetProperty("connected").GetBoolean());
        Assert.Equal("Bank A", bank.GetProperty("title").GetString());
        Assert.True(bank.GetProperty("rows").GetInt64() > 0);
        var features = bank.GetProperty("features").EnumerateArray().ToArray();
        Assert.Equal(("default", "label"), (features[^1].GetProperty("name").GetString(), features[^1].GetProperty("kind").GetString()));
        Assert.Equal(("avg_bal_90d", "number", "CNY 元"), (features[0].GetProperty("name").GetString(), features[0].GetProperty("kind").GetString(), features[0].GetProperty("unit").GetString()));
        Assert.DoesNotContain(features, feature => feature.GetProperty("name").GetString() == "uscc");

        var chinese = (await FedLabProgram.RunAsync(_folder.Path, "catalogue", "--coordinator", address, "--keys", keys, "--party", "public-credit", "--language", "zh-CN")).Succeeded().Output;
        Assert.Contains("公共信用平台", chinese, StringComparison.Ordinal);
        Assert.DoesNotContain("bank-a", chinese, StringComparison.Ordinal);
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "catalogue", "--out", "lab", "--party", "bank-z"), Usage, ["bank-z", "bank-a"]);

        // What the lead sees is what the institution's own log has on record.
        using var connection = new LabConnection(new Uri(address), keys, TimeProvider.System);
        foreach (var institution in await connection.ListInstitutionsAsync(TestContext.Current.CancellationToken))
        {
            var entries = await File.ReadAllTextAsync(_folder.File("lab", "lab", "parties", institution.Name, "audit", "entries.jsonl"), TestContext.Current.CancellationToken);
            Assert.Contains($"\"catalogueSha256\":\"{institution.CatalogueSha256}\"", entries, StringComparison.Ordinal);
        }
    }

    private async Task<IReadOnlyList<JsonElement>> RunsAsync(string address, string keys)
    {
        var list = (await FedLabProgram.RunAsync(_folder.Path, "run", "--list", "--coordinator", address, "--keys", keys, "--json")).Succeeded();
        return [.. JsonDocument.Parse(list.Output).RootElement.GetProperty("runs").EnumerateArray()];
    }

    private static int SessionOf(int process)
    {
        var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
        return int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);
    }

    private static string Text(JsonDocument document, string name) => document.RootElement.GetProperty(name).GetString()!;
}
