using System.Collections;
using FedLab.Audit;
using FedLab.Client;
using FedLab.Client.Wording;
using FedLab.Notebook.Data;
using FedLab.Notebook.Display;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>A message of a run, as the audit logs have it: everything but its payload, which no log holds.</summary>
/// <param name="Time">When it was first logged, UTC.</param>
/// <param name="Attempt">The attempt of the run.</param>
/// <param name="Step">The step of the protocol.</param>
/// <param name="Sender">Who made and signed it.</param>
/// <param name="Receiver">Who it is for; <c>*</c> for all other institutions of the run.</param>
/// <param name="Class">How its payload is protected.</param>
/// <param name="Bytes">Length of its payload.</param>
/// <param name="Sha256">SHA-256 of its payload, hexadecimal.</param>
/// <param name="Readers">Who can open it; null for a step that this version does not know.</param>
/// <param name="WhoCanRead">The same in words.</param>
/// <param name="Meaning">What it is, and why it says nothing to others.</param>
public sealed record RunMessage(
    DateTimeOffset Time, int Attempt, string Step, string Sender, string Receiver, EnvelopeClass Class, long Bytes, string Sha256, MessageReaders? Readers, string WhoCanRead, string Meaning);

/// <summary>The messages of one step together.</summary>
/// <param name="Step">The step.</param>
/// <param name="Class">How their payloads are protected.</param>
/// <param name="Count">How many they are.</param>
/// <param name="Bytes">Their payloads' bytes.</param>
/// <param name="WhoCanRead">Who can open them, in words.</param>
/// <param name="Meaning">What they are, and why they say nothing to others.</param>
public sealed record StepMessages(string Step, EnvelopeClass Class, int Count, long Bytes, string WhoCanRead, string Meaning);

/// <summary>
/// Every message of a run in the order in which they were logged, each once however many logs have it. From a coordinator's log or a bundle these are all messages, from an
/// institution's own log those that it sent or received.
/// </summary>
public sealed class RunMessages : IReadOnlyList<RunMessage>, IRichDisplay
{
    private const string AuditFolder = "audit";
    private const int NamedRuns = 5;

    private readonly IReadOnlyList<RunMessage> _messages;

    private RunMessages(string run, IReadOnlyList<RunMessage> messages) => (Run, _messages) = (run, messages);

    /// <summary>Name of the run.</summary>
    public string Run { get; }

    /// <inheritdoc/>
    public int Count => _messages.Count;

    /// <inheritdoc/>
    public RunMessage this[int index] => _messages[index];

    /// <summary>The messages step by step, in the order in which the steps first appear.</summary>
    public IReadOnlyList<StepMessages> BySteps =>
    [
        .. _messages.GroupBy(message => (message.Step, message.Class)).Select(step => new StepMessages(
            step.Key.Step,
            step.Key.Class,
            step.Count(),
            step.Sum(message => message.Bytes),
            string.Join("; ", step.Select(message => message.WhoCanRead).Distinct(StringComparer.Ordinal)),
            step.First().Meaning)),
    ];

    /// <summary>Reads the messages of a run.</summary>
    /// <param name="path">An audit log's folder, a home with one in it, or an audit bundle: a folder or a zip file.</param>
    /// <param name="run">Name of the run; null where the logs have one run only.</param>
    /// <param name="cancellationToken">Ends the reading; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">There is no log, or not of that run, or there are several and none is named.</exception>
    /// <exception cref="AuditFormatException">A log is malformed.</exception>
    public static Task<RunMessages> ReadAsync(string path, string? run = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        var token = Interruption.Or(cancellationToken);
        return Task.Run(() => Read(path, run, token), token);
    }

    /// <summary>Those that some institution sent or received.</summary>
    /// <param name="institution">Its name.</param>
    public RunMessages Of(string institution) => new(Run, [.. _messages.Where(message => message.Sender == institution || message.Receiver == institution || message.Receiver == "*")]);

    /// <summary>Those of one step.</summary>
    /// <param name="step">The step, such as <c>scan.request</c>.</param>
    public RunMessages OfStep(string step) => new(Run, [.. _messages.Where(message => message.Step == step)]);

    /// <summary>The same as a frame, a row for each message.</summary>
    public DataFrame ToDataFrame() => new(
        DataFrameColumn.Create("time", _messages.Select(message => Moments.Text(message.Time))),
        DataFrameColumn.Create("attempt", _messages.Select(message => message.Attempt)),
        DataFrameColumn.Create("step", _messages.Select(message => message.Step)),
        DataFrameColumn.Create("sender", _messages.Select(message => message.Sender)),
        DataFrameColumn.Create("receiver", _messages.Select(message => message.Receiver)),
        DataFrameColumn.Create("class", _messages.Select(message => EnvelopeRecord.ClassName(message.Class))),
        DataFrameColumn.Create("bytes", _messages.Select(message => (double)message.Bytes)),
        DataFrameColumn.Create("sha256", _messages.Select(message => message.Sha256)),
        DataFrameColumn.Create("whoCanRead", _messages.Select(message => message.WhoCanRead)),
        DataFrameColumn.Create("meaning", _messages.Select(message => message.Meaning)));

    /// <inheritdoc/>
    public IEnumerator<RunMessage> GetEnumerator() => _messages.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle() => new Page()
        .Title(LabMessages.Messages(Run))
        .Table(
            [LabMessages.Step, LabMessages.Class, LabMessages.WhoCanRead, LabMessages.WhatItIs, LabMessages.Count, LabMessages.Bytes],
            BySteps.Select(step => (IReadOnlyList<string?>)[step.Step, StepText.ClassName(step.Class), step.WhoCanRead, step.Meaning, Formats.Count(step.Count), Formats.Bytes(step.Bytes)]),
            leftColumns: 4)
        .Fold(LabMessages.EveryMessage(Formats.Count(Count)), page => page.Table(
            [LabMessages.From, LabMessages.To, LabMessages.Step, LabMessages.Class, "SHA-256", LabMessages.Bytes],
            _messages.Select(message => (IReadOnlyList<string?>)[
                message.Sender,
                message.Receiver == "*" ? LabMessages.AllOthers : message.Receiver,
                message.Step,
                StepText.ClassName(message.Class),
                message.Sha256[..16] + "…",
                Formats.Count(message.Bytes)]),
            leftColumns: 5))
        .ToBundle();

    private static RunMessages Read(string path, string? run, CancellationToken cancellationToken)
    {
        if (!Path.Exists(path)) throw ClientException.Usage(LabMessages.MessagesPath(path));
        // A home has its log in a folder of its own, which is no bundle.
        var log = Directory.Exists(path) && !File.Exists(Path.Combine(path, BundleDescription.FileName)) && Directory.Exists(Path.Combine(path, AuditFolder)) ? Path.Combine(path, AuditFolder) : path;
        var seen = new HashSet<(string Run, int Attempt, string Sender, string Receiver, long Sequence)>();
        var messages = new List<RunMessage>();
        var runs = new OrderedDictionary<string, int>(StringComparer.Ordinal);
        var sentences = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in AuditEntryReader.Read(log, cancellationToken))
        {
            if (EnvelopeRecord.Of(entry) is not { } envelope) continue;
            runs[envelope.Run] = runs.GetValueOrDefault(envelope.Run) + 1;
            if ((run ?? runs.GetAt(0).Key) != envelope.Run || !seen.Add((envelope.Run, envelope.Attempt, envelope.Sender, envelope.Receiver, envelope.Sequence))) continue;
            if (!sentences.TryGetValue(envelope.Step, out var sentence)) sentences.Add(envelope.Step, sentence = StepText.Sentence(envelope.Step) ?? LabMessages.StepUnknown);
            messages.Add(new RunMessage(
                entry.Time, envelope.Attempt, envelope.Step, envelope.Sender, envelope.Receiver, envelope.Class, envelope.Length, envelope.Sha256.ToHex(), StepText.ReadersOf(envelope), StepText.ReadersText(envelope), sentence));
        }
        if (runs.Count == 0) throw ClientException.Usage(LabMessages.MessagesNoneAtAll(path));
        if (run is null && runs.Count > 1) throw ClientException.Usage(LabMessages.MessagesRun(path, string.Join(", ", runs.Keys.TakeLast(NamedRuns))));
        if (messages.Count == 0) throw ClientException.Usage(LabMessages.MessagesNone(path, run!));
        // A bundle has one log after the other.
        return new RunMessages(run ?? runs.GetAt(0).Key, [.. messages.OrderBy(message => message.Time)]);
    }
}
