namespace FedLab.Lattice.Evaluation;

/// <summary>Sums, differences and products with plaintexts.</summary>
public sealed partial class CkksEvaluator
{
    private enum Linear
    {
        Add,
        Subtract,
    }

    /// <summary>Adds two ciphertexts; one may have three polynomials.</summary>
    /// <param name="left">The first.</param>
    /// <param name="right">The second, at the same level and scale.</param>
    /// <param name="target">Takes the sum at that level and scale.</param>
    /// <exception cref="ArgumentException">Contexts, levels or scales differ.</exception>
    public void Add(CkksCiphertext left, CkksCiphertext right, CkksCiphertext target) => Combine(Linear.Add, left, right, target);

    /// <summary>Subtracts a ciphertext from another; one may have three polynomials.</summary>
    /// <param name="left">The minuend.</param>
    /// <param name="right">The subtrahend, at the same level and scale.</param>
    /// <param name="target">Takes the difference at that level and scale.</param>
    /// <exception cref="ArgumentException">Contexts, levels or scales differ.</exception>
    public void Subtract(CkksCiphertext left, CkksCiphertext right, CkksCiphertext target) => Combine(Linear.Subtract, left, right, target);

    /// <summary>Negates a ciphertext.</summary>
    /// <param name="source">The ciphertext.</param>
    /// <param name="target">Takes its negative at the same level and scale.</param>
    /// <exception cref="ArgumentException">The contexts differ.</exception>
    public unsafe void Negate(CkksCiphertext source, CkksCiphertext target)
    {
        Check(source, nameof(source));
        Check(target, nameof(target));
        target.Shape(source.Size, source.Level, source.Scale);
        for (var polynomial = 0; polynomial < source.Size; polynomial++)
        {
            fixed (double* from = source.Polynomial(polynomial), to = target.Polynomial(polynomial))
                Negate(source.Level, from, to);
        }
    }

    /// <summary>Adds a plaintext.</summary>
    /// <param name="left">The ciphertext.</param>
    /// <param name="right">The plaintext, at the same level and scale.</param>
    /// <param name="target">Takes the sum at that level and scale.</param>
    /// <exception cref="ArgumentException">Contexts, levels or scales differ.</exception>
    public void AddPlain(CkksCiphertext left, CkksPlaintext right, CkksCiphertext target) => Combine(Linear.Add, left, right, target);

    /// <summary>Subtracts a plaintext.</summary>
    /// <param name="left">The ciphertext.</param>
    /// <param name="right">The plaintext, at the same level and scale.</param>
    /// <param name="target">Takes the difference at that level and scale.</param>
    /// <exception cref="ArgumentException">Contexts, levels or scales differ.</exception>
    public void SubtractPlain(CkksCiphertext left, CkksPlaintext right, CkksCiphertext target) => Combine(Linear.Subtract, left, right, target);

    /// <summary>Multiplies by a plaintext, slot by slot.</summary>
    /// <param name="left">The ciphertext.</param>
    /// <param name="right">The plaintext, at the same level.</param>
    /// <param name="target">Takes the product at that level and the product of the scales.</param>
    /// <exception cref="ArgumentException">Contexts or levels differ, or the product's scale exceeds the modulus.</exception>
    public unsafe void MultiplyPlain(CkksCiphertext left, CkksPlaintext right, CkksCiphertext target)
    {
        Check(left, nameof(left));
        Check(target, nameof(target));
        ArgumentNullException.ThrowIfNull(right);
        Misuse.CheckContext(Context, right.Context, nameof(right));
        Misuse.CheckLevels(left.Level, right.Level);
        target.Shape(left.Size, left.Level, ProductScale(left.Scale, right.Scale, left.Level));
        for (var polynomial = 0; polynomial < left.Size; polynomial++)
        {
            fixed (double* from = left.Polynomial(polynomial), factor = right.Polynomial, to = target.Polynomial(polynomial))
            {
                for (var i = 0; i <= left.Level; i++)
                {
                    var table = Context.Tables[i];
                    var row = (long)i * Context.Degree;
                    Context.Kernels.MultiplyModular(table.Modulus, table.Inverse, from + row, factor + row, to + row, Context.Degree);
                }
            }
        }
    }

    /// <summary>Adds the same real number to every slot.</summary>
    /// <param name="source">The ciphertext.</param>
    /// <param name="value">The number; it is rounded to a multiple of 1/scale.</param>
    /// <param name="target">Takes the sum at the same level and scale.</param>
    /// <exception cref="ArgumentException">The contexts differ or the number does not fit the modulus.</exception>
    public unsafe void AddConstant(CkksCiphertext source, double value, CkksCiphertext target)
    {
        Copy(source, target);
        var constant = ScaledConstant(value, target.Scale, target.Level);
        fixed (double* to = target.Polynomial(0))
        {
            for (var i = 0; i <= target.Level; i++)
            {
                var table = Context.Tables[i];
                var row = to + ((long)i * Context.Degree);
                Context.Kernels.AddConstant(table.Modulus, row, Canonical(constant, table.Modulus), row, Context.Degree);
            }
        }
    }

    /// <summary>Multiplies every slot by the same real number.</summary>
    /// <param name="source">The ciphertext.</param>
    /// <param name="value">The number; it is rounded to a multiple of 1/scale.</param>
    /// <param name="scale">Scale of the number: rescale by a prime of about this size to get rid of it.</param>
    /// <param name="target">Takes the product at the same level and the product of the scales.</param>
    /// <exception cref="ArgumentException">The contexts differ, or the number or the product's scale does not fit the modulus.</exception>
    public unsafe void MultiplyConstant(CkksCiphertext source, double value, double scale, CkksCiphertext target)
    {
        Check(source, nameof(source));
        Check(target, nameof(target));
        CkksContext.CheckScale(scale);
        var constant = ScaledConstant(value, scale, source.Level);
        target.Shape(source.Size, source.Level, ProductScale(source.Scale, scale, source.Level));
        for (var polynomial = 0; polynomial < source.Size; polynomial++)
        {
            fixed (double* from = source.Polynomial(polynomial), to = target.Polynomial(polynomial))
            {
                for (var i = 0; i <= source.Level; i++)
                {
                    var table = Context.Tables[i];
                    var row = (long)i * Context.Degree;
                    Context.Kernels.ScaleModular(table.Modulus, table.Inverse, from + row, Balanced(constant, table.Modulus), to + row, Context.Degree);
                }
            }
        }
    }

    /// <summary>target += integer·source, without a look at scales: rows of the source above the target's level are not read.</summary>
    internal unsafe void AddMultiple(CkksCiphertext source, double integer, CkksCiphertext target)
    {
        for (var polynomial = 0; polynomial < source.Size; polynomial++)
        {
            fixed (double* from = source.Polynomial(polynomial), to = target.Polynomial(polynomial))
            {
                for (var i = 0; i <= target.Level; i++)
                {
                    var table = Context.Tables[i];
                    var row = (long)i * Context.Degree;
                    Context.Kernels.AddScaled(table.Modulus, table.Inverse, to + row, from + row, Balanced(integer, table.Modulus), to + row, Context.Degree);
                }
            }
        }
    }

    /// <summary>An integer of any size as a double, modulo p, balanced; the remainder of doubles is exact.</summary>
    private static double Balanced(double integer, double modulus) => Math.IEEERemainder(integer, modulus);

    private static double Canonical(double integer, double modulus)
    {
        var remainder = integer % modulus;
        return remainder < 0 ? remainder + modulus : remainder;
    }

    private double ScaledConstant(double value, double scale, int level)
    {
        var constant = Math.Round(value * scale);
        if (!(Math.Abs(constant) < Context.LevelModulus[level] / 2))
            throw new ArgumentException($"The number {value:R} at scale 2^{Math.Log2(scale):F1} does not fit half the modulus of level {level}, 2^{Math.Log2(Context.LevelModulus[level]) - 1:F1}.", nameof(value));
        return constant;
    }

    private unsafe void Combine(Linear operation, CkksCiphertext left, CkksCiphertext right, CkksCiphertext target)
    {
        Check(left, nameof(left));
        Check(right, nameof(right));
        Check(target, nameof(target));
        Misuse.CheckLevels(left.Level, right.Level);
        Misuse.CheckScales(left.Scale, right.Scale);
        var level = left.Level;
        var (leftSize, rightSize) = (left.Size, right.Size);
        target.Shape(Math.Max(leftSize, rightSize), level, left.Scale);
        for (var polynomial = 0; polynomial < target.Size; polynomial++)
        {
            fixed (double* to = target.Polynomial(polynomial))
            {
                if (polynomial >= rightSize)
                {
                    left.Polynomial(polynomial).CopyTo(target.Polynomial(polynomial));
                    continue;
                }

                fixed (double* addend = right.Polynomial(polynomial))
                {
                    if (polynomial < leftSize)
                    {
                        fixed (double* from = left.Polynomial(polynomial))
                            Combine(operation, level, from, addend, to);
                    }
                    else if (operation == Linear.Subtract)
                    {
                        Negate(level, addend, to);
                    }
                    else
                    {
                        right.Polynomial(polynomial).CopyTo(target.Polynomial(polynomial));
                    }
                }
            }
        }
    }

    private unsafe void Combine(Linear operation, CkksCiphertext left, CkksPlaintext right, CkksCiphertext target)
    {
        Check(left, nameof(left));
        Check(target, nameof(target));
        ArgumentNullException.ThrowIfNull(right);
        Misuse.CheckContext(Context, right.Context, nameof(right));
        Misuse.CheckLevels(left.Level, right.Level);
        Misuse.CheckScales(left.Scale, right.Scale);
        Copy(left, target);
        fixed (double* from = left.Polynomial(0), addend = right.Polynomial, to = target.Polynomial(0))
            Combine(operation, left.Level, from, addend, to);
    }

    private unsafe void Combine(Linear operation, int level, double* left, double* right, double* target)
    {
        for (var i = 0; i <= level; i++)
        {
            var modulus = Context.Tables[i].Modulus;
            var row = (long)i * Context.Degree;
            if (operation == Linear.Add)
                Context.Kernels.AddModular(modulus, left + row, right + row, target + row, Context.Degree);
            else
                Context.Kernels.SubtractModular(modulus, left + row, right + row, target + row, Context.Degree);
        }
    }

    private unsafe void Negate(int level, double* source, double* target)
    {
        for (var i = 0; i <= level; i++)
        {
            var table = Context.Tables[i];
            var row = (long)i * Context.Degree;
            Context.Kernels.ScaleModular(table.Modulus, table.Inverse, source + row, -1, target + row, Context.Degree);
        }
    }
}
