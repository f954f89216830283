namespace FedLab.Federation.Channels;

/// <summary>One kind of message of a protocol: its name, the class it must travel under, and the largest payload a receiver accepts.</summary>
/// <param name="Name">The name on the wire and in the audit log, such as <c>scan.request</c>.</param>
/// <param name="Class">The only class this step allows; anything else is refused by sender, coordinator and receiver.</param>
/// <param name="MaximumLength">Largest payload in bytes, the sealing overhead included.</param>
/// <param name="IsBroadcast">Whether it goes to all other parties at once: one envelope, signed once, so that all get the same.</param>
public sealed record Step(string Name, MessageClass Class, long MaximumLength, bool IsBroadcast = false);

/// <summary>Every step that exists. A message of a step that is not listed here is refused on every side.</summary>
public static class Steps
{
    private const long Small = 1L << 20;
    private const long PerRow = 4L << 30;

    /// <summary>A party's protocol version, ephemeral key-agreement key and checkpoints, at the start of every attempt.</summary>
    public static readonly Step Hello = new("hello", MessageClass.Public, Small);

    /// <summary>The active party's choice of the checkpoint that all parties go on from.</summary>
    public static readonly Step Resume = new("resume", MessageClass.Public, Small);

    /// <summary>Blinded keys on their way round the parties.</summary>
    public static readonly Step AlignmentPoints = new("align.points", MessageClass.Sealed, PerRow);

    /// <summary>The positions of a source's own rows in the common order.</summary>
    public static readonly Step AlignmentOrder = new("align.order", MessageClass.Sealed, PerRow);

    /// <summary>The active party's public encryption key and the scan's parameters.</summary>
    public static readonly Step ScanSetup = new("scan.setup", MessageClass.Public, 64 * Small);

    /// <summary>Zeros, sent to see how fast the line is.</summary>
    public static readonly Step LinkProbe = new("link.probe", MessageClass.Public, Small);

    /// <summary>The empty answer to a probe of the line.</summary>
    public static readonly Step LinkEcho = new("link.echo", MessageClass.Public, Small);

    /// <summary>A source's number of candidates in a tree.</summary>
    public static readonly Step ScanSize = new("scan.size", MessageClass.Public, Small);

    /// <summary>Encrypted gradients of the nodes of a level.</summary>
    public static readonly Step ScanRequest = new("scan.request", MessageClass.Ciphertext, PerRow);

    /// <summary>Encrypted, re-randomised and flooded sums of the candidates.</summary>
    public static readonly Step ScanAnswer = new("scan.answer", MessageClass.Ciphertext, PerRow);

    /// <summary>The candidates that the active party takes, with the nodes' rows.</summary>
    public static readonly Step SplitRequest = new("split.request", MessageClass.Sealed, PerRow);

    /// <summary>The side of those rows, or a refusal.</summary>
    public static readonly Step SplitAnswer = new("split.answer", MessageClass.Sealed, PerRow);

    /// <summary>A tree is finished: its number and the transcript hash, so that every party can store a checkpoint.</summary>
    public static readonly Step TreeFinished = new("tree.finished", MessageClass.Public, Small);

    /// <summary>For each of a source's splits: which rows the active party asks about when scoring.</summary>
    public static readonly Step ScoreRequest = new("score.request", MessageClass.Sealed, PerRow);

    /// <summary>One bit for each row asked about.</summary>
    public static readonly Step ScoreAnswer = new("score.answer", MessageClass.Sealed, PerRow);

    /// <summary>A party's contribution to the manifest: feature names it allows, hashes of schema and share, row counts.</summary>
    public static readonly Step Contribution = new("publish.contribution", MessageClass.Public, 16 * Small);

    /// <summary>The manifest of the joint model, to be signed.</summary>
    public static readonly Step Manifest = new("publish.manifest", MessageClass.Public, 64 * Small);

    /// <summary>A party's signature over the manifest.</summary>
    public static readonly Step ManifestSignature = new("publish.signature", MessageClass.Public, Small);

    /// <summary>A bank's hello to the other banks of a horizontal federation: keys, nonce and how many sums it knows.</summary>
    public static readonly Step BankHello = new("bank.hello", MessageClass.Public, Small, IsBroadcast: true);

    /// <summary>A bank's share of the collective public key.</summary>
    public static readonly Step KeyShare = new("key.share", MessageClass.Public, 4 * Small, IsBroadcast: true);

    /// <summary>A bank's part of its secret for another bank, where keys are t-out-of-n.</summary>
    public static readonly Step KeyDeal = new("key.deal", MessageClass.Sealed, 4 * Small);

    /// <summary>Sums that another bank knows already from the attempt before.</summary>
    public static readonly Step SumKnown = new("sum.known", MessageClass.Sealed, PerRow);

    /// <summary>A bank's encrypted contribution to a sum.</summary>
    public static readonly Step SumPart = new("sum.part", MessageClass.Ciphertext, 256 * Small, IsBroadcast: true);

    /// <summary>The coordinator's hash of the sum of all contributions, which every bank compares with its own.</summary>
    public static readonly Step SumTotal = new("sum.total", MessageClass.Public, Small, IsBroadcast: true);

    /// <summary>A bank's share of the decryption of a sum.</summary>
    public static readonly Step SumShare = new("sum.share", MessageClass.Sealed, 256 * Small);

    /// <summary>A bank's signature over the manifest that all banks made alike.</summary>
    public static readonly Step BankSignature = new("bank.signature", MessageClass.Public, Small, IsBroadcast: true);

    private static readonly Dictionary<string, Step> ByName = new Step[]
    {
        Hello, Resume, AlignmentPoints, AlignmentOrder, ScanSetup, LinkProbe, LinkEcho, ScanSize, ScanRequest, ScanAnswer, SplitRequest, SplitAnswer,
        TreeFinished, ScoreRequest, ScoreAnswer, Contribution, Manifest, ManifestSignature,
        BankHello, KeyShare, KeyDeal, SumKnown, SumPart, SumTotal, SumShare, BankSignature,
    }.ToDictionary(step => step.Name, StringComparer.Ordinal);

    /// <summary>All steps.</summary>
    public static IReadOnlyCollection<Step> All => ByName.Values;

    /// <summary>Finds a step by its name on the wire.</summary>
    /// <param name="name">Name from an envelope.</param>
    /// <returns>The step, or null when there is none of that name.</returns>
    public static Step? Find(string name) => ByName.GetValueOrDefault(name);
}
