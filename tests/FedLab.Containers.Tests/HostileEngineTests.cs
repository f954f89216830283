using System.Text;
using System.Text.Json;
using FedLab.Containers.Containers;
using FedLab.Containers.Networks;

namespace FedLab.Containers.Tests;

/// <summary>What the client makes of answers, right, wrong and hostile; a server on a unix socket gives them.</summary>
public sealed class HostileEngineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_at_the_socket_is_told_with_what_to_do()
    {
        var missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        var refused = await Assert.ThrowsAsync<EngineException>(() => DockerEngine.ConnectAsync(missing, Cancellation));
        Assert.Equal(EngineFailure.Absent, refused.Failure);
        Assert.Contains(missing, refused.Message, StringComparison.Ordinal);
        Assert.Contains("--engine", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.40", EngineFailure.Refused)]
    [InlineData("newest", EngineFailure.Malformed)]
    public async Task Another_version_of_the_api_is_refused_at_once(string offered, EngineFailure expected)
    {
        await using var server = FakeEngine.Of(offered, _ => []);
        Assert.Equal(expected, (await Assert.ThrowsAsync<EngineException>(() => DockerEngine.ConnectAsync(server.SocketPath, Cancellation))).Failure);
    }

    [Theory]
    [InlineData("1.41", "/v1.41/")]
    [InlineData("1.44", "/v1.44/")]
    [InlineData("1.99", "/v1.47/")]
    public async Task The_version_is_the_newest_that_both_know(string offered, string expected)
    {
        await using var server = FakeEngine.Of(offered, _ => FakeEngine.Json("[]"));
        using var engine = await DockerEngine.ConnectAsync(server.SocketPath, Cancellation);
        Assert.Empty(await engine.ListNetworksAsync(new Dictionary<string, string> { ["a"] = "b" }, Cancellation));
        Assert.StartsWith("GET " + expected, server.Requests[^1].Line, StringComparison.Ordinal);
        Assert.Contains(Uri.EscapeDataString("{\"label\":[\"a=b\"]}"), server.Requests[^1].Line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")]
    public async Task What_is_no_engine_is_called_none(string greeting)
    {
        await using var server = new FakeEngine(_ => [Encoding.ASCII.GetBytes(greeting)]);
        Assert.Equal(EngineFailure.Malformed, (await Assert.ThrowsAsync<EngineException>(() => DockerEngine.ConnectAsync(server.SocketPath, Cancellation))).Failure);
    }

    [Theory]
    [InlineData("404 Not Found", "{\"message\":\"No such container: x\"}", EngineFailure.NotFound, "No such container: x")]
    [InlineData("409 Conflict", "{\"message\":\"name is in use\"}", EngineFailure.Conflict, "name is in use")]
    [InlineData("500 Internal Server Error", "<html>\n oops </html>", EngineFailure.Refused, "<html> oops </html>")]
    [InlineData("500 Internal Server Error", "", EngineFailure.Refused, "500")]
    [InlineData("400 Bad Request", "{\"message\":null}", EngineFailure.Refused, "400")]
    public async Task A_refusal_carries_the_engines_own_words_in_one_line(string status, string body, EngineFailure failure, string words)
    {
        await using var server = FakeEngine.Of("1.41", _ => FakeEngine.Json(body, status));
        using var engine = await DockerEngine.ConnectAsync(server.SocketPath, Cancellation);
        var refused = await Assert.ThrowsAsync<EngineException>(() => engine.StartContainerAsync("x", Cancellation));
        Assert.Equal(failure, refused.Failure);
        Assert.EndsWith(words, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endless_words_of_a_refusal_are_cut()
    {
        await using var server = FakeEngine.Of("1.41", _ => [FakeEngine.Head("500 X", 1L << 40, "A: b"), .. Enumerable.Repeat(new byte[1 << 16], 8)]);
        using var engine = await DockerEngine.ConnectAsync(server.SocketPath, Cancellation);
        Assert.InRange((await Assert.ThrowsAsync<EngineException>(() => engine.StartContainerAsync("x", Cancellation))).Message.Length, 1, 1000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1,2")]
    [InlineData("{}")]
    [InlineData("{\"Id\":\"a\",\"Name\":\"b\",\"State\":7}")]
    public async Task An_answer_that_is_not_the_apis_is_refused(string body)
    {
        await using var server = FakeEngine.Of("1.41", _ => FakeEngine.Json(body));
        using var engine = await DockerEngine.ConnectAsync(server.SocketPath, Cancellation);
        Assert.Equal(EngineFailure.Malformed, (await Assert.ThrowsAsync<EngineException>(() => engine.FindContainerAsync("x", Cancellation))).Failure);
    }

    [Fact]
    public async Task An_answer_without_end_is_read_to_its_limit_and_no_further()
    {
        var sent = 0L;
        IEnumerable<byte[]> Endless()
        {
            yield return FakeEngine.Head("200 OK", 1L << 40, "A: b");
            yield return "[\""u8.ToArray();
            var piece = Enumerable.Repeat((byte)'x', 1 << 20).ToArray();
            for (; sent < 1L << 30; sent += piece.Length) yield return piece;
        }
        await using var server = FakeEngine.Of("1.41", _ => Endless());
        using var engine = await DockerEngine.ConnectAsync(server.SocketPath, Cancellation);
        var refused = await Assert.ThrowsAsync<EngineException>(() => engine.ListContainersAsync(new Dictionary<string, string>(), Cancellation));
        Assert.Equal(EngineFailure.Malformed, refused.Failure);
        Assert.InRange(sent, 0, 64L << 20);
    }

    [Fact]
    public async Task An_engine_that_goes_away_within_an_answer_is_told()
    {
        await using var server = FakeEngine.Of("1.41", line => line.Contains("/events", StringComparison.Ordinal) ? FakeEngine.Stream("{\"Type\":\"container\",\"Action\":"u8.ToArray()) : FakeEngine.Stream("[{\"Id\":"u8.ToArray()));
        using var engine = await DockerEngine.ConnectAsync(server.SocketPath, Cancellation);
        await Assert.ThrowsAsync<EngineException>(() => engine.ListContainersAsync(new Dictionary<string, string>(), Cancellation));
        await Assert.ThrowsAsync<EngineException>(async () =>
        {
            await foreach (var _ in engine.WatchContainersAsync(new Dictionary<string, string>(), cancellationToken: Cancellation)) Assert.Fail("half an event was told");
        });
    }

    [Fact]
    public async Task Cancelling_ends_a_wait_at_once_and_is_no_failure_of_the_engine()
    {
        await using var server = FakeEngine.Of("1.41", _ => [FakeEngine.Head("200 OK", 100, "A: b")]);
        using var engine = await DockerEngine.ConnectAsync(server.SocketPath, Cancellation);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.WaitForExitAsync("x", soon.Token));
        using var later = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in engine.ReadLogAsync("x", follow: true, cancellationToken: later.Token)) Assert.Fail("nothing was written");
        });
    }

    [Fact]
    public async Task A_confined_container_is_asked_for_in_the_apis_words()
    {
        await using var server = FakeEngine.Of("1.41", _ => FakeEngine.Json("{\"Id\":\"abc\"}", "201 Created"));
        using var engine = await DockerEngine.ConnectAsync(server.SocketPath, Cancellation);
        var specification = new ContainerSpecification
        {
            Name = "lab a",
            Image = "fedlab/participant:1",
            User = "1654:1654",
            Groups = ["999"],
            Network = "inner",
            Aliases = ["coordinator"],
            Mounts = [new BindMount("/homes/a", "/var/lib/fedlab")],
            Ports = [new PublishedPort("127.0.0.1", 7443, 7443)],
            Labels = new Dictionary<string, string> { ["x"] = "y" },
            Environment = new Dictionary<string, string> { ["LC_ALL"] = "C.UTF-8" },
            Confinement = new Confinement { MemoryBytes = 1 << 30, Processes = 64, NanoProcessors = 1_500_000_000 },
        };
        Assert.Equal("abc", await engine.CreateContainerAsync(specification, Cancellation));
        Assert.EndsWith("/containers/create?name=lab%20a", server.Requests[^1].Line, StringComparison.Ordinal);
        using var body = JsonDocument.Parse(server.Requests[^1].Body);
        var host = body.RootElement.GetProperty("HostConfig");
        Assert.True(host.GetProperty("ReadonlyRootfs").GetBoolean());
        Assert.Equal("[\"ALL\"]", host.GetProperty("CapDrop").GetRawText());
        Assert.Equal("[\"no-new-privileges:true\"]", host.GetProperty("SecurityOpt").GetRawText());
        Assert.Equal(1 << 30, host.GetProperty("Memory").GetInt64());
        Assert.Equal(1 << 30, host.GetProperty("MemorySwap").GetInt64());
        Assert.Equal(64, host.GetProperty("PidsLimit").GetInt64());
        Assert.Equal(1_500_000_000, host.GetProperty("NanoCpus").GetInt64());
        Assert.Equal("7443", host.GetProperty("PortBindings").GetProperty("7443/tcp")[0].GetProperty("HostPort").GetString());
        Assert.Equal("127.0.0.1", host.GetProperty("PortBindings").GetProperty("7443/tcp")[0].GetProperty("HostIp").GetString());
        Assert.Equal("coordinator", body.RootElement.GetProperty("NetworkingConfig").GetProperty("EndpointsConfig").GetProperty("inner").GetProperty("Aliases")[0].GetString());
        Assert.Equal("/homes/a", host.GetProperty("Mounts")[0].GetProperty("Source").GetString());

        Assert.Equal("abc", await engine.CreateNetworkAsync(new NetworkSpecification { Name = "inner", Internal = true, WithoutMachine = true }, Cancellation));
        using var network = JsonDocument.Parse(server.Requests[^1].Body);
        Assert.True(network.RootElement.GetProperty("Internal").GetBoolean());
        Assert.Equal("true", network.RootElement.GetProperty("Options").GetProperty("com.docker.network.bridge.inhibit_ipv4").GetString());
    }

    [Fact]
    public async Task A_service_that_the_swarm_changes_between_reading_and_changing_it_is_changed_as_it_is_by_then()
    {
        var version = 7;
        await using var server = FakeEngine.Of("1.41", line => line switch
        {
            "GET /v1.41/services/x" => FakeEngine.Json(FormattableString.Invariant($"{{\"ID\":\"x\",\"Version\":{{\"Index\":{version++}}},\"Spec\":{{\"Name\":\"x\",\"TaskTemplate\":{{\"ForceUpdate\":{version}}}}}}}")),
            "POST /v1.41/services/x/update?version=9" => FakeEngine.Json("{}"),
            _ => FakeEngine.Json("{\"message\":\"rpc error: code = Unknown desc = update out of sequence\"}", "500 Internal Server Error"),
        });
        using var engine = await DockerEngine.ConnectAsync(server.SocketPath, Cancellation);
        await engine.RestartServiceAsync("x", Cancellation);
        Assert.Equal(1 + (3 * 2), server.Requests.Count);
        using var body = JsonDocument.Parse(server.Requests[^1].Body);
        Assert.Equal(11, body.RootElement.GetProperty("TaskTemplate").GetProperty("ForceUpdate").GetInt32());
    }

    [Theory]
    [InlineData(null, null, EngineSocket.Default)]
    [InlineData(null, "unix:///run/other.sock", "/run/other.sock")]
    [InlineData("/run/mine.sock", "unix:///run/other.sock", "/run/mine.sock")]
    public void The_socket_is_the_one_named_or_the_environments_or_the_usual(string? named, string? environment, string expected) =>
        Assert.Equal(expected, EngineSocket.Choose(named, _ => environment));

    [Theory]
    [InlineData("tcp://10.0.0.1:2375")]
    [InlineData("unix://")]
    public void An_engine_on_the_network_is_refused(string named) => Assert.Contains(named, Assert.Throws<EngineException>(() => EngineSocket.Choose(named, _ => null)).Message, StringComparison.Ordinal);

    [Fact]
    public void Processors_are_counted_between_two_measurements_of_one_life()
    {
        var start = DateTimeOffset.UnixEpoch;
        var first = new ContainerFigures(start, TimeSpan.FromSeconds(10), 0, 0, 0, 0, 0);
        Assert.Equal(1.5, (first with { Read = start.AddSeconds(2), ProcessorTime = TimeSpan.FromSeconds(13) }).ProcessorsSince(first));
        Assert.Null(first.ProcessorsSince(first));
        Assert.Null((first with { Read = start.AddSeconds(2), ProcessorTime = TimeSpan.FromSeconds(1) }).ProcessorsSince(first));
    }
}
