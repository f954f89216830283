using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedLab.Lattice.Ring;

/// <summary>Dot products of integers with a ternary polynomial, modulo 2^64: one multiplication a term whatever the secret is, no branch, no index.</summary>
internal static class SecretDot
{
    /// <summary>Σ values[i]·secret[i] modulo 2^64; the length is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long Of(ReadOnlySpan<long> values, ReadOnlySpan<long> secret)
    {
        if (values.Length != secret.Length || values.Length % 16 != 0)
            throw new ArgumentException("Both vectors must have one length, a multiple of 16.", nameof(secret));
        ref var left = ref MemoryMarshal.GetReference(values);
        ref var right = ref MemoryMarshal.GetReference(secret);
        var sum0 = Vector512<long>.Zero;
        var sum1 = Vector512<long>.Zero;
        for (nuint i = 0; i < (nuint)values.Length; i += 16)
        {
            sum0 += Vector512.LoadUnsafe(ref left, i) * Vector512.LoadUnsafe(ref right, i);
            sum1 += Vector512.LoadUnsafe(ref left, i + 8) * Vector512.LoadUnsafe(ref right, i + 8);
        }

        return Vector512.Sum(sum0 + sum1);
    }
}
