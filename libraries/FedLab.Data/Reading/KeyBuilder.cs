using CsvHelper;

namespace FedLab.Data.Reading;

/// <summary>Collects the keys, then decides what they are and which rows stay.</summary>
internal sealed class KeyBuilder
{
    /// <summary>Share of keys with the shape of a credit code from which on all of them are taken for credit codes.</summary>
    private const double ShapeShare = 0.9;

    /// <summary>
    /// Share of those whose check character must hold. Chinese identity numbers have the shape too, but pass this check one time in 31.
    /// </summary>
    private const double CheckShare = 0.5;

    private readonly List<string?> _keys = [];
    private readonly List<KeyChanges> _changes = [];
    private readonly List<int> _lines = [];
    private readonly HashSet<int> _tooLong = [];

    public int Count => _keys.Count;

    public void Append(CsvReader reader, int index, FieldContext context)
    {
        var key = EnterpriseKey.NormaliseInPlace(context.Decode(context.Field(reader, index)), out var changes);
        if (key.Length > DataLimits.MaximumKeyLength) _tooLong.Add(_keys.Count);
        var usable = key.Length <= DataLimits.MaximumKeyLength && !FieldText.IsMissing(key);
        _keys.Add(usable ? key.ToString() : null);
        _changes.Add(usable ? changes : KeyChanges.None);
        _lines.Add((int)Math.Min(int.MaxValue, context.Line));
    }

    /// <summary>Decides which rows stay.</summary>
    /// <param name="requested">What the keys are, or null to find out.</param>
    public KeySelection Select(KeyFormat? requested)
    {
        var format = requested ?? Detect();
        var rejected = new SortedDictionary<RejectionReason, List<int>>();
        var seen = new HashSet<string>(_keys.Count, StringComparer.Ordinal);
        var kept = new List<int>(_keys.Count);
        for (var row = _keys.Count - 1; row >= 0; row--)
        {
            var reason = Reject(row, format);
            if (reason is null && !seen.Add(_keys[row]!)) reason = RejectionReason.Duplicate;
            if (reason is null) kept.Add(row);
            else if (rejected.TryGetValue(reason.Value, out var rows)) rows.Add(row);
            else rejected.Add(reason.Value, [row]);
        }

        kept.Reverse();
        var keptRows = kept.ToArray();
        return new KeySelection(
            format,
            keptRows,
            [.. keptRows.Select(row => _keys[row]!)],
            [.. keptRows.Select(row => _changes[row] != KeyChanges.None)],
            [.. rejected.Select(r => new RejectedRows(r.Key, r.Value.Count, FirstLines(r.Value)))],
            CountChanges(KeyChanges.UpperCased),
            CountChanges(KeyChanges.Trimmed),
            CountChanges(KeyChanges.FullWidth),
            _changes.Count(change => change != KeyChanges.None));
    }

    private RejectionReason? Reject(int row, KeyFormat format)
    {
        var key = _keys[row];
        if (key is null) return _tooLong.Contains(row) ? RejectionReason.KeyTooLong : RejectionReason.KeyMissing;
        if (format == KeyFormat.Text) return null;
        if (!EnterpriseKey.HasCreditCodeShape(key)) return RejectionReason.NotACreditCode;
        return EnterpriseKey.HasRightCheckCharacter(key) ? null : RejectionReason.WrongCheckCharacter;
    }

    private KeyFormat Detect()
    {
        int present = 0, shaped = 0, valid = 0;
        foreach (var key in _keys)
        {
            if (key is null) continue;
            present++;
            if (!EnterpriseKey.HasCreditCodeShape(key)) continue;
            shaped++;
            if (EnterpriseKey.HasRightCheckCharacter(key)) valid++;
        }

        return shaped > 0 && shaped >= ShapeShare * present && valid >= CheckShare * shaped
            ? KeyFormat.UnifiedSocialCreditCode
            : KeyFormat.Text;
    }

    /// <summary>Lines of the rows, which are in descending order.</summary>
    private List<long> FirstLines(List<int> rows)
    {
        const int Shown = 10;
        List<long> lines = [];
        for (var i = rows.Count - 1; i >= 0 && lines.Count < Shown; i--) lines.Add(_lines[rows[i]]);
        return lines;
    }

    private int CountChanges(KeyChanges kind) => _changes.Count(change => change.HasFlag(kind));
}

/// <summary>The rows that stay, and why the others do not.</summary>
internal sealed record KeySelection(
    KeyFormat Format, int[] Rows, string[] Keys, bool[] KeyWasNormalised, IReadOnlyList<RejectedRows> Rejected,
    int UpperCased, int Trimmed, int FullWidth, int Normalised);
