using System.Buffers;
using System.Security.Cryptography;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>
/// Encryptions of zero under every secret of a key, (b_1, …, b_n, a) with b_v = e_v - a·s_v: with it anyone can hide a value from everyone
/// but the holder of the secrets. Immutable.
/// </summary>
public sealed class PublicKey
{
    private const string Kind = nameof(PublicKey);
    private readonly byte[]? _bytes;
    private readonly AlignedBuffer _b;
    private readonly AlignedBuffer _a;

    private PublicKey(LatticeContext context, int messages, byte[] bytes)
    {
        Context = context;
        Messages = messages;
        _bytes = bytes;
        _b = new AlignedBuffer(messages * context.PolynomialLength);
        _a = new AlignedBuffer(context.PolynomialLength);
        SeededForm.Expand(context, bytes, _b.Span, _a.Span);
    }

    /// <summary>A key of given canonical rows, one message, whose a has no seed that could be sent (a key that was read in another format).</summary>
    internal PublicKey(LatticeContext context, ReadOnlySpan<double> b, ReadOnlySpan<double> a)
    {
        Context = context;
        Messages = 1;
        _b = new AlignedBuffer(context.PolynomialLength);
        _a = new AlignedBuffer(context.PolynomialLength);
        b.CopyTo(_b.Span);
        a.CopyTo(_a.Span);
    }

    /// <summary>A key of one message whose a is expanded from a seed, given its canonical b (a sum of shares under a common random string).</summary>
    internal static PublicKey FromSeed(LatticeContext context, ReadOnlySpan<byte> seed, ReadOnlySpan<double> b)
    {
        var bytes = SeededForm.Create(context, seed, 1);
        SeededForm.Pack(context, bytes, 0, b);
        return new PublicKey(context, 1, bytes);
    }

    /// <summary>The ring of the key.</summary>
    public LatticeContext Context { get; }

    /// <summary>How many messages can share a mask under this key.</summary>
    public int Messages { get; }

    /// <summary>Every b in evaluation form, side by side, residues in [0, p).</summary>
    internal Span<double> B => _b.Span;

    /// <summary>a in evaluation form, residues in [0, p).</summary>
    internal Span<double> A => _a.Span;

    /// <summary>Makes a public key of a secret one.</summary>
    /// <param name="key">The secret key; not disposed.</param>
    /// <returns>A key with a fresh seed and fresh errors.</returns>
    public static PublicKey Generate(SecretKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var context = key.Context;
        Span<byte> seed = stackalloc byte[SeededForm.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        var bytes = SeededForm.Create(context, seed, key.Messages);
        var uniform = context.Polynomials.Rent();
        SeededForm.ExpandSeed(context, seed, uniform.Span);
        var polynomial = context.Polynomials.Rent();
        for (var secret = 0; secret < key.Messages; secret++)
        {
            polynomial.Span.Clear();
            RlweSample.Complete(key, secret, polynomial.Span, uniform.Span);
            SeededForm.Pack(context, bytes, secret, polynomial.Span);
        }

        context.Polynomials.Return(polynomial, wasSecret: false);
        context.Polynomials.Return(uniform, wasSecret: false);
        return new PublicKey(context, key.Messages, bytes);
    }

    /// <summary>Bytes of a written key.</summary>
    /// <param name="context">The ring.</param>
    /// <param name="messages">How many messages can share a mask.</param>
    /// <returns>32 for the seed and, for each message, N residues for each prime at the prime's bit length.</returns>
    public static int SerializedSize(LatticeContext context, int messages = 1) => SeededForm.Size(context, messages);

    /// <summary>Writes the seed and the bit-packed b of every message.</summary>
    /// <param name="writer">Takes <see cref="SerializedSize"/> bytes.</param>
    /// <exception cref="InvalidOperationException">The key came in another format, without a seed: write it in that one.</exception>
    public void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_bytes ?? throw new InvalidOperationException("The key came in another format, without a seed for its random half; write it in that format."));
    }

    /// <summary>Reads a key.</summary>
    /// <param name="source">Exactly <see cref="SerializedSize"/> bytes.</param>
    /// <param name="context">The ring that both sides agreed on.</param>
    /// <param name="messages">How many messages can share a mask.</param>
    /// <returns>The key.</returns>
    /// <exception cref="LatticeFormatException">The length is wrong or a residue is not below its prime.</exception>
    public static PublicKey Read(ReadOnlySequence<byte> source, LatticeContext context, int messages = 1) =>
        new(context, messages, SeededForm.Read(source, context, messages, Kind));
}
