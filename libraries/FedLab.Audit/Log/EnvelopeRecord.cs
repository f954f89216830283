using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace FedLab.Audit;

/// <summary>How the payload of an envelope is protected from those who relay it.</summary>
public enum EnvelopeClass
{
    /// <summary>Anyone may read it.</summary>
    Public,

    /// <summary>A ciphertext under a key that the coordinator lacks.</summary>
    Ciphertext,

    /// <summary>Encrypted end to end for the receiving party.</summary>
    Sealed,
}

/// <summary>The header of a message between parties: all that a log ever says about the payload.</summary>
/// <param name="Run">The run.</param>
/// <param name="Attempt">The attempt of the run, which a resumption after a failure counts up.</param>
/// <param name="Step">The step of the protocol.</param>
/// <param name="Sequence">Counts the envelopes from this sender to this receiver in this attempt.</param>
/// <param name="Sender">The party that made and signed it.</param>
/// <param name="Receiver">The party that it is for, or <c>*</c> for all other parties of the attempt.</param>
/// <param name="Class">How the payload is protected.</param>
/// <param name="Length">The payload's length in bytes.</param>
/// <param name="Sha256">The payload's hash.</param>
public sealed record EnvelopeRecord(
    string Run, int Attempt, string Step, long Sequence, string Sender, string Receiver, EnvelopeClass Class, long Length, Sha256Hash Sha256)
{
    /// <summary>Whether it is for all other parties of the attempt.</summary>
    public bool IsBroadcast => string.Equals(Receiver, "*", StringComparison.Ordinal);

    /// <summary>
    /// Exactly what the sender signs: the UTF-8 bytes of the canonical JSON object (RFC 8785) with the members attempt,
    /// class, length, receiver, run, sender, sequence, sha256 (hexadecimal) and step.
    /// </summary>
    /// <exception cref="ArgumentException">A text has a lone surrogate, or a number is beyond 2^53 − 1.</exception>
    public byte[] SigningBytes()
    {
        // Written member by member because every envelope of a run passes here; the order is that of the names.
        var output = new ArrayBufferWriter<byte>(512);
        output.Write("{\"attempt\":"u8);
        CanonicalJson.WriteInteger(output, Attempt);
        output.Write(",\"class\":"u8);
        CanonicalJson.WriteString(output, ClassName(Class));
        output.Write(",\"length\":"u8);
        CanonicalJson.WriteInteger(output, Length);
        output.Write(",\"receiver\":"u8);
        CanonicalJson.WriteString(output, Receiver);
        output.Write(",\"run\":"u8);
        CanonicalJson.WriteString(output, Run);
        output.Write(",\"sender\":"u8);
        CanonicalJson.WriteString(output, Sender);
        output.Write(",\"sequence\":"u8);
        CanonicalJson.WriteInteger(output, Sequence);
        output.Write(",\"sha256\":"u8);
        CanonicalJson.WriteString(output, Sha256.ToHex());
        output.Write(",\"step\":"u8);
        CanonicalJson.WriteString(output, Step);
        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Signs the header with ECDSA P-256 and SHA-256; 64 bytes, IEEE P1363.</summary>
    public byte[] Sign(ECDsa privateKey)
    {
        ArgumentNullException.ThrowIfNull(privateKey);
        return PartySignature.Sign(privateKey, SigningBytes());
    }

    /// <summary>Whether <paramref name="signature"/> is the sender's over this header.</summary>
    public bool VerifySignature(ECDsa publicKey, ReadOnlySpan<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        return PartySignature.Verify(publicKey, SigningBytes(), signature);
    }

    /// <summary>The name of a class in an entry and in the signed bytes.</summary>
    public static string ClassName(EnvelopeClass value) => value switch
    {
        EnvelopeClass.Public => "public",
        EnvelopeClass.Ciphertext => "ciphertext",
        EnvelopeClass.Sealed => "sealed",
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };

    /// <summary>Reads the name of a class.</summary>
    public static bool TryParseClass(string? name, out EnvelopeClass value)
    {
        foreach (EnvelopeClass candidate in Enum.GetValues<EnvelopeClass>())
        {
            if (!string.Equals(ClassName(candidate), name, StringComparison.Ordinal)) continue;
            value = candidate;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The body of an entry about this envelope.</summary>
    internal JsonObject ToBody(ReadOnlySpan<byte> signature) => new()
    {
        ["attempt"] = Attempt,
        ["class"] = ClassName(Class),
        ["length"] = Length,
        ["receiver"] = Receiver,
        ["sender"] = Sender,
        ["sequence"] = Sequence,
        ["sha256"] = Sha256.ToHex(),
        ["signature"] = Convert.ToBase64String(signature),
        ["step"] = Step,
    };

    /// <summary>The envelope that an entry is about.</summary>
    /// <param name="entry">An entry of any type.</param>
    /// <returns>Null when the entry is not about an envelope, or its body does not hold to the schema.</returns>
    public static EnvelopeRecord? Of(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.Type is AuditEventType.EgressSent or AuditEventType.IngressReceived or AuditEventType.RelayForwarded && EventSchema.ProblemOf(entry.Type, entry.Run, entry.Body) is null
            ? FromEntry(entry, out _)
            : null;
    }

    /// <summary>The envelope of an entry whose body holds to the schema; <see langword="null"/> if its attempt is too large.</summary>
    internal static EnvelopeRecord? FromEntry(AuditEntry entry, out byte[] signature)
    {
        JsonObject body = entry.Body;
        signature = Convert.FromBase64String((string)body["signature"]!);
        var attempt = (long)body["attempt"]!;
        if (attempt > int.MaxValue || !TryParseClass((string)body["class"]!, out EnvelopeClass @class) || !Sha256Hash.TryParseHex((string)body["sha256"]!, out Sha256Hash sha256)) return null;
        return new EnvelopeRecord(
            entry.Run!, (int)attempt, (string)body["step"]!, (long)body["sequence"]!, (string)body["sender"]!, (string)body["receiver"]!, @class, (long)body["length"]!, sha256);
    }
}
