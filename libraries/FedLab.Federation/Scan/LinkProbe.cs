using System.Diagnostics;
using FedLab.Federation.Channels;

namespace FedLab.Federation.Scan;

/// <summary>Measures the lines to the sources, so that the scan can choose between more bytes and more computation.</summary>
/// <remarks>
/// A small and a large message go out and are answered with an empty one; the difference of the two times is the large one's transfer. The
/// faster of two tries counts: the first also pays for connections and compilation. The choice changes the traffic, never the model.
/// </remarks>
internal static class LinkProbe
{
    private const int SmallBytes = 1 << 10;
    private const int LargeBytes = 512 << 10;
    private const int Tries = 2;

    /// <summary>Faster than any line is worth telling apart: 10 Gbit a second.</summary>
    private const double FastestBitsPerSecond = 10e9;

    /// <summary>Bits a second of the slowest line.</summary>
    public static async Task<double> MeasureAsync(IReadOnlyList<string> sources, IPartyChannel channel, CancellationToken cancellationToken)
    {
        var slowest = FastestBitsPerSecond;
        foreach (var source in sources)
        {
            var (small, large) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
            for (var attempt = 0; attempt < Tries; attempt++)
            {
                small = Least(small, await RoundTripAsync(source, SmallBytes, channel, cancellationToken).ConfigureAwait(false));
                large = Least(large, await RoundTripAsync(source, LargeBytes, channel, cancellationToken).ConfigureAwait(false));
            }
            var seconds = (large - small).TotalSeconds;
            if (seconds > 0) slowest = Math.Min(slowest, 8.0 * (LargeBytes - SmallBytes) / seconds);
        }
        return slowest;
    }

    /// <summary>Answers a probe.</summary>
    public static ValueTask AnswerAsync(string active, IPartyChannel channel, CancellationToken cancellationToken) =>
        channel.SendAsync(active, Steps.LinkEcho, new PayloadBuffer(), cancellationToken);

    private static async Task<TimeSpan> RoundTripAsync(string source, int bytes, IPartyChannel channel, CancellationToken cancellationToken)
    {
        var payload = PayloadBuffer.Of(new byte[bytes]);
        var start = Stopwatch.GetTimestamp();
        await channel.SendAsync(source, Steps.LinkProbe, payload, cancellationToken).ConfigureAwait(false);
        using var echo = await channel.ReceiveAsync(source, Steps.LinkEcho, cancellationToken).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(start);
    }

    private static TimeSpan Least(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
