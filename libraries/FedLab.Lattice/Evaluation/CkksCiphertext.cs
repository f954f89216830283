using System.Buffers;
using System.Buffers.Binary;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Evaluation;

/// <summary>
/// Two polynomials (c0, c1) with c0 + c1·s = scale·message + noise, or three with c2·s² more after a multiplication, at a level and a
/// scale. A buffer that operations overwrite; one owner, who disposes it.
/// </summary>
public sealed class CkksCiphertext : IDisposable
{
    /// <summary>Polynomials of an unrelinearised product.</summary>
    public const int MaximumSize = 3;

    private const int MinimumSize = 2;

    /// <summary>Size and level, a byte each, and the scale as a little-endian double.</summary>
    private const int HeaderBytes = 2 + sizeof(double);

    private AlignedBuffer? _polynomials;

    /// <summary>Takes a buffer of the context's; the content is the transparent encryption of zero at level 0 and scale 1 until something is written to it.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="capacity">Polynomials that there is room for: 2, or 3 for the result of a multiplication.</param>
    public CkksCiphertext(CkksContext context, int capacity = MinimumSize)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (capacity is < MinimumSize or > MaximumSize)
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "A ciphertext has two polynomials, or three after a multiplication.");
        Context = context;
        Capacity = capacity;
        _polynomials = context.Polynomials(capacity).Rent();
        Polynomial(0).Clear();
        Polynomial(1).Clear();
    }

    /// <summary>The parameters.</summary>
    public CkksContext Context { get; }

    /// <summary>Polynomials that there is room for.</summary>
    public int Capacity { get; }

    /// <summary>Data primes in use, less one.</summary>
    public int Level { get; private set; }

    /// <summary>Factor between a slot's value and what the polynomials hold.</summary>
    public double Scale { get; private set; } = 1;

    /// <summary>Polynomials in use: 2, or 3 for a product that is not relinearised.</summary>
    public int Size { get; private set; } = MinimumSize;

    /// <summary>Level + 1 rows of N residues in [0, q), evaluation form.</summary>
    internal Span<double> Polynomial(int index)
    {
        ObjectDisposedException.ThrowIf(_polynomials is null, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Size, nameof(index));
        return _polynomials.Span.Slice(index * Context.DataPrimes * Context.Degree, (Level + 1) * Context.Degree);
    }

    /// <summary>Bytes of a written ciphertext.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="size">Polynomials: 2 or 3.</param>
    /// <param name="level">Data primes, less one.</param>
    /// <returns>10 and, for each polynomial, N residues for each prime of the level at the prime's bit length.</returns>
    public static int SerializedSize(CkksContext context, int size, int level)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckLevel(level);
        return HeaderBytes + (size * PackedRows.Size(context.Lattice, level + 1));
    }

    /// <summary>Reads a ciphertext; every residue is checked against its prime.</summary>
    /// <param name="source">Exactly the bytes of <see cref="Write"/>.</param>
    /// <param name="context">The parameters that both sides agreed on.</param>
    /// <returns>The ciphertext; the caller disposes it.</returns>
    /// <exception cref="LatticeFormatException">Size, level or scale do not exist, the length is wrong, or a residue is not below its prime.</exception>
    public static CkksCiphertext Read(ReadOnlySequence<byte> source, CkksContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (source.Length < HeaderBytes)
            throw new LatticeFormatException(Messages.WrongLength(nameof(CkksCiphertext), HeaderBytes, source.Length));
        Span<byte> header = stackalloc byte[HeaderBytes];
        source.Slice(0, HeaderBytes).CopyTo(header);
        var (size, level, scale) = (header[0], header[1], BinaryPrimitives.ReadDoubleLittleEndian(header[2..]));
        if (size is < MinimumSize or > MaximumSize || level > context.MaximumLevel || !double.IsNormal(scale) || scale < 0)
            throw new LatticeFormatException(Messages.CiphertextHeader(size, level, scale, context.MaximumLevel));
        var length = SerializedSize(context, size, level);
        if (source.Length != length)
            throw new LatticeFormatException(Messages.WrongLength(nameof(CkksCiphertext), length, source.Length));
        var reader = new SequenceReader<byte>(source.Slice(HeaderBytes));
        var ciphertext = new CkksCiphertext(context, size);
        ciphertext.Shape(size, level, scale);
        try
        {
            for (var polynomial = 0; polynomial < size; polynomial++)
                PackedRows.Read(context.Lattice, ref reader, nameof(CkksCiphertext), ciphertext.Polynomial(polynomial));
        }
        catch (LatticeFormatException)
        {
            ciphertext.Dispose();
            throw;
        }

        return ciphertext;
    }

    /// <summary>Writes size, level, scale and the bit-packed polynomials.</summary>
    /// <param name="writer">Takes <see cref="SerializedSize"/> bytes.</param>
    public void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var header = writer.GetSpan(HeaderBytes);
        (header[0], header[1]) = ((byte)Size, (byte)Level);
        BinaryPrimitives.WriteDoubleLittleEndian(header[2..], Scale);
        writer.Advance(HeaderBytes);
        for (var polynomial = 0; polynomial < Size; polynomial++)
            PackedRows.Write(Context.Lattice, Polynomial(polynomial), writer);
    }

    /// <summary>Gives the memory back to the context; the ciphertext cannot be used after.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _polynomials, null) is { } polynomials)
            Context.Polynomials(Capacity).Return(polynomials, wasSecret: false);
    }

    /// <summary>Says what the polynomials are about to hold; rows that stay in use keep their content and place.</summary>
    internal void Shape(int size, int level, double scale)
    {
        Context.CheckLevel(level);
        CkksContext.CheckScale(scale);
        if (size is < MinimumSize || size > Capacity)
            throw new ArgumentException($"The result has {size} polynomials, the target has room for {Capacity}: create it with that capacity.", nameof(size));
        (Size, Level, Scale) = (size, level, scale);
    }
}
