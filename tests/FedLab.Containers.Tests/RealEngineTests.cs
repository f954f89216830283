using System.Globalization;
using FedLab.Containers.Containers;
using FedLab.Containers.Events;
using FedLab.Containers.Labs;
using FedLab.Containers.Networks;

namespace FedLab.Containers.Tests;

/// <summary>The client against the engine that <c>DOCKER_HOST</c> names (compose/tests/start-engine starts one), with a small shell from an image of ours.</summary>
[Collection(ContainerEngine.Name)]
public sealed class RealEngineTests : IAsyncLifetime
{
    private const string Required = "FEDLAB_REQUIRE_DOCKER";
    public const string Image = "fedlab/sdk:10";

    private readonly string _name = "fedlabtest-" + Guid.NewGuid().ToString("N")[..8];
    private DockerEngine? _engine;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DockerEngine Engine => _engine!;

    private Dictionary<string, string> Labels => new(StringComparer.Ordinal) { ["org.fedlab.test"] = _name };

    /// <summary>The engine, with the image; without them the test is skipped, unless the environment says that one must be there.</summary>
    public static async Task<DockerEngine> RequireAsync()
    {
        string reason;
        try
        {
            var engine = await DockerEngine.ConnectAsync(EngineSocket.Choose(null, Environment.GetEnvironmentVariable), Cancellation);
            if (await engine.FindImageAsync(Image, Cancellation) is not null) return engine;
            engine.Dispose();
            reason = $"the image {Image} is missing (compose/base-image --sdk makes it)";
        }
        catch (EngineException e)
        {
            reason = e.Message;
        }
        if (Environment.GetEnvironmentVariable(Required) == "1") Assert.Fail($"{Required}=1, but: {reason}");
        Assert.Skip(reason);
        throw new InvalidOperationException(reason);
    }

    public async ValueTask InitializeAsync() => _engine = await RequireAsync();

    public async ValueTask DisposeAsync()
    {
        if (_engine is null) return;
        foreach (var container in await _engine.ListContainersAsync(Labels, CancellationToken.None)) await _engine.RemoveContainerAsync(container.Id, CancellationToken.None);
        foreach (var network in await _engine.ListNetworksAsync(Labels, CancellationToken.None)) await _engine.RemoveNetworkAsync(network.Id, CancellationToken.None);
        _engine.Dispose();
    }

    [Fact]
    public async Task A_container_is_made_started_measured_ended_and_removed_and_the_engine_tells_of_it()
    {
        var seen = new List<EngineEvent>();
        var listening = new TaskCompletionSource();
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var watch = Task.Run(
            async () =>
            {
                await foreach (var one in Engine.WatchContainersAsync(Labels, listening.SetResult, watching.Token))
                {
                    lock (seen) seen.Add(one);
                }
            },
            Cancellation);
        await listening.Task;
        var specification = Shell("main", "echo ready; echo worse >&2; while true; do sleep 0.1; done") with { Confinement = new Confinement { MemoryBytes = 64 << 20, Processes = 32, NanoProcessors = 500_000_000 } };
        var id = await Engine.CreateContainerAsync(specification, Cancellation);
        Assert.Equal(ContainerState.Created, (await Engine.FindContainerAsync(id, Cancellation))!.State);
        await Engine.StartContainerAsync(id, Cancellation);
        await Engine.StartContainerAsync(id, Cancellation); // runs already
        var found = (await Engine.FindContainerAsync(specification.Name, Cancellation))!;
        Assert.Equal((id, specification.Name, ContainerState.Running, ContainerHealth.None), (found.Id, found.Name, found.State, found.Health));
        Assert.Equal(_name, found.Labels["org.fedlab.test"]);
        Assert.NotNull(found.Started);
        Assert.Null(found.Finished);

        var first = (await MeasureAsync(id))!;
        await Task.Delay(300, Cancellation);
        var second = (await MeasureAsync(id))!;
        Assert.Equal(64 << 20, second.MemoryLimitBytes);
        Assert.InRange(second.MemoryBytes, 1, 64 << 20);
        Assert.InRange(second.Processes, 1, 32);
        Assert.InRange(second.ProcessorsSince(first)!.Value, 0, 1);

        // What the program wrote is in the log when the engine has come to it: both lines, when both were told.
        var told = 0;
        await foreach (var line in Engine.ReadLogAsync(id, follow: true, cancellationToken: Cancellation))
        {
            if (++told == 2) break;
        }
        var lines = new List<LogLine>();
        await foreach (var line in Engine.ReadLogAsync(id, cancellationToken: Cancellation)) lines.Add(line);
        Assert.Equal([(false, "ready"), (true, "worse")], lines.Select(line => (line.IsError, line.Text)).Order());
        Assert.All(lines, line => Assert.NotNull(line.Time));

        await Engine.KillContainerAsync(id, cancellationToken: Cancellation);
        Assert.Equal(137, await Engine.WaitForExitAsync(id, Cancellation));
        var ended = (await Engine.FindContainerAsync(id, Cancellation))!;
        Assert.Equal((ContainerState.Exited, 137, 0), (ended.State, ended.ExitCode, ended.Process));
        Assert.NotNull(ended.Finished);
        Assert.Null(await MeasureAsync(id));
        Assert.True(await Engine.RemoveContainerAsync(id, Cancellation));
        Assert.False(await Engine.RemoveContainerAsync(id, Cancellation));
        Assert.Null(await Engine.FindContainerAsync(id, Cancellation));

        while (!Actions().Contains("destroy")) await Task.Delay(20, Cancellation);
        Assert.Subset(Actions().ToHashSet(), new HashSet<string>(StringComparer.Ordinal) { "create", "start", "die", "destroy" });
        lock (seen) Assert.Equal("137", seen.First(one => one.Action == "die").Attributes["exitCode"]);
        await watching.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch);

        List<string> Actions()
        {
            lock (seen) return [.. seen.Select(one => one.Action)];
        }
    }

    [Fact]
    public async Task A_log_is_followed_to_the_end_of_the_program()
    {
        var id = await StartAsync(Shell("log", "for i in 1 2 3 4 5; do echo line $i; sleep 0.05; done"));
        var lines = new List<string>();
        await foreach (var line in Engine.ReadLogAsync(id, follow: true, cancellationToken: Cancellation)) lines.Add(line.Text);
        Assert.Equal(Enumerable.Range(1, 5).Select(number => string.Create(CultureInfo.InvariantCulture, $"line {number}")), lines);
        Assert.Equal(["line 5"], await LinesAsync(Engine.ReadLogAsync(id, tail: 1, cancellationToken: Cancellation)));
    }

    [Fact]
    public async Task Two_of_one_internal_network_find_each_other_by_alias_and_nobody_else()
    {
        foreach (var network in (string[])["inner", "other"]) await Engine.CreateNetworkAsync(new NetworkSpecification { Name = Name(network), Internal = true, WithoutMachine = true, Labels = Labels }, Cancellation);
        Assert.Equal(EngineFailure.Conflict, (await Assert.ThrowsAsync<EngineException>(() => Engine.CreateNetworkAsync(new NetworkSpecification { Name = Name("inner"), Labels = Labels }, Cancellation))).Failure);
        var server = await StartAsync(Shell("server", "while true; do echo hello | nc -l -p 7000; done") with { Network = Name("inner") });
        await Engine.ConnectNetworkAsync(Name("other"), server, ["twice"], Cancellation);
        Assert.Equal(2, (await Engine.FindContainerAsync(server, Cancellation))!.Networks.Count);
        Assert.Equal([server], (await Engine.FindNetworkAsync(Name("other"), Cancellation))!.Containers);

        // The server may not listen yet, or listen no longer between two calls.
        var own = await StartAsync(Shell("own", "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do nc -w 2 twice 7000 </dev/null && exit; sleep 0.5; done; echo none") with { Network = Name("other") });
        Assert.Equal(0, await Engine.WaitForExitAsync(own, Cancellation));
        Assert.Equal(["hello"], (await LinesAsync(Engine.ReadLogAsync(own, cancellationToken: Cancellation))).Where(line => !line.StartsWith("nc:", StringComparison.Ordinal)));
        var outside = await StartAsync(Shell("outside", "nc -w 2 1.1.1.1 7000 </dev/null || echo none") with { Network = Name("other") });
        await Engine.WaitForExitAsync(outside, Cancellation);
        Assert.Contains("none", await LinesAsync(Engine.ReadLogAsync(outside, cancellationToken: Cancellation)));

        await Engine.DisconnectNetworkAsync(Name("other"), server, Cancellation);
        Assert.True(await Engine.RemoveContainerAsync(own, Cancellation));
        Assert.True(await Engine.RemoveContainerAsync(outside, Cancellation));
        Assert.True(await Engine.RemoveNetworkAsync(Name("other"), Cancellation));
        Assert.False(await Engine.RemoveNetworkAsync(Name("other"), Cancellation));
    }

    [Fact]
    public async Task What_cannot_be_is_refused_in_the_engines_words()
    {
        Assert.Null(await Engine.FindImageAsync("fedlab/none-such:1", Cancellation));
        Assert.Equal(EngineFailure.NotFound, (await Assert.ThrowsAsync<EngineException>(() => Engine.CreateContainerAsync(new ContainerSpecification { Name = Name("none"), Image = "fedlab/none-such:1" }, Cancellation))).Failure);
        await Engine.CreateContainerAsync(Shell("twice", "true"), Cancellation);
        Assert.Equal(EngineFailure.Conflict, (await Assert.ThrowsAsync<EngineException>(() => Engine.CreateContainerAsync(Shell("twice", "true"), Cancellation))).Failure);
        // A folder that is not there is not made, as the engine would for a plain volume.
        var missing = await Assert.ThrowsAsync<EngineException>(() => Engine.CreateContainerAsync(Shell("mount", "true") with { Mounts = [new BindMount("/no/such/folder", "/x")] }, Cancellation));
        Assert.Contains("/no/such/folder", missing.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists("/no"));
    }

    [Fact]
    public async Task A_container_that_was_made_from_the_same_is_known_by_its_fingerprint()
    {
        var image = (await Engine.FindImageAsync(Image, Cancellation))!.Id;
        var one = LabContainers.Participant("lab", "/lab", "a", "/lab/a", Image, "1:1", new Confinement());
        Assert.Equal(Engine.FingerprintOf(one, image), Engine.FingerprintOf(one with { Aliases = [] }, image));
        foreach (var other in (ContainerSpecification[])[one with { User = "2:1" }, one with { Confinement = new Confinement { MemoryBytes = 1 << 20 } }, one with { Mounts = [] }]) Assert.NotEqual(Engine.FingerprintOf(one, image), Engine.FingerprintOf(other, image));
        Assert.NotEqual(Engine.FingerprintOf(one, image), Engine.FingerprintOf(one, image + "0"));
    }

    private static async Task<List<string>> LinesAsync(IAsyncEnumerable<LogLine> lines)
    {
        var all = new List<string>();
        await foreach (var line in lines) all.Add(line.Text);
        return all;
    }

    private string Name(string part) => $"{_name}-{part}";

    private ContainerSpecification Shell(string part, string script) => new() { Name = Name(part), Image = Image, Entrypoint = ["/bin/sh", "-c", script], Labels = Labels };

    private Task<ContainerFigures?> MeasureAsync(string id) => Engine.MeasureContainerAsync(id, Cancellation);

    private async Task<string> StartAsync(ContainerSpecification specification)
    {
        var id = await Engine.CreateContainerAsync(specification, Cancellation);
        await Engine.StartContainerAsync(id, Cancellation);
        return id;
    }
}
