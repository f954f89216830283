using System.Runtime.CompilerServices;

namespace FedLab.Lattice.Ring;

/// <summary>Pointwise arithmetic on canonical residues: what CKKS ciphertexts are made of between operations.</summary>
internal sealed unsafe partial class RingKernels<TLanes, TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Canonicalise(double modulus, double* source, double* destination, int count)
    {
        var p = TLanes.Create(modulus);
        for (var i = 0; i < count; i += TLanes.Count)
            TLanes.Store(TLanes.AddWhereNegative(TLanes.Load(source + i), p), destination + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Centre(double modulus, double* source, double* destination, int count)
    {
        var p = TLanes.Create(modulus);
        var half = TLanes.Create((modulus - 1) / 2);
        for (var i = 0; i < count; i += TLanes.Count)
        {
            // Shifted to [0, p), where the two wrong neighbours are -1 and p.
            var shifted = TLanes.AddWhereNegative(TLanes.Add(TLanes.Load(source + i), half), p);
            shifted = TLanes.AddWhereNegative(TLanes.Subtract(shifted, p), p);
            TLanes.Store(TLanes.Subtract(shifted, half), destination + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddModular(double modulus, double* left, double* right, double* destination, int count)
    {
        var p = TLanes.Create(modulus);
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var sum = TLanes.Add(TLanes.Load(left + i), TLanes.Load(right + i));
            TLanes.Store(TLanes.AddWhereNegative(TLanes.Subtract(sum, p), p), destination + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SubtractModular(double modulus, double* left, double* right, double* destination, int count)
    {
        var p = TLanes.Create(modulus);
        for (var i = 0; i < count; i += TLanes.Count)
            TLanes.Store(TLanes.AddWhereNegative(TLanes.Subtract(TLanes.Load(left + i), TLanes.Load(right + i)), p), destination + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MultiplyModular(double modulus, double inverse, double* left, double* right, double* destination, int count)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            // A product comes out within ±3p/4.
            var product = Residues<TLanes, TVector>.Multiply(TLanes.Load(left + i), TLanes.Load(right + i), p, reciprocal, shift);
            TLanes.Store(TLanes.AddWhereNegative(product, p), destination + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MultiplyAddModular(double modulus, double inverse, double* addend, double* left, double* right, double* destination, int count)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var product = Residues<TLanes, TVector>.Multiply(TLanes.Load(left + i), TLanes.Load(right + i), p, reciprocal, shift);
            var sum = Residues<TLanes, TVector>.Reduce(TLanes.Add(TLanes.Load(addend + i), product), p, reciprocal, shift);
            TLanes.Store(TLanes.AddWhereNegative(sum, p), destination + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddScaled(double modulus, double inverse, double* addend, double* values, double factor, double* destination, int count)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var constant = TLanes.Create(factor);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var product = Residues<TLanes, TVector>.Multiply(TLanes.Load(values + i), constant, p, reciprocal, shift);
            var sum = Residues<TLanes, TVector>.Reduce(TLanes.Add(TLanes.Load(addend + i), product), p, reciprocal, shift);
            TLanes.Store(TLanes.AddWhereNegative(sum, p), destination + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SubtractScaled(double modulus, double inverse, double* minuend, double* subtrahend, double factor, double* destination, int count)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var constant = TLanes.Create(factor);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            // Within ±2p times ±p/2 is within ±p², so the product comes out within ±3p/4.
            var difference = TLanes.Subtract(TLanes.Load(minuend + i), TLanes.Load(subtrahend + i));
            var product = Residues<TLanes, TVector>.Multiply(difference, constant, p, reciprocal, shift);
            TLanes.Store(TLanes.AddWhereNegative(product, p), destination + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Tensor(
        double modulus,
        double inverse,
        double* a0,
        double* a1,
        double* b0,
        double* b1,
        double* product0,
        double* product1,
        double* product2,
        int count)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var left0 = TLanes.Load(a0 + i);
            var left1 = TLanes.Load(a1 + i);
            var right0 = TLanes.Load(b0 + i);
            var right1 = TLanes.Load(b1 + i);
            var low = Residues<TLanes, TVector>.Multiply(left0, right0, p, reciprocal, shift);
            var cross0 = Residues<TLanes, TVector>.Multiply(left0, right1, p, reciprocal, shift);
            var cross1 = Residues<TLanes, TVector>.Multiply(left1, right0, p, reciprocal, shift);
            var high = Residues<TLanes, TVector>.Multiply(left1, right1, p, reciprocal, shift);
            var middle = Residues<TLanes, TVector>.Reduce(TLanes.Add(cross0, cross1), p, reciprocal, shift);
            TLanes.Store(TLanes.AddWhereNegative(low, p), product0 + i);
            TLanes.Store(TLanes.AddWhereNegative(middle, p), product1 + i);
            TLanes.Store(TLanes.AddWhereNegative(high, p), product2 + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void ScaleModular(double modulus, double inverse, double* values, double factor, double* destination, int count)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var constant = TLanes.Create(factor);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var product = Residues<TLanes, TVector>.Multiply(TLanes.Load(values + i), constant, p, reciprocal, shift);
            TLanes.Store(TLanes.AddWhereNegative(product, p), destination + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddConstant(double modulus, double* values, double constant, double* destination, int count)
    {
        var p = TLanes.Create(modulus);
        var addend = TLanes.Create(constant - modulus);
        for (var i = 0; i < count; i += TLanes.Count)
            TLanes.Store(TLanes.AddWhereNegative(TLanes.Add(TLanes.Load(values + i), addend), p), destination + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void InnerProduct(
        double modulus,
        double inverse,
        double* factors,
        double* pairs,
        long stride,
        long offset,
        int pairCount,
        double* sum0,
        double* sum1,
        int count,
        bool accumulate,
        bool reduce)
    {
        var p = TLanes.Create(modulus);
        var reciprocal = TLanes.Create(inverse);
        var zero = TLanes.Create(0);
        var shift = Shift;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var total0 = accumulate ? TLanes.Load(sum0 + i) : zero;
            var total1 = accumulate ? TLanes.Load(sum1 + i) : zero;
            var factor = factors + i;
            var pair = pairs + i;
            for (var k = 0; k < pairCount; k++)
            {
                var value = TLanes.Load(factor);
                total0 = TLanes.Add(total0, Residues<TLanes, TVector>.Multiply(TLanes.Load(pair), value, p, reciprocal, shift));
                total1 = TLanes.Add(total1, Residues<TLanes, TVector>.Multiply(TLanes.Load(pair + offset), value, p, reciprocal, shift));
                factor += count;
                pair += stride;
            }

            if (reduce)
            {
                total0 = Residues<TLanes, TVector>.Reduce(total0, p, reciprocal, shift);
                total1 = Residues<TLanes, TVector>.Reduce(total1, p, reciprocal, shift);
            }

            TLanes.Store(total0, sum0 + i);
            TLanes.Store(total1, sum1 + i);
        }
    }
}
