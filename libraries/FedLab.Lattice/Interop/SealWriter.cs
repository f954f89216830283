using System.Buffers;
using System.Buffers.Binary;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Interop;

/// <summary>Writes SEAL's fields, little-endian and uncompressed.</summary>
internal readonly ref struct SealWriter(IBufferWriter<byte> writer)
{
    /// <summary>1.5·2^52.</summary>
    private const double IntegerShift = 6755399441055744.0;

    /// <summary>Opens an object of so many bytes, the header's 16 included.</summary>
    public void WriteHeader(long size)
    {
        SealHeader.Write(writer.GetSpan(SealHeader.Bytes), size);
        writer.Advance(SealHeader.Bytes);
    }

    public void WriteByte(byte value)
    {
        writer.GetSpan(1)[0] = value;
        writer.Advance(1);
    }

    public void WriteWord(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(writer.GetSpan(sizeof(ulong)), value);
        writer.Advance(sizeof(ulong));
    }

    public void WriteDouble(double value) => WriteWord(BitConverter.DoubleToUInt64Bits(value));

    public void Write(ReadOnlySpan<byte> bytes) => writer.Write(bytes);

    /// <summary>Opens an array of words.</summary>
    public void WriteArrayHeader(long words)
    {
        WriteHeader(SealSizes.Array(words));
        WriteWord((ulong)words);
    }

    /// <summary>Writes the residues of one prime, balanced or canonical in the library's order, as canonical words in SEAL's.</summary>
    /// <remarks>The time does not depend on the residues, which may be a secret key's.</remarks>
    public void WriteRow(TransformTable table, ReadOnlySpan<double> row)
    {
        var bytes = row.Length * sizeof(ulong);
        var span = writer.GetSpan(bytes)[..bytes];
        for (var i = 0; i < row.Length; i++)
        {
            // The sum's low bits hold the integer; a conversion would compare it with the ends of its range.
            var residue = BitConverter.DoubleToInt64Bits(row[TransformTable.PositionOf(i)] + IntegerShift) - BitConverter.DoubleToInt64Bits(IntegerShift);
            BinaryPrimitives.WriteUInt64LittleEndian(span[(i * sizeof(ulong))..], (ulong)residue + (table.Prime & (ulong)(residue >> 63)));
        }

        writer.Advance(bytes);
    }
}

/// <summary>Bytes of SEAL's objects, headers included.</summary>
internal static class SealSizes
{
    /// <summary>A DynArray of words.</summary>
    public static long Array(long words) => SealHeader.Bytes + sizeof(ulong) + sizeof(ulong) * words;

    /// <summary>A Modulus.</summary>
    public const int Modulus = SealHeader.Bytes + sizeof(ulong);

    /// <summary>EncryptionParameters: scheme, N, count, primes, plain modulus.</summary>
    public static long Parameters(int primes) => SealHeader.Bytes + 1 + 2 * sizeof(ulong) + (primes + 1L) * Modulus;

    /// <summary>A Plaintext or SecretKey: parms_id, count, scale, words.</summary>
    public static long Plaintext(long words) => SealHeader.Bytes + SealChain.IdentifierBytes + 2 * sizeof(ulong) + Array(words);

    /// <summary>A Ciphertext or PublicKey: parms_id, is_ntt, size, N, primes, scale, correction factor, words.</summary>
    public static long Ciphertext(long words) => SealHeader.Bytes + SealChain.IdentifierBytes + 1 + 5 * sizeof(ulong) + Array(words);

    /// <summary>UniformRandomGeneratorInfo: type and seed.</summary>
    public const int Seed = SealHeader.Bytes + 1 + SealSeed.SeedBytes;
}
