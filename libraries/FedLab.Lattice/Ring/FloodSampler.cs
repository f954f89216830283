using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace FedLab.Lattice.Ring;

/// <summary>Uniform integers of [-F, F], F up to 2^62, by rejection: exact. A rejected word tells nothing about the accepted one.</summary>
internal static class FloodSampler
{
    /// <summary>Largest F.</summary>
    public const long MaximumBound = 1L << 62;

    private const int BatchWords = 64;

    public static void Fill(KeyedStream stream, long bound, Span<long> samples)
    {
        var range = (ulong)bound * 2 + 1;
        var mask = ulong.MaxValue >> BitOperations.LeadingZeroCount(range);
        Span<ulong> words = stackalloc ulong[BatchWords];
        for (var filled = 0; filled < samples.Length;)
        {
            var batch = words[..Math.Min(BatchWords, 2 * (samples.Length - filled))];
            stream.Fill(batch);
            foreach (var word in batch)
            {
                if ((word & mask) >= range)
                    continue;
                samples[filled++] = (long)(word & mask) - bound;
                if (filled == samples.Length)
                    break;
            }
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
    }
}
