namespace FedLab.Audit;

/// <summary>The names of the events that a log records. What each carries is in <see cref="AuditEvent"/>.</summary>
public static class AuditEventType
{
    /// <summary>The lab's rules: certificate authority and quorum of cosignatures.</summary>
    public const string LabConfigured = "lab.configured";

    /// <summary>A party was invited, by the hash of its token.</summary>
    public const string PartyInvited = "party.invited";

    /// <summary>A party redeemed its token for a certificate.</summary>
    public const string PartyEnrolled = "party.enrolled";

    /// <summary>A party, or the coordinator, got a later certificate for its key.</summary>
    public const string CertificateRenewed = "certificate.renewed";

    /// <summary>A party was put out of the lab.</summary>
    public const string PartyRevoked = "party.revoked";

    /// <summary>A party connected with a certificate and a cosigning key.</summary>
    public const string PartyJoined = "party.joined";

    /// <summary>A party published a version of its catalogue, by hash and, since catalogues are signed, with its signature; names and descriptions of columns, never a value.</summary>
    public const string CataloguePublished = "catalogue.published";

    /// <summary>A party took its catalogue back.</summary>
    public const string CatalogueWithdrawn = "catalogue.withdrawn";

    /// <summary>A run was proposed.</summary>
    public const string RunProposed = "run.proposed";

    /// <summary>A party approved a run, with its signature.</summary>
    public const string RunApproved = "run.approved";

    /// <summary>A party refused a run.</summary>
    public const string RunRefused = "run.refused";

    /// <summary>The first attempt of a run began.</summary>
    public const string RunStarted = "run.started";

    /// <summary>A later attempt of a run began, from a checkpoint that all share.</summary>
    public const string RunResumed = "run.resumed";

    /// <summary>A run ended with its result.</summary>
    public const string RunFinished = "run.finished";

    /// <summary>A run, or an attempt of it, ended without a result.</summary>
    public const string RunAborted = "run.aborted";

    /// <summary>A party left a run for good, which goes on without it.</summary>
    public const string PartyLeft = "party.left";

    /// <summary>Public key material of a party, by hash.</summary>
    public const string KeyRegistered = "key.registered";

    /// <summary>A party's commitment to its data, by hash.</summary>
    public const string DatasetCommitted = "dataset.committed";

    /// <summary>An alignment ended; set sizes only.</summary>
    public const string AlignDone = "align.done";

    /// <summary>A party sent an envelope.</summary>
    public const string EgressSent = "egress.sent";

    /// <summary>A party received an envelope.</summary>
    public const string IngressReceived = "ingress.received";

    /// <summary>The coordinator passed an envelope on.</summary>
    public const string RelayForwarded = "relay.forwarded";

    /// <summary>A party's policy denied something.</summary>
    public const string PolicyDenied = "policy.denied";

    /// <summary>A model was published, by the hash of its manifest.</summary>
    public const string ModelPublished = "model.published";

    /// <summary>The head of some log, as the writer of this entry saw it.</summary>
    public const string LogCheckpoint = "log.checkpoint";

    /// <summary>The writer of this entry cosigned a head.</summary>
    public const string WitnessCosigned = "witness.cosigned";

    /// <summary>Customers were scored with a published model; a count only.</summary>
    public const string ScoringDone = "scoring.done";
}
