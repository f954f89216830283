using System.Buffers;
using FedLab.Lattice.Encryption;

namespace FedLab.Lattice;

/// <summary>A symmetric ciphertext as it travels: a seed for the second polynomial and the bit-packed first. Immutable.</summary>
/// <remarks>Kept packed, 50 of 64 bits at 50-bit primes and half of the two polynomials; <see cref="Expand"/> it for arithmetic.</remarks>
public sealed class SeededCiphertext
{
    private const string Kind = nameof(SeededCiphertext);
    private readonly byte[] _bytes;

    internal SeededCiphertext(LatticeContext context, byte[] bytes)
    {
        Context = context;
        _bytes = bytes;
    }

    /// <summary>The ring of the ciphertext.</summary>
    public LatticeContext Context { get; }

    /// <summary>The 32 bytes from which the second polynomial is expanded.</summary>
    internal ReadOnlySpan<byte> Seed => _bytes.AsSpan(0, SeededForm.SeedBytes);

    /// <summary>Bytes of a written ciphertext.</summary>
    /// <param name="context">The ring.</param>
    /// <returns>32 for the seed and N residues for each prime at the prime's bit length.</returns>
    public static int SerializedSize(LatticeContext context) => SeededForm.Size(context);

    /// <summary>Writes the seed and the first polynomial.</summary>
    /// <param name="writer">Takes <see cref="SerializedSize"/> bytes.</param>
    public void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_bytes);
    }

    /// <summary>Reads a ciphertext; every residue is checked against its prime.</summary>
    /// <param name="source">Exactly <see cref="SerializedSize"/> bytes.</param>
    /// <param name="context">The ring that both sides agreed on.</param>
    /// <returns>The ciphertext.</returns>
    /// <exception cref="LatticeFormatException">The length is wrong or a residue is not below its prime.</exception>
    public static SeededCiphertext Read(ReadOnlySequence<byte> source, LatticeContext context) =>
        new(context, SeededForm.Read(source, context, Kind));

    /// <summary>Unpacks the first polynomial and expands the second.</summary>
    /// <returns>A ciphertext for arithmetic; the caller disposes it.</returns>
    public Ciphertext Expand()
    {
        var ciphertext = new Ciphertext(Context);
        SeededForm.Expand(Context, _bytes, ciphertext.First, ciphertext.Second);
        return ciphertext;
    }
}
