using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>Two polynomials (c0, c1) in evaluation form with c0 + c1·s = message + noise. One owner, who disposes it to give its memory back.</summary>
public sealed class Ciphertext : IDisposable
{
    private AlignedBuffer? _polynomials;

    internal Ciphertext(LatticeContext context)
    {
        Context = context;
        _polynomials = context.Pairs.Rent();
    }

    /// <summary>The ring of the ciphertext.</summary>
    public LatticeContext Context { get; }

    /// <summary>c0, residues within ±p.</summary>
    internal Span<double> First => Polynomials.Span[..Context.PolynomialLength];

    /// <summary>c1, residues within ±p.</summary>
    internal Span<double> Second => Polynomials.Span[Context.PolynomialLength..];

    /// <summary>c0 then c1.</summary>
    internal AlignedBuffer Polynomials
    {
        get
        {
            ObjectDisposedException.ThrowIf(_polynomials is null, this);
            return _polynomials;
        }
    }

    /// <summary>Gives the memory back to the context; the ciphertext cannot be used after.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _polynomials, null) is { } polynomials)
            Context.Pairs.Return(polynomials, wasSecret: false);
    }
}
