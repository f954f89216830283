using System.Globalization;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Grpc.Core;

namespace FedLab.Coordinator.Tests;

/// <summary>The section <c>containers</c> of the configuration, and who may look at containers. The containers themselves are tested on a real engine (FedLab.EndToEnd.Tests).</summary>
public sealed class ContainerSectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_the_section_leads_are_told_so_and_participants_may_not_even_ask()
    {
        using var lab = new TemporaryLab(["bank"]);
        await using var coordinator = await lab.StartAsync();
        using (var channel = lab.LeadChannel(coordinator.Address))
        {
            var lead = new Proto.Containers.ContainersClient(channel.Invoker);
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await lead.ListContainersAsync(new ListContainersRequest(), cancellationToken: Cancellation));
            Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
            Assert.Contains("fedlab up --containers", refused.Status.Detail, StringComparison.Ordinal);
        }
        using var other = new LabChannel(coordinator.Address, lab.Certificates["bank"], lab.Authority.Certificate);
        var participant = new Proto.Containers.ContainersClient(other.Invoker);
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(async () => await participant.ListContainersAsync(new ListContainersRequest(), cancellationToken: Cancellation))).StatusCode);
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(async () => await participant.RestartContainerAsync(new RestartContainerRequest { Name = "bank" }, cancellationToken: Cancellation))).StatusCode);
        using var log = participant.ReadLog(new ReadLogRequest { Name = "bank" }, cancellationToken: Cancellation);
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(() => log.ResponseStream.MoveNext(Cancellation))).StatusCode);
    }

    [Fact]
    public async Task A_coordinator_whose_engine_is_away_serves_its_lab_and_says_what_is_missing()
    {
        using var lab = new TemporaryLab(["bank"]);
        lab.WriteConfiguration(Configuration(new { engine = "/no/engine.sock", self = "self", folder = "/lab", image = "fedlab/participant", participants = new[] { new { name = "bank", home = "/lab/bank" } } }));
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Containers.ContainersClient(channel.Invoker);
        ContainerList list;
        do list = await lead.ListContainersAsync(new ListContainersRequest(), cancellationToken: Cancellation);
        while (list.Problem.Length == 0);
        Assert.Contains("/no/engine.sock", list.Problem, StringComparison.Ordinal);
        Assert.Equal(["coordinator", "bank"], list.Containers.Select(container => container.Name));
        Assert.Equal(ContainerCondition.Starting, list.Containers[1].Condition);
        Assert.False(list.Containers[1].Connected);
        Assert.Equal(StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(async () => await lead.RestartContainerAsync(new RestartContainerRequest { Name = "bank" }, cancellationToken: Cancellation))).StatusCode);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(async () => await lead.RestartContainerAsync(new RestartContainerRequest { Name = "nobody" }, cancellationToken: Cancellation))).StatusCode);
    }

    [Theory]
    [InlineData("containers.engine", "engine.sock", "self", "/lab", "image", "bank", "/lab/bank", 5)]
    [InlineData("containers.self", "/engine.sock", "no name", "/lab", "image", "bank", "/lab/bank", 5)]
    [InlineData("containers.folder", "/engine.sock", "self", "lab", "image", "bank", "/lab/bank", 5)]
    [InlineData("containers.image", "/engine.sock", "self", "/lab", "", "bank", "/lab/bank", 5)]
    [InlineData("containers.participants[0].name", "/engine.sock", "self", "/lab", "image", "../bank", "/lab/bank", 5)]
    [InlineData("containers.participants[0].home", "/engine.sock", "self", "/lab", "image", "bank", "bank", 5)]
    [InlineData("containers.restarts", "/engine.sock", "self", "/lab", "image", "bank", "/lab/bank", -1)]
    public async Task A_wrong_field_is_named(string field, string engine, string self, string folder, string image, string name, string home, int restarts)
    {
        CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        using var lab = new TemporaryLab(["bank"]);
        lab.WriteConfiguration(Configuration(new { engine, self, folder, image, restarts, participants = new[] { new { name, home } } }));
        Assert.Contains(field, (await Assert.ThrowsAsync<ConfigurationException>(() => lab.StartAsync())).Message, StringComparison.Ordinal);
    }

    private static object Configuration(object containers) => new { lab = TemporaryLab.Name, listen = "127.0.0.1", port = 0, parties = new[] { new { name = "bank" } }, containers };
}
