using System.Globalization;
using System.Text.Json;
using FedLab.EndToEnd.Tests.Support;

namespace FedLab.EndToEnd.Tests.Containers;

/// <summary><c>fedlab up --swarm</c> on a swarm of one machine.</summary>
[Collection(ContainerEngine.Name)]
public sealed class SwarmLabTests : IAsyncLifetime
{
    private const int Failure = 1;

    private static readonly string[] Demo = ["--rows", "2000", "--set", "trees=25"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _name = "s" + Guid.NewGuid().ToString("N")[..8];
    private bool _made;

    public async ValueTask InitializeAsync()
    {
        await LabImages.RequireAsync();
        if (await DockerProgram.RunAsync("docker", ["info", "--format", "{{.Swarm.LocalNodeState}}"]) == "active") return;
        using var managers = new HeldPort();
        using var data = new HeldPort();
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{managers.Number}");
        await DockerProgram.RunAsync("docker", ["swarm", "init", "--listen-addr", address, "--advertise-addr", address, "--data-path-port", data.Number.ToString(CultureInfo.InvariantCulture)]);
        _made = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(_folder.File("lab"))) await FedLabProgram.RunAsync(_folder.Path, "down", "--out", "lab");
        if (_made) await DockerProgram.RunAsync("docker", ["swarm", "leave", "--force"]);
        _folder.Dispose();
    }

    [Fact]
    public async Task Participants_are_services_where_the_constraints_allow_and_scan_workers_change_nothing_in_the_model()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await LabelNodeAsync($"bank={_name}", cancellation);
        var up = (await FedLabProgram.RunAsync(_folder.Path, ["up", "--swarm", "--workers", "supply-chain=2", "--constraint", $"bank-a=node.labels.bank=={_name}", "--detach", "--images", LabImages.Tag, "--out", "lab", "--name", _name, "--json", .. Demo])).Succeeded();
        using var lab = JsonDocument.Parse(up.Output);
        Assert.Equal($"[node.labels.bank=={_name}]", await DockerProgram.RunAsync("docker", ["service", "inspect", "--format", "{{.Spec.TaskTemplate.Placement.Constraints}}", $"fedlab-{_name}-bank-a"]));

        await using (var run = FedLabProgram.Start(_folder.Path, "run", Text(lab, "spec"), "--coordinator", Text(lab, "address"), "--keys", Text(lab, "keys"), "--out", "model"))
        {
            Assert.True(await Patience.UntilAsync(() => run.HasExited || run.ErrorSoFar.Contains("Training, tree", StringComparison.Ordinal), Patience.Long, cancellation));
            Assert.False(run.HasExited, run.ErrorSoFar);
            // One of the workers is lost in the middle; the swarm brings another.
            var workers = await DockerProgram.RunAsync("docker", ["ps", "--quiet", "--filter", $"label=com.docker.swarm.service.name=fedlab-{_name}_supply-chain-workers"]);
            await DockerProgram.RunAsync("docker", ["kill", workers.Split('\n')[0]]);
            (await run.EndAsync()).Succeeded();
        }
        (await FedLabProgram.RunAsync(_folder.Path, ["simulate", .. UpDownTests.SameExperiment(_folder, _name, Demo), "--in-memory", "--no-baselines", "--out", "one"])).Succeeded();
        Assert.Equal(File.ReadAllBytes(_folder.File("one", "model", "manifest.json")), File.ReadAllBytes(_folder.File("model", "manifest.json")));
        var log = (await FedLabProgram.RunAsync(_folder.Path, "containers", "logs", "supply-chain", "--out", "lab", "--tail", "1000")).Succeeded().Output;
        Assert.Contains("Connected to the lab", log, StringComparison.Ordinal);
        Assert.Contains("worker", await File.ReadAllTextAsync(_folder.File("lab", "lab", "parties", "supply-chain", "participant.log"), cancellation), StringComparison.OrdinalIgnoreCase);

        // The swarm may take a moment to bring the lost worker's successor.
        JsonDocument Listed() => JsonDocument.Parse(FedLabProgram.RunAsync(_folder.Path, "containers", "list", "--out", "lab", "--json").GetAwaiter().GetResult().Succeeded().Output);
        Assert.True(await Patience.UntilAsync(() => Workers(Listed()).GetProperty("running").GetInt32() == 2, Patience.Long, cancellation));
        Assert.Equal(1, Workers(Listed()).GetProperty("restarts").GetInt32());

        (await FedLabProgram.RunAsync(_folder.Path, "down", "--out", "lab")).Succeeded();
        foreach (var kind in (string[])["service", "network"]) Assert.Empty(await DockerProgram.RunAsync("docker", [kind, "ls", "--quiet", "--filter", $"label=org.fedlab.lab={_name}"]));
        Assert.Empty(await DockerProgram.RunAsync("docker", ["ps", "--all", "--quiet", "--filter", $"label=org.fedlab.lab={_name}"]));

        static JsonElement Workers(JsonDocument list) => list.RootElement.GetProperty("containers").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "supply-chain-workers");
        static string Text(JsonDocument document, string name) => document.RootElement.GetProperty(name).GetString()!;
    }

    /// <summary>Labels the swarm's only machine. A swarm that has just begun writes what it learns of the machine into the same entry, and refuses a change of what was before.</summary>
    private static async Task LabelNodeAsync(string label, CancellationToken cancellationToken)
    {
        var node = await DockerProgram.RunAsync("docker", ["node", "ls", "--quiet"]);
        while (true)
        {
            var (code, said) = await DockerProgram.TryAsync("docker", ["node", "update", "--label-add", label, node]);
            if (code == 0) return;
            Assert.Contains("update out of sequence", said, StringComparison.Ordinal);
            await Task.Delay(100, cancellationToken);
        }
    }

    [Fact]
    public async Task Workers_of_nobody_are_refused()
    {
        var sentence = Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, ["up", "--swarm", "--workers", "nobody=2", "--detach", "--images", LabImages.Tag, "--out", "lab", "--name", _name, .. Demo]), Failure);
        Assert.Contains("'nobody'", sentence, StringComparison.Ordinal);
        Assert.Empty(await DockerProgram.RunAsync("docker", ["ps", "--all", "--quiet", "--filter", $"label=org.fedlab.lab={_name}"]));
    }
}
