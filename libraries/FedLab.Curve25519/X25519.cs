using System.Security.Cryptography;
using FedLab.Curve25519.Field;
using FedLab.Curve25519.Montgomery;

namespace FedLab.Curve25519;

/// <summary>The function X25519 of RFC 7748: Diffie–Hellman over Curve25519, one point at a time, in constant time.</summary>
public static class X25519
{
    /// <summary>Bytes of a scalar, a coordinate and a shared secret.</summary>
    public const int Size = 32;

    private const byte BasePointCoordinate = 9;

    /// <summary>
    /// Multiplies a point by a clamped scalar (RFC 7748 section 5). As the RFC asks, the top bit of the coordinate is ignored and
    /// coordinates from 2^255 − 19 to 2^255 − 1 are taken modulo 2^255 − 19.
    /// </summary>
    /// <param name="scalar">32 secret bytes; clamped here, not changed.</param>
    /// <param name="point">The u-coordinate of the other side, 32 bytes little-endian.</param>
    /// <param name="result">Receives 32 bytes; may be the same memory as an input.</param>
    /// <exception cref="ArgumentException">A length is not 32.</exception>
    /// <exception cref="InvalidPointException">The result is zero (section 6.1): the point has a small order and the secret would be known to anyone.</exception>
    public static void Multiply(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point, Span<byte> result)
    {
        CheckLength(scalar.Length, nameof(scalar));
        CheckLength(point.Length, nameof(point));
        CheckLength(result.Length, nameof(result));
        Span<byte> clamped = stackalloc byte[Size];
        scalar.CopyTo(clamped);
        clamped[0] &= 0xf8;
        clamped[Size - 1] = (byte)(clamped[Size - 1] & 0x7f | 0x40);
        using var buffer = new SecretBuffer<LadderState<FieldElement>>(1);
        ref var ladder = ref buffer.Span[0];
        ladder.Point = FieldElement.FromBytes(point);
        MontgomeryLadder<FieldElement>.Multiply(clamped, ref ladder);
        CryptographicOperations.ZeroMemory(clamped);
        FieldPowers<FieldElement>.Invert(in ladder.Z, out var inverse);
        var product = ladder.X * inverse;
        product.WriteTo(result);
        if (product.IsZeroMask() != 0) throw new InvalidPointException(Messages.PointOfSmallOrder(0), 0);
    }

    /// <summary>The public key of a secret scalar: its product with the base point u = 9.</summary>
    /// <param name="scalar">32 secret bytes; clamped here, not changed.</param>
    /// <param name="publicKey">Receives 32 bytes.</param>
    /// <exception cref="ArgumentException">A length is not 32.</exception>
    public static void PublicKey(ReadOnlySpan<byte> scalar, Span<byte> publicKey)
    {
        Span<byte> basePoint = stackalloc byte[Size];
        basePoint.Clear();
        basePoint[0] = BasePointCoordinate;
        Multiply(scalar, basePoint, publicKey);
    }

    private static void CheckLength(int length, string name)
    {
        if (length != Size) throw new ArgumentException($"{name} must have {Size} bytes, not {length}.", name);
    }
}
