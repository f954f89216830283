namespace FedLab.Audit;

/// <summary>How a sequence that was found differs from the one that was recorded.</summary>
internal enum SequenceDifferenceKind
{
    /// <summary>Something else stands in its place.</summary>
    Altered,

    /// <summary>It is gone.</summary>
    Removed,

    /// <summary>It stands elsewhere.</summary>
    Reordered,

    /// <summary>It was not recorded.</summary>
    Added,
}

/// <summary>One difference between two sequences.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Recorded">Where it was recorded; for what was added, −1.</param>
/// <param name="Found">Where it stands now; for what was removed, −1.</param>
internal readonly record struct SequenceDifference(SequenceDifferenceKind Kind, int Recorded, int Found);

/// <summary>
/// Explains how a sequence of distinct values became another. What kept its order, a longest increasing subsequence, is
/// taken as untouched; all else moved, vanished, came or was exchanged in place. n·log n.
/// </summary>
internal static class SequenceComparison
{
    internal static List<SequenceDifference> Compare<T>(IReadOnlyList<T> recorded, IReadOnlyList<T> found)
        where T : notnull
    {
        var places = new Dictionary<T, int>(recorded.Count);
        for (int i = 0; i < recorded.Count; i++) places.TryAdd(recorded[i], i);

        const int NotRecorded = -1;
        var recordedAt = new int[found.Count];
        var isFound = new bool[recorded.Count];
        for (int i = 0; i < found.Count; i++)
        {
            recordedAt[i] = NotRecorded;
            // A second copy of the same value was added.
            if (!places.TryGetValue(found[i], out int place) || isFound[place]) continue;
            recordedAt[i] = place;
            isFound[place] = true;
        }

        bool[] isAnchor = LongestIncreasing(recordedAt);
        var differences = new List<SequenceDifference>();
        var strangers = new List<int>();
        int nextRecorded = 0;
        for (int i = 0; i <= found.Count; i++)
        {
            if (i < found.Count && recordedAt[i] == NotRecorded)
            {
                strangers.Add(i);
                continue;
            }

            if (i < found.Count && !isAnchor[i])
            {
                differences.Add(new SequenceDifference(SequenceDifferenceKind.Reordered, recordedAt[i], i));
                continue;
            }

            int gapEnd = i < found.Count ? recordedAt[i] : recorded.Count;
            ExplainGap(nextRecorded, gapEnd, isFound, strangers, differences);
            strangers.Clear();
            nextRecorded = gapEnd + 1;
        }

        return differences;
    }

    /// <summary>Between two anchors, what is missing and what is strange are paired in order; the rest went or came.</summary>
    private static void ExplainGap(int begin, int end, bool[] isFound, List<int> strangers, List<SequenceDifference> differences)
    {
        int paired = 0;
        for (int place = begin; place < end; place++)
        {
            if (isFound[place]) continue;
            differences.Add(paired < strangers.Count
                ? new SequenceDifference(SequenceDifferenceKind.Altered, place, strangers[paired++])
                : new SequenceDifference(SequenceDifferenceKind.Removed, place, -1));
        }

        for (; paired < strangers.Count; paired++) differences.Add(new SequenceDifference(SequenceDifferenceKind.Added, -1, strangers[paired]));
    }

    /// <summary>Marks a longest increasing subsequence of the non-negative values (patience sorting).</summary>
    private static bool[] LongestIncreasing(int[] values)
    {
        var tails = new List<int>();
        var before = new int[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] < 0) continue;
            int low = 0;
            int high = tails.Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (values[tails[middle]] < values[i]) low = middle + 1;
                else high = middle;
            }

            before[i] = low == 0 ? -1 : tails[low - 1];
            if (low == tails.Count) tails.Add(i);
            else tails[low] = i;
        }

        var chosen = new bool[values.Length];
        for (int i = tails.Count == 0 ? -1 : tails[^1]; i >= 0; i = before[i]) chosen[i] = true;
        return chosen;
    }
}
