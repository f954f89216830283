using System.Buffers;
using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Encryption;

/// <summary>The wire form of rows of residues: each at the bit length of its prime, from a whole byte on (N is a multiple of 8).</summary>
internal static class PackedRows
{
    /// <summary>Bytes of the rows of the first primes.</summary>
    public static int Size(LatticeContext context, int primes)
    {
        var size = 0;
        for (var i = 0; i < primes; i++)
            size += RowBytes(context, context.Tables[i]);
        return size;
    }

    /// <summary>Writes canonical rows for the first primes, as many as there are.</summary>
    public static void Write(LatticeContext context, ReadOnlySpan<double> rows, IBufferWriter<byte> writer)
    {
        for (var i = 0; i * context.Degree < rows.Length; i++)
        {
            var length = RowBytes(context, context.Tables[i]);
            var bits = new BitWriter(writer.GetSpan(length)[..length]);
            bits.Write(rows.Slice(i * context.Degree, context.Degree), Bits(context.Tables[i]));
            writer.Advance(length);
        }
    }

    /// <summary>Reads rows for the first primes and leaves the reader behind them; the caller has checked the length.</summary>
    /// <exception cref="LatticeFormatException">A residue is not below its prime.</exception>
    public static void Read(LatticeContext context, ref SequenceReader<byte> reader, string kind, Span<double> rows)
    {
        for (var i = 0; i * context.Degree < rows.Length; i++)
        {
            var table = context.Tables[i];
            var length = RowBytes(context, table);
            var pooled = ArrayPool<byte>.Shared.Rent(length);
            var bytes = pooled.AsSpan(0, length);
            reader.TryCopyTo(bytes);
            reader.Advance(length);
            var below = BitReader.Read(bytes, 0, Bits(table), table.Prime, rows.Slice(i * context.Degree, context.Degree));
            ArrayPool<byte>.Shared.Return(pooled);
            if (!below)
                throw new LatticeFormatException(Messages.ResidueTooLarge(kind, table.Prime));
        }
    }

    private static int Bits(TransformTable table) => BitOperations.Log2(table.Prime) + 1;

    private static int RowBytes(LatticeContext context, TransformTable table) => BitWriter.ByteCount(context.Degree, Bits(table));
}
