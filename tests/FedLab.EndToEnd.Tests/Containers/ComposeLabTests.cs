using System.Globalization;
using System.Text.Json;
using FedLab.Client.Labs;
using FedLab.EndToEnd.Tests.Support;

namespace FedLab.EndToEnd.Tests.Containers;

/// <summary>The images and <c>compose/docker-compose.yml</c> on a real Docker Engine: built from the sources, brought up, trained, taken down.</summary>
[Collection(ContainerEngine.Name)]
public sealed class ComposeLabTests : IAsyncLifetime
{
    private const long LargestImageBytes = 150_000_000;

    private static readonly string[] Demo = ["demo", "--rows", "2000", "--set", "trees=5"];
    private static readonly string[] Services = ["coordinator", "bank-a", "public-credit", "supply-chain", "database"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _project = "fedlabtest" + Guid.NewGuid().ToString("N")[..8];
    private readonly HeldPort _port = new();
    private bool _up;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_up) await ComposeAsync("down", "--volumes", "--timeout", "5");
        _folder.Dispose();
        _port.Dispose();
    }

    [Fact]
    public async Task A_lab_of_containers_comes_up_healthy_and_confined_and_trains_the_model_that_one_process_trains()
    {
        await LabImages.RequireAsync();
        var cancellation = TestContext.Current.CancellationToken;
        (await FedLabProgram.RunAsync(_folder.Path, [.. Demo, "--prepare", "coordinator", "--out", "lab"])).Succeeded();
        var workspace = LabWorkspace.Open(_folder.File("lab"));
        await DockerProgram.RunAsync(Path.Combine(DockerProgram.Root, "compose", "database", "prepare"), [workspace.Root]);
        await OwnHomesAsync(workspace);
        _up = true;

        foreach (var image in (string[])[LabImages.Coordinator, LabImages.Participant]) await AssertImageAsync(image);
        await ComposeAsync("up", "-d", "--no-build");
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in Services) ids.Add(service, await ComposeAsync("ps", "-q", service));
        Assert.True(await Patience.UntilAsync(() => ids.Values.All(id => Containment.HealthOf(id) == "healthy"), Patience.Long, cancellation), "not all became healthy");
        foreach (var id in ids.Values) await Containment.AssertConfinedAsync(id);
        await Containment.AssertReachesCoordinatorAloneAsync(ids["bank-a"], ids["coordinator"], _project + "_bank-a");

        (await FedLabProgram.RunAsync(_folder.Path, "run", _folder.File("lab", "spec.json"), "--coordinator", string.Create(CultureInfo.InvariantCulture, $"https://localhost:{_port.Number}"), "--keys", LocalLab.KeysOf(workspace.Lead), "--out", "model")).Succeeded();

        (await FedLabProgram.RunAsync(_folder.Path, [.. Demo, "--in-memory", "--no-baselines", "--out", "one"])).Succeeded();
        Assert.Equal(File.ReadAllBytes(_folder.File("one", "model", "manifest.json")), File.ReadAllBytes(_folder.File("model", "manifest.json")));

        // Without its coordinator's answer a participant is not well, and says so.
        await DockerProgram.RunAsync("docker", ["stop", ids["coordinator"]]);
        Assert.Equal("0", await Containment.InspectAsync(ids["coordinator"], "{{.State.ExitCode}}"));
        Assert.True(await Patience.UntilAsync(() => Containment.HealthOf(ids["bank-a"]) == "unhealthy", Patience.Long, cancellation), "a participant without a coordinator passes for healthy");
        await ComposeAsync("stop");
        foreach (var id in ids.Values) Assert.Equal("0", await Containment.InspectAsync(id, "{{.State.ExitCode}}"));
    }

    private static string Owner => IsRoot ? "1654:1654" : FormattableString.Invariant($"{UserNumber("-u")}:{UserNumber("-g")}");

    private static bool IsRoot => UserNumber("-u") == 0;

    private static int UserNumber(string which) => int.Parse(DockerProgram.RunAsync("id", [which]).GetAwaiter().GetResult(), CultureInfo.InvariantCulture);

    /// <summary>Root gives the homes to the user of the containers, as compose/prepare does.</summary>
    private static async Task OwnHomesAsync(LabWorkspace workspace)
    {
        if (IsRoot) await DockerProgram.RunAsync("chown", ["-R", Owner, workspace.Coordinator, Path.GetDirectoryName(workspace.Party("bank-a"))!]);
    }

    private static async Task AssertImageAsync(string image)
    {
        using var inspected = JsonDocument.Parse(await DockerProgram.RunAsync("docker", ["image", "inspect", image]));
        var root = inspected.RootElement[0];
        var config = root.GetProperty("Config");
        Assert.InRange(root.GetProperty("Size").GetInt64(), 1, LargestImageBytes);
        Assert.Equal("1654:1654", config.GetProperty("User").GetString());
        Assert.Contains("health", config.GetProperty("Healthcheck").GetProperty("Test").EnumerateArray().Select(part => part.GetString()));
        foreach (var label in (string[])["title", "description", "version", "revision", "vendor"]) Assert.NotEmpty(config.GetProperty("Labels").GetProperty($"org.opencontainers.image.{label}").GetString()!);
    }

    private Task<string> ComposeAsync(params string[] arguments) => LabImages.ComposeAsync(
        _project,
        new Dictionary<string, string>(LabImages.ComposeVariables, StringComparer.Ordinal)
        {
            ["FEDLAB_LAB"] = _folder.File("lab"),
            ["FEDLAB_PORT"] = _port.Number.ToString(CultureInfo.InvariantCulture),
            ["FEDLAB_USER"] = Owner,
        },
        arguments);
}
