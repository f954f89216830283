namespace FedLab.Lattice;

/// <summary>The operations that <see cref="LatticeBenchmark"/> prepares, in the order in which a report shows them.</summary>
public enum LatticeOperation
{
    /// <summary>Coefficients to evaluation form, modulo one prime.</summary>
    ForwardTransform,

    /// <summary>Evaluation form to coefficients, modulo one prime.</summary>
    InverseTransform,

    /// <summary>All slots to a plaintext at the highest level.</summary>
    Encode,

    /// <summary>Encryption under the public key.</summary>
    EncryptPublicKey,

    /// <summary>Encryption under the secret key.</summary>
    EncryptSecretKey,

    /// <summary>Decryption at the highest level.</summary>
    Decrypt,

    /// <summary>A plaintext to all slots.</summary>
    Decode,

    /// <summary>The sum of two ciphertexts.</summary>
    Add,

    /// <summary>The product with a plaintext.</summary>
    MultiplyPlaintext,

    /// <summary>The product of two ciphertexts, three polynomials.</summary>
    Multiply,

    /// <summary>The product of two ciphertexts, brought back to two polynomials.</summary>
    MultiplyRelinearise,

    /// <summary>Division by the last prime in use.</summary>
    Rescale,

    /// <summary>Rotation of the slots by one.</summary>
    Rotate,

    /// <summary>Extraction of the sum of the slots as an LWE sample.</summary>
    ExtractSum,

    /// <summary>A party's share of the collective public key.</summary>
    PublicKeyShare,

    /// <summary>A party's share of the first round of the collective relinearisation key.</summary>
    RelinearisationFirstShare,

    /// <summary>A party's shares of both rounds: a second round spends the mask of the first, so it is not measured alone.</summary>
    RelinearisationBothShares,

    /// <summary>A party's share of one Galois key.</summary>
    GaloisKeyShare,

    /// <summary>A party's share of the switch of a ciphertext to a receiver's public key.</summary>
    SwitchToPublicKeyShare,

    /// <summary>A party's share of a decryption: the switch to a secret key that is zero.</summary>
    DecryptionShare,

    /// <summary>A party's partial decryption of one LWE sample.</summary>
    SampleDecryptionShare,

    /// <summary>A party's summand of the collective secret for a t-out-of-n run, from the Shamir shares that it was dealt.</summary>
    ThresholdSummand,
}
