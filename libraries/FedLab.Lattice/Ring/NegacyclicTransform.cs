using System.Runtime.CompilerServices;

namespace FedLab.Lattice.Ring;

/// <summary>
/// The negacyclic number-theoretic transform (Longa and Naehrig, eprint 2016/504): Cooley-Tukey forward, Gentleman-Sande back.
/// Stages at distances of eight and more run two to a pass (one pass of three when their number is odd), the last three
/// inside registers on blocks of 64. Where residues are reduced is planned in <see cref="TransformTable"/>.
/// </summary>
internal sealed unsafe partial class RingKernels<TLanes, TVector>
{
    public override void Forward(TransformTable table, double* source, double* destination)
    {
        var degree = table.Degree;
        var plan = table.ForwardReductions;
        var pass = 0;
        var groups = 1;
        fixed (double* twiddles = table.Forward.Span, blocks = table.ForwardBlocks.Span)
        {
            if (System.Numerics.BitOperations.Log2((uint)degree) % 2 == 0)
            {
                ForwardRadix8(table, source, destination, twiddles);
                pass = 1;
                groups = 8;
                source = destination;
            }

            for (; degree / groups > 8; groups *= 4)
            {
                ForwardRadix4(table, source, destination, twiddles, groups, plan[pass++]);
                source = destination;
            }

            ForwardBlocks(table, destination, blocks, plan[pass]);
        }
    }

    public override void Inverse(TransformTable table, double* values)
    {
        var isOdd = System.Numerics.BitOperations.Log2((uint)table.Degree) % 2 == 0;
        fixed (double* twiddles = table.Backward.Span, blocks = table.BackwardBlocks.Span)
        {
            InverseBlocks(table, values, blocks);
            var last = isOdd ? 8 : 1;
            for (var groups = table.Degree / 32; groups >= last; groups /= 4)
                InverseRadix4(table, values, twiddles, groups, isLast: groups == 1);
            if (isOdd)
                InverseRadix8(table, values, twiddles);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ForwardButterfly(ref TVector x, ref TVector y, TVector twiddle, TVector p, TVector reciprocal, TVector shift)
    {
        var product = Residues<TLanes, TVector>.Multiply(y, twiddle, p, reciprocal, shift);
        y = TLanes.Subtract(x, product);
        x = TLanes.Add(x, product);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InverseButterfly(ref TVector x, ref TVector y, TVector twiddle, TVector p, TVector reciprocal, TVector shift)
    {
        var difference = TLanes.Subtract(x, y);
        x = TLanes.Add(x, y);
        y = Residues<TLanes, TVector>.Multiply(difference, twiddle, p, reciprocal, shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardRadix4(TransformTable table, double* source, double* destination, double* twiddles, int groups, bool reduce)
    {
        var p = TLanes.Create(table.Modulus);
        var reciprocal = TLanes.Create(table.Inverse);
        var shift = Shift;
        var quarter = table.Degree / groups / 4;
        for (var group = 0; group < groups; group++)
        {
            var w1 = TLanes.Create(twiddles[groups + group]);
            var w2 = TLanes.Create(twiddles[2 * (groups + group)]);
            var w3 = TLanes.Create(twiddles[2 * (groups + group) + 1]);
            for (var i = 4 * quarter * group; i < 4 * quarter * group + quarter; i += TLanes.Count)
            {
                var a = TLanes.Load(source + i);
                var b = TLanes.Load(source + i + quarter);
                var c = TLanes.Load(source + i + 2 * quarter);
                var d = TLanes.Load(source + i + 3 * quarter);
                if (reduce)
                {
                    a = Residues<TLanes, TVector>.Reduce(a, p, reciprocal, shift);
                    b = Residues<TLanes, TVector>.Reduce(b, p, reciprocal, shift);
                }

                ForwardButterfly(ref a, ref c, w1, p, reciprocal, shift);
                ForwardButterfly(ref b, ref d, w1, p, reciprocal, shift);
                ForwardButterfly(ref a, ref b, w2, p, reciprocal, shift);
                ForwardButterfly(ref c, ref d, w3, p, reciprocal, shift);
                TLanes.Store(a, destination + i);
                TLanes.Store(b, destination + i + quarter);
                TLanes.Store(c, destination + i + 2 * quarter);
                TLanes.Store(d, destination + i + 3 * quarter);
            }
        }
    }

    /// <summary>The first three stages: one group, seven twiddles for the whole pass.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardRadix8(TransformTable table, double* source, double* destination, double* twiddles)
    {
        var p = TLanes.Create(table.Modulus);
        var reciprocal = TLanes.Create(table.Inverse);
        var shift = Shift;
        var stride = table.Degree / 8;
        var w1 = TLanes.Create(twiddles[1]);
        var w2 = TLanes.Create(twiddles[2]);
        var w3 = TLanes.Create(twiddles[3]);
        var w4 = TLanes.Create(twiddles[4]);
        var w5 = TLanes.Create(twiddles[5]);
        var w6 = TLanes.Create(twiddles[6]);
        var w7 = TLanes.Create(twiddles[7]);
        for (var i = 0; i < stride; i += TLanes.Count)
        {
            var v0 = TLanes.Load(source + i);
            var v1 = TLanes.Load(source + i + stride);
            var v2 = TLanes.Load(source + i + 2 * stride);
            var v3 = TLanes.Load(source + i + 3 * stride);
            var v4 = TLanes.Load(source + i + 4 * stride);
            var v5 = TLanes.Load(source + i + 5 * stride);
            var v6 = TLanes.Load(source + i + 6 * stride);
            var v7 = TLanes.Load(source + i + 7 * stride);
            ForwardButterfly(ref v0, ref v4, w1, p, reciprocal, shift);
            ForwardButterfly(ref v1, ref v5, w1, p, reciprocal, shift);
            ForwardButterfly(ref v2, ref v6, w1, p, reciprocal, shift);
            ForwardButterfly(ref v3, ref v7, w1, p, reciprocal, shift);
            ForwardButterfly(ref v0, ref v2, w2, p, reciprocal, shift);
            ForwardButterfly(ref v1, ref v3, w2, p, reciprocal, shift);
            ForwardButterfly(ref v4, ref v6, w3, p, reciprocal, shift);
            ForwardButterfly(ref v5, ref v7, w3, p, reciprocal, shift);
            ForwardButterfly(ref v0, ref v1, w4, p, reciprocal, shift);
            ForwardButterfly(ref v2, ref v3, w5, p, reciprocal, shift);
            ForwardButterfly(ref v4, ref v5, w6, p, reciprocal, shift);
            ForwardButterfly(ref v6, ref v7, w7, p, reciprocal, shift);
            TLanes.Store(v0, destination + i);
            TLanes.Store(v1, destination + i + stride);
            TLanes.Store(v2, destination + i + 2 * stride);
            TLanes.Store(v3, destination + i + 3 * stride);
            TLanes.Store(v4, destination + i + 4 * stride);
            TLanes.Store(v5, destination + i + 5 * stride);
            TLanes.Store(v6, destination + i + 6 * stride);
            TLanes.Store(v7, destination + i + 7 * stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardBlocks(TransformTable table, double* values, double* twiddles, bool reduce)
    {
        var p = TLanes.Create(table.Modulus);
        var reciprocal = TLanes.Create(table.Inverse);
        var shift = Shift;
        var copy = stackalloc double[TransformTable.Block];
        for (var block = 0; block < table.Degree; block += TransformTable.Block, twiddles += TransformTable.BlockTwiddles)
        {
            var target = values + block;
            var rows = target;
            if (TLanes.Count < 8)
            {
                // Narrow registers turn the block in parts, and the first part's results land on the second's inputs.
                new ReadOnlySpan<double>(target, TransformTable.Block).CopyTo(new Span<double>(copy, TransformTable.Block));
                rows = copy;
            }

            for (var lane = 0; lane < 8; lane += TLanes.Count)
            {
                TLanes.LoadColumns(rows + 8 * lane, out var v0, out var v1, out var v2, out var v3, out var v4, out var v5, out var v6, out var v7);
                if (reduce)
                {
                    v0 = Residues<TLanes, TVector>.Reduce(v0, p, reciprocal, shift);
                    v1 = Residues<TLanes, TVector>.Reduce(v1, p, reciprocal, shift);
                    v2 = Residues<TLanes, TVector>.Reduce(v2, p, reciprocal, shift);
                    v3 = Residues<TLanes, TVector>.Reduce(v3, p, reciprocal, shift);
                }

                var w = TLanes.Load(twiddles + lane);
                ForwardButterfly(ref v0, ref v4, w, p, reciprocal, shift);
                ForwardButterfly(ref v1, ref v5, w, p, reciprocal, shift);
                ForwardButterfly(ref v2, ref v6, w, p, reciprocal, shift);
                ForwardButterfly(ref v3, ref v7, w, p, reciprocal, shift);
                w = TLanes.Load(twiddles + 8 + lane);
                ForwardButterfly(ref v0, ref v2, w, p, reciprocal, shift);
                ForwardButterfly(ref v1, ref v3, w, p, reciprocal, shift);
                w = TLanes.Load(twiddles + 16 + lane);
                ForwardButterfly(ref v4, ref v6, w, p, reciprocal, shift);
                ForwardButterfly(ref v5, ref v7, w, p, reciprocal, shift);
                ForwardButterfly(ref v0, ref v1, TLanes.Load(twiddles + 24 + lane), p, reciprocal, shift);
                ForwardButterfly(ref v2, ref v3, TLanes.Load(twiddles + 32 + lane), p, reciprocal, shift);
                ForwardButterfly(ref v4, ref v5, TLanes.Load(twiddles + 40 + lane), p, reciprocal, shift);
                ForwardButterfly(ref v6, ref v7, TLanes.Load(twiddles + 48 + lane), p, reciprocal, shift);
                TLanes.Store(Residues<TLanes, TVector>.Reduce(v0, p, reciprocal, shift), target + lane);
                TLanes.Store(Residues<TLanes, TVector>.Reduce(v1, p, reciprocal, shift), target + 8 + lane);
                TLanes.Store(Residues<TLanes, TVector>.Reduce(v2, p, reciprocal, shift), target + 16 + lane);
                TLanes.Store(Residues<TLanes, TVector>.Reduce(v3, p, reciprocal, shift), target + 24 + lane);
                TLanes.Store(Residues<TLanes, TVector>.Reduce(v4, p, reciprocal, shift), target + 32 + lane);
                TLanes.Store(Residues<TLanes, TVector>.Reduce(v5, p, reciprocal, shift), target + 40 + lane);
                TLanes.Store(Residues<TLanes, TVector>.Reduce(v6, p, reciprocal, shift), target + 48 + lane);
                TLanes.Store(Residues<TLanes, TVector>.Reduce(v7, p, reciprocal, shift), target + 56 + lane);
            }
        }
    }

    /// <summary>
    /// Three Gentleman-Sande stages on inputs within ±p, outputs within ±p. In units of p, with β(B) = ½ + B/8 for a product whose
    /// factor is within ±B·p and B ≤ 4: after the first stage 2 and β(2) = 0.75; after the second 4 (reduced to ½), β(4) = 1,
    /// 1.5 and β(1.5); after the third 1, β(1), 2 (reduced), β(2), 3 or less.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InverseEight(
        ref TVector v0,
        ref TVector v1,
        ref TVector v2,
        ref TVector v3,
        ref TVector v4,
        ref TVector v5,
        ref TVector v6,
        ref TVector v7,
        TVector far,
        TVector near0,
        TVector near1,
        TVector next0,
        TVector next1,
        TVector next2,
        TVector next3,
        TVector p,
        TVector reciprocal,
        TVector shift)
    {
        InverseButterfly(ref v0, ref v1, next0, p, reciprocal, shift);
        InverseButterfly(ref v2, ref v3, next1, p, reciprocal, shift);
        InverseButterfly(ref v4, ref v5, next2, p, reciprocal, shift);
        InverseButterfly(ref v6, ref v7, next3, p, reciprocal, shift);
        InverseButterfly(ref v0, ref v2, near0, p, reciprocal, shift);
        InverseButterfly(ref v1, ref v3, near0, p, reciprocal, shift);
        InverseButterfly(ref v4, ref v6, near1, p, reciprocal, shift);
        InverseButterfly(ref v5, ref v7, near1, p, reciprocal, shift);
        v0 = Residues<TLanes, TVector>.Reduce(v0, p, reciprocal, shift);
        v4 = Residues<TLanes, TVector>.Reduce(v4, p, reciprocal, shift);
        InverseButterfly(ref v0, ref v4, far, p, reciprocal, shift);
        InverseButterfly(ref v1, ref v5, far, p, reciprocal, shift);
        InverseButterfly(ref v2, ref v6, far, p, reciprocal, shift);
        InverseButterfly(ref v3, ref v7, far, p, reciprocal, shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InverseBlocks(TransformTable table, double* values, double* twiddles)
    {
        var p = TLanes.Create(table.Modulus);
        var reciprocal = TLanes.Create(table.Inverse);
        var shift = Shift;
        var copy = stackalloc double[TransformTable.Block];
        for (var block = 0; block < table.Degree; block += TransformTable.Block, twiddles += TransformTable.BlockTwiddles)
        {
            var target = values + block;
            var source = target;
            if (TLanes.Count < 8)
            {
                new ReadOnlySpan<double>(target, TransformTable.Block).CopyTo(new Span<double>(copy, TransformTable.Block));
                source = copy;
            }

            for (var lane = 0; lane < 8; lane += TLanes.Count)
            {
                var v0 = TLanes.Load(source + lane);
                var v1 = TLanes.Load(source + 8 + lane);
                var v2 = TLanes.Load(source + 16 + lane);
                var v3 = TLanes.Load(source + 24 + lane);
                var v4 = TLanes.Load(source + 32 + lane);
                var v5 = TLanes.Load(source + 40 + lane);
                var v6 = TLanes.Load(source + 48 + lane);
                var v7 = TLanes.Load(source + 56 + lane);
                InverseEight(
                    ref v0,
                    ref v1,
                    ref v2,
                    ref v3,
                    ref v4,
                    ref v5,
                    ref v6,
                    ref v7,
                    TLanes.Load(twiddles + lane),
                    TLanes.Load(twiddles + 8 + lane),
                    TLanes.Load(twiddles + 16 + lane),
                    TLanes.Load(twiddles + 24 + lane),
                    TLanes.Load(twiddles + 32 + lane),
                    TLanes.Load(twiddles + 40 + lane),
                    TLanes.Load(twiddles + 48 + lane),
                    p,
                    reciprocal,
                    shift);
                v1 = Residues<TLanes, TVector>.Reduce(v1, p, reciprocal, shift);
                v2 = Residues<TLanes, TVector>.Reduce(v2, p, reciprocal, shift);
                v3 = Residues<TLanes, TVector>.Reduce(v3, p, reciprocal, shift);
                TLanes.StoreColumns(target + 8 * lane, v0, v1, v2, v3, v4, v5, v6, v7);
            }
        }
    }

    /// <summary>
    /// Two Gentleman-Sande stages, inputs and outputs within ±p: the sums reach 2p, then 4p, which is the largest difference
    /// whose product is exact, and β(4) = 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InverseRadix4(TransformTable table, double* values, double* twiddles, int groups, bool isLast)
    {
        var p = TLanes.Create(table.Modulus);
        var reciprocal = TLanes.Create(table.Inverse);
        var scale = TLanes.Create(table.InverseDegree);
        var shift = Shift;
        var quarter = table.Degree / groups / 4;
        for (var group = 0; group < groups; group++)
        {
            var w1 = TLanes.Create(twiddles[groups + group]);
            var w2 = TLanes.Create(twiddles[2 * (groups + group)]);
            var w3 = TLanes.Create(twiddles[2 * (groups + group) + 1]);
            for (var i = 4 * quarter * group; i < 4 * quarter * group + quarter; i += TLanes.Count)
            {
                var a = TLanes.Load(values + i);
                var b = TLanes.Load(values + i + quarter);
                var c = TLanes.Load(values + i + 2 * quarter);
                var d = TLanes.Load(values + i + 3 * quarter);
                InverseButterfly(ref a, ref b, w2, p, reciprocal, shift);
                InverseButterfly(ref c, ref d, w3, p, reciprocal, shift);
                InverseButterfly(ref a, ref c, w1, p, reciprocal, shift);
                InverseButterfly(ref b, ref d, w1, p, reciprocal, shift);
                if (isLast)
                {
                    a = Residues<TLanes, TVector>.Multiply(a, scale, p, reciprocal, shift);
                    b = Residues<TLanes, TVector>.Multiply(b, scale, p, reciprocal, shift);
                    c = Residues<TLanes, TVector>.Multiply(c, scale, p, reciprocal, shift);
                    d = Residues<TLanes, TVector>.Multiply(d, scale, p, reciprocal, shift);
                    c = Residues<TLanes, TVector>.Reduce(c, p, reciprocal, shift);
                    d = Residues<TLanes, TVector>.Reduce(d, p, reciprocal, shift);
                }

                TLanes.Store(Residues<TLanes, TVector>.Reduce(a, p, reciprocal, shift), values + i);
                TLanes.Store(Residues<TLanes, TVector>.Reduce(b, p, reciprocal, shift), values + i + quarter);
                TLanes.Store(c, values + i + 2 * quarter);
                TLanes.Store(d, values + i + 3 * quarter);
            }
        }
    }

    /// <summary>The last three stages of the inverse and the factor N^-1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InverseRadix8(TransformTable table, double* values, double* twiddles)
    {
        var p = TLanes.Create(table.Modulus);
        var reciprocal = TLanes.Create(table.Inverse);
        var scale = TLanes.Create(table.InverseDegree);
        var shift = Shift;
        var stride = table.Degree / 8;
        var w1 = TLanes.Create(twiddles[1]);
        var w2 = TLanes.Create(twiddles[2]);
        var w3 = TLanes.Create(twiddles[3]);
        var w4 = TLanes.Create(twiddles[4]);
        var w5 = TLanes.Create(twiddles[5]);
        var w6 = TLanes.Create(twiddles[6]);
        var w7 = TLanes.Create(twiddles[7]);
        for (var i = 0; i < stride; i += TLanes.Count)
        {
            var v0 = TLanes.Load(values + i);
            var v1 = TLanes.Load(values + i + stride);
            var v2 = TLanes.Load(values + i + 2 * stride);
            var v3 = TLanes.Load(values + i + 3 * stride);
            var v4 = TLanes.Load(values + i + 4 * stride);
            var v5 = TLanes.Load(values + i + 5 * stride);
            var v6 = TLanes.Load(values + i + 6 * stride);
            var v7 = TLanes.Load(values + i + 7 * stride);
            InverseEight(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, w1, w2, w3, w4, w5, w6, w7, p, reciprocal, shift);
            TLanes.Store(Scale(v0, scale, p, reciprocal, shift), values + i);
            TLanes.Store(Scale(v1, scale, p, reciprocal, shift), values + i + stride);
            TLanes.Store(Scale(v2, scale, p, reciprocal, shift), values + i + 2 * stride);
            TLanes.Store(Scale(v3, scale, p, reciprocal, shift), values + i + 3 * stride);
            TLanes.Store(Scale(v4, scale, p, reciprocal, shift), values + i + 4 * stride);
            TLanes.Store(Scale(v5, scale, p, reciprocal, shift), values + i + 5 * stride);
            TLanes.Store(Scale(v6, scale, p, reciprocal, shift), values + i + 6 * stride);
            TLanes.Store(Scale(v7, scale, p, reciprocal, shift), values + i + 7 * stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Scale(TVector value, TVector scale, TVector p, TVector reciprocal, TVector shift) =>
        Residues<TLanes, TVector>.Reduce(Residues<TLanes, TVector>.Multiply(value, scale, p, reciprocal, shift), p, reciprocal, shift);
}
