using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Evaluation;

/// <summary>
/// Two polynomials (c0, c1) with c0 + c1·s = scale·message + noise, or three with c2·s² more after a multiplication, at a level and a
/// scale. A buffer that operations overwrite; one owner, who disposes it.
/// </summary>
public sealed class CkksCiphertext : IDisposable
{
    /// <summary>Polynomials of an unrelinearised product.</summary>
    public const int MaximumSize = 3;

    private const int MinimumSize = 2;

    private AlignedBuffer? _polynomials;

    /// <summary>Takes a buffer of the context's; the content is the transparent encryption of zero at level 0 and scale 1 until something is written to it.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="capacity">Polynomials that there is room for: 2, or 3 for the result of a multiplication.</param>
    public CkksCiphertext(CkksContext context, int capacity = MinimumSize)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (capacity is < MinimumSize or > MaximumSize)
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "A ciphertext has two polynomials, or three after a multiplication.");
        Context = context;
        Capacity = capacity;
        _polynomials = context.Polynomials(capacity).Rent();
        Polynomial(0).Clear();
        Polynomial(1).Clear();
    }

    /// <summary>The parameters.</summary>
    public CkksContext Context { get; }

    /// <summary>Polynomials that there is room for.</summary>
    public int Capacity { get; }

    /// <summary>Data primes in use, less one.</summary>
    public int Level { get; private set; }

    /// <summary>Factor between a slot's value and what the polynomials hold.</summary>
    public double Scale { get; private set; } = 1;

    /// <summary>Polynomials in use: 2, or 3 for a product that is not relinearised.</summary>
    public int Size { get; private set; } = MinimumSize;

    /// <summary>Level + 1 rows of N residues in [0, q), evaluation form.</summary>
    internal Span<double> Polynomial(int index)
    {
        ObjectDisposedException.ThrowIf(_polynomials is null, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Size, nameof(index));
        return _polynomials.Span.Slice(index * Context.DataPrimes * Context.Degree, (Level + 1) * Context.Degree);
    }

    /// <summary>Gives the memory back to the context; the ciphertext cannot be used after.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _polynomials, null) is { } polynomials)
            Context.Polynomials(Capacity).Return(polynomials, wasSecret: false);
    }

    /// <summary>Says what the polynomials are about to hold; rows that stay in use keep their content and place.</summary>
    internal void Shape(int size, int level, double scale)
    {
        Context.CheckLevel(level);
        CkksContext.CheckScale(scale);
        if (size is < MinimumSize || size > Capacity)
            throw new ArgumentException($"The result has {size} polynomials, the target has room for {Capacity}: create it with that capacity.", nameof(size));
        (Size, Level, Scale) = (size, level, scale);
    }
}
