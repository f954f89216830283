namespace FedLab.Containers.Containers;

/// <summary>A line that a program in a container wrote.</summary>
/// <param name="Time">When; null where it was not asked for.</param>
/// <param name="IsError">Whether on standard error.</param>
/// <param name="Text">The line without its end; a very long one comes in pieces.</param>
public sealed record LogLine(DateTimeOffset? Time, bool IsError, string Text);
