using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>What shares need beside the ring kernels: exact, lane by lane, without a branch on a residue. Lengths are multiples of 8.</summary>
internal static class RowArithmetic
{
    /// <summary><c>sum + addend</c> in [0, p), both in [0, p).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddCanonical(double modulus, ReadOnlySpan<double> addend, Span<double> sum)
    {
        var p = Vector512.Create(modulus);
        ref var left = ref MemoryMarshal.GetReference(addend);
        ref var right = ref MemoryMarshal.GetReference(sum);
        for (nuint i = 0; i < (nuint)sum.Length; i += 8)
        {
            var total = Vector512.LoadUnsafe(ref left, i) + Vector512.LoadUnsafe(ref right, i);
            (total - (Vector512.GreaterThanOrEqual(total, p) & p)).StoreUnsafe(ref right, i);
        }
    }

    /// <summary>Balanced residues to [0, p), in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MakeCanonical(double modulus, Span<double> row)
    {
        var p = Vector512.Create(modulus);
        ref var values = ref MemoryMarshal.GetReference(row);
        for (nuint i = 0; i < (nuint)row.Length; i += 8)
        {
            // Minus zero becomes zero.
            var value = Vector512.LoadUnsafe(ref values, i) + Vector512<double>.Zero;
            (value + (Vector512.LessThan(value, Vector512<double>.Zero) & p)).StoreUnsafe(ref values, i);
        }
    }

    /// <summary><c>minuend - subtrahend</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract(ReadOnlySpan<double> minuend, ReadOnlySpan<double> subtrahend, Span<double> difference)
    {
        ref var left = ref MemoryMarshal.GetReference(minuend);
        ref var right = ref MemoryMarshal.GetReference(subtrahend);
        ref var target = ref MemoryMarshal.GetReference(difference);
        for (nuint i = 0; i < (nuint)difference.Length; i += 8)
            (Vector512.LoadUnsafe(ref left, i) - Vector512.LoadUnsafe(ref right, i)).StoreUnsafe(ref target, i);
    }

    /// <summary><c>-source</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Negate(ReadOnlySpan<double> source, Span<double> target)
    {
        ref var values = ref MemoryMarshal.GetReference(source);
        ref var negated = ref MemoryMarshal.GetReference(target);
        for (nuint i = 0; i < (nuint)target.Length; i += 8)
            (Vector512<double>.Zero - Vector512.LoadUnsafe(ref values, i)).StoreUnsafe(ref negated, i);
    }

    /// <summary>A residue of [0, p) within ±p/2, the form of the kernels' constants.</summary>
    public static double Balance(ulong residue, ulong prime) => residue > prime / 2 ? -(double)(prime - residue) : residue;

    /// <summary>A fresh error, the same integers modulo each of the first primes, in evaluation form, balanced; <paramref name="error"/> is scratch of N doubles that the caller zeroes.</summary>
    public static unsafe void FreshError(LatticeContext context, KeyedStream stream, Span<double> error, Span<double> rows)
    {
        GaussianSampler.Fill(stream, error);
        Transform(context, error, rows);
    }

    /// <summary>A fresh ternary polynomial, as <see cref="FreshError"/>.</summary>
    public static unsafe void FreshTernary(LatticeContext context, KeyedStream stream, Span<double> scratch, Span<double> rows)
    {
        TernarySampler.Fill(stream, scratch);
        Transform(context, scratch, rows);
    }

    /// <summary>Small integers to evaluation form modulo as many primes as there are rows.</summary>
    private static unsafe void Transform(LatticeContext context, Span<double> coefficients, Span<double> rows)
    {
        var degree = context.Degree;
        fixed (double* source = coefficients, values = rows)
        {
            for (var i = 0; i < rows.Length / degree; i++)
                context.Kernels.Forward(context.Tables[i], source, values + ((long)i * degree));
        }
    }
}
