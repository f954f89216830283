using System.Buffers;
using FedLab.Lattice.Encryption;

namespace FedLab.Lattice;

/// <summary>A symmetric ciphertext of one or more messages as it travels: a seed for the mask that they share and each message's bit-packed c0. Immutable.</summary>
/// <remarks>Kept packed, 50 of 64 bits at 50-bit primes and without the mask; <see cref="Expand"/> it for arithmetic.</remarks>
public sealed class SeededCiphertext
{
    private const string Kind = nameof(SeededCiphertext);
    private readonly byte[] _bytes;

    internal SeededCiphertext(LatticeContext context, int messages, byte[] bytes)
    {
        Context = context;
        Messages = messages;
        _bytes = bytes;
    }

    /// <summary>The ring of the ciphertext.</summary>
    public LatticeContext Context { get; }

    /// <summary>How many messages share the mask.</summary>
    public int Messages { get; }

    /// <summary>The 32 bytes from which the mask is expanded.</summary>
    internal ReadOnlySpan<byte> Seed => _bytes.AsSpan(0, SeededForm.SeedBytes);

    /// <summary>Bytes of a written ciphertext.</summary>
    /// <param name="context">The ring.</param>
    /// <param name="messages">How many messages share the mask.</param>
    /// <returns>32 for the seed and, for each message, N residues for each prime at the prime's bit length.</returns>
    public static int SerializedSize(LatticeContext context, int messages = 1) => SeededForm.Size(context, messages);

    /// <summary>Writes the seed and every c0.</summary>
    /// <param name="writer">Takes <see cref="SerializedSize"/> bytes.</param>
    public void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_bytes);
    }

    /// <summary>Reads a ciphertext; every residue is checked against its prime.</summary>
    /// <param name="source">Exactly <see cref="SerializedSize"/> bytes.</param>
    /// <param name="context">The ring that both sides agreed on.</param>
    /// <param name="messages">How many messages share the mask.</param>
    /// <returns>The ciphertext.</returns>
    /// <exception cref="LatticeFormatException">The length is wrong or a residue is not below its prime.</exception>
    public static SeededCiphertext Read(ReadOnlySequence<byte> source, LatticeContext context, int messages = 1) =>
        new(context, messages, SeededForm.Read(source, context, messages, Kind));

    /// <summary>Unpacks every c0 to coefficients and expands the mask, for a scan of 0/1 plaintexts.</summary>
    /// <returns>A ciphertext to add up; the caller disposes it.</returns>
    public ScanCiphertext ExpandForScan() => new(Context, Messages, _bytes);

    /// <summary>Unpacks every c0 and expands the mask.</summary>
    /// <returns>A ciphertext for arithmetic; the caller disposes it.</returns>
    public Ciphertext Expand()
    {
        var ciphertext = new Ciphertext(Context, Messages);
        SeededForm.Expand(Context, _bytes, ciphertext.First, ciphertext.Second);
        return ciphertext;
    }
}
