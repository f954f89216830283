using System.Buffers;
using FedLab.Federation.Channels;
using FedLab.Federation.Wire;
using FedLab.Learning;

namespace FedLab.Federation.Scan;

/// <summary>
/// The sealed messages by which the active party takes splits of a source and learns the side of those nodes' rows. Both
/// directions carry a bit for every training row, so that their length does not tell the coordinator how large a node is.
/// </summary>
internal static class SplitMessages
{
    private const int MaximumRequests = 1 << 12;
    private const int MaximumCandidates = 1 << 24;

    public static PayloadBuffer Write(IReadOnlyList<SplitRequest> requests, int trainingRows)
    {
        var payload = new PayloadBuffer();
        var writer = new MessageWriter(payload);
        writer.Int32(requests.Count);
        foreach (var request in requests)
        {
            writer.VarInt((uint)request.Candidates.Count);
            foreach (var candidate in request.Candidates) writer.VarInt((uint)candidate);
            var member = new bool[trainingRows];
            foreach (var row in request.Rows.Span) member[row] = true;
            writer.Bits(member);
        }
        return payload;
    }

    /// <summary>Reads the requests at the source; candidates become indexes in catalogue order.</summary>
    public static List<SplitRequest> Read(ReadOnlySequence<byte> payload, int trainingRows, Func<int, int> toCatalogueOrder)
    {
        var reader = new MessageReader(payload, LabMessages.MessageNamed(Steps.SplitRequest.Name));
        var count = reader.Int32(1, MaximumRequests, "number of splits");
        var requests = new List<SplitRequest>();
        for (var i = 0; i < count; i++)
        {
            var candidates = new int[reader.Count(MaximumCandidates, 1, "candidates")];
            if (candidates.Length == 0) throw ProtocolErrors.SplitWithoutCandidate();
            for (var c = 0; c < candidates.Length; c++) candidates[c] = toCatalogueOrder((int)Math.Min(int.MaxValue, reader.VarInt()));
            Array.Sort(candidates);
            var member = reader.Bits(trainingRows);
            requests.Add(new SplitRequest(i, candidates, Rows(member)));
        }
        reader.End();
        return requests;
    }

    public static PayloadBuffer WriteAnswers(IReadOnlyList<SplitAnswer?> answers, IReadOnlyList<SplitRequest> requests, int trainingRows)
    {
        var payload = new PayloadBuffer();
        var writer = new MessageWriter(payload);
        for (var i = 0; i < answers.Count; i++)
        {
            var left = new bool[trainingRows];
            writer.Int32(answers[i]?.Record ?? -1);
            if (answers[i] is { } answer)
            {
                var rows = requests[i].Rows.Span;
                for (var r = 0; r < rows.Length; r++) left[rows[r]] = answer.Left[r];
            }
            writer.Bits(left);
        }
        return payload;
    }

    public static IReadOnlyList<SplitAnswer?> ReadAnswers(ReadOnlySequence<byte> payload, IReadOnlyList<SplitRequest> requests, int trainingRows, string source)
    {
        var reader = new MessageReader(payload, LabMessages.MessageOf(Steps.SplitAnswer.Name, source));
        var answers = new SplitAnswer?[requests.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            var record = reader.Int32(-1, int.MaxValue, "record");
            var left = reader.Bits(trainingRows);
            if (record < 0) continue;
            var rows = requests[i].Rows.Span;
            var side = new bool[rows.Length];
            for (var r = 0; r < side.Length; r++) side[r] = left[rows[r]];
            answers[i] = new SplitAnswer(record, side);
        }
        reader.End();
        return answers;
    }

    private static int[] Rows(bool[] member)
    {
        var rows = new List<int>();
        for (var row = 0; row < member.Length; row++)
        {
            if (member[row]) rows.Add(row);
        }
        if (rows.Count == 0) throw ProtocolErrors.SplitWithoutRow();
        return [.. rows];
    }
}
