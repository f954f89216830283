using System.Buffers;
using System.Text.Json;
using FedLab.Federation.Alignment;
using FedLab.Federation.Publication;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Boosting;

/// <summary>A source's durable state: its records, and after each tree how many there were and the transcript hash.</summary>
/// <param name="Records">Own splits so far.</param>
/// <param name="Trees">For each finished tree the number of records after it and the transcript hash.</param>
internal sealed record SourceCheckpoint(IReadOnlyList<SplitRule> Records, IReadOnlyList<(int Records, byte[] Transcript)> Trees)
{
    public const string FileName = "boosting.json";

    public static readonly SourceCheckpoint Empty = new([], []);

    public static async Task<SourceCheckpoint> LoadAsync(PartyRunContext context, AlignmentResult? alignment, CancellationToken cancellationToken)
    {
        if (alignment is null || await context.Store.LoadAsync(FileName, cancellationToken).ConfigureAwait(false) is not { } content) return Empty;
        using var document = JsonDocument.Parse(content);
        var root = document.RootElement;
        if (!root.GetProperty("alignment").GetBytesFromBase64().AsSpan().SequenceEqual(alignment.Identifier)) return Empty;
        return new SourceCheckpoint(
            PartyShare.ReadRecords(root),
            [.. root.GetProperty("trees").EnumerateArray().Select(tree => (tree.GetProperty("records").GetInt32(), tree.GetProperty("transcript").GetBytesFromBase64()))]);
    }

    /// <summary>The state after the first trees alone.</summary>
    /// <exception cref="ProtocolException">This party has no such checkpoint, or its transcript is another.</exception>
    public SourceCheckpoint Rewind(int trees, byte[] transcript)
    {
        if (trees == 0) return Empty;
        if (trees > Trees.Count || !Trees[trees - 1].Transcript.AsSpan().SequenceEqual(transcript)) throw ProtocolErrors.CheckpointMismatch(trees);
        return new SourceCheckpoint([.. Records.Take(Trees[trees - 1].Records)], [.. Trees.Take(trees)]);
    }

    public byte[] ToBytes(AlignmentResult alignment)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteBase64String("alignment", alignment.Identifier);
            PartyShare.WriteRecords(json, Records);
            json.WriteStartArray("trees");
            foreach (var (records, transcript) in Trees)
            {
                json.WriteStartObject();
                json.WriteNumber("records", records);
                json.WriteBase64String("transcript", transcript);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }
}
