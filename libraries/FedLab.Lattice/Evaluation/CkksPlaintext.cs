using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Evaluation;

/// <summary>An encoded message: one polynomial at a level and a scale. A buffer that operations overwrite; one owner, who disposes it.</summary>
public sealed class CkksPlaintext : IDisposable
{
    private AlignedBuffer? _polynomial;

    /// <summary>Takes a buffer of the context's; the content is zero at level 0 and scale 1 until something is written to it.</summary>
    /// <param name="context">The parameters.</param>
    public CkksPlaintext(CkksContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Context = context;
        _polynomial = context.Polynomials(1).Rent();
        _polynomial.Span[..context.Degree].Clear();
    }

    /// <summary>The parameters.</summary>
    public CkksContext Context { get; }

    /// <summary>Data primes in use, less one.</summary>
    public int Level { get; private set; }

    /// <summary>Factor between a slot's value and what the polynomial holds.</summary>
    public double Scale { get; private set; } = 1;

    /// <summary>Level + 1 rows of N residues in [0, q), evaluation form.</summary>
    internal Span<double> Polynomial
    {
        get
        {
            ObjectDisposedException.ThrowIf(_polynomial is null, this);
            return _polynomial.Span[..((Level + 1) * Context.Degree)];
        }
    }

    /// <summary>Zeroes the memory and gives it back to the context; the plaintext cannot be used after.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _polynomial, null) is { } polynomial)
            Context.Polynomials(1).Return(polynomial, wasSecret: true);
    }

    /// <summary>Says what the polynomial is about to hold.</summary>
    internal void Shape(int level, double scale)
    {
        Context.CheckLevel(level);
        CkksContext.CheckScale(scale);
        (Level, Scale) = (level, scale);
    }
}
