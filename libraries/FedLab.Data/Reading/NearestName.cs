namespace FedLab.Data.Reading;

/// <summary>The known name that a mistyped one most likely stands for.</summary>
internal static class NearestName
{
    /// <summary>Names longer than this are compared by their beginning only.</summary>
    private const int ComparedCharacters = 128;

    /// <summary>The name with the smallest edit distance, the first of several, whatever the case.</summary>
    public static string Of(string name, IReadOnlyList<string> known) => known.MinBy(candidate => Distance(name, candidate))!;

    /// <summary>Levenshtein distance without regard to case.</summary>
    private static int Distance(string a, string b)
    {
        a = a[..Math.Min(a.Length, ComparedCharacters)].ToUpperInvariant();
        b = b[..Math.Min(b.Length, ComparedCharacters)].ToUpperInvariant();
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        foreach (var character in a)
        {
            var diagonal = previous[0];
            previous[0]++;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (b[j - 1] == character ? 0 : 1);
                diagonal = previous[j];
                previous[j] = Math.Min(substituted, 1 + Math.Min(previous[j], previous[j - 1]));
            }
        }

        return previous[b.Length];
    }
}
