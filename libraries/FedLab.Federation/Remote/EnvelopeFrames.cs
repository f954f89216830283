using FedLab.Federation.Channels;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Federation.Remote;

/// <summary>Envelopes as they stand in frames.</summary>
public static class EnvelopeFrames
{
    /// <summary>Length of a signature in bytes.</summary>
    public const int SignatureBytes = 64;

    /// <summary>Bytes that the head of an envelope counts for in a window: as many as it holds at most, about.</summary>
    public const int HeadBytes = 1024;

    /// <summary>The head of an envelope.</summary>
    /// <param name="id">Number that its chunks refer to.</param>
    /// <param name="header">Its header.</param>
    /// <param name="signature">The sender's signature.</param>
    public static EnvelopeStart ToStart(ulong id, EnvelopeHeader header, byte[] signature)
    {
        ArgumentNullException.ThrowIfNull(header);
        return new EnvelopeStart
        {
            Id = id,
            Run = header.Run,
            Attempt = header.Attempt,
            Step = header.Step,
            Sequence = header.Sequence,
            Sender = header.Sender,
            Receiver = header.Receiver,
            Class = header.Class switch
            {
                MessageClass.Public => PayloadClass.Public,
                MessageClass.Ciphertext => PayloadClass.Ciphertext,
                MessageClass.Sealed => PayloadClass.Sealed,
                _ => throw new ArgumentException($"The message class {(int)header.Class} does not exist.", nameof(header)),
            },
            Length = header.Length,
            Sha256 = UnsafeByteOperations.UnsafeWrap(header.PayloadHash),
            Signature = UnsafeByteOperations.UnsafeWrap(signature),
        };
    }

    /// <summary>Reads the head of an envelope and checks all that can be checked without a key.</summary>
    /// <param name="start">The frame's body.</param>
    /// <param name="signature">The sender's signature.</param>
    /// <exception cref="ProtocolException">A field is out of range; the message names it.</exception>
    public static EnvelopeHeader ToHeader(EnvelopeStart start, out byte[] signature)
    {
        ArgumentNullException.ThrowIfNull(start);
        var messageClass = start.Class switch
        {
            PayloadClass.Public => MessageClass.Public,
            PayloadClass.Ciphertext => MessageClass.Ciphertext,
            PayloadClass.Sealed => MessageClass.Sealed,
            _ => throw ProtocolErrors.ClassUnknown((int)start.Class),
        };
        if (start.Signature.Length != SignatureBytes) throw ProtocolErrors.SignatureLength(start.Signature.Length, SignatureBytes);
        signature = start.Signature.ToByteArray();
        var header = new EnvelopeHeader(start.Run, start.Attempt, start.Step, start.Sequence, start.Sender, start.Receiver, messageClass, start.Length, start.Sha256.ToByteArray());
        header.Validate();
        return header;
    }

    /// <summary>The pieces in which a payload travels.</summary>
    /// <param name="payload">The payload; the pieces lie in its memory.</param>
    public static IEnumerable<ReadOnlyMemory<byte>> Chunks(PayloadBuffer payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        foreach (var segment in payload.Segments())
        {
            for (var offset = 0; offset < segment.Length; offset += PayloadBuffer.SegmentSize)
                yield return segment.Slice(offset, Math.Min(PayloadBuffer.SegmentSize, segment.Length - offset));
        }
    }
}
