using FedLab.Audit;
using FedLab.Federation.Channels;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>Who can open the payload of a message.</summary>
public enum MessageReaders
{
    /// <summary>It is public: everyone in the run, and the coordinator.</summary>
    Everyone,

    /// <summary>It is sealed: its receiver alone.</summary>
    Receiver,

    /// <summary>It is a ciphertext under the sender's own key.</summary>
    Sender,

    /// <summary>It is a ciphertext under the collective key: nobody alone.</summary>
    AllBanksTogether,
}

/// <summary>What the messages of each step are, who can read them, and why they say nothing to others (design, sections 3 to 7).</summary>
internal static class StepText
{
    // The names under which the sentences are kept; one for every step, which a test holds.
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        [Steps.Hello.Name] = nameof(Steps.Hello),
        [Steps.Resume.Name] = nameof(Steps.Resume),
        [Steps.AlignmentPoints.Name] = nameof(Steps.AlignmentPoints),
        [Steps.AlignmentOrder.Name] = nameof(Steps.AlignmentOrder),
        [Steps.ScanSetup.Name] = nameof(Steps.ScanSetup),
        [Steps.LinkProbe.Name] = nameof(Steps.LinkProbe),
        [Steps.LinkEcho.Name] = nameof(Steps.LinkEcho),
        [Steps.ScanSize.Name] = nameof(Steps.ScanSize),
        [Steps.ScanRequest.Name] = nameof(Steps.ScanRequest),
        [Steps.ScanAnswer.Name] = nameof(Steps.ScanAnswer),
        [Steps.SplitRequest.Name] = nameof(Steps.SplitRequest),
        [Steps.SplitAnswer.Name] = nameof(Steps.SplitAnswer),
        [Steps.TreeFinished.Name] = nameof(Steps.TreeFinished),
        [Steps.ScoreRequest.Name] = nameof(Steps.ScoreRequest),
        [Steps.ScoreAnswer.Name] = nameof(Steps.ScoreAnswer),
        [Steps.Contribution.Name] = nameof(Steps.Contribution),
        [Steps.Manifest.Name] = nameof(Steps.Manifest),
        [Steps.ManifestSignature.Name] = nameof(Steps.ManifestSignature),
        [Steps.BankHello.Name] = nameof(Steps.BankHello),
        [Steps.KeyShare.Name] = nameof(Steps.KeyShare),
        [Steps.KeyDeal.Name] = nameof(Steps.KeyDeal),
        [Steps.SumKnown.Name] = nameof(Steps.SumKnown),
        [Steps.SumPart.Name] = nameof(Steps.SumPart),
        [Steps.SumTotal.Name] = nameof(Steps.SumTotal),
        [Steps.SumShare.Name] = nameof(Steps.SumShare),
        [Steps.BankSignature.Name] = nameof(Steps.BankSignature),
    };

    /// <summary>The sentence on a step.</summary>
    /// <param name="step">Its name on the wire.</param>
    /// <returns>Null for a step that has none.</returns>
    public static string? Sentence(string step) => Names.TryGetValue(step, out var name) ? LabMessages.StepSentence(name) : null;

    /// <summary>Who can open a message.</summary>
    /// <param name="envelope">Its header.</param>
    /// <returns>Null for a ciphertext of a step that this version does not know.</returns>
    public static MessageReaders? ReadersOf(EnvelopeRecord envelope) => envelope.Class switch
    {
        EnvelopeClass.Public => MessageReaders.Everyone,
        EnvelopeClass.Sealed => MessageReaders.Receiver,
        // The active institution asks under its own key, and the answers are under it too.
        _ when envelope.Step == Steps.ScanRequest.Name => MessageReaders.Sender,
        _ when envelope.Step == Steps.ScanAnswer.Name => MessageReaders.Receiver,
        _ when envelope.Step == Steps.SumPart.Name => MessageReaders.AllBanksTogether,
        _ => null,
    };

    /// <summary>Who can open a message, in words.</summary>
    /// <param name="envelope">Its header.</param>
    public static string ReadersText(EnvelopeRecord envelope) => ReadersOf(envelope) switch
    {
        MessageReaders.Everyone => LabMessages.Everyone,
        MessageReaders.Receiver => envelope.Class == EnvelopeClass.Ciphertext ? LabMessages.KeyHolder(envelope.Receiver) : LabMessages.ReceiverOnly(envelope.Receiver),
        MessageReaders.Sender => LabMessages.KeyHolder(envelope.Sender),
        MessageReaders.AllBanksTogether => LabMessages.AllBanks,
        _ => LabMessages.StepUnknown,
    };

    /// <summary>What a class of payload is called.</summary>
    /// <param name="envelopeClass">The class.</param>
    public static string ClassName(EnvelopeClass envelopeClass) => envelopeClass switch
    {
        EnvelopeClass.Public => LabMessages.ClassPublic,
        EnvelopeClass.Ciphertext => LabMessages.ClassCiphertext,
        _ => LabMessages.ClassSealed,
    };
}
