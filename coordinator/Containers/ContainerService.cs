using System.Runtime.CompilerServices;
using FedLab.Containers;
using FedLab.Containers.Containers;
using FedLab.Containers.Labs;
using FedLab.Coordinator.Configuration;
using FedLab.Coordinator.Runs;
using FedLab.Coordinator.Services;
using FedLab.Federation.Identity;
using FedLab.Proto;
using Grpc.Core;

namespace FedLab.Coordinator.Containers;

/// <summary>The leads' view of the lab's containers.</summary>
internal sealed class ContainerService(CoordinatorHome home, RunBook book, IServiceProvider services, ILogger<ContainerService> logger, TimeProvider time) : Proto.Containers.ContainersBase
{
    private const int MaximumTail = 10_000;
    private const int MaximumLinesPerMessage = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReturnPause = TimeSpan.FromMilliseconds(500);

    private readonly ILabSupervisor? _supervisor = services.GetService<ILabSupervisor>();
    private readonly ContainerMeter _meter = new();

    public override Task<ContainerList> ListContainers(ListContainersRequest request, ServerCallContext context)
    {
        Require(context);
        return ListAsync(_meter, context.CancellationToken);
    }

    public override async Task WatchContainers(WatchContainersRequest request, IServerStreamWriter<ContainerList> responseStream, ServerCallContext context)
    {
        Require(context);
        var meter = new ContainerMeter(); // its own, so that two who watch do not halve each other's intervals
        while (true)
        {
            await responseStream.WriteAsync(await ListAsync(meter, context.CancellationToken).ConfigureAwait(false), context.CancellationToken).ConfigureAwait(false);
            await Task.Delay(Interval, time, context.CancellationToken).ConfigureAwait(false);
        }
    }

    public override async Task ReadLog(ReadLogRequest request, IServerStreamWriter<ContainerLog> responseStream, ServerCallContext context)
    {
        var supervisor = Require(context);
        ContainerDescription[] all = [Self(), .. supervisor.Describe()];
        var container = Array.Find(all, one => one.Name == request.Name) ?? throw NoSuchContainer(request.Name, all.Select(one => one.Name));
        if (request.Tail is < 0 or > MaximumTail) throw new RpcException(new Status(StatusCode.InvalidArgument, Messages.FieldInvalid("ReadLog", "tail", Messages.MustBeBetween(request.Tail, 0, MaximumTail))));
        var message = new ContainerLog();
        try
        {
            await foreach (var line in LinesAsync(supervisor, container, request, context.CancellationToken).ConfigureAwait(false))
            {
                message.Lines.Add(new ContainerLogLine { UnixMs = line.Time?.ToUnixTimeMilliseconds() ?? 0, IsError = line.IsError, Text = line.Text });
                // A line that is followed is wanted at once.
                if (!request.Follow && message.Lines.Count < MaximumLinesPerMessage) continue;
                await responseStream.WriteAsync(message, context.CancellationToken).ConfigureAwait(false);
                message = new ContainerLog();
            }
        }
        catch (EngineException e)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, e.Message));
        }
        if (message.Lines.Count > 0) await responseStream.WriteAsync(message, context.CancellationToken).ConfigureAwait(false);
    }

    public override async Task<ContainerDescription> RestartContainer(RestartContainerRequest request, ServerCallContext context)
    {
        var supervisor = Require(context);
        var lead = AccessControl.Require(context, LabRole.Lead).Name;
        try
        {
            if (!await supervisor.RestartAsync(request.Name, context.CancellationToken).ConfigureAwait(false)) throw NoSuchContainer(request.Name, supervisor.Describe().Select(one => one.Name));
            Log.ContainerRestartAsked(logger, lead, request.Name);
        }
        catch (EngineException e)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, e.Message));
        }
        return supervisor.Describe().First(one => one.Name == request.Name);
    }

    private static RpcException NoSuchContainer(string name, IEnumerable<string> known) =>
        new(new Status(StatusCode.NotFound, Messages.NoSuchContainer(name.Length <= 128 ? name : name[..128], string.Join(", ", known))));

    private ContainerDescription Self() => new()
    {
        Name = LabContainers.Coordinator,
        Container = home.Options.Containers!.Self,
        Role = LabContainers.CoordinatorRole,
        Condition = ContainerCondition.Running,
        Connected = true,
        Processors = -1,
    };

    private ILabSupervisor Require(ServerCallContext context)
    {
        try
        {
            AccessControl.Require(context, LabRole.Lead);
        }
        catch (RpcException e)
        {
            Log.CallRefused(logger, context.Peer, e.Status.Detail);
            throw;
        }
        return _supervisor ?? throw new RpcException(new Status(StatusCode.FailedPrecondition, Messages.NoContainers));
    }

    private async Task<ContainerList> ListAsync(ContainerMeter meter, CancellationToken cancellationToken)
    {
        var supervisor = _supervisor!;
        var list = new ContainerList { Lab = home.Options.Lab, Problem = supervisor.Problem };
        var self = Self();
        list.Containers.Add(self);
        var connected = book.Parties().Where(party => party.Connected).Select(party => party.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var one in supervisor.Describe())
        {
            // A worker has no session; that it runs is all there is to know.
            one.Connected = one.Role == LabContainers.WorkerRole || connected.Contains(one.Name);
            list.Containers.Add(one);
        }
        if (supervisor.Engine is not { } engine) return list;
        await Task.WhenAll([DescribeSelfAsync(engine, self, cancellationToken), .. list.Containers.Select(one => meter.MeasureAsync(engine, one, ReferenceEquals(one, self) ? [one.Container] : supervisor.ContainersOf(one), cancellationToken))]).ConfigureAwait(false);
        return list;
    }

    private static async Task DescribeSelfAsync(DockerEngine engine, ContainerDescription self, CancellationToken cancellationToken)
    {
        try
        {
            if (await engine.FindContainerAsync(self.Container, cancellationToken).ConfigureAwait(false) is not { } found) return;
            self.Health = ContainerSupervisor.HealthOf(found.Health);
            self.StartedUnixMs = found.Started?.ToUnixTimeMilliseconds() ?? 0;
        }
        catch (EngineException)
        {
            // The list says by itself that the engine is away.
        }
    }

    /// <summary>A container's lines; when it is followed, also those after it was started again or made anew.</summary>
    private async IAsyncEnumerable<LogLine> LinesAsync(ILabSupervisor supervisor, ContainerDescription container, ReadLogRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DateTimeOffset? last = null;
        int? tail = request.Tail == 0 ? MaximumTail : request.Tail;
        while (true)
        {
            if (supervisor.Engine is not { } engine) throw new EngineException(EngineFailure.Absent, supervisor.Problem);
            var lines = container.Role == LabContainers.CoordinatorRole
                ? engine.ReadLogAsync(container.Container, tail, request.Follow, last, cancellationToken)
                : supervisor.ReadLogAsync(engine, container, tail, request.Follow, last, cancellationToken);
            await using (var each = lines.GetAsyncEnumerator(cancellationToken))
            {
                while (await TryNextAsync(each).ConfigureAwait(false))
                {
                    var line = each.Current;
                    if (last is { } before && line.Time <= before) continue;
                    last = line.Time ?? last;
                    yield return line;
                    tail = null;
                }
            }
            if (!request.Follow) yield break;
            await Task.Delay(ReturnPause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The next line; a container that is not there at the moment has none.</summary>
    private static async Task<bool> TryNextAsync(IAsyncEnumerator<LogLine> lines)
    {
        try
        {
            return await lines.MoveNextAsync().ConfigureAwait(false);
        }
        catch (EngineException e) when (e.Failure == EngineFailure.NotFound)
        {
            return false;
        }
    }
}
