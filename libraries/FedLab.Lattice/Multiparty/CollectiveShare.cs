using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>What a share holds: <paramref name="Polynomials"/> polynomials over the first <paramref name="Primes"/> primes, <paramref name="Values"/> residues each.</summary>
internal readonly record struct ShareShape(int Polynomials, int Primes, int Values)
{
    /// <summary>Kernels work on whole vectors.</summary>
    public int PaddedValues => (Values + 7) & ~7;

    public int Length => Polynomials * Primes * PaddedValues;
}

/// <summary>
/// A party's contribution to a collective protocol, or the sum of several. It names its protocol, its contributors and the session that it is for, so
/// that shares of different requests cannot be added. One owner, who disposes it to give its memory back.
/// </summary>
/// <remarks>
/// Wire form: version (1 byte), protocol (1 byte), contributors (8 bytes little-endian, bit i for party i), session (32 bytes), then for each
/// polynomial and prime the residues in [0, p) at the bit length of the prime, each row padded with zero bits to a byte.
/// </remarks>
public sealed class CollectiveShare : IDisposable
{
    /// <summary>Bytes of a session.</summary>
    public const int SessionBytes = 32;

    private const byte FormatVersion = 1;
    private const int HeaderBytes = 2 + sizeof(ulong) + SessionBytes;
    private const string Kind = nameof(CollectiveShare);

    private readonly byte[] _session = new byte[SessionBytes];
    private readonly BufferPool _pool;
    private AlignedBuffer? _residues;

    internal CollectiveShare(LatticeContext context, CollectiveProtocolKind protocol, ShareShape shape, BufferPool pool)
    {
        (Context, Protocol, Shape, _pool) = (context, protocol, shape, pool);
        _residues = pool.Rent();
        Clear();
    }

    /// <summary>The ring.</summary>
    public LatticeContext Context { get; }

    /// <summary>The protocol and round.</summary>
    public CollectiveProtocolKind Protocol { get; }

    /// <summary>The parties whose contributions are in it; the default value when there is none yet.</summary>
    public PartySet Contributors { get; private set; }

    /// <summary>SHA-256 of the request that the share answers: parameters, protocol, parties, label or ciphertext, transcript. All zero when there is none yet.</summary>
    public ReadOnlySpan<byte> Session => _session;

    /// <summary>Bytes of the written share.</summary>
    public int SerializedSize => Size(Context, Shape);

    internal ShareShape Shape { get; }

    /// <summary>Residues in [0, p).</summary>
    internal Span<double> Residues
    {
        get
        {
            ObjectDisposedException.ThrowIf(_residues is null, this);
            return _residues.Span;
        }
    }

    /// <summary>Makes the share a sum of nothing; its memory is overwritten by what comes next.</summary>
    public void Clear()
    {
        if (Shape.PaddedValues != Shape.Values)
            Residues.Clear();
        _session.AsSpan().Clear();
        Contributors = default;
    }

    /// <summary>Writes the share.</summary>
    /// <param name="writer">Takes <see cref="SerializedSize"/> bytes.</param>
    /// <exception cref="InvalidOperationException">Nothing was generated into it yet.</exception>
    public void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var size = SerializedSize;
        Write(writer.GetSpan(size)[..size]);
        writer.Advance(size);
    }

    /// <summary>As the public method, to exactly <see cref="SerializedSize"/> bytes.</summary>
    internal void Write(Span<byte> span)
    {
        if (Contributors.Mask == 0)
            throw new InvalidOperationException("The share is empty: generate it or aggregate into it first.");
        (span[0], span[1]) = (FormatVersion, (byte)Protocol);
        BinaryPrimitives.WriteUInt64LittleEndian(span[2..], Contributors.Mask);
        _session.CopyTo(span[(2 + sizeof(ulong))..]);
        var position = HeaderBytes;
        for (var row = 0; row < Shape.Polynomials * Shape.Primes; row++)
        {
            var table = Context.Tables[row % Shape.Primes];
            var length = RowBytes(table, Shape.Values);
            var bits = new BitWriter(span.Slice(position, length));
            bits.Write(Row(row)[..Shape.Values], Bits(table));
            position += length;
        }
    }

    /// <summary>Residues of polynomial <paramref name="index"/>, all primes.</summary>
    internal Span<double> Polynomial(int index)
    {
        var length = Shape.Primes * Shape.PaddedValues;
        return Residues.Slice(index * length, length);
    }

    /// <summary>Names what was generated into the share.</summary>
    internal void Bind(int party, ReadOnlySpan<byte> session)
    {
        Contributors = PartySet.Of(party);
        session.CopyTo(_session);
    }

    /// <summary>Adds another share of the same shape and session.</summary>
    internal void Add(CollectiveShare addend)
    {
        if (Contributors.Mask == 0)
            addend.Residues.CopyTo(Residues);
        for (var index = 0; index < Shape.Polynomials && Contributors.Mask != 0; index++)
            RowArithmetic.Add(Context, Shape.PaddedValues, addend.Polynomial(index), Polynomial(index));
        Contributors = new PartySet(Contributors.Mask | addend.Contributors.Mask);
        addend._session.CopyTo(_session.AsSpan());
    }

    internal static int Size(LatticeContext context, ShareShape shape)
    {
        var bytes = 0;
        for (var prime = 0; prime < shape.Primes; prime++)
            bytes += RowBytes(context.Tables[prime], shape.Values);
        return HeaderBytes + (shape.Polynomials * bytes);
    }

    /// <summary>Reads received bytes into this share after checking all of them; on a refusal the share is empty.</summary>
    internal void Read(in ReadOnlySequence<byte> source, PartySet parties)
    {
        Clear();
        var size = SerializedSize;
        if (source.Length != size)
            throw new LatticeFormatException(Messages.WrongLength(Kind, size, source.Length));
        var rented = source.IsSingleSegment ? null : ArrayPool<byte>.Shared.Rent(size);
        try
        {
            if (rented is not null)
                source.CopyTo(rented);
            Unpack(rented is null ? source.FirstSpan : rented.AsSpan(0, size), parties);
        }
        catch
        {
            Clear();
            throw;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Gives the memory back; the share cannot be used after.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _residues, null) is { } residues)
            _pool.Return(residues, wasSecret: false);
    }

    private void Unpack(ReadOnlySpan<byte> bytes, PartySet parties)
    {
        if (bytes[0] != FormatVersion)
            throw new LatticeFormatException(MultipartyMessages.ShareVersion(bytes[0], FormatVersion));
        if (bytes[1] != (byte)Protocol)
            throw new LatticeFormatException(MultipartyMessages.ShareProtocol(bytes[1], (int)Protocol, Protocol.ToString()));
        var contributors = BinaryPrimitives.ReadUInt64LittleEndian(bytes[2..]);
        if (contributors == 0 || (contributors & ~parties.Mask) != 0)
            throw new LatticeFormatException(MultipartyMessages.ShareContributors(new PartySet(contributors).ToString(), parties.ToString()));
        var position = HeaderBytes;
        for (var row = 0; row < Shape.Polynomials * Shape.Primes; row++)
        {
            var table = Context.Tables[row % Shape.Primes];
            var length = RowBytes(table, Shape.Values);
            var packed = bytes.Slice(position, length);
            if (!BitReader.Read(packed, 0, Bits(table), table.Prime, Row(row)[..Shape.Values]))
                throw new LatticeFormatException(Messages.ResidueTooLarge(Kind, table.Prime));
            if (!BitReader.IsZeroFrom(packed, (long)Shape.Values * Bits(table)))
                throw new LatticeFormatException(Messages.PaddingNotZero(Kind));
            position += length;
        }

        bytes.Slice(2 + sizeof(ulong), SessionBytes).CopyTo(_session);
        Contributors = new PartySet(contributors);
    }

    private Span<double> Row(int row) => Residues.Slice(row * Shape.PaddedValues, Shape.PaddedValues);

    private static int Bits(TransformTable table) => BitOperations.Log2(table.Prime) + 1;

    private static int RowBytes(TransformTable table, int values) => BitWriter.ByteCount(values, Bits(table));
}
