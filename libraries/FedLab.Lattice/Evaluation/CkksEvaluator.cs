namespace FedLab.Lattice.Evaluation;

/// <summary>Computes on ciphertexts. Stateless, thread-safe; every operation writes into a given target, which may be an operand.</summary>
/// <param name="context">The parameters.</param>
public sealed partial class CkksEvaluator(CkksContext context)
{
    /// <summary>The parameters.</summary>
    public CkksContext Context { get; } = context ?? throw new ArgumentNullException(nameof(context));

    /// <summary>Multiplies two ciphertexts of two polynomials.</summary>
    /// <param name="left">The first factor.</param>
    /// <param name="right">The second, at the same level.</param>
    /// <param name="target">Takes three polynomials at that level and the product of the scales.</param>
    /// <exception cref="ArgumentException">Contexts, levels or sizes do not fit, or the product's scale exceeds the modulus.</exception>
    public unsafe void Multiply(CkksCiphertext left, CkksCiphertext right, CkksCiphertext target)
    {
        Check(left, nameof(left));
        Check(right, nameof(right));
        Check(target, nameof(target));
        Misuse.CheckLevels(left.Level, right.Level);
        Misuse.CheckSize(2, left.Size, "relinearise it first");
        Misuse.CheckSize(2, right.Size, "relinearise it first");
        var level = left.Level;
        var scale = ProductScale(left.Scale, right.Scale, level);
        target.Shape(3, level, scale);
        fixed (double* a0 = left.Polynomial(0), a1 = left.Polynomial(1), b0 = right.Polynomial(0), b1 = right.Polynomial(1))
        fixed (double* c0 = target.Polynomial(0), c1 = target.Polynomial(1), c2 = target.Polynomial(2))
        {
            for (var i = 0; i <= level; i++)
            {
                var table = Context.Tables[i];
                var row = (long)i * Context.Degree;
                Context.Kernels.Tensor(table.Modulus, table.Inverse, a0 + row, a1 + row, b0 + row, b1 + row, c0 + row, c1 + row, c2 + row, Context.Degree);
            }
        }
    }

    /// <summary>Takes a product of three polynomials back to two.</summary>
    /// <param name="source">Three polynomials.</param>
    /// <param name="key">The relinearisation key.</param>
    /// <param name="target">Takes two polynomials at the same level and scale.</param>
    /// <exception cref="ArgumentException">Contexts or sizes do not fit.</exception>
    public unsafe void Relinearise(CkksCiphertext source, RelinearisationKey key, CkksCiphertext target)
    {
        Check(source, nameof(source));
        Check(target, nameof(target));
        ArgumentNullException.ThrowIfNull(key);
        Misuse.CheckContext(Context, key.Context, nameof(key));
        Misuse.CheckSize(3, source.Size, "only a product of two ciphertexts is relinearised");
        var (level, scale) = (source.Level, source.Scale);
        fixed (double* c0 = source.Polynomial(0), c1 = source.Polynomial(1), c2 = source.Polynomial(2))
        {
            target.Shape(2, level, scale);
            fixed (double* t0 = target.Polynomial(0), t1 = target.Polynomial(1))
                KeySwitcher.Switch(Context, key.Key, level, c2, c0, c1, t0, t1);
        }
    }

    /// <summary>Divides by the last prime of the level, rounding, and drops it: the scale falls by that prime.</summary>
    /// <param name="source">At level 1 or more.</param>
    /// <param name="target">Takes the quotient, one level lower.</param>
    /// <exception cref="ArgumentException">The contexts differ or the source is at level 0.</exception>
    public unsafe void Rescale(CkksCiphertext source, CkksCiphertext target)
    {
        Check(source, nameof(source));
        Check(target, nameof(target));
        var level = source.Level;
        if (level == 0)
            throw new ArgumentException("The ciphertext is at level 0: there is no prime left to rescale by. Take parameters with more primes, or fewer multiplications.", nameof(source));
        var size = source.Size;
        var scale = source.Scale / Context.Tables[level].Modulus;
        var degree = Context.Degree;
        var scratch = Context.Lattice.Rows.Rent();
        var remainders = Context.Lattice.Rows.Rent();
        fixed (double* row = scratch.Span, last = remainders.Span)
        {
            for (var polynomial = 0; polynomial < size; polynomial++)
            {
                fixed (double* from = source.Polynomial(polynomial))
                {
                    new ReadOnlySpan<double>(from + ((long)level * degree), degree).CopyTo(remainders.Span);
                    ModulusDown.Prepare(Context, level, last);
                    if (polynomial == 0 && !ReferenceEquals(source, target))
                        target.Shape(size, level - 1, scale);
                    fixed (double* to = target.Polynomial(polynomial))
                    {
                        for (var i = 0; i < level; i++)
                            ModulusDown.Apply(Context, level, i, last, from + ((long)i * degree), to + ((long)i * degree), row);
                    }
                }
            }
        }

        target.Shape(size, level - 1, scale);
        Context.Lattice.Rows.Return(scratch, wasSecret: false);
        Context.Lattice.Rows.Return(remainders, wasSecret: false);
    }

    /// <summary>Drops primes without dividing: the scale stays. Costs nothing but the copy.</summary>
    /// <param name="source">At the level or above it.</param>
    /// <param name="level">The new level.</param>
    /// <param name="target">Takes the ciphertext at that level.</param>
    /// <exception cref="ArgumentException">The contexts differ or the level is above the source's.</exception>
    public void ModulusSwitchTo(CkksCiphertext source, int level, CkksCiphertext target)
    {
        Check(source, nameof(source));
        Check(target, nameof(target));
        Context.CheckLevel(level);
        if (level > source.Level)
            throw new ArgumentException($"The ciphertext is at level {source.Level} and cannot be raised to {level}: dropped primes do not come back. Switch the other operand down to {source.Level}.", nameof(level));
        var (size, scale) = (source.Size, source.Scale);
        if (ReferenceEquals(source, target))
        {
            target.Shape(size, level, scale);
            return;
        }

        target.Shape(size, level, scale);
        for (var i = 0; i < size; i++)
            source.Polynomial(i)[..((level + 1) * Context.Degree)].CopyTo(target.Polynomial(i));
    }

    /// <summary>Drops primes of a plaintext, in place.</summary>
    /// <param name="plaintext">At the level or above it.</param>
    /// <param name="level">The new level.</param>
    /// <exception cref="ArgumentException">The contexts differ or the level is above the plaintext's.</exception>
    public void ModulusSwitchTo(CkksPlaintext plaintext, int level)
    {
        ArgumentNullException.ThrowIfNull(plaintext);
        Misuse.CheckContext(Context, plaintext.Context, nameof(plaintext));
        Context.CheckLevel(level);
        if (level > plaintext.Level)
            throw new ArgumentException($"The plaintext is at level {plaintext.Level} and cannot be raised to {level}: encode it at that level.", nameof(level));
        plaintext.Shape(level, plaintext.Scale);
    }

    /// <summary>Copies a ciphertext.</summary>
    /// <param name="source">Any ciphertext.</param>
    /// <param name="target">Takes the same content.</param>
    /// <exception cref="ArgumentException">The contexts differ, or the target has no room for a third polynomial.</exception>
    public void Copy(CkksCiphertext source, CkksCiphertext target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ModulusSwitchTo(source, source.Level, target);
    }

    internal void Check(CkksCiphertext ciphertext, string name)
    {
        ArgumentNullException.ThrowIfNull(ciphertext, name);
        Misuse.CheckContext(Context, ciphertext.Context, name);
    }

    /// <summary>The scale of a product, which must leave room below the modulus of the level.</summary>
    private double ProductScale(double left, double right, int level)
    {
        var scale = left * right;
        if (!(scale < Context.LevelModulus[level]))
            throw new ArgumentException($"The scales 2^{Math.Log2(left):F2} and 2^{Math.Log2(right):F2} multiply to more than the modulus of level {level}, 2^{Math.Log2(Context.LevelModulus[level]):F2}: rescale first, or encode at a smaller scale.", nameof(right));
        return scale;
    }
}
