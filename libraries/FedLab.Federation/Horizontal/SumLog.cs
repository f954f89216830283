using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;

namespace FedLab.Federation.Horizontal;

/// <summary>A decrypted sum.</summary>
/// <param name="Round">Its name.</param>
/// <param name="Banks">Bit i is set where the bank at position i of the specification contributed.</param>
/// <param name="Values">The sums.</param>
internal sealed record KnownSum(string Round, uint Banks, long[] Values);

/// <summary>
/// The sums of a run so far, at one bank: all that the banks know of one another's rows, in order. Everything else follows from it and the own rows, so it is the
/// whole checkpoint: a learner that starts again is given the known sums and goes on with the first unknown one.
/// </summary>
/// <remarks>
/// A sum that some bank knows stands for all of them: after an interruption those with shorter logs are given what they lack and nothing is decrypted twice. With another set
/// of banks the same sum would show by its difference what one bank contributed.
/// <code>
/// file: length (4 bytes) ‖ record ‖ chain = SHA-256(chain before ‖ record), again and again; a torn end is cut off
/// </code>
/// </remarks>
internal sealed class SumLog
{
    /// <summary>Name of the file in a run's store.</summary>
    public const string FileName = "sums.bin";

    private const int MaximumRecordBytes = 64 << 20;
    private const int MaximumNameLength = 128;

    private readonly IRunStore _store;
    private readonly List<byte[]> _records = [];
    private readonly List<byte[]> _chain;

    private SumLog(IRunStore store, byte[] start) => (_store, _chain) = (store, [start]);

    /// <summary>Number of known sums.</summary>
    public int Count => _records.Count;

    /// <summary>Hash of the experiment and all known sums: the same at every bank.</summary>
    public byte[] Head => _chain[^1];

    /// <summary>Hash after the first <paramref name="count"/> sums.</summary>
    public byte[] HeadAt(int count) => _chain[count];

    /// <summary>Opens the log of a run.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ProtocolException">The bank's own data are others than those of the attempt before.</exception>
    public static async Task<SumLog> OpenAsync(PartyRunContext context, CancellationToken cancellationToken)
    {
        var start = RunSettings.DefinitionHash(context.Spec);
        var log = new SumLog(context.Store, start);
        var content = await context.Store.LoadAsync(FileName, cancellationToken).ConfigureAwait(false);
        var prefix = Frame(context.Data.ContentDigest, SHA256.HashData([.. start, .. context.Data.ContentDigest]));
        if (content is null || content.Length < prefix.Length)
        {
            await context.Store.SaveAsync(FileName, prefix, cancellationToken).ConfigureAwait(false);
            return log;
        }
        if (!content.AsSpan(0, prefix.Length).SequenceEqual(prefix)) throw ProtocolErrors.DataChanged();
        var good = prefix.Length;
        while (TryReadFrame(content.AsSpan(good), log.Head, out var record))
        {
            log.Take(record);
            good += sizeof(int) + record.Length + SHA256.HashSizeInBytes;
        }
        if (good < content.Length) await context.Store.SaveAsync(FileName, content.AsMemory(0, good), cancellationToken).ConfigureAwait(false);
        return log;
    }

    /// <summary>A known sum.</summary>
    /// <param name="index">Its number.</param>
    public KnownSum this[int index]
    {
        get
        {
            var reader = new MessageReader(new ReadOnlySequence<byte>(_records[index]), LabMessages.StoredFile(FileName));
            var sum = new KnownSum(reader.Text(MaximumNameLength, "round"), (uint)reader.Int32(), new long[reader.Count(EncryptedValues.MaximumCount, sizeof(long), "values")]);
            for (var i = 0; i < sum.Values.Length; i++) sum.Values[i] = reader.Int64();
            reader.End();
            return sum;
        }
    }

    /// <summary>The banks of every known sum.</summary>
    public IEnumerable<uint> Banks => Enumerable.Range(0, Count).Select(index => this[index].Banks);

    /// <summary>Adds a sum; it is handed to the system before it is used.</summary>
    /// <param name="sum">The sum.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask AppendAsync(KnownSum sum, CancellationToken cancellationToken)
    {
        var output = new ArrayBufferWriter<byte>((sum.Values.Length * sizeof(long)) + MaximumNameLength);
        var writer = new MessageWriter(output);
        writer.Text(sum.Round);
        writer.Int32((int)sum.Banks);
        writer.VarInt((uint)sum.Values.Length);
        foreach (var value in sum.Values) writer.Int64(value);
        return AppendAsync(output.WrittenSpan.ToArray(), cancellationToken);
    }

    /// <summary>Writes the sums that another bank lacks.</summary>
    /// <param name="from">Number of sums that it knows.</param>
    public PayloadBuffer ToPayload(int from)
    {
        var payload = new PayloadBuffer();
        var writer = new MessageWriter(payload);
        writer.Int32(Count - from);
        foreach (var record in _records.Skip(from)) writer.Bytes(record);
        return payload;
    }

    /// <summary>Takes the sums that this bank lacks.</summary>
    /// <param name="payload">What <see cref="ToPayload"/> wrote.</param>
    /// <param name="sender">The bank that sent it.</param>
    /// <param name="head">Its head, as all others know it.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="ProtocolException">They do not lead from this log to that head.</exception>
    public async Task TakeAsync(PayloadBuffer payload, string sender, byte[] head, CancellationToken cancellationToken)
    {
        foreach (var record in Read(payload, sender)) await AppendAsync(record, cancellationToken).ConfigureAwait(false);
        if (!Head.AsSpan().SequenceEqual(head)) throw ProtocolErrors.KnownSumsDiffer(sender);
    }

    private static List<byte[]> Read(PayloadBuffer payload, string sender)
    {
        var reader = new MessageReader(payload.AsSequence(), LabMessages.MessageOf(Steps.SumKnown.Name, sender));
        var records = new List<byte[]>();
        for (var left = reader.Int32(0, EncryptedValues.MaximumRounds, "sums"); left > 0; left--) records.Add(reader.Bytes(MaximumRecordBytes, "sum"));
        reader.End();
        return records;
    }

    private async ValueTask AppendAsync(byte[] record, CancellationToken cancellationToken)
    {
        Take(record);
        await _store.AppendAsync(FileName, Frame(record, Head), cancellationToken).ConfigureAwait(false);
    }

    private void Take(byte[] record)
    {
        _records.Add(record);
        _chain.Add(Next(Head, record));
    }

    private static byte[] Next(byte[] head, byte[] record)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(record);
        return hash.GetHashAndReset();
    }

    private static byte[] Frame(byte[] record, byte[] chain)
    {
        var frame = new byte[sizeof(int) + record.Length + chain.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, record.Length);
        record.CopyTo(frame, sizeof(int));
        chain.CopyTo(frame, sizeof(int) + record.Length);
        return frame;
    }

    private static bool TryReadFrame(ReadOnlySpan<byte> rest, byte[] head, out byte[] record)
    {
        record = [];
        if (rest.Length < sizeof(int)) return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        if (length is < 0 or > MaximumRecordBytes || rest.Length < sizeof(int) + length + SHA256.HashSizeInBytes) return false;
        record = rest.Slice(sizeof(int), length).ToArray();
        return rest.Slice(sizeof(int) + length, SHA256.HashSizeInBytes).SequenceEqual(Next(head, record));
    }
}
