using System.Security.Cryptography;
using FedLab.Curve25519.Edwards;

namespace FedLab.Curve25519;

/// <summary>
/// A key that makes Ed25519 signatures (RFC 8032 section 5.1). Signing is deterministic and in constant time: no branch and no
/// memory address depends on the key. The secrets are kept in pinned memory and overwritten by <see cref="Dispose"/>.
/// </summary>
/// <remarks>Safe to use from several threads as long as none disposes it.</remarks>
public sealed class Ed25519PrivateKey : IDisposable
{
    /// <summary>Bytes of a seed.</summary>
    public const int SeedSize = 32;

    private const int ScalarSize = 32;

    private readonly byte[] _seed = GC.AllocateArray<byte>(SeedSize, pinned: true);

    /// <summary>SHA-512 of the seed: the clamped scalar, then the prefix that makes nonces.</summary>
    private readonly byte[] _expanded = GC.AllocateArray<byte>(SHA512.HashSizeInBytes, pinned: true);

    private bool _disposed;

    private Ed25519PrivateKey(ReadOnlySpan<byte> seed)
    {
        seed.CopyTo(_seed);
        SHA512.HashData(_seed, _expanded);
        _expanded[0] &= 0xf8;
        _expanded[ScalarSize - 1] = (byte)(_expanded[ScalarSize - 1] & 0x7f | 0x40);
        var point = BasePoint.Multiply(_expanded.AsSpan(0, ScalarSize));
        var encoded = new byte[Ed25519PublicKey.Size];
        point.WriteTo(encoded);
        PublicKey = new Ed25519PublicKey(encoded, point);
    }

    /// <summary>The key that verifies what this one signs; it stays usable after <see cref="Dispose"/>.</summary>
    public Ed25519PublicKey PublicKey { get; }

    /// <summary>Makes a key from the operating system's random generator.</summary>
    public static Ed25519PrivateKey Generate()
    {
        Span<byte> seed = stackalloc byte[SeedSize];
        RandomNumberGenerator.Fill(seed);
        var key = new Ed25519PrivateKey(seed);
        CryptographicOperations.ZeroMemory(seed);
        return key;
    }

    /// <summary>The key of a seed, which RFC 8032 calls the private key.</summary>
    /// <param name="seed">32 secret bytes.</param>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public static Ed25519PrivateKey FromSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedSize) throw new ArgumentException($"An Ed25519 seed has {SeedSize} bytes, not {seed.Length}.", nameof(seed));
        return new Ed25519PrivateKey(seed);
    }

    /// <summary>The 64-byte signature of a message; the same for the same message every time.</summary>
    /// <param name="message">Any bytes.</param>
    /// <exception cref="ObjectDisposedException">The key has been overwritten.</exception>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var signature = new byte[Ed25519PublicKey.SignatureSize];
        Span<byte> digest = stackalloc byte[SHA512.HashSizeInBytes];
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512))
        {
            hash.AppendData(_expanded.AsSpan(ScalarSize));
            hash.AppendData(message);
            hash.GetHashAndReset(digest);
        }

        var nonce = GroupScalar.Reduce(digest);
        Span<byte> nonceBytes = stackalloc byte[GroupScalar.Size];
        nonce.WriteTo(nonceBytes);
        BasePoint.Multiply(nonceBytes).WriteTo(signature);
        var challenge = Ed25519PublicKey.Challenge(signature.AsSpan(0, EdwardsPoint.Size), PublicKey.ToBytes(), message);
        challenge.MultiplyAdd(_expanded.AsSpan(0, ScalarSize), nonce).WriteTo(signature.AsSpan(EdwardsPoint.Size));
        CryptographicOperations.ZeroMemory(digest);
        CryptographicOperations.ZeroMemory(nonceBytes);
        return signature;
    }

    /// <summary>The 32-byte seed, for storage as secret as the key itself; the caller overwrites the copy.</summary>
    /// <exception cref="ObjectDisposedException">The key has been overwritten.</exception>
    public byte[] ExportSeed()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return [.. _seed];
    }

    /// <summary>Overwrites the secrets.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_seed);
        CryptographicOperations.ZeroMemory(_expanded);
    }
}
