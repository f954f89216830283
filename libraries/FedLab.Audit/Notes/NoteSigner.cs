using System.Buffers.Binary;
using FedLab.Curve25519;

namespace FedLab.Audit;

/// <summary>Signs notes with an Ed25519 key under a name, as a log or as a witness. The caller owns the private key.</summary>
public sealed class NoteSigner
{
    private readonly Ed25519PrivateKey _privateKey;
    private readonly TimeProvider _clock;

    private NoteSigner(VerifierKey key, Ed25519PrivateKey privateKey, TimeProvider clock)
    {
        Key = key;
        _privateKey = privateKey;
        _clock = clock;
    }

    /// <summary>The public half.</summary>
    public VerifierKey Key { get; }

    /// <summary>A signer of a log's checkpoints (type 1).</summary>
    /// <exception cref="ArgumentException">The name is not a key name.</exception>
    public static NoteSigner ForLog(string name, Ed25519PrivateKey privateKey)
    {
        ArgumentNullException.ThrowIfNull(privateKey);
        return new NoteSigner(VerifierKey.ForLog(name, privateKey.PublicKey), privateKey, TimeProvider.System);
    }

    /// <summary>A signer of cosignatures (type 4), which carry the time of <paramref name="clock"/>.</summary>
    /// <exception cref="ArgumentException">The name is not a key name.</exception>
    public static NoteSigner ForWitness(string name, Ed25519PrivateKey privateKey, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(privateKey);
        ArgumentNullException.ThrowIfNull(clock);
        return new NoteSigner(VerifierKey.ForWitness(name, privateKey.PublicKey), privateKey, clock);
    }

    /// <summary>Signs the text of a note (for a witness: the body of a checkpoint).</summary>
    public NoteSignature Sign(ReadOnlySpan<byte> noteText)
    {
        if (Key.Type == NoteSignatureType.Ed25519) return new NoteSignature(Key.Name, Key.KeyId, _privateKey.Sign(noteText));
        var time = (ulong)_clock.GetUtcNow().ToUnixTimeSeconds();
        byte[] signature = _privateKey.Sign(VerifierKey.CosignedMessage(time, noteText));
        var value = new byte[sizeof(ulong) + signature.Length];
        BinaryPrimitives.WriteUInt64BigEndian(value, time);
        signature.CopyTo(value, sizeof(ulong));
        return new NoteSignature(Key.Name, Key.KeyId, value);
    }
}
