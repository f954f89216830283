using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>
/// One entry of a log: the canonical JSON object with the members actor, body, log, prev, run, seq, time, type and v.
/// </summary>
public sealed class AuditEntry
{
    /// <summary>The version that is written and read.</summary>
    public const int Version = 1;

    /// <summary>The longest entry, in bytes: what the length field of a C2SP entry bundle can hold.</summary>
    public const int MaximumLength = ushort.MaxValue;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    private static readonly string[] MemberNames = ["actor", "body", "log", "prev", "run", "seq", "time", "type", "v"];

    private AuditEntry(ReadOnlySpan<byte> bytes, JsonObject entry, DateTimeOffset time, Sha256Hash previous)
    {
        Bytes = bytes.ToArray();
        LeafHash = MerkleHasher.HashLeaf(bytes);
        Log = (string)entry["log"]!;
        Sequence = (long)entry["seq"]!;
        Time = time;
        Type = (string)entry["type"]!;
        Run = (string?)entry["run"];
        Actor = (string)entry["actor"]!;
        Body = (JsonObject)entry["body"]!;
        Previous = previous;
    }

    /// <summary>What stands before the first entry.</summary>
    public static Sha256Hash PreviousOfFirst { get; }

    /// <summary>The canonical bytes, which the leaf hash is over.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The hash of this entry in the tree.</summary>
    public Sha256Hash LeafHash { get; }

    /// <summary>The name of the log.</summary>
    public string Log { get; }

    /// <summary>The number of the entry, from 0.</summary>
    public long Sequence { get; }

    /// <summary>When it was written, UTC, to the millisecond.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>One of <see cref="AuditEventType"/>.</summary>
    public string Type { get; }

    /// <summary>The run that it belongs to, if any.</summary>
    public string? Run { get; }

    /// <summary>Who acted.</summary>
    public string Actor { get; }

    /// <summary>What happened.</summary>
    public JsonObject Body { get; }

    /// <summary>The leaf hash of the entry before, or <see cref="PreviousOfFirst"/> (zeros).</summary>
    public Sha256Hash Previous { get; }

    /// <summary>Reads an entry. That its body holds to its type is not checked here.</summary>
    /// <exception cref="AuditFormatException">It is too long, not canonical, or not an entry.</exception>
    public static AuditEntry Parse(ReadOnlySpan<byte> bytes)
    {
        if (CanonicalJson.Parse(bytes, MaximumLength) is not JsonObject entry) throw new AuditFormatException(Messages.EntryMember("{"));
        foreach (string name in MemberNames)
        {
            if (!entry.ContainsKey(name)) throw new AuditFormatException(Messages.EntryMember(name));
        }

        string? unexpected = entry.Select(member => member.Key).Except(MemberNames, StringComparer.Ordinal).FirstOrDefault();
        if (unexpected is not null) throw new AuditFormatException(Messages.EntryMember(Messages.Shorten(unexpected)));
        RequireInteger(entry, "v", Version, Version);
        RequireInteger(entry, "seq", 0, EcmaNumber.MaximumInteger);
        foreach (string name in (ReadOnlySpan<string>)["actor", "log", "type"])
        {
            if (!EventSchema.IsName(RequireString(entry, name))) throw new AuditFormatException(Messages.EntryMember(name));
        }

        if (entry["run"] is not null && !EventSchema.IsName(RequireString(entry, "run"))) throw new AuditFormatException(Messages.EntryMember("run"));
        if (entry["body"] is not JsonObject) throw new AuditFormatException(Messages.EntryMember("body"));
        if (!Sha256Hash.TryParseHex(RequireString(entry, "prev"), out Sha256Hash previous)) throw new AuditFormatException(Messages.EntryMember("prev"));
        if (!DateTimeOffset.TryParseExact(
            RequireString(entry, "time"), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time))
        {
            throw new AuditFormatException(Messages.EntryMember("time"));
        }

        return new AuditEntry(bytes, entry, time, previous);
    }

    /// <summary>Writes the canonical bytes of an entry.</summary>
    /// <exception cref="ArgumentException">The event is not one that may be logged, or the entry would be too long.</exception>
    internal static byte[] Encode(string log, long sequence, DateTimeOffset time, Sha256Hash previous, AuditEvent @event)
    {
        string actor = @event.Actor ?? log;
        if (EventSchema.ProblemOf(@event.Type, @event.Run, @event.Body) is string problem) throw new ArgumentException(problem, nameof(@event));
        if (!EventSchema.IsName(actor)) throw new ArgumentException(Messages.EntryMember("actor"), nameof(@event));
        if (@event.Run is not null && !EventSchema.IsName(@event.Run)) throw new ArgumentException(Messages.EntryMember("run"), nameof(@event));

        var output = new ArrayBufferWriter<byte>(1024);
        output.Write("{\"actor\":"u8);
        CanonicalJson.WriteString(output, actor);
        output.Write(",\"body\":"u8);
        CanonicalJson.Write(output, @event.Body);
        output.Write(",\"log\":"u8);
        CanonicalJson.WriteString(output, log);
        output.Write(",\"prev\":"u8);
        CanonicalJson.WriteString(output, previous.ToHex());
        output.Write(",\"run\":"u8);
        if (@event.Run is null) output.Write("null"u8);
        else CanonicalJson.WriteString(output, @event.Run);
        output.Write(",\"seq\":"u8);
        CanonicalJson.WriteInteger(output, sequence);
        output.Write(",\"time\":"u8);
        CanonicalJson.WriteString(output, time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
        output.Write(",\"type\":"u8);
        CanonicalJson.WriteString(output, @event.Type);
        output.Write(",\"v\":1}"u8);
        if (output.WrittenCount > MaximumLength) throw new ArgumentException(Messages.LogEntryTooLong(MaximumLength), nameof(@event));
        return output.WrittenSpan.ToArray();
    }

    private static string RequireString(JsonObject entry, string name) =>
        entry[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? (string)value! : throw new AuditFormatException(Messages.EntryMember(name));

    private static void RequireInteger(JsonObject entry, string name, long minimum, long maximum)
    {
        if (entry[name] is not JsonValue value || value.GetValueKind() != JsonValueKind.Number || !value.TryGetValue(out long number) || number < minimum || number > maximum)
        {
            throw new AuditFormatException(Messages.EntryMember(name));
        }
    }
}
