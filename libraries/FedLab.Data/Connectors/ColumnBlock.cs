using System.Runtime.CompilerServices;

namespace FedLab.Data.Connectors;

/// <summary>What a cell holds.</summary>
public enum CellKind : byte
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A number; NaN counts as missing.</summary>
    Number,

    /// <summary>A text, which may still be empty or a word for missing.</summary>
    Text,
}

/// <summary>
/// The cells of one column in a <see cref="RowBlock"/>. As long as there is no text among them they are an array of numbers and nothing
/// else, which is how most columns of most tables look.
/// </summary>
public sealed class ColumnBlock
{
    private const int FirstTextBytes = 1 << 12;

    private readonly double[] _numbers = new double[RowBlock.MaximumRows];

    /// <summary>Kinds, and where the text of a row ends and that of the next begins; kept from the first text on.</summary>
    private readonly CellKind[] _kinds = new CellKind[RowBlock.MaximumRows];
    private readonly int[] _ends = new int[RowBlock.MaximumRows];
    private byte[] _text = [];
    private int _textLength;
    private int _count;
    private bool _hasText;

    /// <summary>What the cell of a row holds.</summary>
    public CellKind KindOf(int row)
    {
        if (_hasText) return _kinds[row];
        return double.IsNaN(_numbers[row]) ? CellKind.Missing : CellKind.Number;
    }

    /// <summary>The number of a cell that holds one.</summary>
    public double NumberOf(int row) => _numbers[row];

    /// <summary>The text of a cell that holds one, in UTF-8.</summary>
    public ReadOnlySpan<byte> TextOf(int row)
    {
        var start = row == 0 ? 0 : _ends[row - 1];
        return _text.AsSpan(start, _ends[row] - start);
    }

    /// <summary>Adds a missing cell.</summary>
    public void AddMissing() => AddNumber(double.NaN);

    /// <summary>Adds a number.</summary>
    /// <param name="number">The number; NaN is a missing cell.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddNumber(double number)
    {
        if (_hasText) MarkNumber(number);
        _numbers[_count++] = number;
    }

    /// <summary>Adds a text.</summary>
    /// <param name="utf8">UTF-8, already known to be valid.</param>
    public void AddText(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Reserve(utf8.Length));
        Commit(utf8.Length);
    }

    /// <summary>Room for a text that is written in place.</summary>
    /// <param name="bytes">The most that it may take.</param>
    public Span<byte> Reserve(int bytes)
    {
        if (_text.Length - _textLength < bytes) Array.Resize(ref _text, Math.Max(_textLength + bytes, Math.Max(FirstTextBytes, 2 * _text.Length)));
        return _text.AsSpan(_textLength);
    }

    /// <summary>Adds what was written into <see cref="Reserve"/> as a text.</summary>
    /// <param name="bytes">Its length.</param>
    public void Commit(int bytes)
    {
        if (!_hasText) KeepKinds();
        _textLength += bytes;
        _ends[_count] = _textLength;
        _kinds[_count++] = CellKind.Text;
    }

    /// <summary>The column as numbers, NaN where one is missing, if it has neither a text nor an infinite number.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="numbers">The numbers.</param>
    /// <param name="missing">How many are missing.</param>
    /// <returns>Whether the column is such.</returns>
    internal bool TryGetNumbers(int rows, out ReadOnlySpan<double> numbers, out int missing)
    {
        missing = 0;
        numbers = _numbers.AsSpan(0, rows);
        if (_hasText) return false;
        var infinite = false;
        foreach (var number in numbers)
        {
            infinite |= double.IsInfinity(number);
            missing += double.IsNaN(number) ? 1 : 0;
        }

        return !infinite;
    }

    internal void Clear() => (_count, _textLength, _hasText) = (0, 0, false);

    private void MarkNumber(double number)
    {
        _ends[_count] = _textLength;
        _kinds[_count] = double.IsNaN(number) ? CellKind.Missing : CellKind.Number;
    }

    private void KeepKinds()
    {
        for (var row = 0; row < _count; row++) _kinds[row] = double.IsNaN(_numbers[row]) ? CellKind.Missing : CellKind.Number;
        _ends.AsSpan(0, _count).Clear();
        _hasText = true;
    }
}
