using System.Text.Json;
using System.Text.Json.Nodes;
using FedLab.EndToEnd.Tests.Support;
using FedLab.Synthesis;

namespace FedLab.EndToEnd.Tests.Containers;

/// <summary><c>fedlab up --containers</c>, <c>containers</c> and <c>down</c> on a real Docker Engine.</summary>
[Collection(ContainerEngine.Name)]
public sealed class UpDownTests : IAsyncLifetime
{
    private const int Failure = 1;
    private const int Usage = 2;

    // Long enough that a participant can be killed in its middle.
    private static readonly string[] Demo = ["--rows", "2000", "--set", "trees=40"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _name = "t" + Guid.NewGuid().ToString("N")[..8];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var folder in (string[])["lab", "other"])
        {
            if (Directory.Exists(_folder.File(folder))) await FedLabProgram.RunAsync(_folder.Path, "down", "--out", folder);
        }
        _folder.Dispose();
    }

    [Fact]
    public async Task One_command_brings_up_a_confined_lab_whose_run_survives_a_killed_container_and_another_leaves_nothing_behind()
    {
        await LabImages.RequireAsync();
        var cancellation = TestContext.Current.CancellationToken;
        var up = (await UpAsync("lab", [.. Demo, "--name", _name, "--json"])).Succeeded();
        using var lab = JsonDocument.Parse(up.Output);
        var (coordinator, keys, spec) = (Text(lab, "address"), Text(lab, "keys"), Text(lab, "spec"));
        var ids = Names().ToDictionary(name => name, Container, StringComparer.Ordinal);
        foreach (var id in ids.Values)
        {
            Assert.Equal("healthy", Containment.HealthOf(id));
            await Containment.AssertConfinedAsync(id);
        }
        Assert.NotEqual("0", await Containment.InspectAsync(ids["bank-a"], "{{.HostConfig.Memory}}"));
        Assert.NotEqual("0", await Containment.InspectAsync(ids["bank-a"], "{{.HostConfig.PidsLimit}}"));
        await Containment.AssertReachesCoordinatorAloneAsync(ids["bank-a"], ids["coordinator"], Container("bank-a"));

        // The name is taken, for a lab of another folder; nothing is made of that.
        Assert.Contains(_folder.File("lab"), Refusal.Assert(await UpAsync("other", [.. Demo, "--name", _name]), Failure), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("other")));

        await using (var run = FedLabProgram.Start(_folder.Path, "run", spec, "--coordinator", coordinator, "--keys", keys, "--out", "model"))
        {
            Assert.True(await Patience.UntilAsync(() => run.HasExited || run.ErrorSoFar.Contains("Training: tree 3 ", StringComparison.Ordinal) || run.ErrorSoFar.Contains("Training, tree", StringComparison.Ordinal), Patience.Long, cancellation));
            Assert.False(run.HasExited, run.ErrorSoFar);
            await DockerProgram.RunAsync("docker", ["kill", ids["supply-chain"]]);
            (await run.EndAsync()).Succeeded();
        }
        (await FedLabProgram.RunAsync(_folder.Path, ["simulate", .. SameExperiment(_folder, _name, Demo), "--in-memory", "--no-baselines", "--out", "one"])).Succeeded();
        Assert.Equal(File.ReadAllBytes(_folder.File("one", "model", "manifest.json")), File.ReadAllBytes(_folder.File("model", "manifest.json")));

        var list = (await ContainersAsync("list", "--json")).Succeeded();
        using var listed = JsonDocument.Parse(list.Output);
        foreach (var container in listed.RootElement.GetProperty("containers").EnumerateArray())
        {
            Assert.Equal("running", container.GetProperty("condition").GetString());
            Assert.True(container.GetProperty("connected").GetBoolean());
            Assert.Equal(container.GetProperty("name").GetString() == "supply-chain" ? 1 : 0, container.GetProperty("restarts").GetInt32());
            Assert.InRange(container.GetProperty("memoryBytes").GetInt64(), 1 << 20, 4L << 30);
            Assert.InRange(container.GetProperty("processors").GetDouble(), 0, 1024);
        }
        var logs = (await ContainersAsync("logs", "supply-chain")).Succeeded().Output;
        Assert.Equal(2, logs.Split("Connected to the lab", StringSplitOptions.None).Length - 1); // before and after
        Assert.Contains("'nobody'", Refusal.Assert(await ContainersAsync("logs", "nobody"), Usage), StringComparison.Ordinal);

        // A coordinator that is dead is brought up again and finds its participants, who went on running.
        await DockerProgram.RunAsync("docker", ["kill", ids["coordinator"]]);
        var bank = await Containment.InspectAsync(ids["bank-a"], "{{.Id}}");
        (await UpAsync("lab", [])).Succeeded();
        Assert.Equal(bank, await Containment.InspectAsync(ids["bank-a"], "{{.Id}}"));
        await Containment.AssertReachesCoordinatorAloneAsync(ids["bank-a"], ids["coordinator"], Container("bank-a"));

        // Dead, it does not hinder the lab's end; ending it twice does not hurt.
        await DockerProgram.RunAsync("docker", ["kill", ids["coordinator"]]);
        var down = (await FedLabProgram.RunAsync(_folder.Path, "down", "--out", "lab", "--json")).Succeeded();
        using var removed = JsonDocument.Parse(down.Output);
        Assert.Equal(4, removed.RootElement.GetProperty("containers").GetArrayLength());
        Assert.Equal(4, removed.RootElement.GetProperty("networks").GetArrayLength());
        foreach (var kind in (string[])["container", "network"]) Assert.Empty(await DockerProgram.RunAsync("docker", [kind, "ls", "--quiet", .. kind == "container" ? (string[])["--all"] : [], "--filter", $"label=org.fedlab.lab={_name}"]));
        (await FedLabProgram.RunAsync(_folder.Path, "down", "--out", "lab")).Succeeded();
        foreach (var name in Names().Skip(1)) Assert.True(File.Exists(_folder.File("lab", "lab", "parties", name, "participant.json")));
    }

    [Fact]
    public async Task A_participant_that_cannot_start_is_given_up_and_the_lab_is_taken_down_again_with_its_last_words()
    {
        await LabImages.RequireAsync();
        (await UpAsync("lab", [.. Demo, "--name", _name])).Succeeded();
        (await FedLabProgram.RunAsync(_folder.Path, "down", "--out", "lab")).Succeeded();
        var path = _folder.File("lab", "lab", "parties", "bank-a", "participant.json");
        var configuration = JsonNode.Parse(File.ReadAllText(path))!;
        configuration["data"]!["path"] = "nowhere.csv";
        File.WriteAllText(path, configuration.ToJsonString());

        var sentence = Refusal.Assert(await UpAsync("lab", []), Failure);

        Assert.Contains("'bank-a' does not start", sentence, StringComparison.Ordinal);
        Assert.Contains("nowhere.csv", sentence, StringComparison.Ordinal);
        Assert.Empty(await DockerProgram.RunAsync("docker", ["container", "ls", "--all", "--quiet", "--filter", $"label=org.fedlab.lab={_name}"]));
    }

    [Fact]
    public async Task Without_its_images_nothing_is_made()
    {
        await DockerProgram.RequireEngineAsync();
        var sentence = Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "up", "--containers", "--images", "none-such", "--out", "lab"), Failure);
        Assert.Contains("fedlab/coordinator:none-such", sentence, StringComparison.Ordinal);
        Assert.Contains("compose/Dockerfile", sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("lab")));
    }

    /// <summary>The demo's experiment under the lab's name, which is a part of what the parties sign.</summary>
    internal static string[] SameExperiment(TemporaryFolder folder, string name, string[] demo) =>
    [
        .. Names().Skip(1).SelectMany(party => (string[])["--party", $"{party}={folder.File("lab", "data", party + ".csv")}"]),
        "--key", SyntheticInstitution.KeyColumn, "--label", $"bank-a.{SyntheticInstitution.BankA.LabelColumn}", "--optional", "supply-chain",
        .. demo.Skip(2), "--set", "depth=3", "--set", "learning-rate=0.15", "--set", "bins=16", "--name", name,
    ];

    private static string[] Names() => ["coordinator", "bank-a", "public-credit", "supply-chain"];

    private static string Text(JsonDocument document, string name) => document.RootElement.GetProperty(name).GetString()!;

    private string Container(string name) => $"fedlab-{_name}-{name}";

    private Task<ProgramRun> UpAsync(string folder, string[] arguments) => FedLabProgram.RunAsync(_folder.Path, ["up", "--containers", "--detach", "--images", LabImages.Tag, "--out", folder, .. arguments]);

    private Task<ProgramRun> ContainersAsync(params string[] arguments) => FedLabProgram.RunAsync(_folder.Path, ["containers", .. arguments, "--out", "lab"]);
}
