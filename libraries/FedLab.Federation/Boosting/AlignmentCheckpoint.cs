using System.Buffers;
using FedLab.Federation.Alignment;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;

namespace FedLab.Federation.Boosting;

/// <summary>The alignment in a run's store, bound to the content of the party's file.</summary>
internal static class AlignmentCheckpoint
{
    private const string FileName = "alignment.bin";

    public static async Task<AlignmentResult?> LoadAsync(PartyRunContext context, CancellationToken cancellationToken)
    {
        if (await context.Store.LoadAsync(FileName, cancellationToken).ConfigureAwait(false) is not { } content) return null;
        var reader = new MessageReader(new ReadOnlySequence<byte>(content), LabMessages.StoredFile(FileName));
        var digest = reader.Bytes(32, "content digest");
        if (!digest.AsSpan().SequenceEqual(context.Data.ContentDigest)) throw ProtocolErrors.DataChanged();
        return AlignmentResult.Read(ref reader, context.Data.Keys.Count);
    }

    public static ValueTask SaveAsync(PartyRunContext context, AlignmentResult alignment, CancellationToken cancellationToken)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessageWriter(output);
        writer.Bytes(context.Data.ContentDigest);
        alignment.Write(writer);
        return context.Store.SaveAsync(FileName, output.WrittenMemory, cancellationToken);
    }
}
