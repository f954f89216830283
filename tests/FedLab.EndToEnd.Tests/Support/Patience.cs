namespace FedLab.EndToEnd.Tests.Support;

/// <summary>How long anything may take before a test gives up; far beyond what it takes, because other work may share the machine.</summary>
internal static class Patience
{
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until a condition holds.</summary>
    public static async Task<bool> UntilAsync(Func<bool> condition, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > atMost) return false;
            await Task.Delay(Pause, cancellationToken);
        }
        return true;
    }
}
