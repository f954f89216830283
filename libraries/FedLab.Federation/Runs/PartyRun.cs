using System.Security.Cryptography.X509Certificates;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Federation.Scan.Workers;
using FedLab.Learning;

namespace FedLab.Federation.Runs;

/// <summary>A party's own rows as the protocols need them: unique normalised keys and features, for the active party the label.</summary>
/// <param name="Keys">Normalised keys, unique.</param>
/// <param name="Features">Feature columns, one row a key.</param>
/// <param name="Labels">0 or 1 a row; null for a source and for rows to be scored.</param>
/// <param name="TestRows">For a test set by column: true for test rows; null otherwise.</param>
/// <param name="ContentDigest">SHA-256 over schema and rows: the secret from which the salts of this party's published hashes are derived.</param>
/// <param name="KeyWasNormalised">True where the key in the file differed from its normal form.</param>
public sealed record PartyData(IReadOnlyList<string> Keys, Table Features, byte[]? Labels, bool[]? TestRows, byte[] ContentDigest, bool[]? KeyWasNormalised);

/// <summary>What an institution allows and grants.</summary>
/// <param name="MinimumCohort">Smallest number of rows on either side of one of its splits.</param>
/// <param name="PublishFeatureNames">Whether the manifest may carry the names of its features; numbered names otherwise.</param>
/// <param name="MemoryLimit">Bytes that the scan may use for kept transforms.</param>
/// <param name="DegreeOfParallelism">Threads that computations may use.</param>
public sealed record PartySettings(int MinimumCohort = 10, bool PublishFeatureNames = true, long MemoryLimit = 1L << 30, int DegreeOfParallelism = 2);

/// <summary>Durable files of one run at one party: checkpoints, own share, scores. Writes are atomic.</summary>
public interface IRunStore
{
    /// <summary>Writes or replaces a file.</summary>
    /// <param name="name">Plain file name.</param>
    /// <param name="content">Content.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask SaveAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Reads a file.</summary>
    /// <param name="name">Plain file name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The content, or null when there is none.</returns>
    ValueTask<byte[]?> LoadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Adds to the end of a file, which is made when it is missing. Unlike a save it may be half done when the machine fails: the reader finds out.</summary>
    /// <param name="name">Plain file name.</param>
    /// <param name="content">What is added.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask AppendAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Names of all files.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Removes a file if it is there.</summary>
    /// <param name="name">Plain file name.</param>
    void Delete(string name);
}

/// <summary>Receives what the audit log must hold.</summary>
public interface IRunJournal
{
    /// <summary>An envelope is about to leave.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="signature">Its signature.</param>
    void Sent(EnvelopeHeader header, byte[] signature);

    /// <summary>An envelope arrived and was found good.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="signature">Its signature.</param>
    void Received(EnvelopeHeader header, byte[] signature);

    /// <summary>Something else that the trail records: sizes, hashes and names only.</summary>
    /// <param name="type">Type of the event, such as <c>align.done</c>.</param>
    /// <param name="body">Field values: text, whole numbers or booleans.</param>
    void Record(string type, IReadOnlyDictionary<string, object> body);
}

/// <summary>How far a run is, for people. Public by the privacy table: sizes and counts only.</summary>
/// <param name="Phase">alignment, training, evaluation, publication or scoring.</param>
/// <param name="Done">Units done in the phase, such as trees.</param>
/// <param name="Total">Units in all; 0 when unknown.</param>
/// <param name="BytesSent">Payload bytes sent by this party in this run so far.</param>
/// <param name="BytesReceived">Payload bytes received.</param>
/// <param name="Detail">A line for the run's log (such as the scan's parameter calculation), or null.</param>
public sealed record RunProgress(string Phase, int Done, int Total, long BytesSent, long BytesReceived, string? Detail = null);

/// <summary>Everything a role needs for one attempt of a run.</summary>
public sealed record PartyRunContext
{
    /// <summary>Identifier of the run.</summary>
    public required string Run { get; init; }

    /// <summary>Number of the attempt, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>What all parties approved.</summary>
    public required ExperimentSpec Spec { get; init; }

    /// <summary>This party.</summary>
    public required PartyIdentity Identity { get; init; }

    /// <summary>All parties' certificates.</summary>
    public required PartyDirectory Directory { get; init; }

    /// <summary>The coordinator's certificate, checked against the lab's authority; null where the coordinator takes no part in the protocol.</summary>
    public X509Certificate2? CoordinatorCertificate { get; init; }

    /// <summary>Parties that have left the run for good; empty in a vertical run.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];

    /// <summary>The parties of this attempt, in the order of the specification.</summary>
    public IEnumerable<string> Parties => Spec.Parties.Select(party => party.Name).Where(name => !Absent.Contains(name, StringComparer.Ordinal));

    /// <summary>This party's rows.</summary>
    public required PartyData Data { get; init; }

    /// <summary>What this party allows.</summary>
    public required PartySettings Settings { get; init; }

    /// <summary>The network.</summary>
    public required IEnvelopeTransport Transport { get; init; }

    /// <summary>Files of this run.</summary>
    public required IRunStore Store { get; init; }

    /// <summary>Folder for the run's secrets, for their owner alone; needed by t-out-of-n keys only.</summary>
    public string? SecretFolder { get; init; }

    /// <summary>For a scoring run: this party's files of the run that trained the model.</summary>
    public IRunStore? ModelStore { get; init; }

    /// <summary>The audit log.</summary>
    public required IRunJournal Journal { get; init; }

    /// <summary>Progress; may be null.</summary>
    public IProgress<RunProgress>? Progress { get; init; }

    /// <summary>The institution's scan workers; null where the participant computes its scans itself.</summary>
    public IScanWorkers? ScanWorkers { get; init; }

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>What a finished run gives.</summary>
/// <param name="Manifest">The published manifest, canonical JSON; null for a scoring run.</param>
/// <param name="Signatures">Signatures over the manifest by party (IEEE P1363); only the active party has all of them.</param>
/// <param name="AlignedRows">Length of the common order.</param>
/// <param name="Seconds">Seconds by phase at this party, over all attempts.</param>
/// <param name="Bytes">Payload bytes by phase, both directions, at this party, over all attempts.</param>
/// <param name="Scores">For the active party of a scoring run: probability by own row, NaN for rows that are not aligned. It stays with the party.</param>
public sealed record PartyRunResult(
    byte[]? Manifest,
    IReadOnlyDictionary<string, byte[]> Signatures,
    int AlignedRows,
    IReadOnlyDictionary<string, double> Seconds,
    IReadOnlyDictionary<string, long> Bytes,
    double[]? Scores);

/// <summary>A party's role in one attempt of a run.</summary>
public static class PartyRun
{
    /// <summary>Runs the role that the specification gives this party, to its end.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="cancellationToken">Ends the attempt; checkpoints stay, so that a later attempt goes on from them.</param>
    /// <returns>What the run gave at this party.</returns>
    /// <exception cref="ProtocolException">Another party, a file or a setting breaks the protocol; the message is for people.</exception>
    /// <exception cref="LearningException">The data or settings cannot be learned from; the message is for people.</exception>
    public static async Task<PartyRunResult> ExecuteAsync(PartyRunContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Spec.Validate();
        if (context.Spec.Parties.All(party => party.Name != context.Identity.Name)) throw ProtocolErrors.NotAPartyOf(context.Identity.Name, context.Spec.Name);
        var channel = new PartyChannel(context);
        await using (channel.ConfigureAwait(false))
        {
            if (context.Spec.IsHorizontal) return await Horizontal.BankTraining.RunAsync(context, channel, cancellationToken).ConfigureAwait(false);
            return context.Spec.Kind == RunKind.Score
                ? await ScoringRun.RunAsync(context, channel, cancellationToken).ConfigureAwait(false)
                : context.Spec.Active == context.Identity.Name
                    ? await Boosting.ActiveTraining.RunAsync(context, channel, cancellationToken).ConfigureAwait(false)
                    : await Boosting.SourceTraining.RunAsync(context, channel, cancellationToken).ConfigureAwait(false);
        }
    }
}
