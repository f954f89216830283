using FedLab.Kernel.Resources;

namespace FedLab.Kernel.Session;

/// <summary>The cells that ran, by the path that the compiler knows them under, so that an error can show the line that it means. Threads that cells left behind ask too.</summary>
internal sealed class CellTexts
{
    private const int Kept = 1000;
    private const string Prefix = "Cell ";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string[]> _lines = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = [];
    private readonly Dictionary<string, (string Path, int LastLine)> _programs = new(StringComparer.Ordinal);

    /// <summary>Keeps a cell.</summary>
    /// <param name="number">Its number in the notebook.</param>
    /// <param name="code">Its text.</param>
    /// <returns>The path for the compiler.</returns>
    public string Add(int number, string code)
    {
        var path = FormattableString.Invariant($"{Prefix}{number}");
        var lines = code.ReplaceLineEndings("\n").Split('\n');
        lock (_lock)
        {
            if (!_lines.ContainsKey(path))
            {
                _order.Enqueue(path);
                if (_order.Count > Kept) _lines.Remove(_order.Dequeue());
            }
            _lines[path] = lines;
        }
        return path;
    }

    /// <summary>Keeps what a cell was compiled to.</summary>
    /// <param name="assembly">The name of the assembly.</param>
    /// <param name="path">The cell's path.</param>
    /// <param name="lastLine">The line, from 1, in which its last statement begins.</param>
    public void AddProgram(string assembly, string path, int lastLine)
    {
        lock (_lock)
        {
            if (_programs.Count == Kept) _programs.Clear();
            _programs[assembly] = (path, lastLine);
        }
    }

    /// <summary>
    /// Where top-level code of an assembly stands of which the runtime knows no line: the compiler gives the expression that ends a cell none.
    /// </summary>
    /// <param name="assembly">The name of the assembly.</param>
    public (string Path, int Line)? EndOf(string? assembly)
    {
        lock (_lock) return assembly is not null && _programs.TryGetValue(assembly, out var program) ? program : null;
    }

    /// <summary>A line of a cell; null where there is none.</summary>
    /// <param name="path">The cell's path.</param>
    /// <param name="number">The line, from 1.</param>
    public string? Line(string path, int number)
    {
        lock (_lock) return _lines.TryGetValue(Path.GetFileName(path), out var lines) && number >= 1 && number <= lines.Length ? lines[number - 1] : null;
    }

    /// <summary>What a person calls the cell.</summary>
    /// <param name="path">The cell's path.</param>
    public string Title(string path)
    {
        var name = Path.GetFileName(path);
        bool known;
        lock (_lock) known = _lines.ContainsKey(name);
        return known ? Texts.CellTitle(name[Prefix.Length..]) : path;
    }
}
