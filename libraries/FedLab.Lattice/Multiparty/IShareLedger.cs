using System.Buffers;

namespace FedLab.Lattice.Multiparty;

/// <summary>A party's record of the public polynomials for which it gave a share of its secret. Thread-safe.</summary>
/// <remarks>
/// <para>Two fresh shares of one secret for one polynomial leak. Their average halves what the flood hides, and in a t-out-of-n run with two active sets it is far
/// worse: λ·c1·S + e and λ'·c1·S + e' with public λ'/λ = a/b give b·e' - a·e, so e modulo b: exact low bits of the ciphertext's noise
/// through any flood, and e itself, hence S, where a/b has no short form (a closest vector in dimension two). A run whose active
/// set changes is therefore a repetition, and is refused like one; the remedy is <see cref="Rerandomisation"/>.</para>
/// <code>
/// Reserve (durable: the subjects are spent) ── compute ── Store (durable: digest and bytes) ── the share may leave
///      └ crash: "possibly given", refused                       └ crash: the stored share may be sent again
/// </code>
/// <para>A request is valid during a call only: its memory serves the next share. What a ledger keeps of it, it copies.</para>
/// </remarks>
public interface IShareLedger
{
    /// <summary>Spends every subject of a request, all or none; durable on return.</summary>
    /// <param name="request">What a fresh share is about to be made for.</param>
    /// <exception cref="ShareAlreadyGivenException">A share was given, or may have been, for one of the subjects.</exception>
    /// <exception cref="ShareLedgerException">The ledger cannot promise anything any more.</exception>
    void Reserve(ShareRequest request);

    /// <summary>Records the share that was made for a reserved request; durable on return, and only then may the share leave.</summary>
    /// <param name="request">As given to <see cref="Reserve"/>.</param>
    /// <param name="share">The written share.</param>
    /// <exception cref="InvalidOperationException">The request is not reserved, or has its share already.</exception>
    /// <exception cref="ShareLedgerException">The record could not be made durable.</exception>
    void Store(ShareRequest request, ReadOnlySpan<byte> share);

    /// <summary>Finds the share that was given for this very request: the same subjects, parties and transcript.</summary>
    /// <param name="request">The request.</param>
    /// <param name="share">Takes the stored bytes, checked against their recorded digest.</param>
    /// <returns>False when no share was recorded for it, or its bytes are not kept.</returns>
    /// <exception cref="ShareLedgerException">The stored bytes are not those that were recorded.</exception>
    bool TryRead(ShareRequest request, IBufferWriter<byte> share);
}

/// <summary>A second fresh share was asked for where one was given, or may have been. The message says what, when, and what to do instead.</summary>
public sealed class ShareAlreadyGivenException : Exception
{
    internal ShareAlreadyGivenException(CollectiveProtocolKind protocol, DateTimeOffset givenAt, bool isSameRequest, bool isCertain, ReadOnlySpan<byte> subject)
        : base(MultipartyMessages.AlreadyGiven(protocol, givenAt, isSameRequest, isCertain, Convert.ToHexStringLower(subject)))
    {
        (Protocol, GivenAt, IsSameRequest, IsCertain) = (protocol, givenAt, isSameRequest, isCertain);
    }

    /// <summary>The protocol of the first share.</summary>
    public CollectiveProtocolKind Protocol { get; }

    /// <summary>When the first share was recorded.</summary>
    public DateTimeOffset GivenAt { get; }

    /// <summary>Whether the first share was for the same parties and transcript: then the stored one may be sent again.</summary>
    public bool IsSameRequest { get; }

    /// <summary>False when the party stopped between the reservation and the record of the share, so that it may not have left.</summary>
    public bool IsCertain { get; }
}

/// <summary>The ledger cannot be used: it is damaged, open elsewhere, readable by others or cannot be written. The message says what to do.</summary>
/// <param name="message">For the person who runs the party.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class ShareLedgerException(string message, Exception? innerException = null) : Exception(message, innerException);
