namespace FedLab.Learning;

/// <summary>The known name that a mistyped one most likely stands for.</summary>
public static class NearestName
{
    /// <summary>Names longer than this are compared by their beginning only.</summary>
    private const int ComparedCharacters = 128;

    /// <summary>One character of so many may be wrong: with more the other name is another word.</summary>
    private const int CharactersOfOneEdit = 3;

    /// <summary>More names than these, or longer ones together, tell nobody anything.</summary>
    private const int ListedNames = 12;

    private const int ListedCharacters = 240;

    /// <summary>The name with the smallest edit distance, the first of several, whatever the case.</summary>
    /// <param name="name">What was typed.</param>
    /// <param name="known">The names that there are.</param>
    /// <returns>Null when none is near: within a third of the longer name's characters, or within one, and not all of them.</returns>
    public static string? Of(string name, IReadOnlyCollection<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        return known.Select(candidate => (Name: candidate, Edits: Distance(name, candidate)))
            .Where(found => IsNear(found.Edits, Math.Min(ComparedCharacters, Math.Max(name.Length, found.Name.Length))))
            .OrderBy(found => found.Edits)
            .Select(found => found.Name)
            .FirstOrDefault();
    }

    /// <summary>The known names in a row, for a name that none is near to.</summary>
    /// <param name="known">The names that there are.</param>
    /// <returns>Null when there are none, or too many to be read.</returns>
    public static string? List(IReadOnlyCollection<string> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        return known.Count is > 0 and <= ListedNames && known.Sum(name => name.Length) <= ListedCharacters ? string.Join(", ", known) : null;
    }

    private static bool IsNear(int edits, int longer) => edits == 0 || (edits < longer && edits <= Math.Max(1, longer / CharactersOfOneEdit));

    /// <summary>Levenshtein distance in which two neighbours that changed places are one edit, without regard to case.</summary>
    private static int Distance(string a, string b)
    {
        a = a[..Math.Min(a.Length, ComparedCharacters)].ToUpperInvariant();
        b = b[..Math.Min(b.Length, ComparedCharacters)].ToUpperInvariant();
        var (before, previous, current) = (new int[b.Length + 1], Enumerable.Range(0, b.Length + 1).ToArray(), new int[b.Length + 1]);
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) current[j] = Math.Min(current[j], before[j - 2] + 1);
            }

            (before, previous, current) = (previous, current, before);
        }

        return previous[b.Length];
    }
}
