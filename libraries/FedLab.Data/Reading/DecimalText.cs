using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FedLab.Data.Reading;

/// <summary>
/// Numbers as tables mostly hold them: a sign, digits, a point, digits, fifteen in all. Their digits are an integer below 2^53 and the power of ten
/// is exact too, so one division rounds once, as double.Parse does (Clinger, How to Read Floating Point Numbers Accurately, 1990). Everything
/// else is left to the library, which takes three times as long.
/// </summary>
internal static class DecimalText
{
    private const int ExactDigits = 15;

    private static ReadOnlySpan<double> PowersOfTen => [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>Reads a number that is written so.</summary>
    /// <param name="text">The whole field.</param>
    /// <param name="number">The number.</param>
    /// <returns>False where it is written otherwise; it may still be a number.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out double number)
    {
        var negative = text.Length > 0 && text[0] == '-';
        if (negative) text = text[1..];
        // Fifteen digits, a point between them.
        if (text.Length is 0 or > ExactDigits + 1)
        {
            number = 0;
            return false;
        }

        if (!(Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian ? TryParseSideBySide(text, out number) : TryParseOneByOne(text, out number))) return false;
        if (negative) number = -number;
        return true;
    }

    /// <summary>Digit after digit; what <see cref="TryParseSideBySide"/> must equal.</summary>
    /// <param name="text">1 to 16 bytes without a sign.</param>
    /// <param name="number">The number.</param>
    internal static bool TryParseOneByOne(ReadOnlySpan<byte> text, out double number)
    {
        number = 0;
        var digits = 0L;
        var count = 0;
        var point = -1;
        for (var i = 0; i < text.Length; i++)
        {
            var digit = (uint)(text[i] - '0');
            if (digit <= 9)
            {
                digits = digits * 10 + digit;
                count++;
            }
            else if (text[i] == '.' && point < 0 && i > 0)
            {
                point = i;
            }
            else
            {
                return false;
            }
        }

        if (count > ExactDigits || point == text.Length - 1) return false;
        number = point < 0 ? digits : digits / PowersOfTen[text.Length - 1 - point];
        return true;
    }

    /// <summary>All bytes in one register: the point is found and taken out, the digits moved to the right end, and added up in pairs, fours and eights.</summary>
    /// <param name="text">1 to 16 bytes without a sign.</param>
    /// <param name="number">The number.</param>
    internal static bool TryParseSideBySide(ReadOnlySpan<byte> text, out double number)
    {
        number = 0;
        var length = text.Length;
        var digits = Load(text) - Vector128.Create((byte)'0');
        var others = Vector128.GreaterThan(digits, Vector128.Create((byte)9)).ExtractMostSignificantBits() & ((1u << length) - 1);
        var sources = SByteIndices - Vector128.Create((sbyte)(Vector128<byte>.Count - length));
        var decimals = 0;
        if (others != 0)
        {
            var point = BitOperations.TrailingZeroCount(others);
            if ((others & (others - 1)) != 0 || point == 0 || point == length - 1 || text[point] != '.') return false;
            decimals = length - 1 - point;
            // One place further to the right, as the point takes none; behind the point that is where they are.
            sources -= Vector128<sbyte>.One;
            sources -= Vector128.GreaterThanOrEqual(sources, Vector128.Create((sbyte)point));
        }
        else if (length > ExactDigits)
        {
            return false;
        }

        // Places left of the first digit have negative sources, for which a shuffle gives zero.
        var placed = Vector128.Shuffle(digits, sources.AsByte()).AsUInt64();
        var whole = (long)(EightDigits(placed[0]) * 100_000_000 + EightDigits(placed[1]));
        number = decimals == 0 ? whole : whole / PowersOfTen[decimals];
        return true;
    }

    private static Vector128<sbyte> SByteIndices => Vector128.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

    /// <summary>1 to 16 bytes at the beginning of a register; what follows them is undefined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Load(ReadOnlySpan<byte> text)
    {
        if (text.Length == Vector128<byte>.Count) return Vector128.Create(text);
        if (text.Length >= sizeof(ulong))
        {
            // Two words that overlap, the second one moved to where it belongs.
            var high = BinaryPrimitives.ReadUInt64LittleEndian(text[^sizeof(ulong)..]);
            var missing = 8 * (Vector128<byte>.Count - text.Length);
            return Vector128.Create(BinaryPrimitives.ReadUInt64LittleEndian(text), missing == 64 ? 0 : high >> missing).AsByte();
        }

        if (text.Length >= sizeof(uint))
        {
            ulong high = BinaryPrimitives.ReadUInt32LittleEndian(text[^sizeof(uint)..]);
            return Vector128.Create(BinaryPrimitives.ReadUInt32LittleEndian(text) | (high << (8 * (text.Length - sizeof(uint)))), 0).AsByte();
        }

        ulong word = text[0];
        if (text.Length > 1) word |= (ulong)text[1] << 8;
        if (text.Length > 2) word |= (ulong)text[2] << 16;
        return Vector128.Create(word, 0).AsByte();
    }

    /// <summary>Eight digits from 0 to 9, the first in the lowest byte (Lemire, Number Parsing at a Gigabyte per Second, 2021, section 5).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong EightDigits(ulong digits)
    {
        const ulong pair = 0x000000FF_000000FF;
        digits = (digits * 10) + (digits >> 8);
        return (((digits & pair) * (100 + (1_000_000UL << 32))) + (((digits >> 16) & pair) * (1 + (10_000UL << 32)))) >> 32;
    }
}
