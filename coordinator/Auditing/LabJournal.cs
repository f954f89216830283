using FedLab.Audit;
using FedLab.Federation.Channels;

namespace FedLab.Coordinator.Auditing;

/// <summary>The coordinator's audit log. An entry that cannot be written ends the service: nothing may happen that is not on record.</summary>
internal sealed class LabJournal(AuditLog log, Action<AuditException> failed)
{
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

    /// <summary>Records that an envelope was passed on.</summary>
    public void Forwarded(EnvelopeHeader header, byte[] signature) => Append(AuditEvent.RelayForwarded(
        new EnvelopeRecord(header.Run, header.Attempt, header.Step, header.Sequence, header.Sender, header.Receiver, ClassOf(header.Class), header.Length, new Sha256Hash(header.PayloadHash)),
        signature));

    private static EnvelopeClass ClassOf(MessageClass messageClass) => messageClass switch
    {
        MessageClass.Public => EnvelopeClass.Public,
        MessageClass.Ciphertext => EnvelopeClass.Ciphertext,
        MessageClass.Sealed => EnvelopeClass.Sealed,
        _ => throw new ArgumentOutOfRangeException(nameof(messageClass)),
    };
}
