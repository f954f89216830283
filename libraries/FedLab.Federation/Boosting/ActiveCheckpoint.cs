using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using FedLab.Federation.Alignment;
using FedLab.Federation.Publication;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;
using FedLab.Learning;

namespace FedLab.Federation.Boosting;

/// <summary>The active party's durable state after a tree.</summary>
/// <param name="State">Trees and margins.</param>
/// <param name="Records">Own splits so far.</param>
/// <param name="Transcript">Transcript hash after the last tree.</param>
internal sealed record ActiveCheckpoint(BoostingState State, IReadOnlyList<SplitRule> Records, byte[] Transcript)
{
    public const string FileName = "boosting.bin";

    private const int MaximumRecordBytes = 256 << 20;

    public int Trees => State.Ensemble.Trees.Count;

    public static async Task<ActiveCheckpoint?> LoadAsync(PartyRunContext context, AlignmentResult alignment, CancellationToken cancellationToken)
    {
        if (await context.Store.LoadAsync(FileName, cancellationToken).ConfigureAwait(false) is not { } content) return null;
        var reader = new MessageReader(new ReadOnlySequence<byte>(content), LabMessages.StoredFile(FileName));
        // A checkpoint of an alignment that has been made again since belongs to another order of the rows.
        if (!reader.Bytes(AlignmentResult.IdentifierLength, "alignment").AsSpan().SequenceEqual(alignment.Identifier)) return null;
        var transcript = reader.Bytes(32, "transcript");
        using var records = JsonDocument.Parse(reader.Bytes(MaximumRecordBytes, "records"));
        var state = BoostingState.FromBytes(reader.Slice(reader.Remaining).ToArray(), alignment.TrainingRows);
        return new ActiveCheckpoint(state, PartyShare.ReadRecords(records.RootElement), transcript);
    }

    public static byte[] ToBytes(BoostingState state, IEnumerable<SplitRule> records, byte[] transcript, AlignmentResult alignment)
    {
        var rules = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(rules))
        {
            json.WriteStartObject();
            PartyShare.WriteRecords(json, records);
            json.WriteEndObject();
        }
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessageWriter(output);
        writer.Bytes(alignment.Identifier);
        writer.Bytes(transcript);
        writer.Bytes(rules.WrittenSpan);
        output.Write(state.ToBytes());
        return output.WrittenSpan.ToArray();
    }
}

/// <summary>
/// The active party's checkpoints on their way to the disk. It stores a tree only when every source has stored it, so that
/// whatever process dies, the active party's checkpoint is one that all parties can go back to.
/// </summary>
internal sealed class ActiveCheckpointHistory(PartyRunContext context, ActiveCheckpoint? resumed) : IAsyncDisposable
{
    /// <summary>Snapshots kept in memory while the sources' disks catch up.</summary>
    private const int MaximumPending = 8;

    private readonly CheckpointWriter _writer = new(context.Store, ActiveCheckpoint.FileName, resumed?.Trees ?? 0);
    private readonly List<(int Trees, byte[] Content)> _pending = [];
    private readonly byte[] _secret = Salt.Derive(context, "transcript");

    /// <summary>Transcript hash after the last tree.</summary>
    public byte[] Transcript { get; private set; } = resumed?.Transcript ?? new byte[SHA256.HashSizeInBytes];

    /// <summary>Takes in a finished tree.</summary>
    public void Advance(BoostingState state, AlignmentResult alignment, IReadOnlyList<SplitRule> records, int storedBySources)
    {
        var ensemble = state.Ensemble;
        var tree = HMACSHA256.HashData(_secret, new TreeEnsemble(0, [ensemble.Trees[^1]]).ToJson());
        Transcript = SHA256.HashData([.. Transcript, .. tree]);
        if (_pending.Count == MaximumPending) _pending.RemoveAt(1);
        _pending.Add((ensemble.Trees.Count, ActiveCheckpoint.ToBytes(state, records, Transcript, alignment)));
        var shared = _pending.FindLastIndex(snapshot => snapshot.Trees <= storedBySources);
        if (shared < 0) return;
        _writer.Post(_pending[shared].Trees, _pending[shared].Content);
        _pending.RemoveRange(0, shared + 1);
    }

    /// <summary>Waits for the disk.</summary>
    public Task FlushAsync() => _writer.FlushAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
