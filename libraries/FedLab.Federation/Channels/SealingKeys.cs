using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FedLab.Federation.Channels;

/// <summary>
/// End-to-end encryption between the parties of one attempt: an ephemeral ECDH key on P-256 for each party, a key for each
/// direction by HKDF-SHA-256, AES-256-GCM over chunks of 1 MiB. The ephemeral public keys travel in signed envelopes, which
/// is what authenticates them; they are dropped with the attempt, so that a stolen signing key opens nothing old.
/// </summary>
/// <remarks>
/// A sealed payload is the sequence of its chunks, each followed by its 16-byte tag. The nonce is the envelope's sequence
/// number (8 bytes) and the chunk's index (4 bytes): it cannot repeat under one key, because sequences are contiguous for
/// each direction and attempt. The associated data binds step, direction, sequence and whether the chunk is the last one.
/// </remarks>
public sealed class SealingKeys : IDisposable
{
    private const int KeySize = 32;
    private const int ChunkSize = PayloadBuffer.SegmentSize;

    private readonly ECDiffieHellman _own = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly Dictionary<string, (AesGcm Outgoing, AesGcm Incoming)> _peers = new(StringComparer.Ordinal);
    private readonly string _self;
    private readonly byte[] _salt;

    /// <summary>Makes fresh keys for one attempt.</summary>
    /// <param name="self">This party's name.</param>
    /// <param name="run">The run.</param>
    /// <param name="attempt">The attempt.</param>
    public SealingKeys(string self, string run, int attempt)
    {
        _self = self;
        _salt = SHA256.HashData(Encoding.UTF8.GetBytes($"fedlab seal v1\n{run}\n{attempt}"));
        PublicKey = _own.ExportSubjectPublicKeyInfo();
    }

    /// <summary>This party's ephemeral public key, as SubjectPublicKeyInfo.</summary>
    public byte[] PublicKey { get; }

    /// <summary>Agrees on the keys with a peer.</summary>
    /// <param name="peer">The peer's name.</param>
    /// <param name="publicKey">The peer's ephemeral public key, as SubjectPublicKeyInfo.</param>
    /// <exception cref="ProtocolException">The key is not a point of P-256, or the peer has one already.</exception>
    public void Add(string peer, ReadOnlySpan<byte> publicKey)
    {
        using var other = ECDiffieHellman.Create();
        try
        {
            other.ImportSubjectPublicKeyInfo(publicKey, out var read);
            if (read != publicKey.Length || other.KeySize != 256) throw ProtocolErrors.AgreementKeyInvalid(peer);
        }
        catch (CryptographicException e)
        {
            throw ProtocolErrors.AgreementKeyInvalid(peer, e);
        }
        var secret = _own.DeriveRawSecretAgreement(other.PublicKey);
        try
        {
            var keys = (Derive(secret, _self, peer), Derive(secret, peer, _self));
            if (!_peers.TryAdd(peer, keys)) throw ProtocolErrors.AgreementKeyTwice(peer);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Encrypts a payload for a peer.</summary>
    /// <param name="peer">The receiver.</param>
    /// <param name="step">The step.</param>
    /// <param name="sequence">The envelope's sequence number.</param>
    /// <param name="plaintext">The content.</param>
    public PayloadBuffer Seal(string peer, Step step, long sequence, PayloadBuffer plaintext)
    {
        var key = Peer(peer).Outgoing;
        var output = new PayloadBuffer();
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            var rest = plaintext.AsSequence();
            for (var index = 0; index == 0 || !rest.IsEmpty; index++)
            {
                var length = (int)Math.Min(ChunkSize, rest.Length);
                rest.Slice(0, length).CopyTo(chunk);
                rest = rest.Slice(length);
                var target = output.GetSpan(length + AesGcm.TagByteSizes.MaxSize)[..(length + AesGcm.TagByteSizes.MaxSize)];
                key.Encrypt(Nonce(sequence, index), chunk.AsSpan(0, length), target[..length], target[length..], AssociatedData(step, _self, peer, sequence, rest.IsEmpty));
                output.Advance(target.Length);
            }
            return output;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chunk);
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>Decrypts a payload of a peer.</summary>
    /// <param name="peer">The sender.</param>
    /// <param name="step">The step.</param>
    /// <param name="sequence">The envelope's sequence number.</param>
    /// <param name="sealedPayload">The payload as it travelled.</param>
    /// <exception cref="ProtocolException">It does not authenticate.</exception>
    public PayloadBuffer Open(string peer, Step step, long sequence, PayloadBuffer sealedPayload)
    {
        var key = Peer(peer).Incoming;
        var tagSize = AesGcm.TagByteSizes.MaxSize;
        var output = new PayloadBuffer();
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkSize + tagSize);
        try
        {
            var rest = sealedPayload.AsSequence();
            for (var index = 0; index == 0 || !rest.IsEmpty; index++)
            {
                var length = (int)Math.Min(ChunkSize + tagSize, rest.Length);
                if (length < tagSize) throw ProtocolErrors.SealTruncated(peer, step.Name);
                rest.Slice(0, length).CopyTo(chunk);
                rest = rest.Slice(length);
                var target = output.GetSpan(Math.Max(1, length - tagSize))[..(length - tagSize)];
                key.Decrypt(Nonce(sequence, index), chunk.AsSpan(0, length - tagSize), chunk.AsSpan(length - tagSize, tagSize), target, AssociatedData(step, peer, _self, sequence, rest.IsEmpty));
                output.Advance(target.Length);
            }
            return output;
        }
        catch (Exception e)
        {
            output.Dispose();
            if (e is CryptographicException) throw ProtocolErrors.SealBroken(peer, step.Name, e);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _own.Dispose();
        foreach (var (outgoing, incoming) in _peers.Values)
        {
            outgoing.Dispose();
            incoming.Dispose();
        }
    }

    private AesGcm Derive(byte[] secret, string sender, string receiver)
    {
        Span<byte> key = stackalloc byte[KeySize];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, _salt, Encoding.UTF8.GetBytes($"{sender}\n{receiver}"));
        var cipher = new AesGcm(key, AesGcm.TagByteSizes.MaxSize);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    private (AesGcm Outgoing, AesGcm Incoming) Peer(string peer) =>
        _peers.TryGetValue(peer, out var keys) ? keys : throw ProtocolErrors.KeysNotAgreed(peer);

    private static byte[] Nonce(long sequence, int chunk)
    {
        var nonce = new byte[AesGcm.NonceByteSizes.MaxSize];
        BinaryPrimitives.WriteInt64BigEndian(nonce, sequence);
        BinaryPrimitives.WriteInt32BigEndian(nonce.AsSpan(8), chunk);
        return nonce;
    }

    private static byte[] AssociatedData(Step step, string sender, string receiver, long sequence, bool last) =>
        Encoding.UTF8.GetBytes($"{step.Name}\n{sender}\n{receiver}\n{sequence}\n{(last ? "last" : "more")}");
}
