using System.Globalization;
using System.Text;

namespace FedLab.Data.Reading;

/// <summary>The special codes of a column that stand for a missing value.</summary>
internal sealed class MissingCodes
{
    private readonly double[] _numbers;
    private readonly byte[][] _texts;

    public MissingCodes(IReadOnlyList<string> codes)
    {
        _texts = [.. codes.Select(code => Encoding.UTF8.GetBytes(code.Trim()))];
        _numbers = [.. codes.Select(code => double.TryParse(code, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN).Where(number => !double.IsNaN(number))];
    }

    /// <summary>Whether there is none that a number could be.</summary>
    public bool HasNoNumbers => _numbers.Length == 0;

    public bool Contains(double number) => _numbers.Length > 0 && Array.IndexOf(_numbers, number) >= 0;

    public bool Contains(ReadOnlySpan<byte> trimmed)
    {
        foreach (var text in _texts)
        {
            if (trimmed.SequenceEqual(text)) return true;
        }

        return false;
    }
}
