namespace FedLab.Lattice.Ring;

/// <summary>Reduces signed integers modulo one prime by multiplications alone: a division's time depends on its operands on many processors.</summary>
/// <remarks>
/// Barrett: with m = ⌊2^64/p⌋ and 0 ≤ x &lt; 2^64, ⌊x·m/2^64⌋ is ⌊x/p⌋ or one less, so one masked subtraction is left. A multiple of p
/// at least p above 2^62 makes the integer non-negative first.
/// </remarks>
internal readonly struct IntegerReduction
{
    /// <summary>Bound on the magnitude of what <see cref="Reduce"/> takes.</summary>
    public const long Bound = 1L << 62;

    private readonly ulong _prime;
    private readonly ulong _reciprocal;
    private readonly ulong _bias;

    public IntegerReduction(ulong prime)
    {
        _prime = prime;
        _reciprocal = (ulong)((UInt128.One << 64) / prime);
        _bias = prime * (((ulong)Bound / prime) + 2);
    }

    /// <summary>The residue in [0, p) of an integer within ±<see cref="Bound"/> and a little beyond, up to one prime.</summary>
    public long Reduce(long value)
    {
        var x = (ulong)value + _bias;
        var residue = x - (Math.BigMul(x, _reciprocal, out _) * _prime);
        var reduced = residue - _prime;
        return (long)(reduced + (_prime & (0 - (reduced >> 63))));
    }
}
