using System.Runtime.CompilerServices;

namespace FedLab.Lattice.Ring;

/// <summary>Between real coefficients and residues modulo several primes, exact in both directions.</summary>
internal sealed unsafe partial class RingKernels<TLanes, TVector>
{
    /// <summary>2^48: the high part of a coefficient counts these, the low part is at most half of one.</summary>
    private const double HighUnit = 281474976710656.0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double SplitScaled(double factor, double* source, double* high, double* low, int count)
    {
        var scale = TLanes.Create(factor);
        var unit = TLanes.Create(HighUnit);
        var reciprocal = TLanes.Create(1 / HighUnit);
        var zero = TLanes.Create(0);
        var invalid = TLanes.Create(0);
        var largest = TLanes.Create(0);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var value = TLanes.Multiply(TLanes.Load(source + i), scale);
            var whole = TLanes.Subtract(TLanes.MultiplyAdd(value, reciprocal, shift), shift);
            var rest = TLanes.MultiplyAddNegated(whole, unit, value);
            TLanes.Store(whole, high + i);
            TLanes.Store(TLanes.Subtract(TLanes.Add(rest, shift), shift), low + i);
            largest = TLanes.Maximum(largest, TLanes.Absolute(value));

            // NaN and infinities make this NaN for good.
            invalid = TLanes.MultiplyAdd(value, zero, invalid);
        }

        return TLanes.HorizontalMaximum(largest) + TLanes.HorizontalSum(invalid);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void ReduceSplit(double modulus, double inverse, double* high, double* low, double highFactor, double* destination, int count)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var constant = TLanes.Create(highFactor);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var whole = Residues<TLanes, TVector>.Reduce(TLanes.Load(high + i), p, reciprocal, shift);
            var product = Residues<TLanes, TVector>.Multiply(whole, constant, p, reciprocal, shift);
            var sum = TLanes.Add(product, TLanes.Load(low + i));
            TLanes.Store(Residues<TLanes, TVector>.Reduce(sum, p, reciprocal, shift), destination + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MixedRadixDigit(double modulus, double inverse, double* digits, long stride, double* inverses, int digit, int count)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var shift = Shift;
        var row = digits + (digit * stride);
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var value = TLanes.Load(row + i);
            for (var k = 0; k < digit; k++)
            {
                // A digit of a larger prime may be many times this one; a balanced one minus a product is within ±1.3p.
                var known = Residues<TLanes, TVector>.Reduce(TLanes.Load(digits + (k * stride) + i), p, reciprocal, shift);
                value = Residues<TLanes, TVector>.Multiply(TLanes.Subtract(value, known), TLanes.Create(inverses[k]), p, reciprocal, shift);
            }

            TLanes.Store(Residues<TLanes, TVector>.Reduce(value, p, reciprocal, shift), row + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void EvaluateMixedRadix(double* digits, long stride, double* moduli, int digitCount, double* destination, int count)
    {
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var value = TLanes.Load(digits + ((digitCount - 1) * stride) + i);
            for (var k = digitCount - 2; k >= 0; k--)
                value = TLanes.MultiplyAdd(value, TLanes.Create(moduli[k]), TLanes.Load(digits + (k * stride) + i));
            TLanes.Store(value, destination + i);
        }
    }
}
