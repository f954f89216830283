namespace FedLab.Audit.Tests;

/// <summary>A clock that stands until it is told.</summary>
internal sealed class ManualTimeProvider(DateTimeOffset now) : TimeProvider
{
    internal DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
