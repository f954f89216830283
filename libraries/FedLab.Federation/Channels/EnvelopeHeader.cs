using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FedLab.Federation.Channels;

/// <summary>What travels in the clear with every message and is signed by its sender.</summary>
/// <param name="Run">Identifier of the run.</param>
/// <param name="Attempt">Number of the attempt within the run, from 1; a restart of a process starts a new attempt.</param>
/// <param name="Step">Name of the step (<see cref="Steps"/>).</param>
/// <param name="Sequence">Contiguous from 0 for each attempt, sender and receiver.</param>
/// <param name="Sender">Name of the sending party.</param>
/// <param name="Receiver">Name of the receiving party, or <see cref="Everyone"/>.</param>
/// <param name="Class">Class of the payload.</param>
/// <param name="Length">Length of the payload in bytes.</param>
/// <param name="PayloadHash">SHA-256 of the payload as it travels, 32 bytes.</param>
public sealed record EnvelopeHeader(string Run, int Attempt, string Step, long Sequence, string Sender, string Receiver, MessageClass Class, long Length, byte[] PayloadHash)
{
    /// <summary>The receiver of a broadcast: every other party of the run. No party can have this name.</summary>
    public const string Everyone = "*";

    private const int MaximumNameLength = 128;

    /// <summary>The bytes that the sender signs: canonical JSON (RFC 8785) of the header, the hash in lower-case hexadecimal.</summary>
    public byte[] SigningBytes()
    {
        var text = new StringBuilder(320);
        text.Append("{\"attempt\":").Append(Attempt.ToString(CultureInfo.InvariantCulture));
        text.Append(",\"class\":\"").Append(ClassName(Class));
        text.Append("\",\"length\":").Append(Length.ToString(CultureInfo.InvariantCulture));
        text.Append(",\"receiver\":\"").Append(Receiver);
        text.Append("\",\"run\":\"").Append(Run);
        text.Append("\",\"sender\":\"").Append(Sender);
        text.Append("\",\"sequence\":").Append(Sequence.ToString(CultureInfo.InvariantCulture));
        text.Append(",\"sha256\":\"").Append(Convert.ToHexStringLower(PayloadHash));
        text.Append("\",\"step\":\"").Append(Step).Append("\"}");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Checks everything that can be checked without a key: names, ranges, that the step exists and allows this class and length.</summary>
    /// <exception cref="ProtocolException">Something is out of range; the message names the field.</exception>
    public void Validate()
    {
        RequireName(Run, "run");
        RequireName(Sender, "sender");
        if (Receiver != Everyone) RequireName(Receiver, "receiver");
        var step = Steps.Find(Step) ?? throw ProtocolErrors.StepUnknown(Clip(Step));
        if (Class != step.Class) throw ProtocolErrors.ClassMismatch(step.Name, ClassName(step.Class), ClassName(Class));
        if ((Receiver == Everyone) != step.IsBroadcast) throw ProtocolErrors.BroadcastMismatch(step.Name, Receiver);
        if (Length < 0 || Length > step.MaximumLength) throw ProtocolErrors.MessageTooLong(step.Name, Length, step.MaximumLength);
        if (Attempt < 1) throw ProtocolErrors.AttemptNotPositive(Attempt);
        if (Sequence < 0) throw ProtocolErrors.SequenceNegative(Sequence);
        if (PayloadHash.Length != SHA256.HashSizeInBytes) throw ProtocolErrors.PayloadHashLength();
    }

    /// <summary>The name of a class in logs and signatures.</summary>
    /// <param name="messageClass">The class.</param>
    public static string ClassName(MessageClass messageClass) => messageClass switch
    {
        MessageClass.Public => "public",
        MessageClass.Ciphertext => "ciphertext",
        MessageClass.Sealed => "sealed",
        _ => throw ProtocolErrors.ClassUnknown((int)messageClass),
    };

    /// <summary>Names are ASCII letters, digits, '-', '_' and '.', so that they need no escaping anywhere and cannot leave a folder.</summary>
    /// <param name="value">Name of a party, a run or an experiment.</param>
    public static bool IsName(string value) =>
        value.Length is > 0 and <= MaximumNameLength && value[0] != '.' && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static void RequireName(string value, string field)
    {
        if (!IsName(value)) throw ProtocolErrors.NameInvalid(field, Clip(value), MaximumNameLength);
    }

    private static string Clip(string value) => value.Length <= 40 ? value : value[..40] + "…";
}
