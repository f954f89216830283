using FedLab.Client.Resources;
using FedLab.Containers;
using FedLab.Containers.Containers;
using FedLab.Containers.Labs;
using FedLab.Containers.Swarm;

namespace FedLab.Client.Launching;

/// <summary>What was removed of a lab. Nothing of it is left on the engine.</summary>
/// <param name="Folder">The lab's folder, which was not touched; null when the engine had no lab.</param>
/// <param name="Containers">Names of the containers that were removed.</param>
/// <param name="Networks">Names of the networks that were removed.</param>
public sealed record RemovedLab(string? Folder, IReadOnlyList<string> Containers, IReadOnlyList<string> Networks);

/// <summary>Takes a lab down by its labels alone, so that it does not matter whether its coordinator still runs.</summary>
internal static class LabRemoval
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReleasePause = TimeSpan.FromMilliseconds(250);

    /// <summary>Folders of the labs that the engine has a container or network of.</summary>
    public static async Task<IReadOnlyList<string>> FindFoldersAsync(DockerEngine engine, CancellationToken cancellationToken)
    {
        // A label's name alone finds whoever has it; its value comes with what is found.
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var containers = (await engine.ListContainersAsync(labels, cancellationToken)).Select(container => container.Labels);
        var networks = (await engine.ListNetworksAsync(labels, cancellationToken)).Select(network => network.Labels);
        return [.. containers.Concat(networks).Select(found => found.GetValueOrDefault(LabContainers.FolderLabel)).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Removes a lab.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="folder">The lab's folder; null for the only one.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends it half-way.</param>
    public static async Task<RemovedLab> RemoveAsync(DockerEngine engine, string? folder, TimeProvider time, CancellationToken cancellationToken)
    {
        if (folder is null)
        {
            var folders = await FindFoldersAsync(engine, cancellationToken);
            if (folders.Count > 1) throw ClientException.Usage(LaunchMessages.SeveralLabs(string.Join(", ", folders)));
            if (folders.Count == 0) return new RemovedLab(null, [], []);
            folder = folders[0];
        }
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { [LabContainers.FolderLabel] = folder };
        var removedContainers = new List<string>();
        var removedNetworks = new List<string>();
        // The coordinator would start again what is removed, and may be about to: it goes first, and what it left behind is looked for afterwards.
        var containers = await engine.ListContainersAsync(labels, cancellationToken);
        var coordinators = containers.Where(container => container.Labels.GetValueOrDefault(LabContainers.RoleLabel) == LabContainers.CoordinatorRole).ToArray();
        await RemoveAllAsync(engine, coordinators, removedContainers, cancellationToken);
        // A swarm would start again what is removed, too.
        var swarm = await engine.GetSwarmRoleAsync(cancellationToken) == SwarmRole.Manager;
        if (swarm)
        {
            foreach (var service in await engine.ListServicesAsync(labels, cancellationToken)) await engine.RemoveServiceAsync(service.Id, cancellationToken);
        }
        await RemoveAllAsync(engine, await engine.ListContainersAsync(labels, cancellationToken), removedContainers, cancellationToken);
        var started = time.GetTimestamp();
        while (true)
        {
            var (leftContainers, leftNetworks) = (await engine.ListContainersAsync(labels, cancellationToken), await engine.ListNetworksAsync(labels, cancellationToken));
            if (leftContainers.Count == 0 && leftNetworks.Count == 0) return new RemovedLab(folder, removedContainers, removedNetworks);
            var why = await RemoveAllAsync(engine, leftContainers, removedContainers, cancellationToken);
            foreach (var network in leftNetworks)
            {
                try
                {
                    if (await engine.RemoveNetworkAsync(network.Id, cancellationToken)) removedNetworks.Add(network.Name);
                }
                catch (EngineException e) when (e.Failure is EngineFailure.Refused or EngineFailure.Conflict)
                {
                    // The engine lets go of a container's end of a network a moment after the container is gone.
                    why = e.Message;
                }
            }
            if (time.GetElapsedTime(started) > ReleasePatience) throw new ClientException(LaunchMessages.NotRemoved(string.Join(", ", leftContainers.Select(container => container.Name).Concat(leftNetworks.Select(network => network.Name))), why));
            if (leftContainers.Count > 0 || why.Length > 0) await Task.Delay(ReleasePause, time, cancellationToken);
        }
    }

    /// <summary>Removes containers.</summary>
    /// <returns>Why one may be left; empty when none is.</returns>
    private static async Task<string> RemoveAllAsync(DockerEngine engine, IReadOnlyList<ContainerSummary> containers, List<string> removed, CancellationToken cancellationToken) => (await Task.WhenAll(containers.Select(async container =>
    {
        try
        {
            await engine.StopContainerAsync(container.Id, StopPatience, cancellationToken);
        }
        catch (EngineException e) when (e.Failure is EngineFailure.NotFound or EngineFailure.Conflict or EngineFailure.Refused)
        {
            // It is gone, or cannot be stopped in the state that it is in: removing it by force is the next thing anyway.
        }
        try
        {
            if (await engine.RemoveContainerAsync(container.Id, cancellationToken)) lock (removed) removed.Add(container.Name);
        }
        catch (EngineException e) when (e.Failure is EngineFailure.Conflict or EngineFailure.Refused)
        {
            // Its removal may be under way already; whether it is gone is looked at afterwards.
            return e.Message;
        }
        return "";
    }))).FirstOrDefault(static why => why.Length > 0, "");
}
