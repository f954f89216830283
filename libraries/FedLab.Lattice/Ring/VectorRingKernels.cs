using System.Runtime.CompilerServices;

namespace FedLab.Lattice.Ring;

/// <summary>The kernels at one vector width; the pointwise half. The transform is in NegacyclicTransform.cs.</summary>
internal sealed unsafe partial class RingKernels<TLanes, TVector> : RingKernels
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private static TVector Shift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Create(Residues<TLanes, TVector>.RoundingShift);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Reduce(double modulus, double inverse, double* source, double* destination, int count)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
            TLanes.Store(Residues<TLanes, TVector>.Reduce(TLanes.Load(source + i), p, reciprocal, shift), destination + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MultiplyAccumulate(
        double modulus,
        double inverse,
        double* plaintext,
        double* first,
        double* second,
        double* sum0,
        double* sum1,
        int count,
        bool reduce)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var shift = Shift;
        if (reduce)
        {
            for (var i = 0; i < count; i += TLanes.Count)
            {
                var factor = TLanes.Load(plaintext + i);
                var product0 = Residues<TLanes, TVector>.Multiply(TLanes.Load(first + i), factor, p, reciprocal, shift);
                var product1 = Residues<TLanes, TVector>.Multiply(TLanes.Load(second + i), factor, p, reciprocal, shift);
                var total0 = TLanes.Add(TLanes.Load(sum0 + i), product0);
                var total1 = TLanes.Add(TLanes.Load(sum1 + i), product1);
                TLanes.Store(Residues<TLanes, TVector>.Reduce(total0, p, reciprocal, shift), sum0 + i);
                TLanes.Store(Residues<TLanes, TVector>.Reduce(total1, p, reciprocal, shift), sum1 + i);
            }

            return;
        }

        for (var i = 0; i < count; i += TLanes.Count)
        {
            var factor = TLanes.Load(plaintext + i);
            var product0 = Residues<TLanes, TVector>.Multiply(TLanes.Load(first + i), factor, p, reciprocal, shift);
            var product1 = Residues<TLanes, TVector>.Multiply(TLanes.Load(second + i), factor, p, reciprocal, shift);
            TLanes.Store(TLanes.Add(TLanes.Load(sum0 + i), product0), sum0 + i);
            TLanes.Store(TLanes.Add(TLanes.Load(sum1 + i), product1), sum1 + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MultiplyAccumulate(double modulus, double inverse, double* plaintext, double* factor, double* sum, int count, bool reduce)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var product = Residues<TLanes, TVector>.Multiply(TLanes.Load(factor + i), TLanes.Load(plaintext + i), p, reciprocal, shift);
            var total = TLanes.Add(TLanes.Load(sum + i), product);
            TLanes.Store(reduce ? Residues<TLanes, TVector>.Reduce(total, p, reciprocal, shift) : total, sum + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SubtractProduct(
        double modulus,
        double inverse,
        double* minuend,
        double* left,
        double* right,
        double* destination,
        int count)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var product = Residues<TLanes, TVector>.Multiply(TLanes.Load(left + i), TLanes.Load(right + i), p, reciprocal, shift);
            var difference = TLanes.Subtract(TLanes.Load(minuend + i), product);
            var reduced = Residues<TLanes, TVector>.Reduce(difference, p, reciprocal, shift);
            TLanes.Store(TLanes.AddWhereNegative(reduced, p), destination + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void CombineHalves(
        double modulus,
        double inverse,
        double* high,
        double highFactor,
        double* low,
        double lowFactor,
        double* destination,
        int count)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var highConstant = TLanes.Create(highFactor);
        var lowConstant = TLanes.Create(lowFactor);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var highReduced = Residues<TLanes, TVector>.Reduce(TLanes.Load(high + i), p, reciprocal, shift);
            var lowReduced = Residues<TLanes, TVector>.Reduce(TLanes.Load(low + i), p, reciprocal, shift);
            var highProduct = Residues<TLanes, TVector>.Multiply(highReduced, highConstant, p, reciprocal, shift);
            var lowProduct = Residues<TLanes, TVector>.Multiply(lowReduced, lowConstant, p, reciprocal, shift);
            TLanes.Store(TLanes.Add(highProduct, lowProduct), destination + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Add(double* values, double* addends, int count)
    {
        for (var i = 0; i < count; i += TLanes.Count)
            TLanes.Store(TLanes.Add(TLanes.Load(values + i), TLanes.Load(addends + i)), values + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddScaledToPowerOfTwo(
        double modulus,
        double inverse,
        double* residues,
        double factor,
        double power,
        double* whole,
        double* fraction,
        int count)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var constant = TLanes.Create(factor);
        var scale = TLanes.Create(power);
        var inverseScale = TLanes.Create(1 / power);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var product = Residues<TLanes, TVector>.Multiply(TLanes.Load(residues + i), constant, p, reciprocal, shift);
            var balanced = Residues<TLanes, TVector>.Reduce(product, p, reciprocal, shift);

            // The product with a power of two is exact; so is the remainder, an integer below 2^53 in magnitude.
            var scaled = TLanes.Multiply(balanced, scale);
            var quotient = TLanes.Subtract(TLanes.MultiplyAdd(scaled, reciprocal, shift), shift);
            var remainder = TLanes.MultiplyAddNegated(quotient, p, scaled);
            var sum = TLanes.Add(TLanes.Load(whole + i), quotient);
            TLanes.Store(Residues<TLanes, TVector>.Reduce(sum, scale, inverseScale, shift), whole + i);
            TLanes.Store(TLanes.MultiplyAdd(remainder, reciprocal, TLanes.Load(fraction + i)), fraction + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RoundToPowerOfTwo(double power, double* whole, double* fraction, int count)
    {
        var scale = TLanes.Create(power);
        var inverseScale = TLanes.Create(1 / power);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var rounded = TLanes.Subtract(TLanes.Add(TLanes.Load(fraction + i), shift), shift);
            var sum = TLanes.Add(TLanes.Load(whole + i), rounded);
            var reduced = Residues<TLanes, TVector>.Reduce(sum, scale, inverseScale, shift);
            TLanes.Store(TLanes.AddWhereNegative(reduced, scale), whole + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override bool AreIntegersBelow(double bound, double* values, int count)
    {
        var shift = Shift;
        var largest = TLanes.Create(0);
        var deviation = TLanes.Create(0);
        for (var i = 0; i < count; i += TLanes.Count)
        {
            // NaN and infinities make the deviation NaN for good.
            var value = TLanes.Load(values + i);
            var difference = TLanes.Subtract(value, TLanes.Subtract(TLanes.Add(value, shift), shift));
            deviation = TLanes.Add(deviation, TLanes.Absolute(difference));
            largest = TLanes.Maximum(largest, TLanes.Absolute(value));
        }

        return TLanes.HorizontalSum(deviation) == 0 && TLanes.HorizontalMaximum(largest) < bound;
    }
}
