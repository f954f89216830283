using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>
/// Polynomials in evaluation form: for each of the messages its c0, then the one c1 that they share, with c0_v + c1·s_v = message_v +
/// noise. One owner, who disposes it to give its memory back.
/// </summary>
public sealed class Ciphertext : IDisposable
{
    private AlignedBuffer? _polynomials;

    internal Ciphertext(LatticeContext context, int messages = 1)
    {
        Context = context;
        Messages = messages;
        _polynomials = context.Several(messages + 1).Rent();
    }

    /// <summary>The ring of the ciphertext.</summary>
    public LatticeContext Context { get; }

    /// <summary>How many messages share the mask.</summary>
    public int Messages { get; }

    /// <summary>c0 of every message, residues within ±p.</summary>
    internal Span<double> First => Polynomials.Span[..(Messages * Context.PolynomialLength)];

    /// <summary>c1, residues within ±p.</summary>
    internal Span<double> Second => Polynomials.Span[(Messages * Context.PolynomialLength)..];

    /// <summary>c0 of every message, then c1.</summary>
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
            Context.Several(Messages + 1).Return(polynomials, wasSecret: false);
    }
}
