using FedLab.Audit;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;

namespace FedLab.Client.InMemory;

/// <summary>Writes what a party's role does into the party's audit log.</summary>
/// <param name="log">The party's log.</param>
/// <param name="run">The run.</param>
/// <param name="party">The party.</param>
internal sealed class AuditRunJournal(AuditLog log, string run, string party) : IRunJournal
{
    // What a key is for where the role does not say.
    private const string ScanKey = "scan-public-key";

    /// <inheritdoc/>
    public void Sent(EnvelopeHeader header, byte[] signature) => Append(AuditEvent.EgressSent(RecordOf(header), signature));

    /// <inheritdoc/>
    public void Received(EnvelopeHeader header, byte[] signature) => Append(AuditEvent.IngressReceived(RecordOf(header), signature));

    /// <inheritdoc/>
    public void Record(string type, IReadOnlyDictionary<string, object> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var entry = type switch
        {
            "align.done" => AuditEvent.AlignDone(run, Whole(body, "alignedRows"), [KeyValuePair.Create(party, Whole(body, "ownRows"))]),
            "key.registered" => AuditEvent.KeyRegistered(run, party, Hash(body, "sha256"), body.TryGetValue("purpose", out var purpose) ? (string)purpose : ScanKey),
            "policy.denied" => AuditEvent.PolicyDenied(run, (string)body["party"], (string)body["rule"], body.TryGetValue("step", out var step) ? (string)step : null),
            "model.built" => AuditEvent.ModelPublished(run, Hash(body, "manifest")),
            "scoring.done" => AuditEvent.ScoringDone(run, party, Hash(body, "manifest"), Whole(body, "rows")),
            _ => null,
        };
        // What the log has no type for is in the run's own files; an entry that says nothing would only look like evidence.
        if (entry is not null) Append(entry);
    }

    /// <summary>An envelope's header as logs record it.</summary>
    /// <param name="header">The header.</param>
    public static EnvelopeRecord RecordOf(EnvelopeHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        var envelopeClass = header.Class switch
        {
            MessageClass.Public => EnvelopeClass.Public,
            MessageClass.Ciphertext => EnvelopeClass.Ciphertext,
            MessageClass.Sealed => EnvelopeClass.Sealed,
            _ => throw new ArgumentOutOfRangeException(nameof(header)),
        };
        return new EnvelopeRecord(header.Run, header.Attempt, header.Step, header.Sequence, header.Sender, header.Receiver, envelopeClass, header.Length, new Sha256Hash(header.PayloadHash));
    }

    private static long Whole(IReadOnlyDictionary<string, object> body, string name) => Convert.ToInt64(body[name], System.Globalization.CultureInfo.InvariantCulture);

    private static Sha256Hash Hash(IReadOnlyDictionary<string, object> body, string name) =>
        Sha256Hash.TryParseHex((string)body[name], out var hash) ? hash : throw new ArgumentException($"'{name}' is no hash.", nameof(body));

    // An append only hands bytes to the system; it completes before it returns.
    private void Append(AuditEvent entry) => log.AppendAsync(entry).AsTask().GetAwaiter().GetResult();
}
