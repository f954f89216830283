using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace FedLab.Curve25519.Field;

/// <summary>
/// One element of the field modulo p = 2^255 − 19: value = Σ Lᵢ · 2^(51·i), five limbs in 64-bit words.
/// </summary>
/// <remarks>
/// Reduced limbs are below 2^51 + 2^13. A sum is below 2^53, a difference adds 4p and stays below 2^54, and
/// <see cref="Multiply"/> takes limbs below 2^54: each column is at most 2^108 · (1 + 4·19) &lt; 2^115, so that the
/// carry out of a column fits a word. Constant time: straight-line code over additions, shifts and 64×64→128 products.
/// </remarks>
internal struct FieldElement : IField<FieldElement>
{
    /// <summary>Bytes of an encoded element.</summary>
    public const int Size = 32;

    private const int LimbBits = 51;
    private const ulong LimbMask = (1UL << LimbBits) - 1;

    /// <summary>What the limbs of an operand of a multiplication stay below.</summary>
    internal const ulong LimbLimit = 1UL << 54;

    public ulong L0;
    public ulong L1;
    public ulong L2;
    public ulong L3;
    public ulong L4;

    public static FieldElement Zero => default;

    public static FieldElement One => FromSmall(1);

    public static int LaneCount => 1;

    public static FieldElement FromSmall(uint value) => new() { L0 = value };

    /// <summary>Reads 32 bytes little-endian; the top bit is ignored and values from p to 2^255 − 1 are accepted (RFC 7748 section 5).</summary>
    public static FieldElement FromBytes(ReadOnlySpan<byte> bytes)
    {
        var w0 = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var w1 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        var w2 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        var w3 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        return new FieldElement
        {
            L0 = w0 & LimbMask,
            L1 = (w0 >> 51 | w1 << 13) & LimbMask,
            L2 = (w1 >> 38 | w2 << 26) & LimbMask,
            L3 = (w2 >> 25 | w3 << 39) & LimbMask,
            L4 = w3 >> 12 & LimbMask,
        };
    }

    /// <summary>Whether 32 bytes are an encoding below p. For public values: it stops at the first word that decides.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> bytes)
    {
        var high = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        if (high != long.MaxValue) return high < long.MaxValue;
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]) != ulong.MaxValue
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) != ulong.MaxValue
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes) < ulong.MaxValue - 18;
    }

    /// <summary>The one canonical encoding: the value below p, 32 bytes little-endian.</summary>
    public readonly void WriteTo(Span<byte> bytes)
    {
        var t = Carry(Carry(this));
        // t < 2^255 + 2^13 · 2^204 at most; q is 1 exactly when t + 19 reaches 2^255, that is when t ≥ p.
        var q = t.L0 + 19 >> LimbBits;
        q = t.L1 + q >> LimbBits;
        q = t.L2 + q >> LimbBits;
        q = t.L3 + q >> LimbBits;
        q = t.L4 + q >> LimbBits;
        t.L0 += 19 * q;
        t.L1 += t.L0 >> LimbBits;
        t.L2 += t.L1 >> LimbBits;
        t.L3 += t.L2 >> LimbBits;
        t.L4 += t.L3 >> LimbBits;
        var l1 = t.L1 & LimbMask;
        var l2 = t.L2 & LimbMask;
        var l3 = t.L3 & LimbMask;
        var l4 = t.L4 & LimbMask;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, t.L0 & LimbMask | l1 << 51);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], l1 >> 13 | l2 << 38);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], l2 >> 26 | l3 << 25);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], l3 >> 39 | l4 << 12);
    }

    /// <summary>All ones when the element is zero modulo p, otherwise zero; constant time.</summary>
    public readonly ulong IsZeroMask()
    {
        Span<byte> bytes = stackalloc byte[Size];
        WriteTo(bytes);
        ulong any = 0;
        foreach (var b in bytes) any |= b;
        return MaskOfZero(any);
    }

    /// <summary>All ones when both are the same element modulo p, otherwise zero; constant time. Operands must be reduced.</summary>
    public static ulong EqualsMask(FieldElement left, FieldElement right) => (left - right).IsZeroMask();

    /// <summary>The low bit of the canonical value: the sign of RFC 8032 section 5.1.2.</summary>
    public readonly uint LowBit()
    {
        Span<byte> bytes = stackalloc byte[Size];
        WriteTo(bytes);
        return bytes[0] & 1u;
    }

    public static FieldElement operator +(FieldElement left, FieldElement right)
    {
        Add(in left, in right, out var result);
        return result;
    }

    public static FieldElement operator -(FieldElement left, FieldElement right)
    {
        Subtract(in left, in right, out var result);
        return result;
    }

    /// <summary>−value, reduced.</summary>
    public static FieldElement operator -(FieldElement value) => Carry(Zero - value);

    public static FieldElement operator *(FieldElement left, FieldElement right)
    {
        Multiply(in left, in right, out var result);
        return result;
    }

    public readonly FieldElement Squared()
    {
        Square(in this, out var result);
        return result;
    }

    /// <summary>Carries once, which makes any sum or difference a reduced element.</summary>
    public static FieldElement Carry(FieldElement value) => new()
    {
        L0 = (value.L0 & LimbMask) + 19 * (value.L4 >> LimbBits),
        L1 = (value.L1 & LimbMask) + (value.L0 >> LimbBits),
        L2 = (value.L2 & LimbMask) + (value.L1 >> LimbBits),
        L3 = (value.L3 & LimbMask) + (value.L2 >> LimbBits),
        L4 = (value.L4 & LimbMask) + (value.L3 >> LimbBits),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref readonly FieldElement left, ref readonly FieldElement right, out FieldElement result)
    {
        result.L0 = left.L0 + right.L0;
        result.L1 = left.L1 + right.L1;
        result.L2 = left.L2 + right.L2;
        result.L3 = left.L3 + right.L3;
        result.L4 = left.L4 + right.L4;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(ref readonly FieldElement left, ref readonly FieldElement right, out FieldElement result)
    {
        // The limbs of 4p, each above any limb of a sum of two reduced elements.
        const ulong lowest = (1UL << 53) - 76;
        const ulong others = (1UL << 53) - 4;
        result.L0 = left.L0 + lowest - right.L0;
        result.L1 = left.L1 + others - right.L1;
        result.L2 = left.L2 + others - right.L2;
        result.L3 = left.L3 + others - right.L3;
        result.L4 = left.L4 + others - right.L4;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(ref readonly FieldElement left, ref readonly FieldElement right, out FieldElement result)
    {
        AssertLimbs(in left);
        AssertLimbs(in right);
        ulong a0 = left.L0, a1 = left.L1, a2 = left.L2, a3 = left.L3, a4 = left.L4;
        ulong b0 = right.L0, b1 = right.L1, b2 = right.L2, b3 = right.L3, b4 = right.L4;
        // 2^255 = 19 modulo p: what would land above limb 4 comes back times 19.
        ulong r1 = 19 * b1, r2 = 19 * b2, r3 = 19 * b3, r4 = 19 * b4;
        var c0 = WideProduct.Of(a0, b0).Plus(a1, r4).Plus(a2, r3).Plus(a3, r2).Plus(a4, r1);
        var c1 = WideProduct.Of(a0, b1).Plus(a1, b0).Plus(a2, r4).Plus(a3, r3).Plus(a4, r2);
        var c2 = WideProduct.Of(a0, b2).Plus(a1, b1).Plus(a2, b0).Plus(a3, r4).Plus(a4, r3);
        var c3 = WideProduct.Of(a0, b3).Plus(a1, b2).Plus(a2, b1).Plus(a3, b0).Plus(a4, r4);
        var c4 = WideProduct.Of(a0, b4).Plus(a1, b3).Plus(a2, b2).Plus(a3, b1).Plus(a4, b0);
        CarryColumns(c0, c1, c2, c3, c4, out result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square(ref readonly FieldElement value, out FieldElement result)
    {
        AssertLimbs(in value);
        ulong a0 = value.L0, a1 = value.L1, a2 = value.L2, a3 = value.L3, a4 = value.L4;
        ulong d0 = 2 * a0, d1 = 2 * a1, d2 = 2 * a2, r3 = 19 * a3, r4 = 19 * a4;
        var c0 = WideProduct.Of(a0, a0).Plus(d1, r4).Plus(d2, r3);
        var c1 = WideProduct.Of(d0, a1).Plus(d2, r4).Plus(a3, r3);
        var c2 = WideProduct.Of(d0, a2).Plus(a1, a1).Plus(2 * a3, r4);
        var c3 = WideProduct.Of(d0, a3).Plus(d1, a2).Plus(a4, r4);
        var c4 = WideProduct.Of(d0, a4).Plus(d1, a3).Plus(a2, a2);
        CarryColumns(c0, c1, c2, c3, c4, out result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplySmall(ref readonly FieldElement value, uint factor, out FieldElement result)
    {
        AssertLimbs(in value);
        CarryColumns(
            WideProduct.Of(value.L0, factor),
            WideProduct.Of(value.L1, factor),
            WideProduct.Of(value.L2, factor),
            WideProduct.Of(value.L3, factor),
            WideProduct.Of(value.L4, factor),
            out result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ConditionalSwap(ulong mask, ref FieldElement left, ref FieldElement right)
    {
        SwapLimb(mask, ref left.L0, ref right.L0);
        SwapLimb(mask, ref left.L1, ref right.L1);
        SwapLimb(mask, ref left.L2, ref right.L2);
        SwapLimb(mask, ref left.L3, ref right.L3);
        SwapLimb(mask, ref left.L4, ref right.L4);
    }

    /// <summary>whenSet for a mask of all ones, whenClear for zero; constant time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldElement Select(ulong mask, FieldElement whenSet, FieldElement whenClear) => new()
    {
        L0 = whenClear.L0 ^ mask & (whenClear.L0 ^ whenSet.L0),
        L1 = whenClear.L1 ^ mask & (whenClear.L1 ^ whenSet.L1),
        L2 = whenClear.L2 ^ mask & (whenClear.L2 ^ whenSet.L2),
        L3 = whenClear.L3 ^ mask & (whenClear.L3 ^ whenSet.L3),
        L4 = whenClear.L4 ^ mask & (whenClear.L4 ^ whenSet.L4),
    };

    public static void Select(ReadOnlySpan<ulong> laneMasks, ref readonly FieldElement whenSet, ref readonly FieldElement whenClear, out FieldElement result) =>
        result = Select(laneMasks[0], whenSet, whenClear);

    public static void Broadcast(ref readonly FieldElement value, out FieldElement result) => result = value;

    public static void SetLane(ref FieldElement target, int lane, ref readonly FieldElement value) => target = value;

    public static FieldElement GetLane(ref readonly FieldElement source, int lane) => source;

    /// <summary>All ones for zero, zero for anything else; no branch.</summary>
    public static ulong MaskOfZero(ulong value) => (ulong)((long)(~value & value - 1) >> 63);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SwapLimb(ulong mask, ref ulong left, ref ulong right)
    {
        var difference = mask & (left ^ right);
        left ^= difference;
        right ^= difference;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CarryColumns(WideProduct c0, WideProduct c1, WideProduct c2, WideProduct c3, WideProduct c4, out FieldElement result)
    {
        c1 = c1.Plus(c0.ShiftRight(LimbBits));
        c2 = c2.Plus(c1.ShiftRight(LimbBits));
        c3 = c3.Plus(c2.ShiftRight(LimbBits));
        c4 = c4.Plus(c3.ShiftRight(LimbBits));
        // The carry out of the top limb is below 2^64 / 19: c4 has no term times 19.
        var l0 = (c0.Low & LimbMask) + 19 * c4.ShiftRight(LimbBits);
        result.L0 = l0 & LimbMask;
        result.L1 = (c1.Low & LimbMask) + (l0 >> LimbBits);
        result.L2 = c2.Low & LimbMask;
        result.L3 = c3.Low & LimbMask;
        result.L4 = c4.Low & LimbMask;
    }

    [Conditional("DEBUG")]
    private static void AssertLimbs(ref readonly FieldElement value) => Debug.Assert(
        value.L0 < LimbLimit && value.L1 < LimbLimit && value.L2 < LimbLimit && value.L3 < LimbLimit && value.L4 < LimbLimit,
        "An operand went through more than one addition or subtraction since the last carry.");
}
