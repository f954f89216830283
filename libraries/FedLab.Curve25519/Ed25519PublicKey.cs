using System.Security.Cryptography;
using FedLab.Curve25519.Edwards;

namespace FedLab.Curve25519;

/// <summary>A key that verifies Ed25519 signatures (RFC 8032 section 5.1). Immutable and thread-safe.</summary>
public sealed class Ed25519PublicKey : IEquatable<Ed25519PublicKey>
{
    /// <summary>Bytes of a public key.</summary>
    public const int Size = 32;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureSize = 64;

    private readonly byte[] _encoded;
    private readonly EdwardsPoint _negated;

    internal Ed25519PublicKey(byte[] encoded, EdwardsPoint point)
    {
        _encoded = encoded;
        _negated = point.Negated();
    }

    /// <summary>Reads a public key.</summary>
    /// <param name="bytes">32 bytes in the encoding of RFC 8032 section 5.1.2.</param>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    /// <exception cref="InvalidPointException">Not the canonical encoding of a point, or a point of small order, for which one signature fits many messages.</exception>
    public static Ed25519PublicKey FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"An Ed25519 public key has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        if (!EdwardsPoint.TryRead(bytes, out var point)) throw new InvalidPointException(Messages.PublicKeyNotAPoint(), 0);
        if (point.IsSmallOrder()) throw new InvalidPointException(Messages.PublicKeyOfSmallOrder(), 0);
        return new Ed25519PublicKey(bytes.ToArray(), point);
    }

    /// <summary>The 32 bytes of the key, a copy.</summary>
    public byte[] ToBytes() => [.. _encoded];

    /// <summary>
    /// Whether the signature is one of this key for the message. The equation is checked without the cofactor and R by its bytes, as
    /// OpenSSL and Go do; a signature with S ≥ L, a non-canonical R or a wrong length is refused, so that nobody can alter a valid one.
    /// </summary>
    /// <param name="message">The signed bytes.</param>
    /// <param name="signature">R and S, 64 bytes; any other length is no signature.</param>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureSize) return false;
        var r = signature[..EdwardsPoint.Size];
        var s = signature[EdwardsPoint.Size..];
        if (!GroupScalar.IsCanonical(s)) return false;
        Span<byte> challenge = stackalloc byte[GroupScalar.Size];
        Challenge(r, _encoded, message).WriteTo(challenge);
        // R = S·B − k·A
        Span<byte> expected = stackalloc byte[EdwardsPoint.Size];
        BasePoint.MultiplyAddPublic(s, challenge, _negated).WriteTo(expected);
        return expected.SequenceEqual(r);
    }

    /// <summary>Whether both are the same key.</summary>
    public bool Equals(Ed25519PublicKey? other) => other is not null && _encoded.AsSpan().SequenceEqual(other._encoded);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Ed25519PublicKey);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_encoded);
        return hash.ToHashCode();
    }

    /// <summary>k = SHA-512(R ‖ A ‖ message) modulo L.</summary>
    internal static GroupScalar Challenge(ReadOnlySpan<byte> r, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(r);
        hash.AppendData(publicKey);
        hash.AppendData(message);
        Span<byte> digest = stackalloc byte[SHA512.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return GroupScalar.Reduce(digest);
    }
}
