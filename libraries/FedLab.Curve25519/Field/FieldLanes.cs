using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FedLab.Curve25519.Field;

/// <summary>
/// As many elements of the field modulo 2^255 − 19 as a vector has 64-bit words, one a word:
/// value = Σ Lᵢ · 2^⌈25.5·i⌉, ten limbs of 26 and 25 bits in turn, multiplied 32×32→64 bits.
/// </summary>
/// <remarks>
/// <para>
/// <code>
///            lane 0   lane 1   …   lane 7
///   L0     [ 26 bits | 26 bits | … | 26 bits ]   weight 2^0
///   L1     [ 25 bits | 25 bits | … | 25 bits ]   weight 2^26
///   L2     [ 26 bits | …                     ]   weight 2^51
///   …
///   L9     [ 25 bits | …                     ]   weight 2^230
/// </code>
/// </para>
/// <para>Bounds. Reduced limbs are below 2^26 (even) and 2^25 + 2^17 (odd). A difference adds 2p and stays below 3·2^26
/// and 3·2^25 + 2^17, so that 19 or 38 times an operand's limb still fits 32 bits. The largest column,
/// f₀g₀ + 19·(four even and five doubled odd products), is below 9·2^52·(1 + 19·6.5) &lt; 2^62.2 (the odd excess included).</para>
/// <para>The layout is that of "ref10" (Bernstein et al., 2012), turned from one element across registers to one element a lane.
/// Straight-line code: constant time.</para>
/// </remarks>
internal struct FieldLanes<TVector, TOperations> : IField<FieldLanes<TVector, TOperations>>
    where TVector : unmanaged
    where TOperations : struct, ILaneOperations<TVector>
{
    private const ulong EvenMask = (1UL << 26) - 1;
    private const ulong OddMask = (1UL << 25) - 1;

    /// <summary>What the limbs of an operand of a multiplication stay below.</summary>
    internal const ulong EvenLimit = 3UL << 26;

    /// <inheritdoc cref="EvenLimit" />
    internal const ulong OddLimit = (3UL << 25) + (1UL << 17);

    public TVector L0;
    public TVector L1;
    public TVector L2;
    public TVector L3;
    public TVector L4;
    public TVector L5;
    public TVector L6;
    public TVector L7;
    public TVector L8;
    public TVector L9;

    public static int LaneCount => Unsafe.SizeOf<TVector>() / sizeof(ulong);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        ref readonly FieldLanes<TVector, TOperations> left,
        ref readonly FieldLanes<TVector, TOperations> right,
        out FieldLanes<TVector, TOperations> result)
    {
        AssertLimbs(in left);
        AssertLimbs(in right);

        // Row i adds fᵢ·g to the columns from i on. What lands above limb 9 comes back times 19, so that gⱼ becomes 19·gⱼ just before
        // the row in which it first does. Two odd limbs meet half a bit too low: twice the product.
        // This order keeps ten columns, ten limbs and one or two factors alive, which fit 32 registers.
        var nineteen = TOperations.Create(19);
        var g0 = right.L0;
        var g1 = right.L1;
        var g2 = right.L2;
        var g3 = right.L3;
        var g4 = right.L4;
        var g5 = right.L5;
        var g6 = right.L6;
        var g7 = right.L7;
        var g8 = right.L8;
        var g9 = right.L9;

        var f = left.L0;
        var h0 = TOperations.MultiplyLow(f, g0);
        var h1 = TOperations.MultiplyLow(f, g1);
        var h2 = TOperations.MultiplyLow(f, g2);
        var h3 = TOperations.MultiplyLow(f, g3);
        var h4 = TOperations.MultiplyLow(f, g4);
        var h5 = TOperations.MultiplyLow(f, g5);
        var h6 = TOperations.MultiplyLow(f, g6);
        var h7 = TOperations.MultiplyLow(f, g7);
        var h8 = TOperations.MultiplyLow(f, g8);
        var h9 = TOperations.MultiplyLow(f, g9);

        f = left.L1;
        var twice = TOperations.Add(f, f);
        g9 = TOperations.MultiplyLow(g9, nineteen);
        h0 = MultiplyAdd(h0, twice, g9);
        h1 = MultiplyAdd(h1, f, g0);
        h2 = MultiplyAdd(h2, twice, g1);
        h3 = MultiplyAdd(h3, f, g2);
        h4 = MultiplyAdd(h4, twice, g3);
        h5 = MultiplyAdd(h5, f, g4);
        h6 = MultiplyAdd(h6, twice, g5);
        h7 = MultiplyAdd(h7, f, g6);
        h8 = MultiplyAdd(h8, twice, g7);
        h9 = MultiplyAdd(h9, f, g8);

        f = left.L2;
        g8 = TOperations.MultiplyLow(g8, nineteen);
        h0 = MultiplyAdd(h0, f, g8);
        h1 = MultiplyAdd(h1, f, g9);
        h2 = MultiplyAdd(h2, f, g0);
        h3 = MultiplyAdd(h3, f, g1);
        h4 = MultiplyAdd(h4, f, g2);
        h5 = MultiplyAdd(h5, f, g3);
        h6 = MultiplyAdd(h6, f, g4);
        h7 = MultiplyAdd(h7, f, g5);
        h8 = MultiplyAdd(h8, f, g6);
        h9 = MultiplyAdd(h9, f, g7);

        f = left.L3;
        twice = TOperations.Add(f, f);
        g7 = TOperations.MultiplyLow(g7, nineteen);
        h0 = MultiplyAdd(h0, twice, g7);
        h1 = MultiplyAdd(h1, f, g8);
        h2 = MultiplyAdd(h2, twice, g9);
        h3 = MultiplyAdd(h3, f, g0);
        h4 = MultiplyAdd(h4, twice, g1);
        h5 = MultiplyAdd(h5, f, g2);
        h6 = MultiplyAdd(h6, twice, g3);
        h7 = MultiplyAdd(h7, f, g4);
        h8 = MultiplyAdd(h8, twice, g5);
        h9 = MultiplyAdd(h9, f, g6);

        f = left.L4;
        g6 = TOperations.MultiplyLow(g6, nineteen);
        h0 = MultiplyAdd(h0, f, g6);
        h1 = MultiplyAdd(h1, f, g7);
        h2 = MultiplyAdd(h2, f, g8);
        h3 = MultiplyAdd(h3, f, g9);
        h4 = MultiplyAdd(h4, f, g0);
        h5 = MultiplyAdd(h5, f, g1);
        h6 = MultiplyAdd(h6, f, g2);
        h7 = MultiplyAdd(h7, f, g3);
        h8 = MultiplyAdd(h8, f, g4);
        h9 = MultiplyAdd(h9, f, g5);

        f = left.L5;
        twice = TOperations.Add(f, f);
        g5 = TOperations.MultiplyLow(g5, nineteen);
        h0 = MultiplyAdd(h0, twice, g5);
        h1 = MultiplyAdd(h1, f, g6);
        h2 = MultiplyAdd(h2, twice, g7);
        h3 = MultiplyAdd(h3, f, g8);
        h4 = MultiplyAdd(h4, twice, g9);
        h5 = MultiplyAdd(h5, f, g0);
        h6 = MultiplyAdd(h6, twice, g1);
        h7 = MultiplyAdd(h7, f, g2);
        h8 = MultiplyAdd(h8, twice, g3);
        h9 = MultiplyAdd(h9, f, g4);

        f = left.L6;
        g4 = TOperations.MultiplyLow(g4, nineteen);
        h0 = MultiplyAdd(h0, f, g4);
        h1 = MultiplyAdd(h1, f, g5);
        h2 = MultiplyAdd(h2, f, g6);
        h3 = MultiplyAdd(h3, f, g7);
        h4 = MultiplyAdd(h4, f, g8);
        h5 = MultiplyAdd(h5, f, g9);
        h6 = MultiplyAdd(h6, f, g0);
        h7 = MultiplyAdd(h7, f, g1);
        h8 = MultiplyAdd(h8, f, g2);
        h9 = MultiplyAdd(h9, f, g3);

        f = left.L7;
        twice = TOperations.Add(f, f);
        g3 = TOperations.MultiplyLow(g3, nineteen);
        h0 = MultiplyAdd(h0, twice, g3);
        h1 = MultiplyAdd(h1, f, g4);
        h2 = MultiplyAdd(h2, twice, g5);
        h3 = MultiplyAdd(h3, f, g6);
        h4 = MultiplyAdd(h4, twice, g7);
        h5 = MultiplyAdd(h5, f, g8);
        h6 = MultiplyAdd(h6, twice, g9);
        h7 = MultiplyAdd(h7, f, g0);
        h8 = MultiplyAdd(h8, twice, g1);
        h9 = MultiplyAdd(h9, f, g2);

        f = left.L8;
        g2 = TOperations.MultiplyLow(g2, nineteen);
        h0 = MultiplyAdd(h0, f, g2);
        h1 = MultiplyAdd(h1, f, g3);
        h2 = MultiplyAdd(h2, f, g4);
        h3 = MultiplyAdd(h3, f, g5);
        h4 = MultiplyAdd(h4, f, g6);
        h5 = MultiplyAdd(h5, f, g7);
        h6 = MultiplyAdd(h6, f, g8);
        h7 = MultiplyAdd(h7, f, g9);
        h8 = MultiplyAdd(h8, f, g0);
        h9 = MultiplyAdd(h9, f, g1);

        f = left.L9;
        twice = TOperations.Add(f, f);
        g1 = TOperations.MultiplyLow(g1, nineteen);
        h0 = MultiplyAdd(h0, twice, g1);
        h1 = MultiplyAdd(h1, f, g2);
        h2 = MultiplyAdd(h2, twice, g3);
        h3 = MultiplyAdd(h3, f, g4);
        h4 = MultiplyAdd(h4, twice, g5);
        h5 = MultiplyAdd(h5, f, g6);
        h6 = MultiplyAdd(h6, twice, g7);
        h7 = MultiplyAdd(h7, f, g8);
        h8 = MultiplyAdd(h8, twice, g9);
        h9 = MultiplyAdd(h9, f, g0);

        CarryColumns(h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, out result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square(ref readonly FieldLanes<TVector, TOperations> value, out FieldLanes<TVector, TOperations> result)
    {
        AssertLimbs(in value);
        var f0 = value.L0;
        var f1 = value.L1;
        var f2 = value.L2;
        var f3 = value.L3;
        var f4 = value.L4;
        var f5 = value.L5;
        var f6 = value.L6;
        var f7 = value.L7;
        var f8 = value.L8;
        var f9 = value.L9;
        var d0 = TOperations.Add(f0, f0);
        var d1 = TOperations.Add(f1, f1);
        var d2 = TOperations.Add(f2, f2);
        var d3 = TOperations.Add(f3, f3);
        var d4 = TOperations.Add(f4, f4);
        var d5 = TOperations.Add(f5, f5);
        var d6 = TOperations.Add(f6, f6);
        var d7 = TOperations.Add(f7, f7);
        var nineteen = TOperations.Create(19);
        var thirtyEight = TOperations.Create(38);
        var r5 = TOperations.MultiplyLow(f5, thirtyEight);
        var r6 = TOperations.MultiplyLow(f6, nineteen);
        var r7 = TOperations.MultiplyLow(f7, thirtyEight);
        var r8 = TOperations.MultiplyLow(f8, nineteen);
        var r9 = TOperations.MultiplyLow(f9, thirtyEight);
        var h0 = TOperations.MultiplyLow(f0, f0);
        h0 = MultiplyAdd(h0, d1, r9);
        h0 = MultiplyAdd(h0, d2, r8);
        h0 = MultiplyAdd(h0, d3, r7);
        h0 = MultiplyAdd(h0, d4, r6);
        h0 = MultiplyAdd(h0, f5, r5);
        var h1 = TOperations.MultiplyLow(d0, f1);
        h1 = MultiplyAdd(h1, f2, r9);
        h1 = MultiplyAdd(h1, d3, r8);
        h1 = MultiplyAdd(h1, f4, r7);
        h1 = MultiplyAdd(h1, d5, r6);
        var h2 = TOperations.MultiplyLow(d0, f2);
        h2 = MultiplyAdd(h2, d1, f1);
        h2 = MultiplyAdd(h2, d3, r9);
        h2 = MultiplyAdd(h2, d4, r8);
        h2 = MultiplyAdd(h2, d5, r7);
        h2 = MultiplyAdd(h2, f6, r6);
        var h3 = TOperations.MultiplyLow(d0, f3);
        h3 = MultiplyAdd(h3, d1, f2);
        h3 = MultiplyAdd(h3, f4, r9);
        h3 = MultiplyAdd(h3, d5, r8);
        h3 = MultiplyAdd(h3, f6, r7);
        var h4 = TOperations.MultiplyLow(d0, f4);
        h4 = MultiplyAdd(h4, d1, d3);
        h4 = MultiplyAdd(h4, f2, f2);
        h4 = MultiplyAdd(h4, d5, r9);
        h4 = MultiplyAdd(h4, d6, r8);
        h4 = MultiplyAdd(h4, f7, r7);
        var h5 = TOperations.MultiplyLow(d0, f5);
        h5 = MultiplyAdd(h5, d1, f4);
        h5 = MultiplyAdd(h5, d2, f3);
        h5 = MultiplyAdd(h5, f6, r9);
        h5 = MultiplyAdd(h5, d7, r8);
        var h6 = TOperations.MultiplyLow(d0, f6);
        h6 = MultiplyAdd(h6, d1, d5);
        h6 = MultiplyAdd(h6, d2, f4);
        h6 = MultiplyAdd(h6, d3, f3);
        h6 = MultiplyAdd(h6, d7, r9);
        h6 = MultiplyAdd(h6, f8, r8);
        var h7 = TOperations.MultiplyLow(d0, f7);
        h7 = MultiplyAdd(h7, d1, f6);
        h7 = MultiplyAdd(h7, d2, f5);
        h7 = MultiplyAdd(h7, d3, f4);
        h7 = MultiplyAdd(h7, f8, r9);
        var h8 = TOperations.MultiplyLow(d0, f8);
        h8 = MultiplyAdd(h8, d1, d7);
        h8 = MultiplyAdd(h8, d2, f6);
        h8 = MultiplyAdd(h8, d3, d5);
        h8 = MultiplyAdd(h8, f4, f4);
        h8 = MultiplyAdd(h8, f9, r9);
        var h9 = TOperations.MultiplyLow(d0, f9);
        h9 = MultiplyAdd(h9, d1, f8);
        h9 = MultiplyAdd(h9, d2, f7);
        h9 = MultiplyAdd(h9, d3, f6);
        h9 = MultiplyAdd(h9, d4, f5);
        CarryColumns(h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, out result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplySmall(ref readonly FieldLanes<TVector, TOperations> value, uint factor, out FieldLanes<TVector, TOperations> result)
    {
        AssertLimbs(in value);
        var f = TOperations.Create(factor);
        CarryColumns(
            TOperations.MultiplyLow(value.L0, f),
            TOperations.MultiplyLow(value.L1, f),
            TOperations.MultiplyLow(value.L2, f),
            TOperations.MultiplyLow(value.L3, f),
            TOperations.MultiplyLow(value.L4, f),
            TOperations.MultiplyLow(value.L5, f),
            TOperations.MultiplyLow(value.L6, f),
            TOperations.MultiplyLow(value.L7, f),
            TOperations.MultiplyLow(value.L8, f),
            TOperations.MultiplyLow(value.L9, f),
            out result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref readonly FieldLanes<TVector, TOperations> left, ref readonly FieldLanes<TVector, TOperations> right, out FieldLanes<TVector, TOperations> result)
    {
        result.L0 = TOperations.Add(left.L0, right.L0);
        result.L1 = TOperations.Add(left.L1, right.L1);
        result.L2 = TOperations.Add(left.L2, right.L2);
        result.L3 = TOperations.Add(left.L3, right.L3);
        result.L4 = TOperations.Add(left.L4, right.L4);
        result.L5 = TOperations.Add(left.L5, right.L5);
        result.L6 = TOperations.Add(left.L6, right.L6);
        result.L7 = TOperations.Add(left.L7, right.L7);
        result.L8 = TOperations.Add(left.L8, right.L8);
        result.L9 = TOperations.Add(left.L9, right.L9);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(ref readonly FieldLanes<TVector, TOperations> left, ref readonly FieldLanes<TVector, TOperations> right, out FieldLanes<TVector, TOperations> result)
    {
        // The limbs of 2p, each above any reduced limb.
        var lowest = TOperations.Create((1UL << 27) - 38);
        var even = TOperations.Create((1UL << 27) - 2);
        var odd = TOperations.Create((1UL << 26) - 2);
        result.L0 = TOperations.Subtract(TOperations.Add(left.L0, lowest), right.L0);
        result.L1 = TOperations.Subtract(TOperations.Add(left.L1, odd), right.L1);
        result.L2 = TOperations.Subtract(TOperations.Add(left.L2, even), right.L2);
        result.L3 = TOperations.Subtract(TOperations.Add(left.L3, odd), right.L3);
        result.L4 = TOperations.Subtract(TOperations.Add(left.L4, even), right.L4);
        result.L5 = TOperations.Subtract(TOperations.Add(left.L5, odd), right.L5);
        result.L6 = TOperations.Subtract(TOperations.Add(left.L6, even), right.L6);
        result.L7 = TOperations.Subtract(TOperations.Add(left.L7, odd), right.L7);
        result.L8 = TOperations.Subtract(TOperations.Add(left.L8, even), right.L8);
        result.L9 = TOperations.Subtract(TOperations.Add(left.L9, odd), right.L9);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ConditionalSwap(ulong mask, ref FieldLanes<TVector, TOperations> left, ref FieldLanes<TVector, TOperations> right)
    {
        var m = TOperations.Create(mask);
        SwapLimb(m, ref left.L0, ref right.L0);
        SwapLimb(m, ref left.L1, ref right.L1);
        SwapLimb(m, ref left.L2, ref right.L2);
        SwapLimb(m, ref left.L3, ref right.L3);
        SwapLimb(m, ref left.L4, ref right.L4);
        SwapLimb(m, ref left.L5, ref right.L5);
        SwapLimb(m, ref left.L6, ref right.L6);
        SwapLimb(m, ref left.L7, ref right.L7);
        SwapLimb(m, ref left.L8, ref right.L8);
        SwapLimb(m, ref left.L9, ref right.L9);
    }

    public static void Select(
        ReadOnlySpan<ulong> laneMasks,
        ref readonly FieldLanes<TVector, TOperations> whenSet,
        ref readonly FieldLanes<TVector, TOperations> whenClear,
        out FieldLanes<TVector, TOperations> result)
    {
        var m = TOperations.Load(laneMasks);
        result.L0 = TOperations.Select(m, whenSet.L0, whenClear.L0);
        result.L1 = TOperations.Select(m, whenSet.L1, whenClear.L1);
        result.L2 = TOperations.Select(m, whenSet.L2, whenClear.L2);
        result.L3 = TOperations.Select(m, whenSet.L3, whenClear.L3);
        result.L4 = TOperations.Select(m, whenSet.L4, whenClear.L4);
        result.L5 = TOperations.Select(m, whenSet.L5, whenClear.L5);
        result.L6 = TOperations.Select(m, whenSet.L6, whenClear.L6);
        result.L7 = TOperations.Select(m, whenSet.L7, whenClear.L7);
        result.L8 = TOperations.Select(m, whenSet.L8, whenClear.L8);
        result.L9 = TOperations.Select(m, whenSet.L9, whenClear.L9);
    }

    public static void Broadcast(ref readonly FieldElement value, out FieldLanes<TVector, TOperations> result)
    {
        result = default;
        for (var lane = 0; lane < LaneCount; lane++) SetLane(ref result, lane, in value);
    }

    public static void SetLane(ref FieldLanes<TVector, TOperations> target, int lane, ref readonly FieldElement value)
    {
        var words = MemoryMarshal.Cast<FieldLanes<TVector, TOperations>, ulong>(new Span<FieldLanes<TVector, TOperations>>(ref target));
        var count = LaneCount;
        SplitLimb(words, lane, count, value.L0);
        SplitLimb(words, lane + 2 * count, count, value.L1);
        SplitLimb(words, lane + 4 * count, count, value.L2);
        SplitLimb(words, lane + 6 * count, count, value.L3);
        SplitLimb(words, lane + 8 * count, count, value.L4);
    }

    public static FieldElement GetLane(ref readonly FieldLanes<TVector, TOperations> source, int lane)
    {
        var words = MemoryMarshal.Cast<FieldLanes<TVector, TOperations>, ulong>(new ReadOnlySpan<FieldLanes<TVector, TOperations>>(in source));
        var count = LaneCount;
        return FieldElement.Carry(new FieldElement
        {
            L0 = JoinLimb(words, lane, count),
            L1 = JoinLimb(words, lane + 2 * count, count),
            L2 = JoinLimb(words, lane + 4 * count, count),
            L3 = JoinLimb(words, lane + 6 * count, count),
            L4 = JoinLimb(words, lane + 8 * count, count),
        });
    }

    // A limb of 51 bits is an even limb of 26 and an odd limb of 25 bits.
    private static void SplitLimb(Span<ulong> words, int even, int count, ulong limb)
    {
        words[even] = limb & EvenMask;
        words[even + count] = limb >> 26;
    }

    private static ulong JoinLimb(ReadOnlySpan<ulong> words, int even, int count) => words[even] + (words[even + count] << 26);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector MultiplyAdd(TVector sum, TVector left, TVector right) =>
        TOperations.Add(sum, TOperations.MultiplyLow(left, right));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SwapLimb(TVector mask, ref TVector left, ref TVector right)
    {
        var l = left;
        var r = right;
        left = TOperations.Select(mask, r, l);
        right = TOperations.Select(mask, l, r);
    }

    /// <summary>Two chains of carries, 0→5 and 5→0, run beside each other; both end in a limb that was masked before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CarryColumns(
        TVector h0, TVector h1, TVector h2, TVector h3, TVector h4,
        TVector h5, TVector h6, TVector h7, TVector h8, TVector h9,
        out FieldLanes<TVector, TOperations> result)
    {
        var evenMask = TOperations.Create(EvenMask);
        var oddMask = TOperations.Create(OddMask);
        h1 = TOperations.Add(h1, TOperations.ShiftRight(h0, 26));
        h5 = TOperations.Add(h5, TOperations.ShiftRight(h4, 26));
        h2 = TOperations.Add(h2, TOperations.ShiftRight(h1, 25));
        h6 = TOperations.Add(h6, TOperations.ShiftRight(h5, 25));
        h3 = TOperations.Add(h3, TOperations.ShiftRight(h2, 26));
        h7 = TOperations.Add(h7, TOperations.ShiftRight(h6, 26));
        h4 = TOperations.Add(TOperations.And(h4, evenMask), TOperations.ShiftRight(h3, 25));
        h8 = TOperations.Add(h8, TOperations.ShiftRight(h7, 25));
        h5 = TOperations.Add(TOperations.And(h5, oddMask), TOperations.ShiftRight(h4, 26));
        h9 = TOperations.Add(h9, TOperations.ShiftRight(h8, 26));
        // 19 times a carry of up to 38 bits: too wide for the 32-bit multiplier, so shifts and additions.
        var top = TOperations.ShiftRight(h9, 25);
        var nineteenTop = TOperations.Add(TOperations.Add(top, TOperations.ShiftLeft(top, 1)), TOperations.ShiftLeft(top, 4));
        h0 = TOperations.Add(TOperations.And(h0, evenMask), nineteenTop);
        result.L0 = TOperations.And(h0, evenMask);
        result.L1 = TOperations.Add(TOperations.And(h1, oddMask), TOperations.ShiftRight(h0, 26));
        result.L2 = TOperations.And(h2, evenMask);
        result.L3 = TOperations.And(h3, oddMask);
        result.L4 = TOperations.And(h4, evenMask);
        result.L5 = h5;
        result.L6 = TOperations.And(h6, evenMask);
        result.L7 = TOperations.And(h7, oddMask);
        result.L8 = TOperations.And(h8, evenMask);
        result.L9 = TOperations.And(h9, oddMask);
    }
    [Conditional("DEBUG")]
    private static void AssertLimbs(ref readonly FieldLanes<TVector, TOperations> value)
    {
        var words = MemoryMarshal.Cast<FieldLanes<TVector, TOperations>, ulong>(new ReadOnlySpan<FieldLanes<TVector, TOperations>>(in value));
        for (var i = 0; i < words.Length; i++)
        {
            var isEven = i / LaneCount % 2 == 0;
            Debug.Assert(
                words[i] < (isEven ? EvenLimit : OddLimit),
                "An operand went through more than one addition or subtraction since the last carry.");
        }
    }
}
