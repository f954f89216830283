namespace FedLab.Containers.Events;

/// <summary>Something that happened at an engine.</summary>
/// <param name="Type">What it happened to: container, network, service …</param>
/// <param name="Action">What: start, die, oom, health_status: healthy …</param>
/// <param name="Id">Identifier of what it happened to.</param>
/// <param name="Attributes">Its labels and particulars, such as name and exitCode.</param>
/// <param name="Time">When.</param>
public sealed record EngineEvent(string Type, string Action, string Id, IReadOnlyDictionary<string, string> Attributes, DateTimeOffset Time);
