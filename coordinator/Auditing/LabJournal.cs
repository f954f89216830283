using FedLab.Audit;
using FedLab.Federation.Channels;

namespace FedLab.Coordinator.Auditing;

/// <summary>The coordinator's audit log. An entry that cannot be written ends the service: nothing may happen that is not on record.</summary>
internal sealed class LabJournal(AuditLog log, Action<AuditException> failed)
{
    private int? _quorum;

    /// <summary>The log.</summary>
    public AuditLog Log { get; } = log;

    /// <summary>Appends an event.</summary>
    /// <exception cref="AuditException">It could not be written.</exception>
    public void Append(AuditEvent entry)
    {
        try
        {
            // Appending only hands the bytes to the system; what reaches the disk when is the checkpoint's business.
            Log.AppendAsync(entry).AsTask().GetAwaiter().GetResult();
        }
        catch (AuditException e)
        {
            failed(e);
            throw;
        }
    }

    /// <summary>Appends an event that is on the disk before anybody learns of it: who may take part, and what parties publish.</summary>
    /// <exception cref="AuditException">It could not be written.</exception>
    public void AppendDurably(AuditEvent entry)
    {
        Append(entry);
        try
        {
            Log.FlushAsync().GetAwaiter().GetResult();
        }
        catch (AuditException e)
        {
            failed(e);
            throw;
        }
    }

    /// <summary>Records the lab's rules where they are new or have changed while this process runs.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="authority">Hash of the authority's certificate.</param>
    /// <param name="quorum">Cosignatures that a checkpoint needs.</param>
    /// <param name="isStart">Whether the process starts: then a log that has entries has its rules already.</param>
    public void RecordRules(string lab, Sha256Hash authority, int quorum, bool isStart = false)
    {
        if (quorum == _quorum || (isStart && Log.Size > 0)) return;
        Append(AuditEvent.LabConfigured(lab, authority, quorum));
        _quorum = quorum;
    }

    /// <summary>Records that an envelope was passed on.</summary>
    public void Forwarded(EnvelopeHeader header, byte[] signature) => Append(AuditEvent.RelayForwarded(RecordOf(header), signature));

    /// <summary>Records that the coordinator itself sent an envelope.</summary>
    public void Sent(EnvelopeHeader header, byte[] signature) => Append(AuditEvent.EgressSent(RecordOf(header), signature));

    private static EnvelopeRecord RecordOf(EnvelopeHeader header) =>
        new(header.Run, header.Attempt, header.Step, header.Sequence, header.Sender, header.Receiver, ClassOf(header.Class), header.Length, new Sha256Hash(header.PayloadHash));

    private static EnvelopeClass ClassOf(MessageClass messageClass) => messageClass switch
    {
        MessageClass.Public => EnvelopeClass.Public,
        MessageClass.Ciphertext => EnvelopeClass.Ciphertext,
        MessageClass.Sealed => EnvelopeClass.Sealed,
        _ => throw new ArgumentOutOfRangeException(nameof(messageClass)),
    };
}
