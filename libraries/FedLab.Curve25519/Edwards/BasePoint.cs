using System.Security.Cryptography;
using FedLab.Curve25519.Field;

namespace FedLab.Curve25519.Edwards;

/// <summary>Multiples of the base point B of edwards25519 (y = 4/5, RFC 8032 section 5.1).</summary>
internal static class BasePoint
{
    private const int ScalarDigits = 64;
    private const int TableRows = 32;
    private const int TableColumns = 8;

    private static readonly EdwardsPoint Point = ReadBasePoint();

    /// <summary>(j + 1)·256^i·B at index 8·i + j.</summary>
    private static readonly CachedPoint[] Table = BuildTable();

    /// <summary>B, 3B, 5B … 15B.</summary>
    private static readonly CachedPoint[] OddMultiplesOfBase = OddMultiples(Point);

    /// <summary>
    /// scalar · B in constant time: 64 signed hexadecimal digits, every table row read whole
    /// (Bernstein, Duif, Lange, Schwabe, Yang 2012, section 4).
    /// </summary>
    /// <param name="scalar">32 bytes little-endian, below 2^255.</param>
    public static EdwardsPoint Multiply(ReadOnlySpan<byte> scalar)
    {
        Span<int> digits = stackalloc int[ScalarDigits];
        SplitIntoSignedDigits(scalar, digits);
        var sum = EdwardsPoint.Identity;
        for (var i = 1; i < ScalarDigits; i += 2) sum = sum.Plus(Lookup(i / 2, digits[i]));
        sum = sum.Doubled().Doubled().Doubled().Doubled();
        for (var i = 0; i < ScalarDigits; i += 2) sum = sum.Plus(Lookup(i / 2, digits[i]));
        CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(digits));
        return sum;
    }

    /// <summary>
    /// baseScalar · B + scalar · point. Variable time: only for the verification of signatures, where everything is public.
    /// </summary>
    /// <param name="baseScalar">32 bytes little-endian below 2^253.</param>
    /// <param name="scalar">32 bytes little-endian below 2^253.</param>
    /// <param name="point">Any point.</param>
    public static EdwardsPoint MultiplyAddPublic(ReadOnlySpan<byte> baseScalar, ReadOnlySpan<byte> scalar, EdwardsPoint point)
    {
        Span<sbyte> baseDigits = stackalloc sbyte[256];
        Span<sbyte> pointDigits = stackalloc sbyte[256];
        SplitIntoSlidingWindows(baseScalar, baseDigits);
        SplitIntoSlidingWindows(scalar, pointDigits);
        var multiples = OddMultiples(point);
        var sum = EdwardsPoint.Identity;
        for (var i = 255; i >= 0; i--)
        {
            sum = sum.Doubled();
            sum = PlusDigit(sum, OddMultiplesOfBase, baseDigits[i]);
            sum = PlusDigit(sum, multiples, pointDigits[i]);
        }

        return sum;
    }

    /// <summary>Digits −8 … 8 with scalar = Σ digit · 16^i.</summary>
    private static void SplitIntoSignedDigits(ReadOnlySpan<byte> scalar, Span<int> digits)
    {
        for (var i = 0; i < scalar.Length; i++)
        {
            digits[2 * i] = scalar[i] & 15;
            digits[2 * i + 1] = scalar[i] >> 4;
        }

        var carry = 0;
        for (var i = 0; i < ScalarDigits - 1; i++)
        {
            var digit = digits[i] + carry;
            carry = digit + 8 >> 4;
            digits[i] = digit - (carry << 4);
        }

        digits[ScalarDigits - 1] += carry;
    }

    /// <summary>digit · 256^row · B; reads the whole row whatever the digit.</summary>
    private static CachedPoint Lookup(int row, int digit)
    {
        var negative = digit >> 31;
        var magnitude = (ulong)((digit ^ negative) - negative);
        var entry = new CachedPoint(EdwardsPoint.Identity);
        for (var column = 0; column < TableColumns; column++)
        {
            var mask = FieldElement.MaskOfZero(magnitude ^ (ulong)(column + 1));
            entry = CachedPoint.Select(mask, in Table[TableColumns * row + column], in entry);
        }

        return CachedPoint.Select((ulong)(long)negative, entry.Negated(), in entry);
    }

    /// <summary>Digits 0, ±1, ±3 … ±15, no two within five places (width-5 non-adjacent form).</summary>
    private static void SplitIntoSlidingWindows(ReadOnlySpan<byte> scalar, Span<sbyte> digits)
    {
        for (var i = 0; i < digits.Length; i++) digits[i] = (sbyte)(scalar[i >> 3] >> (i & 7) & 1);
        for (var i = 0; i < digits.Length; i++)
        {
            if (digits[i] == 0) continue;
            for (var width = 1; width <= 5 && i + width < digits.Length; width++)
            {
                if (digits[i + width] == 0) continue;
                var step = digits[i + width] << width;
                if (digits[i] + step <= 15)
                {
                    digits[i] += (sbyte)step;
                    digits[i + width] = 0;
                }
                else if (digits[i] - step >= -15)
                {
                    digits[i] -= (sbyte)step;
                    CarryOne(digits[(i + width)..]);
                }
                else
                {
                    break;
                }
            }
        }
    }

    private static void CarryOne(Span<sbyte> digits)
    {
        var i = 0;
        while (digits[i] != 0) digits[i++] = 0;
        digits[i] = 1;
    }

    private static EdwardsPoint PlusDigit(EdwardsPoint sum, CachedPoint[] oddMultiples, int digit) => digit switch
    {
        > 0 => sum.Plus(in oddMultiples[digit / 2]),
        < 0 => sum.Plus(oddMultiples[-digit / 2].Negated()),
        _ => sum,
    };

    private static CachedPoint[] OddMultiples(EdwardsPoint point)
    {
        var multiples = new CachedPoint[TableColumns];
        var twice = new CachedPoint(point.Doubled());
        for (var i = 0; i < multiples.Length; i++)
        {
            multiples[i] = new CachedPoint(point);
            point = point.Plus(in twice);
        }

        return multiples;
    }

    private static CachedPoint[] BuildTable()
    {
        var table = new CachedPoint[TableRows * TableColumns];
        var power = Point;
        for (var row = 0; row < TableRows; row++)
        {
            var step = new CachedPoint(power);
            var multiple = power;
            for (var column = 0; column < TableColumns; column++)
            {
                table[TableColumns * row + column] = new CachedPoint(multiple);
                multiple = multiple.Plus(in step);
            }

            for (var doubling = 0; doubling < 8; doubling++) power = power.Doubled();
        }

        return table;
    }

    private static EdwardsPoint ReadBasePoint()
    {
        Span<byte> encoded = stackalloc byte[EdwardsPoint.Size];
        encoded.Fill(0x66);
        encoded[0] = 0x58;
        return EdwardsPoint.TryRead(encoded, out var point) ? point : throw new InvalidOperationException("The base point does not decode.");
    }
}
