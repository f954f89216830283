using System.Runtime.InteropServices;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>
/// A ciphertext as a scan reads it: the mask in evaluation form, to be multiplied by plaintexts, and the c0 of every message as
/// coefficients, to be added up. One owner, who disposes it.
/// </summary>
/// <remarks>
/// Only a few coefficients of a product's c0 are ever answered, and with 0/1 plaintexts each is a signed sum of coefficients of c0: it
/// takes additions over the rows (<see cref="CoefficientHistogram"/>), no transform and no product. The mask is needed whole.
/// <para>Layout: the residues of one coefficient stand together, message by message and prime by prime, padded to a multiple of four,
/// so that adding a row's share of all messages is one or two vector additions.</para>
/// </remarks>
public sealed class ScanCiphertext : IDisposable
{
    /// <summary>Words of a 256-bit register, the unit to which a coefficient's residues are padded.</summary>
    private const int Padding = 4;

    private AlignedBuffer? _first;

    internal ScanCiphertext(LatticeContext context, int messages, ReadOnlySpan<byte> form)
    {
        Context = context;
        Messages = messages;
        Mask = new Ciphertext(context, messages: 0);
        _first = Pool(context, messages).Rent();
        var scratch = context.Several(messages).Rent();
        SeededForm.Expand(context, form, scratch.Span, Mask.Second);
        for (var start = 0; start < messages * context.PolynomialLength; start += context.PolynomialLength)
            context.Inverse(scratch.Span.Slice(start, context.PolynomialLength));
        Interleave(scratch.Span, MemoryMarshal.Cast<double, long>(_first.Span), context.Degree, messages * context.Tables.Length, Stride);
        context.Several(messages).Return(scratch, wasSecret: false);
    }

    /// <summary>The ring of the ciphertext.</summary>
    public LatticeContext Context { get; }

    /// <summary>How many messages share the mask.</summary>
    public int Messages { get; }

    /// <summary>The mask alone, for <see cref="ProductAccumulator.MultiplyAccumulate"/> with an accumulator of no messages.</summary>
    public Ciphertext Mask { get; }

    /// <summary>Words from one coefficient to the next.</summary>
    internal int Stride => StrideOf(Context, Messages);

    /// <summary>Balanced residues at coefficient·<see cref="Stride"/> + message·primes + prime; padding is unspecified.</summary>
    internal ReadOnlySpan<long> First
    {
        get
        {
            ObjectDisposedException.ThrowIf(_first is null, this);
            return MemoryMarshal.Cast<double, long>(_first.Span);
        }
    }

    /// <summary>Gives the memory back to the context; the ciphertext cannot be used after.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _first, null) is not { } first)
            return;
        Pool(Context, Messages).Return(first, wasSecret: false);
        Mask.Dispose();
    }

    internal static int StrideOf(LatticeContext context, int messages) => (messages * context.Tables.Length + Padding - 1) / Padding * Padding;

    private static BufferPool Pool(LatticeContext context, int messages) =>
        context.Several((StrideOf(context, messages) + context.Tables.Length - 1) / context.Tables.Length);

    private static void Interleave(ReadOnlySpan<double> rows, Span<long> target, int degree, int columns, int stride)
    {
        for (var i = 0; i < degree; i++)
        {
            var coefficient = target.Slice(i * stride, columns);
            for (var column = 0; column < coefficient.Length; column++)
                coefficient[column] = (long)rows[(column * degree) + i];
        }
    }
}
