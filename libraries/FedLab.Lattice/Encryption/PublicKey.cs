using System.Buffers;
using System.Security.Cryptography;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>An encryption of zero, (b, a) with b = e - a·s: with it anyone can hide a value from everyone but the holder of s. Immutable.</summary>
public sealed class PublicKey
{
    private const string Kind = nameof(PublicKey);
    private readonly byte[] _bytes;
    private readonly AlignedBuffer _b;
    private readonly AlignedBuffer _a;

    private PublicKey(LatticeContext context, byte[] bytes)
    {
        Context = context;
        _bytes = bytes;
        _b = new AlignedBuffer(context.PolynomialLength);
        _a = new AlignedBuffer(context.PolynomialLength);
        SeededForm.Expand(context, bytes, _b.Span, _a.Span);
    }

    /// <summary>The ring of the key.</summary>
    public LatticeContext Context { get; }

    /// <summary>b in evaluation form, residues in [0, p).</summary>
    internal Span<double> B => _b.Span;

    /// <summary>a in evaluation form, residues in [0, p).</summary>
    internal Span<double> A => _a.Span;

    /// <summary>Makes a public key of a secret one.</summary>
    /// <param name="key">The secret key; not disposed.</param>
    /// <returns>A key with a fresh seed and a fresh error.</returns>
    public static PublicKey Generate(SecretKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var context = key.Context;
        Span<byte> seed = stackalloc byte[SeededForm.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        var polynomial = context.Polynomials.Rent();
        polynomial.Span.Clear();
        RlweSample.Complete(key, polynomial.Span, seed);
        var bytes = SeededForm.Pack(context, seed, polynomial.Span);
        context.Polynomials.Return(polynomial, wasSecret: false);
        return new PublicKey(context, bytes);
    }

    /// <summary>Bytes of a written key.</summary>
    /// <param name="context">The ring.</param>
    /// <returns>32 for the seed and N residues for each prime at the prime's bit length.</returns>
    public static int SerializedSize(LatticeContext context) => SeededForm.Size(context);

    /// <summary>Writes the seed and the bit-packed b.</summary>
    /// <param name="writer">Takes <see cref="SerializedSize"/> bytes.</param>
    public void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_bytes);
    }

    /// <summary>Reads a key.</summary>
    /// <param name="source">Exactly <see cref="SerializedSize"/> bytes.</param>
    /// <param name="context">The ring that both sides agreed on.</param>
    /// <returns>The key.</returns>
    /// <exception cref="LatticeFormatException">The length is wrong or a residue is not below its prime.</exception>
    public static PublicKey Read(ReadOnlySequence<byte> source, LatticeContext context) =>
        new(context, SeededForm.Read(source, context, Kind));
}
