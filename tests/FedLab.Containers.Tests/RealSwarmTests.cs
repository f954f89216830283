using System.Globalization;
using FedLab.Containers.Containers;
using FedLab.Containers.Networks;
using FedLab.Containers.Swarm;

namespace FedLab.Containers.Tests;

/// <summary>A swarm of one machine: services, replicas, their names in the network, and what becomes of one that is killed.</summary>
[Collection(ContainerEngine.Name)]
public sealed class RealSwarmTests : IAsyncLifetime
{
    private readonly string _name = "fedlabtest-" + Guid.NewGuid().ToString("N")[..8];
    private DockerEngine? _engine;
    private bool _made;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DockerEngine Engine => _engine!;

    private Dictionary<string, string> Labels => new(StringComparer.Ordinal) { ["org.fedlab.test"] = _name };

    public async ValueTask InitializeAsync()
    {
        _engine = await RealEngineTests.RequireAsync();
        if (await Engine.GetSwarmRoleAsync(Cancellation) == SwarmRole.Manager) return;
        using var managers = new HeldPort();
        using var data = new HeldPort();
        await Engine.InitializeSwarmAsync(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{managers.Number}"), data.Number, Cancellation);
        _made = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is null) return;
        if (await _engine.GetSwarmRoleAsync(CancellationToken.None) == SwarmRole.Manager)
        {
            foreach (var service in await _engine.ListServicesAsync(Labels, CancellationToken.None)) await _engine.RemoveServiceAsync(service.Id, CancellationToken.None);
        }
        if (_made) await _engine.LeaveSwarmAsync(CancellationToken.None);
        _engine.Dispose();
    }

    [Fact]
    public async Task A_service_runs_in_replicas_that_are_found_by_name_and_replaced_when_killed()
    {
        Assert.Equal(SwarmRole.Manager, await Engine.GetSwarmRoleAsync(Cancellation));
        var network = new NetworkSpecification { Name = _name, Driver = NetworkSpecification.Overlay, ForSwarm = true, Internal = true, Attachable = true, Labels = Labels };
        await Engine.CreateNetworkAsync(network, Cancellation);
        var specification = new ServiceSpecification
        {
            Container = new ContainerSpecification
            {
                Name = _name,
                Image = RealEngineTests.Image,
                Entrypoint = ["/bin/sh", "-c", "echo up; while true; do nslookup \"tasks.$0\" | grep -c ^Address; sleep 0.3; done", _name],
                Labels = Labels,
                User = "1654:1654",
                StopPatience = TimeSpan.FromSeconds(1), // a shell that is the first process ignores the request
                Confinement = new Confinement { MemoryBytes = 64 << 20, Processes = 32 },
                WithoutHealthCheck = true,
            },
            Networks = [_name],
            Replicas = 2,
            Constraints = ["node.role==manager"],
        };
        await Engine.CreateServiceAsync(specification, Cancellation);
        Assert.Equal(EngineFailure.Conflict, (await Assert.ThrowsAsync<EngineException>(() => Engine.CreateServiceAsync(specification, Cancellation))).Failure);
        Assert.Equal((_name, 2), ((await Engine.FindServiceAsync(_name, Cancellation))!.Name, (await Engine.ListServicesAsync(Labels, Cancellation)).Single().Replicas));
        var running = await RunningAsync(2);
        await LineAsync("3"); // the name server's own address and both replicas'

        var details = (await Engine.FindContainerAsync(running[0].Container, Cancellation))!;
        Assert.Equal(_name, details.Labels["org.fedlab.test"]);
        Assert.InRange((await Engine.MeasureContainerAsync(details.Id, Cancellation))!.MemoryLimitBytes, 1, 64 << 20);
        await Engine.KillContainerAsync(details.Id, cancellationToken: Cancellation);
        await UntilAsync(async () => (await Engine.ListTasksAsync(_name, Cancellation)).Any(task => task.Id == running[0].Id && task.HasFailed && !task.IsRunning));
        Assert.DoesNotContain(running[0].Id, (await RunningAsync(2)).Select(task => task.Id));

        await Engine.ScaleServiceAsync(_name, 3, Cancellation);
        await RunningAsync(3);
        await LineAsync("4");
        var before = (await RunningAsync(3)).Select(task => task.Id).ToHashSet(StringComparer.Ordinal);
        await Engine.RestartServiceAsync(_name, Cancellation);
        await UntilAsync(async () => (await RunningAsync(3)).All(task => !before.Contains(task.Id)));

        Assert.True(await Engine.RemoveServiceAsync(_name, Cancellation));
        Assert.False(await Engine.RemoveServiceAsync(_name, Cancellation));
        Assert.Null(await Engine.FindServiceAsync(_name, Cancellation));
        await UntilAsync(async () => (await Engine.ListContainersAsync(Labels, Cancellation)).Count == 0);
        await UntilAsync(async () =>
        {
            try
            {
                return await Engine.RemoveNetworkAsync(_name, Cancellation);
            }
            catch (EngineException e) when (e.Failure is EngineFailure.Refused or EngineFailure.Conflict)
            {
                return false; // it is let go of a moment after the last task
            }
        });
    }

    [Fact]
    public async Task A_constraint_that_no_machine_meets_leaves_the_task_waiting_and_says_so()
    {
        var container = new ContainerSpecification { Name = _name + "-nowhere", Image = RealEngineTests.Image, Entrypoint = ["/bin/sh", "-c", "true"], Labels = Labels };
        await Engine.CreateServiceAsync(new ServiceSpecification { Container = container, Networks = [], Constraints = ["node.labels.bank==none"] }, Cancellation);
        await UntilAsync(async () => (await Engine.ListTasksAsync(container.Name, Cancellation)).Any(task => task is { State: "pending", IsRunning: false } && task.Problem.Contains("constraint", StringComparison.Ordinal)));
        Assert.Equal(EngineFailure.Refused, (await Assert.ThrowsAsync<EngineException>(() => Engine.CreateServiceAsync(new ServiceSpecification { Container = container with { Name = _name + "-bad" }, Networks = [], Constraints = ["nonsense"] }, Cancellation))).Failure);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition()) await Task.Delay(100, Cancellation);
    }

    private async Task<IReadOnlyList<TaskDetails>> RunningAsync(int count)
    {
        while (true)
        {
            var running = (await Engine.ListTasksAsync(_name, Cancellation)).Where(task => task is { IsRunning: true, IsWanted: true, Container.Length: > 0 }).ToArray();
            if (running.Length == count) return running;
            await Task.Delay(100, Cancellation);
        }
    }

    /// <summary>Waits until a replica writes a line.</summary>
    private async Task LineAsync(string text)
    {
        await foreach (var line in Engine.ReadServiceLogAsync(_name, tail: 1, follow: true, cancellationToken: Cancellation))
        {
            if (line.Text == text) return;
        }
        Assert.Fail($"no replica wrote {text}");
    }
}
