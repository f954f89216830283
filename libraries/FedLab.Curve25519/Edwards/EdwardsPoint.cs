using FedLab.Curve25519.Field;

namespace FedLab.Curve25519.Edwards;

/// <summary>
/// A point of edwards25519, −x² + y² = 1 + d·x²·y², in extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z
/// (Hisil, Wong, Carter, Dawson 2008; RFC 8032 section 5.1.4). The formulas are complete and without branches.
/// </summary>
internal readonly struct EdwardsPoint
{
    /// <summary>Bytes of an encoded point.</summary>
    public const int Size = 32;

    private const int SignBit = 0x80;

    /// <summary>d = −121665/121666.</summary>
    internal static readonly FieldElement D = FromHex("a3785913ca4deb75abd841414d0a700098e879777940c78c73fe6f2bee6c0352");

    /// <summary>2·d.</summary>
    internal static readonly FieldElement TwoD = FromHex("59f1b226949bd6eb56b183829a14e00030d1f3eef2808e19e7fcdf56dcd90624");

    /// <summary>2^((p − 1)/4), a square root of −1.</summary>
    internal static readonly FieldElement SquareRootOfMinusOne = FromHex("b0a00e4a271beec478e42fad0618432fa7d7fb3d99004d2b0bdfc14f8024832b");

    public readonly FieldElement X;
    public readonly FieldElement Y;
    public readonly FieldElement Z;
    public readonly FieldElement T;

    public EdwardsPoint(FieldElement x, FieldElement y, FieldElement z, FieldElement t)
    {
        X = x;
        Y = y;
        Z = z;
        T = t;
    }

    /// <summary>The neutral element (0, 1).</summary>
    public static EdwardsPoint Identity => new(FieldElement.Zero, FieldElement.One, FieldElement.One, FieldElement.Zero);

    /// <summary>−P.</summary>
    public EdwardsPoint Negated() => new(-X, Y, Z, -T);

    /// <summary>2P.</summary>
    public EdwardsPoint Doubled()
    {
        var a = X.Squared();
        var b = Y.Squared();
        var zz = Z.Squared();
        var h = a + b;
        var e = h - (X + Y).Squared();
        var g = a - b;
        var f = zz + zz + g;
        return new EdwardsPoint(e * f, g * h, f * g, e * h);
    }

    /// <summary>P + Q.</summary>
    public EdwardsPoint Plus(in CachedPoint other)
    {
        var a = (Y - X) * other.YMinusX;
        var b = (Y + X) * other.YPlusX;
        var c = T * other.TwoDT;
        var zz = Z * other.Z;
        var d = zz + zz;
        var e = b - a;
        var f = d - c;
        var g = d + c;
        var h = b + a;
        return new EdwardsPoint(e * f, g * h, f * g, e * h);
    }

    /// <summary>Whether 8P is the neutral element: P has order 1, 2, 4 or 8. For public points.</summary>
    public bool IsSmallOrder()
    {
        var multiple = Doubled().Doubled().Doubled();
        return (multiple.X.IsZeroMask() & FieldElement.EqualsMask(multiple.Y, multiple.Z)) != 0;
    }

    /// <summary>The encoding of RFC 8032 section 5.1.2: y, with the low bit of x on top.</summary>
    public void WriteTo(Span<byte> bytes)
    {
        FieldPowers<FieldElement>.Invert(in Z, out var inverse);
        (Y * inverse).WriteTo(bytes);
        bytes[Size - 1] |= (byte)((X * inverse).LowBit() << 7);
    }

    /// <summary>
    /// Decoding of RFC 8032 section 5.1.3. Refuses y ≥ p, a y that belongs to no point, and the sign bit at x = 0.
    /// For public points: which step refuses is visible in time.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out EdwardsPoint point)
    {
        point = default;
        Span<byte> unsigned = stackalloc byte[Size];
        bytes.CopyTo(unsigned);
        unsigned[Size - 1] &= SignBit - 1;
        if (!FieldElement.IsCanonical(unsigned)) return false;
        var y = FieldElement.FromBytes(unsigned);
        var sign = (uint)bytes[Size - 1] >> 7;

        // x² = u/v with u = y² − 1, v = d·y² + 1; the candidate root is u·v³·(u·v⁷)^((p − 5)/8).
        var yy = y.Squared();
        var u = FieldElement.Carry(yy - FieldElement.One);
        var v = FieldElement.Carry(D * yy + FieldElement.One);
        var v3 = v.Squared() * v;
        var uv7 = v3.Squared() * v * u;
        FieldPowers<FieldElement>.PowerForSquareRoot(in uv7, out var power);
        var x = power * v3 * u;
        var check = x.Squared() * v;
        if (FieldElement.EqualsMask(check, u) == 0)
        {
            if ((check + u).IsZeroMask() == 0) return false;
            x *= SquareRootOfMinusOne;
        }

        if (sign == 1 && x.IsZeroMask() != 0) return false;
        if (x.LowBit() != sign) x = -x;
        point = new EdwardsPoint(x, y, FieldElement.One, x * y);
        return true;
    }

    private static FieldElement FromHex(string hex) => FieldElement.FromBytes(Convert.FromHexString(hex));
}

/// <summary>What an addition needs of its second operand, computed once for points that are added often.</summary>
internal readonly struct CachedPoint
{
    public readonly FieldElement YPlusX;
    public readonly FieldElement YMinusX;
    public readonly FieldElement Z;
    public readonly FieldElement TwoDT;

    public CachedPoint(EdwardsPoint point)
        : this(FieldElement.Carry(point.Y + point.X), FieldElement.Carry(point.Y - point.X), point.Z, point.T * EdwardsPoint.TwoD)
    {
    }

    private CachedPoint(FieldElement yPlusX, FieldElement yMinusX, FieldElement z, FieldElement twoDT)
    {
        YPlusX = yPlusX;
        YMinusX = yMinusX;
        Z = z;
        TwoDT = twoDT;
    }

    /// <summary>−P.</summary>
    public CachedPoint Negated() => new(YMinusX, YPlusX, Z, -TwoDT);

    /// <summary>whenSet for a mask of all ones, whenClear for zero; constant time.</summary>
    public static CachedPoint Select(ulong mask, in CachedPoint whenSet, in CachedPoint whenClear) => new(
        FieldElement.Select(mask, whenSet.YPlusX, whenClear.YPlusX),
        FieldElement.Select(mask, whenSet.YMinusX, whenClear.YMinusX),
        FieldElement.Select(mask, whenSet.Z, whenClear.Z),
        FieldElement.Select(mask, whenSet.TwoDT, whenClear.TwoDT));
}
