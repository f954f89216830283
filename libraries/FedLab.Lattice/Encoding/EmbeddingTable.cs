using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Encoding;

/// <summary>Roots of unity of the canonical embedding and where its slots stand.</summary>
/// <remarks>
/// <para>A real polynomial f of degree below N is fixed by its values at ζ^e, ζ = exp(iπ/N), e ≡ 1 modulo 4, the others being their conjugates. At
/// those points X^(N/2) = i, so with M = N/2 and g_j = f_j + i·f_(j+M) they are the values of g modulo X^M - i: one complex transform of M
/// points, split like the negacyclic one (X^2k - c² = (X^k - c)(X^k + c)) and kept in the same order of 8 × 8 blocks.</para>
/// <para>The roots are computed in integers (62 fractional bits, each angle π·2^-k from its series), so they are the same on every machine
/// whatever its mathematical library.</para>
/// </remarks>
internal sealed class EmbeddingTable
{
    private const int FractionBits = 62;

    /// <summary>π with 62 fractional bits.</summary>
    private const ulong Pi = 0xC90F_DAA2_2168_C235;

    public EmbeddingTable(int degree)
    {
        var points = degree / 2;
        Points = points;
        var logPoints = BitOperations.Log2((uint)points);
        var angles = BaseAngles(degree);
        var cosines = new double[points];
        var sines = new double[points];
        for (var groups = 1; groups < points; groups *= 2)
        {
            // The node's modulus is X^(M/groups) - ζ^E with E = N/(2·groups) + (2N/groups)·brv(group); its twiddle is ζ^(E/2).
            var bits = BitOperations.Log2((uint)groups);
            for (var group = 0; group < groups; group++)
            {
                var exponent = (degree / 4 / groups) + (degree / groups * TransformTable.ReverseBits(group, bits));
                (cosines[groups + group], sines[groups + group]) = Root(angles, exponent);
            }
        }

        (Real, RealBlocks) = Split(cosines);
        (Imaginary, ImaginaryBlocks) = Split(sines);
        Slots = new int[points];
        long power = 1;
        for (var slot = 0; slot < points; slot++)
        {
            var exponent = slot % 2 == 0 ? power : (2 * degree) - power;
            Slots[slot] = TransformTable.PositionOf(TransformTable.ReverseBits((int)(exponent >> 2), logPoints));
            power = power * 3 % (2 * degree);
        }
    }

    /// <summary>M = N/2.</summary>
    public int Points { get; }

    /// <summary>Real parts of the twiddles of the stages at distances of eight and more.</summary>
    public AlignedBuffer Real { get; }

    /// <summary>Imaginary parts, as <see cref="Real"/>.</summary>
    public AlignedBuffer Imaginary { get; }

    /// <summary>For each block of 64 the seven vectors of real parts of its last three stages.</summary>
    public AlignedBuffer RealBlocks { get; }

    /// <summary>Imaginary parts, as <see cref="RealBlocks"/>.</summary>
    public AlignedBuffer ImaginaryBlocks { get; }

    /// <summary>Position of slot k, the value at ζ^(3^k): where k is odd, 3^k ≡ 3 modulo 4 and the conjugate stands there.</summary>
    public int[] Slots { get; }

    /// <summary>exp(iπ·2^k/N) for k = 0 to log2 N - 2, with 62 fractional bits.</summary>
    private static (long Cosine, long Sine)[] BaseAngles(int degree)
    {
        var logDegree = BitOperations.Log2((uint)degree);
        var angles = new (long, long)[logDegree - 1];
        for (var k = 0; k < angles.Length; k++)
        {
            Int128 angle = (Int128)(UInt128)Pi >> (logDegree - k);
            Int128 one = Int128.One << FractionBits;
            Int128 term = one, cosine = one, sine = 0;
            for (var n = 1; term != 0; n++)
            {
                term = (term * angle >> FractionBits) / n;
                if (n % 2 != 0)
                    sine += n % 4 == 1 ? term : -term;
                else
                    cosine += n % 4 == 0 ? term : -term;
            }

            angles[k] = ((long)cosine, (long)sine);
        }

        return angles;
    }

    private static (double Cosine, double Sine) Root((long Cosine, long Sine)[] angles, int exponent)
    {
        Int128 cosine = Int128.One << FractionBits, sine = 0;
        for (var k = 0; k < angles.Length; k++)
        {
            if (((exponent >> k) & 1) == 0)
                continue;
            var (c, s) = angles[k];
            (cosine, sine) = (((cosine * c) - (sine * s)) >> FractionBits, ((cosine * s) + (sine * c)) >> FractionBits);
        }

        // The two remaining bits are quarter turns.
        for (var quarters = (exponent >> angles.Length) & 3; quarters > 0; quarters--)
            (cosine, sine) = (-sine, cosine);
        return (Math.ScaleB((double)(long)cosine, -FractionBits), Math.ScaleB((double)(long)sine, -FractionBits));
    }

    private (AlignedBuffer Early, AlignedBuffer Blocks) Split(double[] twiddles)
    {
        var early = new AlignedBuffer(Points / 8);
        twiddles.AsSpan(0, Points / 8).CopyTo(early.Span);
        var blocks = new AlignedBuffer(Points / TransformTable.Block * TransformTable.BlockTwiddles);
        for (var group = 0; group < Points / 8; group++)
        {
            var target = blocks.Span[(group / 8 * TransformTable.BlockTwiddles)..];
            var lane = group % 8;
            target[lane] = twiddles[(Points / 8) + group];
            for (var i = 0; i < 2; i++)
                target[8 + (8 * i) + lane] = twiddles[(Points / 4) + (2 * group) + i];
            for (var i = 0; i < 4; i++)
                target[24 + (8 * i) + lane] = twiddles[(Points / 2) + (4 * group) + i];
        }

        return (early, blocks);
    }
}
