using System.Buffers;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>A running sum of plaintext times ciphertext, in evaluation form. One thread at a time; one owner, who disposes it.</summary>
/// <remarks>
/// A product comes out within ±3p/4 and a double holds integers to 2^53, so nine products and more (the smaller the primes, the
/// more) are added between reductions; the sum itself is exact modulo Q.
/// </remarks>
public sealed class ProductAccumulator : IDisposable
{
    /// <summary>Residues of one pass: a plaintext piece of 4 KiB stays in the first-level cache while it meets every ciphertext.</summary>
    private const int Piece = 512;

    private const int StackFlags = 128;

    /// <summary>What a residue in [0, p) counts for beside a product, which lies within ±3p/4.</summary>
    private const int ProductsPerResidue = 2;

    private readonly int _maximumPending;
    private AlignedBuffer? _polynomials;
    private int _pending;

    /// <summary>A zero sum.</summary>
    /// <param name="context">The ring.</param>
    /// <param name="messages">How many messages the ciphertexts hold; 0 for masks alone (<see cref="ScanCiphertext.Mask"/>).</param>
    public ProductAccumulator(LatticeContext context, int messages = 1)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (messages != 0)
            SecretKey.CheckMessages(messages);
        Context = context;
        Messages = messages;
        _polynomials = context.Several(messages + 1).Rent();
        _polynomials.Span.Clear();
        _maximumPending = (int)Math.Min(((1L << 53) / context.Tables.Max(table => table.Modulus) - 1) / 0.75, 1 << 20);
    }

    /// <summary>The ring of the sum.</summary>
    public LatticeContext Context { get; }

    /// <summary>How many messages the ciphertexts hold.</summary>
    public int Messages { get; }

    /// <summary>c0 of every message, then c1: integers within ±2^53.</summary>
    internal Span<double> Sums => Polynomials.Span;

    private AlignedBuffer Polynomials
    {
        get
        {
            ObjectDisposedException.ThrowIf(_polynomials is null, this);
            return _polynomials;
        }
    }

    /// <summary>Sets the sum to zero.</summary>
    public void Clear()
    {
        Polynomials.Span.Clear();
        _pending = 0;
    }

    /// <summary>Adds plaintext·ciphertexts[i] to accumulators[i] for every i, all polynomials, reading the plaintext from memory once.</summary>
    /// <param name="plaintext">From <see cref="LatticeContext.TransformSmall"/>.</param>
    /// <param name="ciphertexts">One for each accumulator, of the same context.</param>
    /// <param name="accumulators">As many as ciphertexts.</param>
    /// <exception cref="ArgumentException">A length or a context does not match.</exception>
    /// <exception cref="ObjectDisposedException">A ciphertext or accumulator is disposed.</exception>
    public static unsafe void MultiplyAccumulate(
        ReadOnlySpan<double> plaintext,
        ReadOnlySpan<Ciphertext> ciphertexts,
        ReadOnlySpan<ProductAccumulator> accumulators)
    {
        if (ciphertexts.Length != accumulators.Length)
            throw new ArgumentException($"There are {ciphertexts.Length} ciphertexts for {accumulators.Length} accumulators.", nameof(accumulators));
        if (ciphertexts.IsEmpty)
            return;
        var context = ciphertexts[0].Context;
        if (plaintext.Length != context.PolynomialLength)
            throw new ArgumentException($"The plaintext must have {context.PolynomialLength} doubles, not {plaintext.Length}.", nameof(plaintext));

        Span<bool> reductions = ciphertexts.Length <= StackFlags ? stackalloc bool[StackFlags] : new bool[ciphertexts.Length];
        for (var i = 0; i < ciphertexts.Length; i++)
        {
            if (!ReferenceEquals(ciphertexts[i].Context, context) || !ReferenceEquals(accumulators[i].Context, context))
                throw new ArgumentException($"Ciphertext and accumulator {i} must be of one context.", nameof(ciphertexts));
            if (ciphertexts[i].Messages != accumulators[i].Messages)
                throw new ArgumentException($"Ciphertext {i} holds {ciphertexts[i].Messages} messages, its accumulator {accumulators[i].Messages}.", nameof(ciphertexts));
            _ = ciphertexts[i].Polynomials;
            _ = accumulators[i].Polynomials;
        }

        for (var i = 0; i < accumulators.Length; i++)
        {
            reductions[i] = accumulators[i]._pending >= accumulators[i]._maximumPending;
            accumulators[i]._pending = reductions[i] ? 0 : accumulators[i]._pending + 1;
        }

        var length = context.PolynomialLength;
        var degree = context.Degree;
        fixed (double* factor = plaintext)
        {
            for (var start = 0; start < length; start += Piece)
            {
                var table = context.Tables[start / degree];
                for (var i = 0; i < ciphertexts.Length; i++)
                {
                    fixed (double* ciphertext = ciphertexts[i].Polynomials.Span, sum = accumulators[i].Polynomials.Span)
                    {
                        // Two polynomials at a time; an odd last one alone.
                        var last = (long)ciphertexts[i].Messages * length;
                        for (long polynomial = 0; polynomial <= last; polynomial += 2 * length)
                        {
                            var offset = polynomial + start;
                            if (polynomial == last)
                                context.Kernels.MultiplyAccumulate(table.Modulus, table.Inverse, factor + start, ciphertext + offset, sum + offset, Piece, reductions[i]);
                            else
                                context.Kernels.MultiplyAccumulate(table.Modulus, table.Inverse, factor + start, ciphertext + offset, ciphertext + offset + length, sum + offset, sum + offset + length, Piece, reductions[i]);
                        }
                    }
                }
            }
        }
    }

    /// <summary>Bytes of a written sum.</summary>
    /// <param name="context">The ring.</param>
    /// <param name="messages">How many messages the ciphertexts hold; 0 for masks alone.</param>
    /// <returns>For each polynomial N residues for each prime at the prime's bit length.</returns>
    public static int SerializedSize(LatticeContext context, int messages)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (messages + 1) * PackedRows.Size(context, context.Tables.Length);
    }

    /// <summary>
    /// Writes the sum for another process of the same institution. It is bare: whoever holds the key reads the plaintexts from it, so it
    /// must not leave the institution (<see cref="FunctionPrivateResponder"/> makes of it what may).
    /// </summary>
    /// <param name="writer">Takes <see cref="SerializedSize"/> bytes.</param>
    public unsafe void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var polynomials = Polynomials.Span;
        using var scratch = Context.Polynomials.RentSecret();
        for (var start = 0; start < polynomials.Length; start += Context.PolynomialLength)
        {
            polynomials.Slice(start, Context.PolynomialLength).CopyTo(scratch.Span);
            Context.Reduce(scratch.Span);
            fixed (double* rows = scratch.Span)
            {
                for (var i = 0; i < Context.Tables.Length; i++)
                    Context.Kernels.Canonicalise(Context.Tables[i].Modulus, rows + ((long)i * Context.Degree), rows + ((long)i * Context.Degree), Context.Degree);
            }

            PackedRows.Write(Context, scratch.Span, writer);
        }
    }

    /// <summary>Adds a sum that <see cref="Write"/> wrote; every residue is checked against its prime.</summary>
    /// <param name="source">Exactly <see cref="SerializedSize"/> bytes.</param>
    /// <exception cref="LatticeFormatException">The length is wrong or a residue is not below its prime; the sum is then of no use.</exception>
    public unsafe void Add(ReadOnlySequence<byte> source)
    {
        var polynomials = Polynomials.Span;
        var size = SerializedSize(Context, Messages);
        if (source.Length != size)
            throw new LatticeFormatException(Lattice.Messages.WrongLength(nameof(ProductAccumulator), size, source.Length));
        MakeRoom(ProductsPerResidue);
        var reader = new SequenceReader<byte>(source);
        using var scratch = Context.Polynomials.RentSecret();
        for (var start = 0; start < polynomials.Length; start += Context.PolynomialLength)
        {
            PackedRows.Read(Context, ref reader, nameof(ProductAccumulator), scratch.Span);
            fixed (double* sum = polynomials.Slice(start, Context.PolynomialLength), addend = scratch.Span)
                Context.Kernels.Add(sum, addend, Context.PolynomialLength);
        }
    }

    /// <summary>Gives the memory back to the context; the accumulator cannot be used after.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _polynomials, null) is { } polynomials)
            Context.Several(Messages + 1).Return(polynomials, wasSecret: true);
    }

    /// <summary>Reduces the sum where so many more products might leave the exact integers.</summary>
    private void MakeRoom(int products)
    {
        if (_pending + products <= _maximumPending)
        {
            _pending += products;
            return;
        }
        for (var start = 0; start < Sums.Length; start += Context.PolynomialLength)
            Context.Reduce(Sums.Slice(start, Context.PolynomialLength));
        _pending = products;
    }

    /// <summary>
    /// The sum as balanced coefficients, every c0 then c1, every prime: what would travel if nothing were re-randomised. It shows the
    /// responder's plaintexts to the key holder; only the tests of function privacy call it.
    /// </summary>
    internal double[] CopyCoefficients()
    {
        var copy = Sums.ToArray();
        var length = Context.PolynomialLength;
        for (var start = 0; start < copy.Length; start += length)
        {
            Context.Reduce(copy.AsSpan(start, length));
            Context.Inverse(copy.AsSpan(start, length));
        }

        return copy;
    }
}
