using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FedLab.Lattice.Encryption;

/// <summary>Writes integers of a fixed width one after another, lowest bit first, and pads the last byte with zero bits.</summary>
/// <remarks>Widths are at most 52 bits, so a value shifted by less than a byte fits a 64-bit word: each value is one unaligned 8-byte write.</remarks>
internal ref struct BitWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;
    private ulong _pending;
    private int _pendingBits;
    private int _position;

    /// <summary>Bytes that so many values take.</summary>
    public static int ByteCount(long values, int bits) => checked((int)((values * bits + 7) / 8));

    /// <summary>Appends integers of [0, 2^<paramref name="bits"/>) held as doubles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(ReadOnlySpan<double> values, int bits)
    {
        // Adding 2^52 leaves the integer in the low 52 bits of the double.
        const double integerShift = 1L << 52;
        const ulong integerMask = (1UL << 52) - 1;
        var pending = _pending;
        var pendingBits = _pendingBits;
        var position = _position;
        ref var target = ref MemoryMarshal.GetReference(_destination);
        var lastWhole = _destination.Length - sizeof(ulong);
        foreach (var value in values)
        {
            pending |= (BitConverter.DoubleToUInt64Bits(value + integerShift) & integerMask) << pendingBits;
            pendingBits += bits;
            if (position <= lastWhole)
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, position), BitConverter.IsLittleEndian ? pending : BinaryPrimitives.ReverseEndianness(pending));
            else
                WriteTail(position, pending, pendingBits);
            var bytes = pendingBits >> 3;
            position += bytes;
            pending >>= bytes << 3;
            pendingBits &= 7;
        }

        _pending = pending;
        _pendingBits = pendingBits;
        _position = position;
    }

    private readonly void WriteTail(int position, ulong pending, int bits)
    {
        for (; bits > 0; bits -= 8, pending >>= 8)
            _destination[position++] = (byte)pending;
    }
}

/// <summary>Reads what <see cref="BitWriter"/> wrote.</summary>
internal static class BitReader
{
    /// <summary>
    /// Reads integers from bit <paramref name="firstBit"/> on as doubles. The caller has checked that the bytes hold them.
    /// Returns whether all are below <paramref name="bound"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Read(ReadOnlySpan<byte> source, long firstBit, int bits, ulong bound, Span<double> values)
    {
        ulong outside = 0;
        var mask = (1UL << bits) - 1;
        var position = firstBit;
        for (var i = 0; i < values.Length; i++, position += bits)
        {
            var value = Word(source, position) & mask;
            outside |= bound - 1 - value;
            values[i] = (long)value;
        }

        return outside >> 63 == 0;
    }

    /// <summary>As <see cref="Read(ReadOnlySpan{byte}, long, int, ulong, Span{double})"/>, to 64-bit integers that wrap modulo 2^<paramref name="bits"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Read(ReadOnlySpan<byte> source, long firstBit, int bits, Span<long> values)
    {
        var mask = (1UL << bits) - 1;
        var position = firstBit;
        for (var i = 0; i < values.Length; i++, position += bits)
            values[i] = (long)(Word(source, position) & mask);
    }

    /// <summary>Whether <paramref name="count"/> integers from bit <paramref name="firstBit"/> on are all below <paramref name="bound"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool AreBelow(ReadOnlySpan<byte> source, long firstBit, int bits, ulong bound, int count)
    {
        ulong outside = 0;
        var mask = (1UL << bits) - 1;
        var position = firstBit;
        for (var i = 0; i < count; i++, position += bits)
            outside |= bound - 1 - (Word(source, position) & mask);
        return outside >> 63 == 0;
    }

    /// <summary>Whether every bit from <paramref name="firstBit"/> to the end is zero.</summary>
    public static bool IsZeroFrom(ReadOnlySpan<byte> source, long firstBit)
    {
        var index = (int)(firstBit >> 3);
        return index >= source.Length || (source[index] >> (int)(firstBit & 7) == 0 && source[(index + 1)..].IndexOfAnyExcept((byte)0) < 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ReadOnlySpan<byte> source, long position)
    {
        var index = (int)(position >> 3);
        var shift = (int)(position & 7);
        if (index > source.Length - sizeof(ulong))
            return Tail(source[index..]) >> shift;
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetReference(source), index));
        return (BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word)) >> shift;
    }

    private static ulong Tail(ReadOnlySpan<byte> rest)
    {
        ulong word = 0;
        for (var i = rest.Length - 1; i >= 0; i--)
            word = word << 8 | rest[i];
        return word;
    }
}
