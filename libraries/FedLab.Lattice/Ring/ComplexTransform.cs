using System.Runtime.CompilerServices;
using FedLab.Lattice.Encoding;

namespace FedLab.Lattice.Ring;

/// <summary>
/// The complex transform of the canonical embedding, real and imaginary parts in rows of their own; same shape as the negacyclic
/// transform, without modular reduction. Stages run two to a pass (one alone first when their number is odd), the last three in registers.
/// </summary>
internal sealed unsafe partial class RingKernels<TLanes, TVector>
{
    public override void Embed(EmbeddingTable table, double* real, double* imaginary)
    {
        fixed (double* twiddles = table.Real.Span, imaginaryTwiddles = table.Imaginary.Span)
        fixed (double* blocks = table.RealBlocks.Span, imaginaryBlocks = table.ImaginaryBlocks.Span)
        {
            var groups = 1;
            if (System.Numerics.BitOperations.Log2((uint)table.Points) % 2 == 0)
            {
                EmbedRadix2(table.Points, real, imaginary, twiddles[1], imaginaryTwiddles[1]);
                groups = 2;
            }

            for (; table.Points / groups > 8; groups *= 4)
                EmbedRadix4(table.Points, real, imaginary, twiddles, imaginaryTwiddles, groups);
            EmbedBlocks(table.Points, real, imaginary, blocks, imaginaryBlocks);
        }
    }

    public override void Unembed(EmbeddingTable table, double* real, double* imaginary)
    {
        fixed (double* twiddles = table.Real.Span, imaginaryTwiddles = table.Imaginary.Span)
        fixed (double* blocks = table.RealBlocks.Span, imaginaryBlocks = table.ImaginaryBlocks.Span)
        {
            UnembedBlocks(table.Points, real, imaginary, blocks, imaginaryBlocks);
            var isOdd = System.Numerics.BitOperations.Log2((uint)table.Points) % 2 == 0;
            for (var groups = table.Points / 32; groups >= (isOdd ? 2 : 1); groups /= 4)
                UnembedRadix4(table.Points, real, imaginary, twiddles, imaginaryTwiddles, groups);
            if (isOdd)
                UnembedRadix2(table.Points, real, imaginary, twiddles[1], imaginaryTwiddles[1]);
        }
    }

    /// <summary>(x, y) to (x + y·w, x - y·w).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EmbedButterfly(ref TVector xr, ref TVector xi, ref TVector yr, ref TVector yi, TVector wr, TVector wi)
    {
        var real = TLanes.MultiplySubtract(yr, wr, TLanes.Multiply(yi, wi));
        var imaginary = TLanes.MultiplyAdd(yr, wi, TLanes.Multiply(yi, wr));
        yr = TLanes.Subtract(xr, real);
        yi = TLanes.Subtract(xi, imaginary);
        xr = TLanes.Add(xr, real);
        xi = TLanes.Add(xi, imaginary);
    }

    /// <summary>(x, y) to (x + y, (x - y)·conj(w)): twice the inverse of <see cref="EmbedButterfly"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void UnembedButterfly(ref TVector xr, ref TVector xi, ref TVector yr, ref TVector yi, TVector wr, TVector wi)
    {
        var real = TLanes.Subtract(xr, yr);
        var imaginary = TLanes.Subtract(xi, yi);
        xr = TLanes.Add(xr, yr);
        xi = TLanes.Add(xi, yi);
        yr = TLanes.MultiplyAdd(real, wr, TLanes.Multiply(imaginary, wi));
        yi = TLanes.MultiplySubtract(imaginary, wr, TLanes.Multiply(real, wi));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EmbedRadix2(int points, double* real, double* imaginary, double twiddle, double imaginaryTwiddle)
    {
        var wr = TLanes.Create(twiddle);
        var wi = TLanes.Create(imaginaryTwiddle);
        var half = points / 2;
        for (var i = 0; i < half; i += TLanes.Count)
        {
            var ar = TLanes.Load(real + i);
            var ai = TLanes.Load(imaginary + i);
            var br = TLanes.Load(real + i + half);
            var bi = TLanes.Load(imaginary + i + half);
            EmbedButterfly(ref ar, ref ai, ref br, ref bi, wr, wi);
            TLanes.Store(ar, real + i);
            TLanes.Store(ai, imaginary + i);
            TLanes.Store(br, real + i + half);
            TLanes.Store(bi, imaginary + i + half);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EmbedRadix4(int points, double* real, double* imaginary, double* twiddles, double* imaginaryTwiddles, int groups)
    {
        var quarter = points / groups / 4;
        for (var group = 0; group < groups; group++)
        {
            var node = groups + group;
            var w1r = TLanes.Create(twiddles[node]);
            var w1i = TLanes.Create(imaginaryTwiddles[node]);
            var w2r = TLanes.Create(twiddles[2 * node]);
            var w2i = TLanes.Create(imaginaryTwiddles[2 * node]);
            var w3r = TLanes.Create(twiddles[(2 * node) + 1]);
            var w3i = TLanes.Create(imaginaryTwiddles[(2 * node) + 1]);
            for (var i = 4 * quarter * group; i < (4 * quarter * group) + quarter; i += TLanes.Count)
            {
                var ar = TLanes.Load(real + i);
                var ai = TLanes.Load(imaginary + i);
                var br = TLanes.Load(real + i + quarter);
                var bi = TLanes.Load(imaginary + i + quarter);
                var cr = TLanes.Load(real + i + (2 * quarter));
                var ci = TLanes.Load(imaginary + i + (2 * quarter));
                var dr = TLanes.Load(real + i + (3 * quarter));
                var di = TLanes.Load(imaginary + i + (3 * quarter));
                EmbedButterfly(ref ar, ref ai, ref cr, ref ci, w1r, w1i);
                EmbedButterfly(ref br, ref bi, ref dr, ref di, w1r, w1i);
                EmbedButterfly(ref ar, ref ai, ref br, ref bi, w2r, w2i);
                EmbedButterfly(ref cr, ref ci, ref dr, ref di, w3r, w3i);
                TLanes.Store(ar, real + i);
                TLanes.Store(ai, imaginary + i);
                TLanes.Store(br, real + i + quarter);
                TLanes.Store(bi, imaginary + i + quarter);
                TLanes.Store(cr, real + i + (2 * quarter));
                TLanes.Store(ci, imaginary + i + (2 * quarter));
                TLanes.Store(dr, real + i + (3 * quarter));
                TLanes.Store(di, imaginary + i + (3 * quarter));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UnembedRadix2(int points, double* real, double* imaginary, double twiddle, double imaginaryTwiddle)
    {
        var wr = TLanes.Create(twiddle);
        var wi = TLanes.Create(imaginaryTwiddle);
        var half = points / 2;
        for (var i = 0; i < half; i += TLanes.Count)
        {
            var ar = TLanes.Load(real + i);
            var ai = TLanes.Load(imaginary + i);
            var br = TLanes.Load(real + i + half);
            var bi = TLanes.Load(imaginary + i + half);
            UnembedButterfly(ref ar, ref ai, ref br, ref bi, wr, wi);
            TLanes.Store(ar, real + i);
            TLanes.Store(ai, imaginary + i);
            TLanes.Store(br, real + i + half);
            TLanes.Store(bi, imaginary + i + half);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UnembedRadix4(int points, double* real, double* imaginary, double* twiddles, double* imaginaryTwiddles, int groups)
    {
        var quarter = points / groups / 4;
        for (var group = 0; group < groups; group++)
        {
            var node = groups + group;
            var w1r = TLanes.Create(twiddles[node]);
            var w1i = TLanes.Create(imaginaryTwiddles[node]);
            var w2r = TLanes.Create(twiddles[2 * node]);
            var w2i = TLanes.Create(imaginaryTwiddles[2 * node]);
            var w3r = TLanes.Create(twiddles[(2 * node) + 1]);
            var w3i = TLanes.Create(imaginaryTwiddles[(2 * node) + 1]);
            for (var i = 4 * quarter * group; i < (4 * quarter * group) + quarter; i += TLanes.Count)
            {
                var ar = TLanes.Load(real + i);
                var ai = TLanes.Load(imaginary + i);
                var br = TLanes.Load(real + i + quarter);
                var bi = TLanes.Load(imaginary + i + quarter);
                var cr = TLanes.Load(real + i + (2 * quarter));
                var ci = TLanes.Load(imaginary + i + (2 * quarter));
                var dr = TLanes.Load(real + i + (3 * quarter));
                var di = TLanes.Load(imaginary + i + (3 * quarter));
                UnembedButterfly(ref ar, ref ai, ref br, ref bi, w2r, w2i);
                UnembedButterfly(ref cr, ref ci, ref dr, ref di, w3r, w3i);
                UnembedButterfly(ref ar, ref ai, ref cr, ref ci, w1r, w1i);
                UnembedButterfly(ref br, ref bi, ref dr, ref di, w1r, w1i);
                TLanes.Store(ar, real + i);
                TLanes.Store(ai, imaginary + i);
                TLanes.Store(br, real + i + quarter);
                TLanes.Store(bi, imaginary + i + quarter);
                TLanes.Store(cr, real + i + (2 * quarter));
                TLanes.Store(ci, imaginary + i + (2 * quarter));
                TLanes.Store(dr, real + i + (3 * quarter));
                TLanes.Store(di, imaginary + i + (3 * quarter));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EmbedBlocks(int points, double* real, double* imaginary, double* twiddles, double* imaginaryTwiddles)
    {
        var copy = stackalloc double[2 * TransformTable.Block];
        for (var block = 0; block < points; block += TransformTable.Block)
        {
            var realRows = real + block;
            var imaginaryRows = imaginary + block;
            if (TLanes.Count < 8)
            {
                // Narrow registers turn the block in parts, and the first part's results land on the second's inputs.
                new ReadOnlySpan<double>(realRows, TransformTable.Block).CopyTo(new Span<double>(copy, TransformTable.Block));
                new ReadOnlySpan<double>(imaginaryRows, TransformTable.Block).CopyTo(new Span<double>(copy + TransformTable.Block, TransformTable.Block));
                realRows = copy;
                imaginaryRows = copy + TransformTable.Block;
            }

            for (var lane = 0; lane < 8; lane += TLanes.Count)
            {
                TLanes.LoadColumns(realRows + (8 * lane), out var r0, out var r1, out var r2, out var r3, out var r4, out var r5, out var r6, out var r7);
                TLanes.LoadColumns(imaginaryRows + (8 * lane), out var i0, out var i1, out var i2, out var i3, out var i4, out var i5, out var i6, out var i7);
                var wr = TLanes.Load(twiddles + lane);
                var wi = TLanes.Load(imaginaryTwiddles + lane);
                EmbedButterfly(ref r0, ref i0, ref r4, ref i4, wr, wi);
                EmbedButterfly(ref r1, ref i1, ref r5, ref i5, wr, wi);
                EmbedButterfly(ref r2, ref i2, ref r6, ref i6, wr, wi);
                EmbedButterfly(ref r3, ref i3, ref r7, ref i7, wr, wi);
                wr = TLanes.Load(twiddles + 8 + lane);
                wi = TLanes.Load(imaginaryTwiddles + 8 + lane);
                EmbedButterfly(ref r0, ref i0, ref r2, ref i2, wr, wi);
                EmbedButterfly(ref r1, ref i1, ref r3, ref i3, wr, wi);
                wr = TLanes.Load(twiddles + 16 + lane);
                wi = TLanes.Load(imaginaryTwiddles + 16 + lane);
                EmbedButterfly(ref r4, ref i4, ref r6, ref i6, wr, wi);
                EmbedButterfly(ref r5, ref i5, ref r7, ref i7, wr, wi);
                wr = TLanes.Load(twiddles + 24 + lane);
                wi = TLanes.Load(imaginaryTwiddles + 24 + lane);
                EmbedButterfly(ref r0, ref i0, ref r1, ref i1, wr, wi);
                wr = TLanes.Load(twiddles + 32 + lane);
                wi = TLanes.Load(imaginaryTwiddles + 32 + lane);
                EmbedButterfly(ref r2, ref i2, ref r3, ref i3, wr, wi);
                wr = TLanes.Load(twiddles + 40 + lane);
                wi = TLanes.Load(imaginaryTwiddles + 40 + lane);
                EmbedButterfly(ref r4, ref i4, ref r5, ref i5, wr, wi);
                wr = TLanes.Load(twiddles + 48 + lane);
                wi = TLanes.Load(imaginaryTwiddles + 48 + lane);
                EmbedButterfly(ref r6, ref i6, ref r7, ref i7, wr, wi);
                TLanes.Store(r0, real + block + lane);
                TLanes.Store(i0, imaginary + block + lane);
                TLanes.Store(r1, real + block + 8 + lane);
                TLanes.Store(i1, imaginary + block + 8 + lane);
                TLanes.Store(r2, real + block + 16 + lane);
                TLanes.Store(i2, imaginary + block + 16 + lane);
                TLanes.Store(r3, real + block + 24 + lane);
                TLanes.Store(i3, imaginary + block + 24 + lane);
                TLanes.Store(r4, real + block + 32 + lane);
                TLanes.Store(i4, imaginary + block + 32 + lane);
                TLanes.Store(r5, real + block + 40 + lane);
                TLanes.Store(i5, imaginary + block + 40 + lane);
                TLanes.Store(r6, real + block + 48 + lane);
                TLanes.Store(i6, imaginary + block + 48 + lane);
                TLanes.Store(r7, real + block + 56 + lane);
                TLanes.Store(i7, imaginary + block + 56 + lane);
            }

            twiddles += TransformTable.BlockTwiddles;
            imaginaryTwiddles += TransformTable.BlockTwiddles;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UnembedBlocks(int points, double* real, double* imaginary, double* twiddles, double* imaginaryTwiddles)
    {
        var copy = stackalloc double[2 * TransformTable.Block];
        for (var block = 0; block < points; block += TransformTable.Block)
        {
            var realRows = real + block;
            var imaginaryRows = imaginary + block;
            if (TLanes.Count < 8)
            {
                new ReadOnlySpan<double>(realRows, TransformTable.Block).CopyTo(new Span<double>(copy, TransformTable.Block));
                new ReadOnlySpan<double>(imaginaryRows, TransformTable.Block).CopyTo(new Span<double>(copy + TransformTable.Block, TransformTable.Block));
                realRows = copy;
                imaginaryRows = copy + TransformTable.Block;
            }

            for (var lane = 0; lane < 8; lane += TLanes.Count)
            {
                var r0 = TLanes.Load(realRows + lane);
                var i0 = TLanes.Load(imaginaryRows + lane);
                var r1 = TLanes.Load(realRows + 8 + lane);
                var i1 = TLanes.Load(imaginaryRows + 8 + lane);
                var r2 = TLanes.Load(realRows + 16 + lane);
                var i2 = TLanes.Load(imaginaryRows + 16 + lane);
                var r3 = TLanes.Load(realRows + 24 + lane);
                var i3 = TLanes.Load(imaginaryRows + 24 + lane);
                var r4 = TLanes.Load(realRows + 32 + lane);
                var i4 = TLanes.Load(imaginaryRows + 32 + lane);
                var r5 = TLanes.Load(realRows + 40 + lane);
                var i5 = TLanes.Load(imaginaryRows + 40 + lane);
                var r6 = TLanes.Load(realRows + 48 + lane);
                var i6 = TLanes.Load(imaginaryRows + 48 + lane);
                var r7 = TLanes.Load(realRows + 56 + lane);
                var i7 = TLanes.Load(imaginaryRows + 56 + lane);
                var wr = TLanes.Load(twiddles + 24 + lane);
                var wi = TLanes.Load(imaginaryTwiddles + 24 + lane);
                UnembedButterfly(ref r0, ref i0, ref r1, ref i1, wr, wi);
                wr = TLanes.Load(twiddles + 32 + lane);
                wi = TLanes.Load(imaginaryTwiddles + 32 + lane);
                UnembedButterfly(ref r2, ref i2, ref r3, ref i3, wr, wi);
                wr = TLanes.Load(twiddles + 40 + lane);
                wi = TLanes.Load(imaginaryTwiddles + 40 + lane);
                UnembedButterfly(ref r4, ref i4, ref r5, ref i5, wr, wi);
                wr = TLanes.Load(twiddles + 48 + lane);
                wi = TLanes.Load(imaginaryTwiddles + 48 + lane);
                UnembedButterfly(ref r6, ref i6, ref r7, ref i7, wr, wi);
                wr = TLanes.Load(twiddles + 8 + lane);
                wi = TLanes.Load(imaginaryTwiddles + 8 + lane);
                UnembedButterfly(ref r0, ref i0, ref r2, ref i2, wr, wi);
                UnembedButterfly(ref r1, ref i1, ref r3, ref i3, wr, wi);
                wr = TLanes.Load(twiddles + 16 + lane);
                wi = TLanes.Load(imaginaryTwiddles + 16 + lane);
                UnembedButterfly(ref r4, ref i4, ref r6, ref i6, wr, wi);
                UnembedButterfly(ref r5, ref i5, ref r7, ref i7, wr, wi);
                wr = TLanes.Load(twiddles + lane);
                wi = TLanes.Load(imaginaryTwiddles + lane);
                UnembedButterfly(ref r0, ref i0, ref r4, ref i4, wr, wi);
                UnembedButterfly(ref r1, ref i1, ref r5, ref i5, wr, wi);
                UnembedButterfly(ref r2, ref i2, ref r6, ref i6, wr, wi);
                UnembedButterfly(ref r3, ref i3, ref r7, ref i7, wr, wi);
                TLanes.StoreColumns(real + block + (8 * lane), r0, r1, r2, r3, r4, r5, r6, r7);
                TLanes.StoreColumns(imaginary + block + (8 * lane), i0, i1, i2, i3, i4, i5, i6, i7);
            }

            twiddles += TransformTable.BlockTwiddles;
            imaginaryTwiddles += TransformTable.BlockTwiddles;
        }
    }
}
