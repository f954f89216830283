using System.Collections.Concurrent;
using FedLab.Containers;
using FedLab.Containers.Containers;
using FedLab.Proto;

namespace FedLab.Coordinator.Containers;

/// <summary>What the containers use: each measurement is compared with the one before, so that processors are known from the second on.</summary>
internal sealed class ContainerMeter
{
    private readonly ConcurrentDictionary<string, ContainerFigures> _last = new(StringComparer.Ordinal);

    /// <summary>Measures the containers of a description and writes their sum into it; one that does not run counts nothing.</summary>
    public async Task MeasureAsync(DockerEngine engine, ContainerDescription description, IReadOnlyList<string> containers, CancellationToken cancellationToken)
    {
        foreach (var figures in await Task.WhenAll(containers.Select(container => TryMeasureAsync(engine, container, cancellationToken))).ConfigureAwait(false))
        {
            if (figures is not var (now, processors)) continue;
            if (processors is { } used) description.Processors = Math.Max(0, description.Processors) + used;
            description.MemoryBytes += now.MemoryBytes;
            description.MemoryLimitBytes += now.MemoryLimitBytes;
            description.ReceivedBytes += now.ReceivedBytes;
            description.SentBytes += now.SentBytes;
        }
    }

    private async Task<(ContainerFigures Now, double? Processors)?> TryMeasureAsync(DockerEngine engine, string container, CancellationToken cancellationToken)
    {
        ContainerFigures? now;
        try
        {
            now = await engine.MeasureContainerAsync(container, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException)
        {
            // It is being made or removed, runs on another machine of a swarm, or the engine is away: the description says so by itself.
            now = null;
        }
        if (now is null) return null;
        var processors = _last.TryGetValue(container, out var before) ? now.ProcessorsSince(before) : null;
        _last[container] = now;
        return (now, processors);
    }
}
