using System.Buffers;
using System.Buffers.Binary;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Evaluation;

/// <summary>A symmetric ciphertext as it travels: level, scale, the seed of its mask c1, and the bit-packed c0. Immutable; half of a <see cref="CkksCiphertext"/>.</summary>
public sealed class SeededCkksCiphertext
{
    /// <summary>The level, a byte, and the scale as a little-endian double, before the seed.</summary>
    private const int HeaderBytes = 1 + sizeof(double);

    private readonly byte[] _bytes;

    private SeededCkksCiphertext(CkksContext context, int level, double scale, byte[] bytes)
    {
        (Context, Level, Scale) = (context, level, scale);
        _bytes = bytes;
    }

    /// <summary>The parameters.</summary>
    public CkksContext Context { get; }

    /// <summary>Data primes in use, less one.</summary>
    public int Level { get; }

    /// <summary>Factor between a slot's value and what the polynomials hold.</summary>
    public double Scale { get; }

    /// <summary>Bytes of a written ciphertext.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="level">Data primes, less one.</param>
    /// <returns>41 and N residues for each prime of the level at the prime's bit length.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public static int SerializedSize(CkksContext context, int level)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckLevel(level);
        return HeaderBytes + SeededForm.SeedBytes + PackedRows.Size(context.Lattice, level + 1);
    }

    /// <summary>Reads a ciphertext; every residue is checked against its prime.</summary>
    /// <param name="source">Exactly the bytes of <see cref="Write"/>.</param>
    /// <param name="context">The parameters that both sides agreed on.</param>
    /// <returns>The ciphertext.</returns>
    /// <exception cref="LatticeFormatException">Level or scale do not exist, the length is wrong, or a residue is not below its prime.</exception>
    public static SeededCkksCiphertext Read(ReadOnlySequence<byte> source, CkksContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (source.Length < HeaderBytes)
            throw new LatticeFormatException(Messages.WrongLength(nameof(SeededCkksCiphertext), HeaderBytes, source.Length));
        Span<byte> header = stackalloc byte[HeaderBytes];
        source.Slice(0, HeaderBytes).CopyTo(header);
        var (level, scale) = (header[0], BinaryPrimitives.ReadDoubleLittleEndian(header[1..]));
        if (level > context.MaximumLevel || !double.IsNormal(scale) || scale < 0)
            throw new LatticeFormatException(Messages.CiphertextHeader(2, level, scale, context.MaximumLevel));
        var length = SerializedSize(context, level);
        if (source.Length != length)
            throw new LatticeFormatException(Messages.WrongLength(nameof(SeededCkksCiphertext), length, source.Length));
        var bytes = source.ToArray();
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(bytes, HeaderBytes + SeededForm.SeedBytes, length - HeaderBytes - SeededForm.SeedBytes));
        var scratch = context.Polynomials(1).Rent();
        try
        {
            PackedRows.Read(context.Lattice, ref reader, nameof(SeededCkksCiphertext), scratch.Span[..((level + 1) * context.Degree)]);
        }
        finally
        {
            context.Polynomials(1).Return(scratch, wasSecret: false);
        }

        return new SeededCkksCiphertext(context, level, scale, bytes);
    }

    /// <summary>Writes level, scale, seed and c0.</summary>
    /// <param name="writer">Takes <see cref="SerializedSize"/> bytes.</param>
    public void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_bytes);
    }

    /// <summary>Unpacks c0 and expands the mask.</summary>
    /// <param name="target">Takes two polynomials at the level and scale.</param>
    /// <exception cref="ArgumentException">The target is of another context.</exception>
    public void Expand(CkksCiphertext target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Misuse.CheckContext(Context, target.Context, nameof(target));
        target.Shape(2, Level, Scale);
        var body = HeaderBytes + SeededForm.SeedBytes;
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(_bytes, body, _bytes.Length - body));
        PackedRows.Read(Context.Lattice, ref reader, nameof(SeededCkksCiphertext), target.Polynomial(0));
        ExpandMask(Context, _bytes.AsSpan(HeaderBytes, SeededForm.SeedBytes), target.Polynomial(1));
    }

    /// <summary>The mask of a seed: the first primes' rows of the ring's public uniform polynomial.</summary>
    internal static void ExpandMask(CkksContext context, ReadOnlySpan<byte> seed, Span<double> mask)
    {
        for (var i = 0; i * context.Degree < mask.Length; i++)
        {
            using var stream = context.Lattice.Streams.Rent(seed, (uint)i);
            UniformSampler.Fill(stream, context.Tables[i].Prime, mask.Slice(i * context.Degree, context.Degree));
        }
    }

    /// <summary>Packs a ciphertext whose c1 is the mask of the seed.</summary>
    internal static SeededCkksCiphertext Create(CkksCiphertext ciphertext, ReadOnlySpan<byte> seed)
    {
        var writer = new ArrayBufferWriter<byte>(SerializedSize(ciphertext.Context, ciphertext.Level));
        var header = writer.GetSpan(HeaderBytes);
        header[0] = (byte)ciphertext.Level;
        BinaryPrimitives.WriteDoubleLittleEndian(header[1..], ciphertext.Scale);
        writer.Advance(HeaderBytes);
        writer.Write(seed);
        PackedRows.Write(ciphertext.Context.Lattice, ciphertext.Polynomial(0), writer);
        return new SeededCkksCiphertext(ciphertext.Context, ciphertext.Level, ciphertext.Scale, writer.WrittenSpan.ToArray());
    }
}
