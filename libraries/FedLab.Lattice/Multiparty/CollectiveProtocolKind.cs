namespace FedLab.Lattice.Multiparty;

/// <summary>The collective protocols; the value is a byte of every share, label and ledger record.</summary>
public enum CollectiveProtocolKind
{
    /// <summary>No protocol.</summary>
    None = 0,

    /// <summary><see cref="CollectivePublicKeyProtocol"/>.</summary>
    PublicKey = 1,

    /// <summary>First round of the collective relinearisation key: <see cref="RelinearisationFirstRound"/>.</summary>
    RelinearisationFirstRound = 2,

    /// <summary>Second round of the collective relinearisation key: <see cref="RelinearisationSecondRound"/>.</summary>
    RelinearisationSecondRound = 3,

    /// <summary><see cref="CollectiveGaloisKeyProtocol"/>.</summary>
    GaloisKey = 4,

    /// <summary><see cref="KeySwitchToPublicKeyProtocol"/>.</summary>
    KeySwitchToPublicKey = 5,

    /// <summary><see cref="KeySwitchToSecretKeyProtocol"/>.</summary>
    KeySwitchToSecretKey = 6,

    /// <summary><see cref="PartialDecryptionProtocol"/>.</summary>
    PartialDecryption = 7,

    /// <summary><see cref="SumDecryptionProtocol"/>.</summary>
    SumDecryption = 8,
}
