namespace FedLab.Federation.Channels;

/// <summary>What a message may show to those who relay it (design, section 9).</summary>
public enum MessageClass
{
    /// <summary>Public by the privacy table: sizes, counts, public keys, hashes, the published manifest.</summary>
    Public,

    /// <summary>Ciphertext under a key that neither the coordinator nor the receiver's peers hold.</summary>
    Ciphertext,

    /// <summary>Encrypted end to end to the receiving party (ECDH P-256, HKDF, AES-256-GCM).</summary>
    Sealed,
}
