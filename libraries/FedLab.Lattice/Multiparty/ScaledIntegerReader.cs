using System.Runtime.CompilerServices;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>Reads m from the residues of m·2^s + noise modulo three primes, m and noise within bounds.</summary>
/// <remarks>
/// Mixed radix (Garner 1959): v = d0 + p0·(d1 + p1·d2) with balanced inner value, so that only p0·t needs more than 128 bits, of which the low 64 are cut off:
/// m = ⌊(⌊v/2^64⌋ + 2^(s-65))/2^(s-64)⌋ is v/2^s rounded, as s is 65 or more.
/// </remarks>
internal readonly struct ScaledIntegerReader
{
    private const int WordBits = 64;
    private readonly double _p0;
    private readonly double _p1;
    private readonly double _p2;
    private readonly double _inverse01;
    private readonly double _inverse02;
    private readonly double _inverse12;
    private readonly Int128 _half;
    private readonly Int128 _inner;
    private readonly int _shift;
    private readonly Int128 _noise;
    private readonly long _bound;

    public ScaledIntegerReader(LatticeContext context, int scaleBits, double noiseBound, long sumBound)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(context.Tables.Length, 3, nameof(context));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(scaleBits, WordBits);
        (_p0, _p1, _p2) = (context.Tables[0].Modulus, context.Tables[1].Modulus, context.Tables[2].Modulus);
        _inverse01 = Inverse(context, 0, 1);
        _inverse02 = Inverse(context, 0, 2);
        _inverse12 = Inverse(context, 1, 2);
        _inner = (Int128)(long)_p1 * (long)_p2;
        _half = _inner / 2;
        _shift = scaleBits - WordBits;
        // In units of 2^64, and one more for what was cut off.
        _noise = (Int128)Math.Ceiling(Math.ScaleB(noiseBound, -WordBits)) + 1;
        _bound = sumBound;
    }

    /// <summary>Reads one value.</summary>
    /// <param name="r0">Residue modulo the first prime, in [0, 2p).</param>
    /// <param name="r1">Residue modulo the second.</param>
    /// <param name="r2">Residue modulo the third.</param>
    /// <param name="value">m.</param>
    /// <returns>False when m or the noise is outside its bound.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(double r0, double r1, double r2, out long value)
    {
        var d0 = r0 < _p0 ? r0 : r0 - _p0;
        r1 = r1 < _p1 ? r1 : r1 - _p1;
        r2 = r2 < _p2 ? r2 : r2 - _p2;
        var d1 = Multiply(r1 - d0, _inverse01, _p1);
        var d2 = Multiply(Multiply(r2 - d0, _inverse02, _p2) - d1, _inverse12, _p2);
        var inner = (Int128)(long)d1 + ((Int128)(long)_p1 * (long)d2);
        if (inner > _half)
            inner -= _inner;
        var high = (long)(inner >> WordBits);
        var low = (ulong)inner;
        var whole = ((Int128)(long)_p0 * high) + (Int128)((((UInt128)(ulong)_p0 * low) + (ulong)d0) >> WordBits);
        var rounded = (whole + (Int128.One << (_shift - 1))) >> _shift;
        value = (long)rounded;
        return rounded >= -_bound && rounded <= _bound && Int128.Abs(whole - (rounded << _shift)) <= _noise;
    }

    /// <summary>value·factor modulo p in [0, p); |value| below 2p, |factor| at most p/2: two fused multiply-adds with a rounded quotient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Multiply(double value, double factor, double modulus)
    {
        var high = value * factor;
        var low = Math.FusedMultiplyAdd(value, factor, -high);
        var quotient = Math.Round(high / modulus);
        var remainder = Math.FusedMultiplyAdd(-quotient, modulus, high) + low;
        return remainder < 0 ? remainder + modulus : remainder >= modulus ? remainder - modulus : remainder;
    }

    private static double Inverse(LatticeContext context, int of, int modulo)
    {
        var prime = context.Tables[modulo].Prime;
        return CkksContext.Balance(NttPrimes.Inverse(context.Tables[of].Prime % prime, prime), prime);
    }
}
