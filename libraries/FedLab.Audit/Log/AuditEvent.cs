using System.Text.Json.Nodes;

namespace FedLab.Audit;

/// <summary>
/// Something to be logged. Make one with the methods below: they know what each type of event holds. The log adds the
/// version, its name, the number, the time and the hash of the entry before.
/// </summary>
/// <param name="Type">One of <see cref="AuditEventType"/>.</param>
/// <param name="Run">The run that it belongs to, if any.</param>
/// <param name="Body">The members that the type declares, and no others.</param>
public sealed record AuditEvent(string Type, string? Run, JsonObject Body)
{
    /// <summary>The purpose under which a pinned certificate is recorded.</summary>
    internal const string PeerCertificatePurpose = "peer-certificate";

    /// <summary>Who acted, if it was not the owner of the log.</summary>
    public string? Actor { get; init; }

    /// <summary>The lab's certificate authority and the number of cosignatures that a checkpoint needs.</summary>
    /// <param name="lab">The name of the lab.</param>
    /// <param name="authoritySha256">The hash of the DER encoding of the authority's certificate.</param>
    /// <param name="quorum">Cosignatures of different parties.</param>
    public static AuditEvent LabConfigured(string lab, Sha256Hash authoritySha256, int quorum) =>
        new(AuditEventType.LabConfigured, Run: null, new JsonObject { ["authoritySha256"] = authoritySha256.ToHex(), ["lab"] = lab, ["quorum"] = quorum });

    /// <summary>A party was invited.</summary>
    /// <param name="party">Its name.</param>
    /// <param name="inviter">The lead who invited it, or the coordinator whose configuration did.</param>
    /// <param name="tokenSha256">The hash of the token's secret.</param>
    public static AuditEvent PartyInvited(string party, string inviter, Sha256Hash tokenSha256) =>
        new(AuditEventType.PartyInvited, Run: null, new JsonObject { ["inviter"] = inviter, ["party"] = party, ["tokenSha256"] = tokenSha256.ToHex() });

    /// <summary>A party redeemed its token. Recorded before the certificate leaves.</summary>
    /// <param name="party">Its name.</param>
    /// <param name="certificateSha256">The hash of the DER encoding of its certificate.</param>
    /// <param name="keySha256">The hash of its key (SubjectPublicKeyInfo).</param>
    /// <param name="tokenSha256">The hash of the token's secret.</param>
    public static AuditEvent PartyEnrolled(string party, Sha256Hash certificateSha256, Sha256Hash keySha256, Sha256Hash tokenSha256) =>
        new(AuditEventType.PartyEnrolled, Run: null, new JsonObject { ["certificateSha256"] = certificateSha256.ToHex(), ["keySha256"] = keySha256.ToHex(), ["party"] = party, ["tokenSha256"] = tokenSha256.ToHex() });

    /// <summary>A certificate was renewed for the same key. Recorded before the certificate leaves.</summary>
    /// <param name="party">The holder: a party, or the coordinator.</param>
    /// <param name="certificateSha256">The hash of the DER encoding of the later certificate.</param>
    /// <param name="keySha256">The hash of its key (SubjectPublicKeyInfo).</param>
    public static AuditEvent CertificateRenewed(string party, Sha256Hash certificateSha256, Sha256Hash keySha256) =>
        new(AuditEventType.CertificateRenewed, Run: null, new JsonObject { ["certificateSha256"] = certificateSha256.ToHex(), ["keySha256"] = keySha256.ToHex(), ["party"] = party });

    /// <summary>A party was put out of the lab.</summary>
    /// <param name="party">Its name.</param>
    /// <param name="revoker">The lead who did it.</param>
    /// <param name="certificateSha256">The hash of the DER encoding of its last certificate; null when it had none.</param>
    public static AuditEvent PartyRevoked(string party, string revoker, Sha256Hash? certificateSha256) =>
        new(AuditEventType.PartyRevoked, Run: null, WithHash(new JsonObject { ["party"] = party, ["revoker"] = revoker }, "certificateSha256", certificateSha256));

    /// <summary>A party connected with a cosigning key that was not known before.</summary>
    /// <param name="party">Its name.</param>
    /// <param name="certificateSha256">The hash of the DER encoding of its certificate.</param>
    /// <param name="cosigningKey">The key with which it cosigns checkpoints and signs its own log.</param>
    public static AuditEvent PartyJoined(string party, Sha256Hash certificateSha256, VerifierKey cosigningKey)
    {
        ArgumentNullException.ThrowIfNull(cosigningKey);
        return new(AuditEventType.PartyJoined, Run: null, new JsonObject { ["certificateSha256"] = certificateSha256.ToHex(), ["cosigningKey"] = cosigningKey.ToString(), ["party"] = party });
    }

    /// <summary>A party published a version of its catalogue.</summary>
    /// <param name="catalogue">What it published.</param>
    /// <param name="signature">Its signature over <see cref="CatalogueRecord.SigningBytes"/>.</param>
    /// <param name="featureCount">How many columns it names.</param>
    public static AuditEvent CataloguePublished(CatalogueRecord catalogue, ReadOnlySpan<byte> signature, int featureCount)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        return new(AuditEventType.CataloguePublished, Run: null, new JsonObject
        {
            ["catalogueSha256"] = catalogue.CatalogueSha256.ToHex(),
            ["featureCount"] = featureCount,
            ["party"] = catalogue.Party,
            ["signature"] = Convert.ToBase64String(signature),
        });
    }

    /// <summary>A party took its catalogue back.</summary>
    /// <param name="party">Its name.</param>
    public static AuditEvent CatalogueWithdrawn(string party) => new(AuditEventType.CatalogueWithdrawn, Run: null, new JsonObject { ["party"] = party });

    /// <summary>A run was proposed.</summary>
    public static AuditEvent RunProposed(string run, string proposer, Sha256Hash specSha256) =>
        new(AuditEventType.RunProposed, run, new JsonObject { ["proposer"] = proposer, ["specSha256"] = specSha256.ToHex() });

    /// <summary>A party approved a run.</summary>
    /// <param name="approval">What it approved.</param>
    /// <param name="signature">Its signature over <see cref="ApprovalRecord.SigningBytes"/>.</param>
    public static AuditEvent RunApproved(ApprovalRecord approval, ReadOnlySpan<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(approval);
        return new(AuditEventType.RunApproved, approval.Run, new JsonObject
        {
            ["approver"] = approval.Approver,
            ["party"] = approval.Party,
            ["signature"] = Convert.ToBase64String(signature),
            ["specSha256"] = approval.SpecSha256.ToHex(),
        });
    }

    /// <summary>A party refused a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="party">The party.</param>
    /// <param name="specSha256">The specification that it refused.</param>
    /// <param name="reason">A word of the policy's vocabulary, such as <c>purpose-not-allowed</c>; not free text.</param>
    public static AuditEvent RunRefused(string run, string party, Sha256Hash specSha256, string reason) =>
        new(AuditEventType.RunRefused, run, new JsonObject { ["party"] = party, ["reason"] = reason, ["specSha256"] = specSha256.ToHex() });

    /// <summary>The first attempt began.</summary>
    public static AuditEvent RunStarted(string run, int attempt, Sha256Hash specSha256) =>
        new(AuditEventType.RunStarted, run, new JsonObject { ["attempt"] = attempt, ["specSha256"] = specSha256.ToHex() });

    /// <summary>A later attempt began, from the beginning or from a checkpoint of the run.</summary>
    public static AuditEvent RunResumed(string run, int attempt, Sha256Hash? checkpointSha256 = null) =>
        new(AuditEventType.RunResumed, run, WithHash(new JsonObject { ["attempt"] = attempt }, "checkpointSha256", checkpointSha256));

    /// <summary>A run ended with its result.</summary>
    public static AuditEvent RunFinished(string run, int attempt, Sha256Hash? resultSha256 = null) =>
        new(AuditEventType.RunFinished, run, WithHash(new JsonObject { ["attempt"] = attempt }, "resultSha256", resultSha256));

    /// <summary>An attempt ended without a result.</summary>
    /// <param name="run">The run.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="reason">A word such as <c>party-lost</c>; not free text.</param>
    public static AuditEvent RunAborted(string run, int attempt, string reason) =>
        new(AuditEventType.RunAborted, run, new JsonObject { ["attempt"] = attempt, ["reason"] = reason });

    /// <summary>The owner of the log takes a certificate for another party's: pinned at first sight, or in place of an earlier one.</summary>
    /// <param name="party">The other party.</param>
    /// <param name="certificateSha256">The hash of the DER encoding of the certificate.</param>
    public static AuditEvent PeerPinned(string party, Sha256Hash certificateSha256) => KeyRegistered(run: null, party, certificateSha256, PeerCertificatePurpose);

    /// <summary>Public key material of a party.</summary>
    /// <param name="run">The run that it is for, if any.</param>
    /// <param name="party">The party.</param>
    /// <param name="keySha256">The hash of the key as it is sent.</param>
    /// <param name="purpose">A word such as <c>scan-public-key</c>.</param>
    public static AuditEvent KeyRegistered(string? run, string party, Sha256Hash keySha256, string purpose) =>
        new(AuditEventType.KeyRegistered, run, new JsonObject { ["keySha256"] = keySha256.ToHex(), ["party"] = party, ["purpose"] = purpose });

    /// <summary>A party's commitment to its data.</summary>
    /// <param name="run">The run that it is for, if any.</param>
    /// <param name="party">The party.</param>
    /// <param name="commitmentSha256">A salted hash over the rows; the salt stays with the party, so that it can be forgotten.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="schemaSha256">The hash of the column names and types.</param>
    public static AuditEvent DatasetCommitted(string? run, string party, Sha256Hash commitmentSha256, long rowCount, Sha256Hash schemaSha256) =>
        new(AuditEventType.DatasetCommitted, run, new JsonObject
        {
            ["commitmentSha256"] = commitmentSha256.ToHex(),
            ["party"] = party,
            ["rowCount"] = rowCount,
            ["schemaSha256"] = schemaSha256.ToHex(),
        });

    /// <summary>An alignment ended.</summary>
    /// <param name="run">The run.</param>
    /// <param name="common">The number of rows in the common order.</param>
    /// <param name="sizes">The number of keys that each party entered with.</param>
    public static AuditEvent AlignDone(string run, long common, IEnumerable<KeyValuePair<string, long>> sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        var counts = new JsonObject();
        foreach ((string party, long size) in sizes) counts[party] = size;
        return new(AuditEventType.AlignDone, run, new JsonObject { ["common"] = common, ["sizes"] = counts });
    }

    /// <summary>A party left a run for good.</summary>
    /// <param name="run">The run.</param>
    /// <param name="party">The party.</param>
    /// <param name="attempt">The last attempt that it took part in.</param>
    public static AuditEvent PartyLeft(string run, string party, int attempt) => new(AuditEventType.PartyLeft, run, new JsonObject { ["attempt"] = attempt, ["party"] = party });

    /// <summary>The owner of the log sent an envelope.</summary>
    public static AuditEvent EgressSent(EnvelopeRecord envelope, ReadOnlySpan<byte> signature) => Envelope(AuditEventType.EgressSent, envelope, signature);

    /// <summary>The owner of the log received an envelope.</summary>
    public static AuditEvent IngressReceived(EnvelopeRecord envelope, ReadOnlySpan<byte> signature) => Envelope(AuditEventType.IngressReceived, envelope, signature);

    /// <summary>The owner of the log, the coordinator, passed an envelope on.</summary>
    public static AuditEvent RelayForwarded(EnvelopeRecord envelope, ReadOnlySpan<byte> signature) => Envelope(AuditEventType.RelayForwarded, envelope, signature);

    /// <summary>A party's policy denied something.</summary>
    /// <param name="run">The run, if any.</param>
    /// <param name="party">The party.</param>
    /// <param name="rule">The rule, a word such as <c>minimum-cohort</c>.</param>
    /// <param name="step">The step of the protocol, if it was one.</param>
    public static AuditEvent PolicyDenied(string? run, string party, string rule, string? step = null)
    {
        var body = new JsonObject { ["party"] = party, ["rule"] = rule };
        if (step is not null) body["step"] = step;
        return new(AuditEventType.PolicyDenied, run, body);
    }

    /// <summary>A model was published.</summary>
    /// <param name="run">The run that made it.</param>
    /// <param name="manifestSha256">The hash of the manifest's bytes.</param>
    /// <param name="model">Its name, if it has one.</param>
    public static AuditEvent ModelPublished(string run, Sha256Hash manifestSha256, string? model = null)
    {
        var body = new JsonObject { ["manifestSha256"] = manifestSha256.ToHex() };
        if (model is not null) body["model"] = model;
        return new(AuditEventType.ModelPublished, run, body);
    }

    /// <summary>The head of some log, so that the log cannot be rewritten without this one saying so.</summary>
    public static AuditEvent LogCheckpoint(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return new(AuditEventType.LogCheckpoint, Run: null, new JsonObject { ["log"] = checkpoint.Origin, ["root"] = checkpoint.Root.ToHex(), ["size"] = checkpoint.Size });
    }

    /// <summary>The owner of the log cosigned a head. The log's own signature is kept, so that two such entries can prove a fork.</summary>
    /// <param name="checkpoint">The head with its signatures.</param>
    /// <param name="logKey">The key of the log that signed it.</param>
    /// <param name="cosigner">The name under which it was cosigned.</param>
    /// <exception cref="ArgumentException">The head has no signature by that key.</exception>
    public static AuditEvent WitnessCosigned(SignedCheckpoint checkpoint, VerifierKey logKey, string cosigner)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(logKey);
        NoteSignature signature = checkpoint.Note.Signatures.FirstOrDefault(logKey.Made)
            ?? throw new ArgumentException("The checkpoint has no signature by that key.", nameof(checkpoint));
        return new(AuditEventType.WitnessCosigned, Run: null, new JsonObject
        {
            ["cosigner"] = cosigner,
            ["log"] = checkpoint.Checkpoint.Origin,
            ["logSignature"] = Convert.ToBase64String(signature.Value.Span),
            ["root"] = checkpoint.Checkpoint.Root.ToHex(),
            ["size"] = checkpoint.Checkpoint.Size,
        });
    }

    /// <summary>Customers were scored.</summary>
    /// <param name="run">The scoring run, if it has a name.</param>
    /// <param name="party">The party whose customers were scored.</param>
    /// <param name="manifestSha256">The model, by the hash of its manifest.</param>
    /// <param name="rowCount">How many.</param>
    public static AuditEvent ScoringDone(string? run, string party, Sha256Hash manifestSha256, long rowCount) =>
        new(AuditEventType.ScoringDone, run, new JsonObject { ["manifestSha256"] = manifestSha256.ToHex(), ["party"] = party, ["rowCount"] = rowCount });

    private static AuditEvent Envelope(string type, EnvelopeRecord envelope, ReadOnlySpan<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return new(type, envelope.Run, envelope.ToBody(signature));
    }

    private static JsonObject WithHash(JsonObject body, string name, Sha256Hash? hash)
    {
        if (hash is Sha256Hash value) body[name] = value.ToHex();
        return body;
    }
}
