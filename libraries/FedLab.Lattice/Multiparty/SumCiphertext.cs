using System.Buffers;
using System.Numerics;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>
/// Up to N integers under the collective key: of c0 only the coefficients that hold a value, in coefficient form, and the whole c1 in evaluation form. What
/// the other coefficients would hold cannot be decrypted and does not travel. One owner, who disposes it.
/// </summary>
/// <remarks>Wire form: for each prime the residues of c0, padded with zero bits to a byte, then for each prime those of c1, all in [0, p) at the bit length of the prime.</remarks>
public sealed class SumCiphertext : IDisposable
{
    private const string Kind = nameof(SumCiphertext);
    private readonly double[] _first;
    private AlignedBuffer? _second;

    /// <summary>An encryption of zeros without noise: the sum of nothing.</summary>
    /// <param name="context">The ring.</param>
    /// <param name="values">Number of values, 1 to N.</param>
    public SumCiphertext(LatticeContext context, int values)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (values < 1 || values > context.Degree)
            throw new ArgumentOutOfRangeException(nameof(values), values, $"A ciphertext holds 1 to {context.Degree} values.");
        (Context, Values) = (context, values);
        _first = new double[context.Tables.Length * PaddedValues];
        _second = context.Polynomials.Rent();
        _second.Span.Clear();
    }

    /// <summary>The ring.</summary>
    public LatticeContext Context { get; }

    /// <summary>Number of values.</summary>
    public int Values { get; }

    /// <summary>Kernels work on whole vectors.</summary>
    internal int PaddedValues => (Values + 7) & ~7;

    /// <summary>A row of c0 for every prime, residues in [0, p), padded with zeros.</summary>
    internal Span<double> First => _first;

    /// <summary>c1 in evaluation form, residues in [0, p).</summary>
    internal Span<double> Second
    {
        get
        {
            ObjectDisposedException.ThrowIf(_second is null, this);
            return _second.Span;
        }
    }

    /// <summary>Bytes of a written ciphertext.</summary>
    /// <param name="context">The ring.</param>
    /// <param name="values">Number of values, 1 to N.</param>
    /// <returns>The size.</returns>
    public static int SerializedSize(LatticeContext context, int values)
    {
        ArgumentNullException.ThrowIfNull(context);
        var size = PackedRows.Size(context, context.Tables.Length);
        foreach (var table in context.Tables)
            size += BitWriter.ByteCount(values, Bits(table));
        return size;
    }

    /// <summary>Reads a ciphertext; every residue is checked against its prime.</summary>
    /// <param name="source">Exactly <see cref="SerializedSize"/> bytes.</param>
    /// <param name="context">The ring.</param>
    /// <param name="values">Number of values, 1 to N.</param>
    /// <returns>The ciphertext; the caller disposes it.</returns>
    /// <exception cref="LatticeFormatException">The length is wrong, a residue is not below its prime, or padding is not zero.</exception>
    public static SumCiphertext Read(ReadOnlySequence<byte> source, LatticeContext context, int values)
    {
        var ciphertext = new SumCiphertext(context, values);
        try
        {
            var size = SerializedSize(context, values);
            if (source.Length != size)
                throw new LatticeFormatException(Messages.WrongLength(Kind, size, source.Length));
            var reader = new SequenceReader<byte>(source);
            for (var i = 0; i < context.Tables.Length; i++)
                ciphertext.ReadRow(ref reader, i);
            PackedRows.Read(context, ref reader, Kind, ciphertext.Second);
            return ciphertext;
        }
        catch
        {
            ciphertext.Dispose();
            throw;
        }
    }

    /// <summary>Writes the ciphertext.</summary>
    /// <param name="writer">Takes <see cref="SerializedSize"/> bytes.</param>
    public void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        for (var i = 0; i < Context.Tables.Length; i++)
        {
            var length = BitWriter.ByteCount(Values, Bits(Context.Tables[i]));
            var span = writer.GetSpan(length)[..length];
            span.Clear();
            var bits = new BitWriter(span);
            bits.Write(First.Slice(i * PaddedValues, Values), Bits(Context.Tables[i]));
            writer.Advance(length);
        }

        PackedRows.Write(Context, Second, writer);
    }

    /// <summary>Adds another ciphertext: anyone can, without a key.</summary>
    /// <param name="addend">Of the same ring and number of values; not changed.</param>
    /// <exception cref="ArgumentException">Rings or numbers of values differ.</exception>
    public void Add(SumCiphertext addend)
    {
        ArgumentNullException.ThrowIfNull(addend);
        if (!ReferenceEquals(addend.Context, Context) || addend.Values != Values)
            throw new ArgumentException($"The addend has {addend.Values} values, the sum {Values}: only ciphertexts of one ring and size can be added.", nameof(addend));
        RowArithmetic.Add(Context, PaddedValues, addend.First, First);
        RowArithmetic.Add(Context, Context.Degree, addend.Second, Second);
    }

    /// <summary>Gives the memory back to the context; the ciphertext cannot be used after.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _second, null) is { } second)
            Context.Polynomials.Return(second, wasSecret: false);
    }

    private static int Bits(TransformTable table) => BitOperations.Log2(table.Prime) + 1;

    private void ReadRow(ref SequenceReader<byte> reader, int prime)
    {
        var table = Context.Tables[prime];
        var length = BitWriter.ByteCount(Values, Bits(table));
        var pooled = ArrayPool<byte>.Shared.Rent(length);
        var bytes = pooled.AsSpan(0, length);
        reader.TryCopyTo(bytes);
        reader.Advance(length);
        var below = BitReader.Read(bytes, 0, Bits(table), table.Prime, First.Slice(prime * PaddedValues, Values));
        var padded = BitReader.IsZeroFrom(bytes, (long)Values * Bits(table));
        ArrayPool<byte>.Shared.Return(pooled);
        if (!below)
            throw new LatticeFormatException(Messages.ResidueTooLarge(Kind, table.Prime));
        if (!padded)
            throw new LatticeFormatException(Messages.PaddingNotZero(Kind));
    }
}
