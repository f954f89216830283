using System.Globalization;
using FedLab.Audit;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;

namespace FedLab.Participant.Auditing;

/// <summary>The participant's audit log. What cannot be recorded does not happen: a failed write ends the program.</summary>
internal sealed class ParticipantJournal(AuditLog log, Action<AuditException> failed)
{
    /// <summary>The log.</summary>
    public AuditLog Log { get; } = log;

    /// <summary>Appends an event.</summary>
    /// <exception cref="AuditException">It could not be written.</exception>
    public void Append(AuditEvent entry)
    {
        try
        {
            // Appending only hands the bytes to the system; they reach the disk before the next cosignature and at a run's end.
            Log.AppendAsync(entry).AsTask().GetAwaiter().GetResult();
        }
        catch (AuditException e)
        {
            failed(e);
            throw;
        }
    }
}

/// <summary>What one run writes into the audit log.</summary>
internal sealed class RunJournal(ParticipantJournal journal, string run, string party) : IRunJournal
{
    /// <inheritdoc/>
    public void Sent(EnvelopeHeader header, byte[] signature) => journal.Append(AuditEvent.EgressSent(RecordOf(header), signature));

    /// <inheritdoc/>
    public void Received(EnvelopeHeader header, byte[] signature) => journal.Append(AuditEvent.IngressReceived(RecordOf(header), signature));

    /// <inheritdoc/>
    public void Record(string type, IReadOnlyDictionary<string, object> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        journal.Append(type switch
        {
            AuditEventType.AlignDone => AuditEvent.AlignDone(run, Number(body, "alignedRows"), [new(party, Number(body, "ownRows"))]),
            AuditEventType.KeyRegistered => AuditEvent.KeyRegistered(run, party, Hash(body, "sha256"), body.TryGetValue("purpose", out var purpose) ? (string)purpose : "scan-public-key"),
            AuditEventType.PolicyDenied => AuditEvent.PolicyDenied(run, (string)body["party"], (string)body["rule"], (string)body["step"]),
            AuditEventType.ScoringDone => AuditEvent.ScoringDone(run, party, Hash(body, "manifest"), Number(body, "rows")),
            "model.built" => AuditEvent.ModelPublished(run, Hash(body, "manifest")),
            _ => throw new ArgumentException($"The audit log has no event '{type}'.", nameof(type)),
        });
    }

    private static EnvelopeRecord RecordOf(EnvelopeHeader header) => new(
        header.Run, header.Attempt, header.Step, header.Sequence, header.Sender, header.Receiver,
        header.Class switch
        {
            MessageClass.Public => EnvelopeClass.Public,
            MessageClass.Ciphertext => EnvelopeClass.Ciphertext,
            MessageClass.Sealed => EnvelopeClass.Sealed,
            _ => throw new ArgumentOutOfRangeException(nameof(header)),
        },
        header.Length, new Sha256Hash(header.PayloadHash));

    private static long Number(IReadOnlyDictionary<string, object> body, string name) => Convert.ToInt64(body[name], CultureInfo.InvariantCulture);

    private static Sha256Hash Hash(IReadOnlyDictionary<string, object> body, string name) => new(Convert.FromHexString((string)body[name]));
}
