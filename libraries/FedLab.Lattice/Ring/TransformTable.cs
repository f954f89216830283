namespace FedLab.Lattice.Ring;

/// <summary>One prime of the modulus: its constants and the twiddle factors of the negacyclic transform modulo it.</summary>
/// <remarks>
/// <para>With ψ the least primitive 2N-th root of unity modulo p and brv the bit reversal on log2 N bits, the evaluation form of f holds
/// f(ψ^(2·brv(r)+1)) for r = 64·b + 8·g + e at position 64·b + 8·e + g: the order of Longa and Naehrig (eprint 2016/504,
/// algorithms 1 and 2) with each block of 8 × 8 turned, so that the last three stages run across whole registers. The
/// order is part of the wire format.</para>
/// <para>Twiddles are kept within ±p/2, which halves the error of every rounded quotient.</para>
/// </remarks>
internal sealed class TransformTable
{
    /// <summary>Residues that the in-register stages treat at a time.</summary>
    public const int Block = 64;

    /// <summary>Twiddle vectors of eight for one block: one for the stage at distance 4, two at distance 2, four at distance 1.</summary>
    public const int BlockTwiddles = 7 * 8;

    public TransformTable(int degree, ulong prime)
    {
        Degree = degree;
        Prime = prime;
        Modulus = prime;
        Inverse = 1.0 / prime;
        var logDegree = System.Numerics.BitOperations.Log2((uint)degree);
        var root = NttPrimes.LeastPrimitiveRoot(degree, prime);
        var inverseRoot = NttPrimes.Inverse(root, prime);
        InverseDegree = Balance(NttPrimes.Inverse((ulong)degree, prime));

        var powers = new double[degree];
        var inversePowers = new double[degree];
        ulong power = 1, inversePower = 1;
        for (var i = 0; i < degree; i++)
        {
            var reversed = ReverseBits(i, logDegree);
            powers[reversed] = Balance(power);
            inversePowers[reversed] = Balance(inversePower);
            power = NttPrimes.Multiply(power, root, prime);
            inversePower = NttPrimes.Multiply(inversePower, inverseRoot, prime);
        }

        (Forward, ForwardBlocks) = Split(powers);
        (Backward, BackwardBlocks) = Split(inversePowers);
        ForwardReductions = PlanForward(logDegree - 3);
    }

    public int Degree { get; }

    public ulong Prime { get; }

    public double Modulus { get; }

    /// <summary>1/p, rounded.</summary>
    public double Inverse { get; }

    /// <summary>N^-1 modulo p, balanced.</summary>
    public double InverseDegree { get; }

    /// <summary>ψ^brv(k) at k, for the stages at distances of eight and more: k &lt; N/8.</summary>
    public AlignedBuffer Forward { get; }

    /// <summary>For each block of 64 the seven twiddle vectors of its three in-register stages.</summary>
    public AlignedBuffer ForwardBlocks { get; }

    /// <summary>As <see cref="Forward"/>, of ψ^-1.</summary>
    public AlignedBuffer Backward { get; }

    /// <summary>As <see cref="ForwardBlocks"/>, of ψ^-1.</summary>
    public AlignedBuffer BackwardBlocks { get; }

    /// <summary>For each pass of the forward transform, whether the untouched half of its inputs is reduced first; the last entry is the in-register pass.</summary>
    public bool[] ForwardReductions { get; }

    /// <summary>Where the evaluation form keeps the value at ψ^(2·brv(r)+1).</summary>
    public static int PositionOf(int r) => (r & ~63) | ((r & 7) << 3) | ((r >> 3) & 7);

    public static int ReverseBits(int value, int bits)
    {
        var reversed = 0;
        for (var i = 0; i < bits; i++)
            reversed |= ((value >> i) & 1) << (bits - 1 - i);
        return reversed;
    }

    private double Balance(ulong residue) => residue > Prime / 2 ? -(double)(Prime - residue) : residue;

    private (AlignedBuffer Early, AlignedBuffer Blocks) Split(double[] reversedPowers)
    {
        var early = new AlignedBuffer(Degree / 8);
        reversedPowers.AsSpan(0, Degree / 8).CopyTo(early.Span);
        var blocks = new AlignedBuffer(Degree / Block * BlockTwiddles);
        var span = blocks.Span;
        for (var group = 0; group < Degree / 8; group++)
        {
            var target = span[(group / 8 * BlockTwiddles)..];
            var lane = group % 8;
            target[lane] = reversedPowers[Degree / 8 + group];
            for (var i = 0; i < 2; i++)
                target[8 + 8 * i + lane] = reversedPowers[Degree / 4 + 2 * group + i];
            for (var i = 0; i < 4; i++)
                target[24 + 8 * i + lane] = reversedPowers[Degree / 2 + 4 * group + i];
        }

        return (early, blocks);
    }

    /// <summary>
    /// Bounds the residues, in units of p, through the passes. A factor within ±B·p times a twiddle gives |r| ≤ (½ + B/8)·p, so a
    /// stage takes B to B + ½ + B/8; factors must stay below 4p (then |a·b/p| &lt; 2^51 for p &lt; 2^50) and sums below 8p.
    /// </summary>
    private static bool[] PlanForward(int earlyStages)
    {
        var passes = new List<int>();
        if (earlyStages % 2 != 0)
            passes.Add(3);
        while (passes.Sum() < earlyStages)
            passes.Add(2);
        passes.Add(3);

        var plan = new bool[passes.Count];
        var bound = 1.0;
        for (var pass = 0; pass < plan.Length; pass++)
        {
            var isLast = pass == plan.Length - 1;
            var (largestFactor, result) = Bound(bound, bound, passes[pass]);
            plan[pass] = largestFactor >= 4 || (!isLast && result >= 4);
            if (plan[pass])
                (largestFactor, result) = Bound(0.5, bound, passes[pass]);
            if (largestFactor >= 4 || result >= 8)
                throw new InvalidOperationException("The forward transform has no plan that keeps residues exact.");
            bound = result;
        }

        return plan;

        static (double LargestFactor, double Result) Bound(double untouched, double factor, int stages)
        {
            var largest = factor;
            var sum = untouched + 0.5 + factor / 8;
            for (var stage = 1; stage < stages; stage++)
            {
                largest = Math.Max(largest, sum);
                sum += 0.5 + sum / 8;
            }

            return (largest, sum);
        }
    }
}
