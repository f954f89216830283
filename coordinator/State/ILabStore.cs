using FedLab.Proto;

namespace FedLab.Coordinator.State;

/// <summary>A run as it is stored.</summary>
internal sealed record StoredRun
{
    public required string Run { get; init; }

    public required string Experiment { get; init; }

    public required byte[] Spec { get; init; }

    public required byte[] SpecHash { get; init; }

    public required string ProposedBy { get; init; }

    public required DateTimeOffset Created { get; init; }

    public RunState State { get; init; } = RunState.Proposed;

    public int Attempt { get; init; }

    public string Reason { get; init; } = "";

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    public byte[] ManifestHash { get; init; } = [];
}

/// <summary>A party's decision on a run as it is stored.</summary>
internal sealed record StoredDecision(string Run, string Party, bool Approve, string Reason, string Approver, byte[] Signature, DateTimeOffset Decided);

/// <summary>What a party reported at the end of its role.</summary>
internal sealed record StoredResult(string Run, string Party, int Attempt, long AlignedRows, IReadOnlyDictionary<string, double> Seconds, IReadOnlyDictionary<string, long> Bytes);

/// <summary>A party as it was seen last.</summary>
internal sealed record StoredParty(string Name, string CosigningKey, string Software, DateTimeOffset Seen);

/// <summary>An attempt of a run and how it ended.</summary>
internal sealed record StoredAttempt(string Run, int Attempt, DateTimeOffset Started, DateTimeOffset? Ended, string Reason);

/// <summary>An invitation as it is stored. The token itself is nowhere: its hash finds it.</summary>
/// <param name="TokenHash">SHA-256 of the token's secret.</param>
/// <param name="Party">Whom it is for.</param>
/// <param name="InvitedBy">Who made it.</param>
/// <param name="Created">When.</param>
/// <param name="Expires">Until when it can be redeemed.</param>
/// <param name="CertificateHash">SHA-256 of the certificate that it was redeemed for; empty before.</param>
internal sealed record StoredInvitation(byte[] TokenHash, string Party, string InvitedBy, DateTimeOffset Created, DateTimeOffset Expires, byte[] CertificateHash);

/// <summary>A certificate of a party as it is stored.</summary>
/// <param name="Hash">SHA-256 of the certificate.</param>
/// <param name="Party">The holder.</param>
/// <param name="Certificate">The certificate, DER.</param>
/// <param name="Issued">When it was issued, or taken over.</param>
/// <param name="Revoked">When it was revoked; null while it is good.</param>
/// <param name="Reason">Why, for people; may be empty.</param>
internal sealed record StoredCertificate(byte[] Hash, string Party, byte[] Certificate, DateTimeOffset Issued, DateTimeOffset? Revoked, string Reason);

/// <summary>A catalogue as it is stored.</summary>
/// <param name="Party">Who published it.</param>
/// <param name="Catalogue">The message's bytes.</param>
/// <param name="Hash">SHA-256 of its canonical JSON.</param>
/// <param name="Signature">The party's signature over it.</param>
/// <param name="Published">When this version came.</param>
internal sealed record StoredCatalogue(string Party, byte[] Catalogue, byte[] Hash, byte[] Signature, DateTimeOffset Published);

/// <summary>The coordinator's durable state. Every call is on disk when it returns.</summary>
internal interface ILabStore : IDisposable
{
    /// <summary>Adds a run.</summary>
    void AddRun(StoredRun run);

    /// <summary>Replaces what changes in a run: state, attempt, reason, times, manifest hash.</summary>
    /// <exception cref="KeyNotFoundException">There is no such run.</exception>
    void UpdateRun(StoredRun run);

    /// <summary>Finds a run.</summary>
    StoredRun? FindRun(string run);

    /// <summary>Runs, newest first.</summary>
    IReadOnlyList<StoredRun> ListRuns(int limit);

    /// <summary>Runs that have not ended, oldest first.</summary>
    IReadOnlyList<StoredRun> OpenRuns();

    /// <summary>Stores a decision; a second one of the same party and run is ignored.</summary>
    /// <returns>Whether it was the first.</returns>
    bool AddDecision(StoredDecision decision);

    /// <summary>The decisions on a run.</summary>
    IReadOnlyList<StoredDecision> Decisions(string run);

    /// <summary>Begins an attempt.</summary>
    void BeginAttempt(string run, int attempt, DateTimeOffset started);

    /// <summary>Ends an attempt.</summary>
    void EndAttempt(string run, int attempt, DateTimeOffset ended, string reason);

    /// <summary>The attempts of a run in order.</summary>
    IReadOnlyList<StoredAttempt> Attempts(string run);

    /// <summary>Records that a party has left a run for good.</summary>
    void AddAbsence(string run, string party, int attempt);

    /// <summary>The parties that have left a run, with the last attempt that they took part in.</summary>
    IReadOnlyList<(string Party, int Attempt)> Absences(string run);

    /// <summary>Stores or replaces what a party reported.</summary>
    void PutResult(StoredResult result);

    /// <summary>What the parties of a run reported.</summary>
    IReadOnlyList<StoredResult> Results(string run);

    /// <summary>Stores or replaces a party.</summary>
    void PutParty(StoredParty party);

    /// <summary>All parties ever seen.</summary>
    IReadOnlyList<StoredParty> Parties();

    /// <summary>Adds an invitation; one with the same token is left as it is.</summary>
    /// <returns>Whether it was new.</returns>
    bool AddInvitation(StoredInvitation invitation);

    /// <summary>All invitations, oldest first.</summary>
    IReadOnlyList<StoredInvitation> Invitations();

    /// <summary>Ends a party's invitations that have not been redeemed.</summary>
    void EndInvitations(string party, DateTimeOffset ended);

    /// <summary>Marks an invitation as redeemed and adds the certificate, both or neither.</summary>
    /// <returns>False when there is no such invitation or it was redeemed before; then nothing is changed.</returns>
    bool RedeemInvitation(byte[] tokenHash, StoredCertificate certificate);

    /// <summary>Adds a certificate; one that is there is left as it is.</summary>
    void AddCertificate(StoredCertificate certificate);

    /// <summary>All certificates, in the order in which they were added.</summary>
    IReadOnlyList<StoredCertificate> Certificates();

    /// <summary>Stores or replaces a party's catalogue.</summary>
    void PutCatalogue(StoredCatalogue catalogue);

    /// <summary>Forgets a party's catalogue, if there is one.</summary>
    void RemoveCatalogue(string party);

    /// <summary>All catalogues.</summary>
    IReadOnlyList<StoredCatalogue> Catalogues();

    /// <summary>Revokes all certificates of a party that are not revoked, ends its invitations and forgets its catalogue.</summary>
    void RevokeParty(string party, DateTimeOffset revoked, string reason);

    /// <summary>Stores the head of a log, which whoever takes over must find in it.</summary>
    void PutHead(string log, long size, byte[] root);

    /// <summary>The last head of a log that was stored.</summary>
    (long Size, byte[] Root)? Head(string log);
}
