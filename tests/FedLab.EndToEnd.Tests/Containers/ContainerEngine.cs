namespace FedLab.EndToEnd.Tests.Containers;

/// <summary>The tests that change the container engine's networks, one after the other: a swarm that begins or ends rewrites the rules that other labs' connections go by.</summary>
[CollectionDefinition(Name)]
public sealed class ContainerEngine
{
    public const string Name = "Container engine";
}
