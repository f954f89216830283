using System.Buffers;
using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Encryption;

/// <summary>
/// The wire form of polynomials b_1 … b_n beside one a that is expanded from a seed: 32 bytes of seed, then for each b and each prime
/// the N residues in [0, p), evaluation form, at the bit length of the prime. N is a multiple of 8, so every prime starts on a byte.
/// </summary>
internal static class SeededForm
{
    public const int SeedBytes = KeyedStream.KeyBytes;

    public static int Size(LatticeContext context, int polynomials)
    {
        ArgumentNullException.ThrowIfNull(context);
        SecretKey.CheckMessages(polynomials);
        return SeedBytes + (polynomials * PolynomialBytes(context));
    }

    /// <summary>Room for a form with its seed in place.</summary>
    public static byte[] Create(LatticeContext context, ReadOnlySpan<byte> seed, int polynomials)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Size(context, polynomials));
        seed.CopyTo(bytes);
        return bytes;
    }

    /// <summary>Packs the canonical residues of one of the polynomials.</summary>
    public static void Pack(LatticeContext context, byte[] form, int index, ReadOnlySpan<double> polynomial)
    {
        var position = SeedBytes + (index * PolynomialBytes(context));
        for (var i = 0; i < context.Tables.Length; i++)
        {
            var length = RowBytes(context, context.Tables[i]);
            var writer = new BitWriter(form.AsSpan(position, length));
            writer.Write(polynomial.Slice(i * context.Degree, context.Degree), Bits(context.Tables[i]));
            position += length;
        }
    }

    /// <summary>Copies received bytes after checking their number and every residue.</summary>
    /// <exception cref="LatticeFormatException">They are not a seeded polynomial of this ring.</exception>
    public static byte[] Read(in ReadOnlySequence<byte> source, LatticeContext context, int polynomials, string kind)
    {
        var size = Size(context, polynomials);
        if (source.Length != size)
            throw new LatticeFormatException(Messages.WrongLength(kind, size, source.Length));
        var bytes = GC.AllocateUninitializedArray<byte>(size);
        source.CopyTo(bytes);
        var position = SeedBytes;
        foreach (var table in Enumerable.Repeat(context.Tables, polynomials).SelectMany(tables => tables))
        {
            var length = RowBytes(context, table);
            if (!BitReader.AreBelow(bytes.AsSpan(position, length), 0, Bits(table), table.Prime, context.Degree))
                throw new LatticeFormatException(Messages.ResidueTooLarge(kind, table.Prime));
            position += length;
        }

        return bytes;
    }

    /// <summary>Unpacks the checked residues of every b, side by side, and expands a.</summary>
    public static void Expand(LatticeContext context, ReadOnlySpan<byte> bytes, Span<double> b, Span<double> a)
    {
        var position = SeedBytes;
        for (var row = 0; row < b.Length / context.Degree; row++)
        {
            var table = context.Tables[row % context.Tables.Length];
            var length = RowBytes(context, table);
            BitReader.Read(bytes.Slice(position, length), 0, Bits(table), table.Prime, b.Slice(row * context.Degree, context.Degree));
            position += length;
        }

        ExpandSeed(context, bytes[..SeedBytes], a);
    }

    /// <summary>The public uniform polynomial of a seed, residues in [0, p).</summary>
    public static void ExpandSeed(LatticeContext context, ReadOnlySpan<byte> seed, Span<double> a)
    {
        for (var i = 0; i < context.Tables.Length; i++)
        {
            using var stream = context.Streams.Rent(seed, (uint)i);
            UniformSampler.Fill(stream, context.Tables[i].Prime, a.Slice(i * context.Degree, context.Degree));
        }
    }

    private static int PolynomialBytes(LatticeContext context) => context.Tables.Sum(table => RowBytes(context, table));

    private static int Bits(TransformTable table) => BitOperations.Log2(table.Prime) + 1;

    private static int RowBytes(LatticeContext context, TransformTable table) => BitWriter.ByteCount(context.Degree, Bits(table));
}
