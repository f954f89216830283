using System.Buffers.Binary;
using System.Security.Cryptography;
using FedLab.Curve25519.Edwards;

namespace FedLab.Curve25519;

/// <summary>
/// A secret scalar that blinds points: 8·k with k uniform in 1 … L − 1, L the prime order of the curve's large subgroup.
/// The factor 8 clears the cofactor, so that products lie in that subgroup; products with two scalars do not depend on the order.
/// </summary>
/// <remarks>Kept in pinned memory and overwritten by <see cref="Dispose"/>. Safe to use from several threads as long as none disposes it.</remarks>
public sealed class BlindingScalar : IDisposable
{
    /// <summary>Bytes of a written scalar.</summary>
    public const int Size = 32;

    private const int CofactorBits = 3;

    private readonly byte[] _scalar = GC.AllocateArray<byte>(Size, pinned: true);
    private bool _disposed;

    private BlindingScalar()
    {
    }

    /// <summary>The scalar, 32 bytes little-endian.</summary>
    internal ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _scalar;
        }
    }

    /// <summary>Draws a fresh scalar from the operating system's generator.</summary>
    public static BlindingScalar Generate()
    {
        var result = new BlindingScalar();
        do
        {
            // 253 random bits, again until they are in range: uniform, and k itself decides nothing that is kept.
            RandomNumberGenerator.Fill(result._scalar);
            result._scalar[Size - 1] &= 0x1f;
        }
        while (!IsInRange(result._scalar));

        ShiftLeft(result._scalar);
        return result;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <param name="bytes">32 bytes little-endian.</param>
    /// <exception cref="ArgumentException">Not 32 bytes, not a multiple of 8, or k = scalar/8 is not in 1 … L − 1.</exception>
    public static BlindingScalar FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"A blinding scalar has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        var result = new BlindingScalar();
        bytes.CopyTo(result._scalar);
        var isMultiple = (bytes[0] & (1 << CofactorBits) - 1) == 0;
        ShiftRight(result._scalar);
        if (!isMultiple || !IsInRange(result._scalar))
        {
            result.Dispose();
            throw new ArgumentException("These bytes are no blinding scalar: it must be 8·k with 0 < k < L.", nameof(bytes));
        }

        ShiftLeft(result._scalar);
        return result;
    }

    /// <summary>The scalar as 32 bytes little-endian, for storage as secret as the scalar itself; the caller overwrites the copy.</summary>
    /// <exception cref="ObjectDisposedException">The scalar has been overwritten.</exception>
    public byte[] ToBytes() => Bytes.ToArray();

    /// <summary>Overwrites the scalar.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_scalar);
    }

    private static bool IsInRange(ReadOnlySpan<byte> k) => GroupScalar.IsCanonical(k) && k.ContainsAnyExcept((byte)0);

    private static void ShiftLeft(Span<byte> bytes)
    {
        var value = BinaryPrimitives.ReadUInt128LittleEndian(bytes);
        var high = BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, value << CofactorBits);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[16..], high << CofactorBits | value >> 128 - CofactorBits);
    }

    private static void ShiftRight(Span<byte> bytes)
    {
        var value = BinaryPrimitives.ReadUInt128LittleEndian(bytes);
        var high = BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, value >> CofactorBits | high << 128 - CofactorBits);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[16..], high >> CofactorBits);
    }
}
