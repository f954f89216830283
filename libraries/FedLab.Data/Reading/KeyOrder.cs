namespace FedLab.Data.Reading;

/// <summary>The order of rows by their keys.</summary>
internal static class KeyOrder
{
    /// <summary>UTF-16 units that one comparison of integers covers.</summary>
    private const int Units = sizeof(ulong) / sizeof(char);

    /// <summary>
    /// The positions of the keys in ascending ordinal order. The units behind the prefix that all keys share (the same office gave out
    /// most codes) are compared as one integer, and only what is equal so far as texts: most texts are never visited.
    /// </summary>
    /// <param name="keys">Unique keys.</param>
    public static int[] Of(string[] keys)
    {
        if (IsAscending(keys)) return [.. Enumerable.Range(0, keys.Length)];
        var shared = SharedPrefix(keys);
        var parts = new ulong[keys.Length];
        var order = new int[keys.Length];
        for (var i = 0; i < keys.Length; i++) (parts[i], order[i]) = (Part(keys[i].AsSpan(shared)), i);
        Array.Sort(parts, order);
        var byText = Comparer<int>.Create((x, y) => string.CompareOrdinal(keys[x], keys[y]));
        for (var start = 0; start < parts.Length;)
        {
            var end = start + 1;
            while (end < parts.Length && parts[end] == parts[start]) end++;
            if (end - start > 1) Array.Sort(order, start, end - start, byText);
            start = end;
        }

        return order;
    }

    private static bool IsAscending(string[] keys)
    {
        for (var i = 1; i < keys.Length; i++)
        {
            if (string.CompareOrdinal(keys[i - 1], keys[i]) >= 0) return false;
        }

        return true;
    }

    private static int SharedPrefix(string[] keys)
    {
        if (keys.Length == 0) return 0;
        var shared = keys[0].Length;
        foreach (var key in keys) shared = key.AsSpan(0, Math.Min(shared, key.Length)).CommonPrefixLength(keys[0]);
        return shared;
    }

    private static ulong Part(ReadOnlySpan<char> text)
    {
        ulong part = 0;
        for (var i = 0; i < Units; i++) part = (part << 16) | (i < text.Length ? text[i] : '\0');
        return part;
    }
}
