using System.Buffers.Binary;

namespace FedLab.Curve25519.Edwards;

/// <summary>
/// An integer modulo L = 2^252 + 27742317777372353535851937790883648493, the prime order of the base point, in four 64-bit words.
/// Products are Montgomery's (1985) with R = 2^256; constant time.
/// </summary>
internal readonly struct GroupScalar
{
    /// <summary>Bytes of an encoded scalar.</summary>
    public const int Size = 32;

    private const ulong Order0 = 0x5812631a5cf5d3ed;
    private const ulong Order1 = 0x14def9dea2f79cd6;
    private const ulong Order2 = 0;
    private const ulong Order3 = 0x1000000000000000;

    /// <summary>−1/L modulo 2^64.</summary>
    private const ulong MinusInverse = 0xd2b51da312547e1b;

    /// <summary>R modulo L.</summary>
    private static readonly GroupScalar Radix = new(0xd6ec31748d98951d, 0xc6ef5bf4737dcf70, 0xfffffffffffffffe, 0x0fffffffffffffff);

    /// <summary>R² modulo L.</summary>
    private static readonly GroupScalar RadixSquared = new(0xa40611e3449c0f01, 0xd00e1ba768859347, 0xceec73d217f5be65, 0x0399411b7c309a3d);

    private readonly ulong _w0;
    private readonly ulong _w1;
    private readonly ulong _w2;
    private readonly ulong _w3;

    private GroupScalar(ulong w0, ulong w1, ulong w2, ulong w3)
    {
        _w0 = w0;
        _w1 = w1;
        _w2 = w2;
        _w3 = w3;
    }

    /// <summary>Whether 32 bytes little-endian are below L. For public values.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> bytes)
    {
        SubtractOrder(Read(bytes), out var borrow);
        return borrow == 1;
    }

    /// <summary>64 bytes little-endian modulo L.</summary>
    public static GroupScalar Reduce(ReadOnlySpan<byte> wide)
    {
        // low + high·R: multiplying by R or R² undoes the division by R of each product.
        var low = MultiplyMontgomery(Read(wide), Radix);
        var high = MultiplyMontgomery(Read(wide[Size..]), RadixSquared);
        return low.Plus(high);
    }

    /// <summary>factor · this + addend modulo L; the factor is any 32 bytes little-endian.</summary>
    public GroupScalar MultiplyAdd(ReadOnlySpan<byte> factor, GroupScalar addend) =>
        MultiplyMontgomery(MultiplyMontgomery(Read(factor), this), RadixSquared).Plus(addend);

    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, _w0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], _w1);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], _w2);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], _w3);
    }

    private GroupScalar Plus(GroupScalar other)
    {
        var carry = UInt128.Zero;
        var w0 = Step(_w0, other._w0, ref carry);
        var w1 = Step(_w1, other._w1, ref carry);
        var w2 = Step(_w2, other._w2, ref carry);
        var w3 = Step(_w3, other._w3, ref carry);
        return ReduceOnce(new GroupScalar(w0, w1, w2, w3));

        static ulong Step(ulong left, ulong right, ref UInt128 carry)
        {
            carry += (UInt128)left + right;
            var word = (ulong)carry;
            carry >>= 64;
            return word;
        }
    }

    /// <summary>left · right / R modulo L for any left below R and right below L.</summary>
    private static GroupScalar MultiplyMontgomery(GroupScalar left, GroupScalar right)
    {
        // After each word t stays below 2L + R·…; the last value is below (R·L + R·L)/R = 2L, so that four words and one subtraction do.
        ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
        Step(left._w0, in right, ref t0, ref t1, ref t2, ref t3, ref t4);
        Step(left._w1, in right, ref t0, ref t1, ref t2, ref t3, ref t4);
        Step(left._w2, in right, ref t0, ref t1, ref t2, ref t3, ref t4);
        Step(left._w3, in right, ref t0, ref t1, ref t2, ref t3, ref t4);
        return ReduceOnce(new GroupScalar(t0, t1, t2, t3));

        static void Step(ulong word, in GroupScalar right, ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong t4)
        {
            var carry = Math.BigMul(word, right._w0) + t0;
            var s0 = (ulong)carry;
            carry = Math.BigMul(word, right._w1) + t1 + (ulong)(carry >> 64);
            var s1 = (ulong)carry;
            carry = Math.BigMul(word, right._w2) + t2 + (ulong)(carry >> 64);
            var s2 = (ulong)carry;
            carry = Math.BigMul(word, right._w3) + t3 + (ulong)(carry >> 64);
            var s3 = (ulong)carry;
            var top = (UInt128)t4 + (ulong)(carry >> 64);

            var m = s0 * MinusInverse;
            carry = Math.BigMul(m, Order0) + s0;
            carry = Math.BigMul(m, Order1) + s1 + (ulong)(carry >> 64);
            t0 = (ulong)carry;
            carry = Math.BigMul(m, Order2) + s2 + (ulong)(carry >> 64);
            t1 = (ulong)carry;
            carry = Math.BigMul(m, Order3) + s3 + (ulong)(carry >> 64);
            t2 = (ulong)carry;
            top += (ulong)(carry >> 64);
            t3 = (ulong)top;
            t4 = (ulong)(top >> 64);
        }
    }

    /// <summary>A value below 2L made less than L.</summary>
    private static GroupScalar ReduceOnce(GroupScalar value)
    {
        var reduced = SubtractOrder(value, out var borrow);
        var keep = 0 - borrow;
        return new GroupScalar(
            reduced._w0 ^ keep & (reduced._w0 ^ value._w0),
            reduced._w1 ^ keep & (reduced._w1 ^ value._w1),
            reduced._w2 ^ keep & (reduced._w2 ^ value._w2),
            reduced._w3 ^ keep & (reduced._w3 ^ value._w3));
    }

    private static GroupScalar SubtractOrder(GroupScalar value, out ulong borrow)
    {
        ulong b = 0;
        var w0 = Step(value._w0, Order0, ref b);
        var w1 = Step(value._w1, Order1, ref b);
        var w2 = Step(value._w2, Order2, ref b);
        var w3 = Step(value._w3, Order3, ref b);
        borrow = b;
        return new GroupScalar(w0, w1, w2, w3);

        static ulong Step(ulong left, ulong right, ref ulong borrow)
        {
            var difference = (UInt128)left - right - borrow;
            borrow = (ulong)(difference >> 64) & 1;
            return (ulong)difference;
        }
    }

    private static GroupScalar Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
}
