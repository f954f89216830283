namespace FedLab.Lattice.Evaluation;

/// <summary>Rotations, conjugation, and sums over slots.</summary>
public sealed partial class CkksEvaluator
{
    /// <summary>Rotates the slots to the left: slot k takes the value of slot k + steps modulo N/2.</summary>
    /// <param name="source">Two polynomials.</param>
    /// <param name="steps">Positions; negative to the right.</param>
    /// <param name="keys">Keys with the element of <see cref="CkksContext.RotationElement"/>.</param>
    /// <param name="target">Takes the result at the same level and scale.</param>
    /// <exception cref="ArgumentException">Contexts or sizes do not fit, or the key is missing.</exception>
    public void Rotate(CkksCiphertext source, int steps, GaloisKeys keys, CkksCiphertext target) =>
        ApplyGalois(source, Context.RotationElement(steps), keys, target);

    /// <summary>Conjugates every slot.</summary>
    /// <param name="source">Two polynomials.</param>
    /// <param name="keys">Keys with <see cref="CkksContext.ConjugationElement"/>.</param>
    /// <param name="target">Takes the result at the same level and scale.</param>
    /// <exception cref="ArgumentException">Contexts or sizes do not fit, or the key is missing.</exception>
    public void Conjugate(CkksCiphertext source, GaloisKeys keys, CkksCiphertext target) =>
        ApplyGalois(source, Context.ConjugationElement, keys, target);

    /// <summary>Takes the message m(X) to m(X^element).</summary>
    /// <param name="source">Two polynomials.</param>
    /// <param name="element">Odd, below 2N.</param>
    /// <param name="keys">Keys with this element.</param>
    /// <param name="target">Takes the result at the same level and scale.</param>
    /// <exception cref="ArgumentException">Contexts or sizes do not fit, or the key is missing.</exception>
    public unsafe void ApplyGalois(CkksCiphertext source, int element, GaloisKeys keys, CkksCiphertext target)
    {
        Check(source, nameof(source));
        Check(target, nameof(target));
        ArgumentNullException.ThrowIfNull(keys);
        Misuse.CheckContext(Context, keys.Context, nameof(keys));
        Context.CheckElement(element);
        Misuse.CheckSize(2, source.Size, "relinearise it first");
        if (element == 1)
        {
            Copy(source, target);
            return;
        }

        var key = keys.Get(element);
        var (level, scale) = (source.Level, source.Scale);
        fixed (double* c0 = source.Polynomial(0), c1 = source.Polynomial(1))
        {
            target.Shape(2, level, scale);
            fixed (double* t0 = target.Polynomial(0), t1 = target.Polynomial(1))
                ApplyGalois(element, key, level, c0, c1, t0, t1);
        }
    }

    /// <summary>Sums all slots into every slot by log2(N/2) rotations.</summary>
    /// <param name="source">Two polynomials.</param>
    /// <param name="keys">Keys with the elements of <see cref="SumElements"/>.</param>
    /// <param name="target">Takes the result at the same level and scale.</param>
    /// <exception cref="ArgumentException">Contexts or sizes do not fit, or a key is missing.</exception>
    public void SumSlots(CkksCiphertext source, GaloisKeys keys, CkksCiphertext target)
    {
        Copy(source, target);
        using var turned = new CkksCiphertext(Context);
        for (var steps = 1; steps < Context.SlotCount; steps *= 2)
        {
            Rotate(target, steps, keys, turned);
            Add(target, turned, target);
        }
    }

    /// <summary>The Galois elements of <see cref="SumSlots"/>: rotations by the powers of two below N/2.</summary>
    /// <returns>log2(N/2) elements.</returns>
    public IReadOnlyList<int> SumElements() =>
        [.. Enumerable.Range(0, System.Numerics.BitOperations.Log2((uint)Context.SlotCount)).Select(bit => Context.RotationElement(1 << bit))];

    /// <summary>(c0, c1) to (c0(X^g) + first part, second part of the switch of c1(X^g)). Targets may be the sources.</summary>
    internal unsafe void ApplyGalois(int element, KeySwitchKey key, int level, double* c0, double* c1, double* target0, double* target1)
    {
        var length = (level + 1) * Context.Degree;
        var turned = Context.Polynomials(2).Rent();
        fixed (double* moved = turned.Span)
        {
            var second = moved + length;
            GaloisAutomorphism.Apply(Context, element, new ReadOnlySpan<double>(c0, length), new Span<double>(moved, length));
            GaloisAutomorphism.Apply(Context, element, new ReadOnlySpan<double>(c1, length), new Span<double>(second, length));
            KeySwitcher.Switch(Context, key, level, second, moved, null, target0, target1);
        }

        Context.Polynomials(2).Return(turned, wasSecret: false);
    }
}
