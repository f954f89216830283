using System.Runtime.CompilerServices;
using FedLab.Containers.Events;
using FedLab.Containers.Networks;
using FedLab.Containers.Wire;

namespace FedLab.Containers;

// Networks and events.
public sealed partial class DockerEngine
{
    private const string WithoutAddress = "com.docker.network.bridge.inhibit_ipv4";

    /// <summary>The networks with certain labels.</summary>
    /// <param name="labels">Labels and values that all of them have.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">The engine could not be asked.</exception>
    public async Task<IReadOnlyList<NetworkDetails>> ListNetworksAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default) =>
        [.. (await AskAsync(HttpMethod.Get, $"/networks?filters={LabelFilter(labels)}", content: null, EngineJson.Default.ListWireNetwork, cancellationToken).ConfigureAwait(false)).Select(Network)];

    /// <summary>What is known of a network; null when there is none.</summary>
    /// <param name="network">Name or identifier.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">The engine could not be asked.</exception>
    public async Task<NetworkDetails?> FindNetworkAsync(string network, CancellationToken cancellationToken = default)
    {
        try
        {
            return Network(await AskAsync(HttpMethod.Get, $"/networks/{Escaped(network)}", content: null, EngineJson.Default.WireNetwork, cancellationToken).ConfigureAwait(false));
        }
        catch (EngineException e) when (e.Failure == EngineFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>Makes a network.</summary>
    /// <param name="specification">The network.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Its identifier.</returns>
    /// <exception cref="EngineException">The name is taken (conflict), or the engine refused.</exception>
    public async Task<string> CreateNetworkAsync(NetworkSpecification specification, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(specification);
        var wire = new WireNewNetwork
        {
            Name = specification.Name,
            Driver = specification.Driver,
            Internal = specification.Internal,
            Attachable = specification.Attachable,
            Scope = specification.ForSwarm ? "swarm" : null,
            Options = specification.WithoutMachine && specification.Driver == NetworkSpecification.Bridge ? new(StringComparer.Ordinal) { [WithoutAddress] = "true" } : null,
            Labels = specification.Labels,
        };
        var created = await AskAsync(HttpMethod.Post, "/networks/create", Json(wire, EngineJson.Default.WireNewNetwork), EngineJson.Default.WireCreated, cancellationToken).ConfigureAwait(false);
        return created.Id ?? throw Malformed("POST /networks/create");
    }

    /// <summary>Puts a container into a network.</summary>
    /// <param name="network">Name or identifier.</param>
    /// <param name="container">Name or identifier.</param>
    /// <param name="aliases">Names by which others in the network find it, beside its own.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">One of them is missing, or the container is in the network already.</exception>
    public Task ConnectNetworkAsync(string network, string container, IReadOnlyList<string> aliases, CancellationToken cancellationToken = default) =>
        DoAsync(HttpMethod.Post, $"/networks/{Escaped(network)}/connect", Json(new WireConnection(container, new WireEndpoint(aliases)), EngineJson.Default.WireConnection), cancellationToken);

    /// <summary>Takes a container out of a network, running or not.</summary>
    /// <param name="network">Name or identifier.</param>
    /// <param name="container">Name or identifier.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">One of them is missing.</exception>
    public Task DisconnectNetworkAsync(string network, string container, CancellationToken cancellationToken = default) =>
        DoAsync(HttpMethod.Post, $"/networks/{Escaped(network)}/disconnect", Json(new WireConnection(container, EndpointConfig: null, Force: true), EngineJson.Default.WireConnection), cancellationToken);

    /// <summary>Removes a network.</summary>
    /// <param name="network">Name or identifier.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="EngineException">A container is still in it, or the engine failed.</exception>
    public Task<bool> RemoveNetworkAsync(string network, CancellationToken cancellationToken = default) => RemoveAsync($"/networks/{Escaped(network)}", cancellationToken);

    /// <summary>What happens to containers with certain labels, from now on, until cancelled.</summary>
    /// <param name="labels">Labels and values that all of them have.</param>
    /// <param name="listening">Called when the engine has begun to tell, before the first event.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="EngineException">The engine could not be asked, or went away.</exception>
    public async IAsyncEnumerable<EngineEvent> WatchContainersAsync(IReadOnlyDictionary<string, string> labels, Action? listening = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var filter = Filter(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["type"] = ["container"], ["label"] = [.. labels.Select(label => $"{label.Key}={label.Value}")] });
        using var response = await SendAsync(HttpMethod.Get, $"/events?filters={filter}", content: null, cancellationToken).ConfigureAwait(false);
        listening?.Invoke();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var one in Guarded(JsonValues.ReadAsync(stream, EngineJson.Default.WireEvent, "GET /events", cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            if (one is { Type: { } type, Action: { } action, Actor: { Id: { } id } actor })
                yield return new EngineEvent(type, action, id, actor.Attributes ?? [], DateTimeOffset.UnixEpoch.AddTicks(one.TimeNano / TimeSpan.NanosecondsPerTick));
        }
    }

    private NetworkDetails Network(WireNetwork network) => network is { Id: { } id, Name: { } name }
        ? new NetworkDetails(id, name, network.Internal, network.Labels ?? [], [.. (network.Containers ?? []).Keys])
        : throw Malformed("GET /networks");
}
