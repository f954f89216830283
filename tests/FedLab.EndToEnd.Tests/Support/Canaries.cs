using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace FedLab.EndToEnd.Tests.Support;

/// <summary>
/// Secrets that are looked for in bytes: texts as UTF-8, numbers as text and as IEEE 754 doubles in both byte orders. All
/// patterns are looked for in one pass: the first eight bytes at every place, then the rest.
/// </summary>
internal sealed class Canaries
{
    // Shorter texts of digits stand in any long log by chance.
    private const int ShortestText = 10;

    private readonly Dictionary<ulong, List<(byte[] Pattern, string Name)>> _patterns = [];

    /// <summary>Number of patterns.</summary>
    public int Count => _patterns.Values.Sum(list => list.Count);

    public void Add(string name, string text) => Add(name, Encoding.UTF8.GetBytes(text));

    /// <summary>Adds a number whose digits are no others' by chance; a rounder one is not looked for.</summary>
    public bool Add(string name, double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        if (text.Length < ShortestText) return false;
        Add($"{name} as text", Encoding.ASCII.GetBytes(text));
        // The last digits go when a number is rounded on its way.
        if (text.Length > ShortestText + 2 && !text.Contains('E', StringComparison.Ordinal)) Add($"{name} rounded", Encoding.ASCII.GetBytes(text[..(ShortestText + 2)]));
        var bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, number);
        Add($"{name} little-endian", bytes);
        Add($"{name} big-endian", bytes.Reverse().ToArray());
        return true;
    }

    public void Add(string name, byte[] pattern)
    {
        if (pattern.Length < sizeof(ulong)) throw new ArgumentException($"'{name}' is shorter than eight bytes.", nameof(pattern));
        var head = BinaryPrimitives.ReadUInt64LittleEndian(pattern);
        if (!_patterns.TryGetValue(head, out var list)) _patterns.Add(head, list = []);
        list.Add((pattern, name));
    }

    /// <summary>The names of what stands in some bytes.</summary>
    public IReadOnlyList<string> FindIn(ReadOnlySpan<byte> content)
    {
        var found = new List<string>();
        for (var at = 0; at + sizeof(ulong) <= content.Length; at++)
        {
            if (!_patterns.TryGetValue(BinaryPrimitives.ReadUInt64LittleEndian(content[at..]), out var candidates)) continue;
            foreach (var (pattern, name) in candidates)
            {
                if (content[at..].StartsWith(pattern)) found.Add($"{name} at {at}");
            }
        }
        return found;
    }

    /// <summary>What stands in the files of a folder and in their names, each with the file.</summary>
    public IReadOnlyList<string> FindInFolder(string folder)
    {
        var found = new List<string>();
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, path);
            found.AddRange(FindIn(Encoding.UTF8.GetBytes(name)).Select(what => $"name of {name}: {what}"));
            if (File.Exists(path)) found.AddRange(FindIn(File.ReadAllBytes(path)).Select(what => $"{name}: {what}"));
        }
        return found;
    }
}
