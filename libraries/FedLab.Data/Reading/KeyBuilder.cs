using System.Buffers;
using System.Text;
using FedLab.Data.Connectors;

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

    /// <summary>Visible ASCII without lower-case letters: a key of these is its own normal form.</summary>
    private static readonly SearchValues<byte> Plain = SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Where(c => c is < 'a' or > 'z').Select(c => (byte)c)]);

    private readonly List<string?> _keys = [];
    private readonly List<KeyChanges> _changes = [];
    private readonly List<CreditCodeCheck> _checks = [];
    private readonly List<int> _hashes = [];
    private readonly List<int> _rowNumbers = [];
    private readonly HashSet<int> _tooLong = [];
    private string _last = "";

    /// <summary>Whether every key so far is above the one before it, as in a file that was written in the order of its keys: then none stands twice.</summary>
    private bool _ascending = true;

    public int Count => _keys.Count;

    public void Append(ColumnBlock cells, RowBlock block, RowContext context)
    {
        for (var row = 0; row < block.RowCount; row++)
        {
            var text = cells.KindOf(row) == CellKind.Text ? cells.TextOf(row) : default;
            _rowNumbers.Add((int)Math.Min(int.MaxValue, block.NumberOf(row)));
            if (text.Length is > 0 and <= DataLimits.MaximumKeyLength && !text.ContainsAnyExcept(Plain) && !FieldText.IsMissing(text)) Add(Encoding.ASCII.GetString(text), KeyChanges.None);
            else AppendUnusual(text, context);
        }
    }

    /// <summary>Decides which rows stay.</summary>
    /// <param name="requested">What the keys are, or null to find out.</param>
    public KeySelection Select(KeyFormat? requested)
    {
        var validity = new KeyValidity(_checks.Count(check => check == CreditCodeCheck.Valid), _checks.Count(check => check == CreditCodeCheck.WrongCheckCharacter), _keys.Count(key => key is not null));
        var format = requested ?? Detect(validity);
        var rejected = new SortedDictionary<RejectionReason, List<int>>();
        // By row and not by text: comparing hashes that were made while the keys were at hand spares a million visits to memory.
        var seen = _ascending ? null : new HashSet<int>(_keys.Count, new SameKey(_keys, _hashes));
        var kept = new int[_keys.Count];
        var first = kept.Length;
        for (var row = _keys.Count - 1; row >= 0; row--)
        {
            var reason = Reject(row, format);
            if (reason is null && seen?.Add(row) == false) reason = RejectionReason.Duplicate;
            if (reason is null) kept[--first] = row;
            else if (rejected.TryGetValue(reason.Value, out var rows)) rows.Add(row);
            else rejected.Add(reason.Value, [row]);
        }

        var keptRows = first == 0 ? kept : kept[first..];
        var keys = new string[keptRows.Length];
        var normalised = new bool[keptRows.Length];
        for (var i = 0; i < keys.Length; i++) (keys[i], normalised[i]) = (_keys[keptRows[i]]!, _changes[keptRows[i]] != KeyChanges.None);
        return new KeySelection(
            format,
            validity,
            keptRows,
            keys,
            normalised,
            [.. rejected.Select(r => new RejectedRows(r.Key, r.Value.Count, FirstRows(r.Value)))],
            CountChanges(KeyChanges.UpperCased),
            CountChanges(KeyChanges.Trimmed),
            CountChanges(KeyChanges.FullWidth),
            _changes.Count(change => change != KeyChanges.None));
    }

    private void AppendUnusual(ReadOnlySpan<byte> text, RowContext context)
    {
        var key = EnterpriseKey.NormaliseInPlace(context.Decode(text), out var changes);
        if (key.Length > DataLimits.MaximumKeyLength) _tooLong.Add(_keys.Count);
        var usable = key.Length <= DataLimits.MaximumKeyLength && !FieldText.IsMissing(key);
        Add(usable ? key.ToString() : null, usable ? changes : KeyChanges.None);
    }

    private void Add(string? key, KeyChanges changes)
    {
        _keys.Add(key);
        _changes.Add(changes);
        _checks.Add(key is null ? CreditCodeCheck.OtherText : EnterpriseKey.Check(key));
        if (_ascending) Follow(key);
        else _hashes.Add(Hash(key));
    }

    private void Follow(string? key)
    {
        if (key is null) return;
        _ascending = string.CompareOrdinal(key, _last) > 0;
        _last = key;
        if (_ascending) return;
        foreach (var earlier in _keys) _hashes.Add(Hash(earlier));
    }

    private static int Hash(string? key) => key?.GetHashCode(StringComparison.Ordinal) ?? 0;

    private RejectionReason? Reject(int row, KeyFormat format)
    {
        if (_keys[row] is null) return _tooLong.Contains(row) ? RejectionReason.KeyTooLong : RejectionReason.KeyMissing;
        if (format == KeyFormat.Text) return null;
        return _checks[row] switch
        {
            CreditCodeCheck.Valid => null,
            CreditCodeCheck.WrongCheckCharacter => RejectionReason.WrongCheckCharacter,
            _ => RejectionReason.NotACreditCode,
        };
    }

    private static KeyFormat Detect(KeyValidity keys)
    {
        var shaped = keys.Valid + keys.WrongCheckCharacter;
        return shaped > 0 && shaped >= ShapeShare * keys.Present && keys.Valid >= CheckShare * shaped ? KeyFormat.UnifiedSocialCreditCode : KeyFormat.Text;
    }

    /// <summary>Numbers of the rows, which are in descending order.</summary>
    private List<long> FirstRows(List<int> rows)
    {
        const int Shown = 10;
        List<long> numbers = [];
        for (var i = rows.Count - 1; i >= 0 && numbers.Count < Shown; i--) numbers.Add(_rowNumbers[rows[i]]);
        return numbers;
    }

    private sealed class SameKey(List<string?> keys, List<int> hashes) : IEqualityComparer<int>
    {
        public bool Equals(int x, int y) => string.Equals(keys[x], keys[y], StringComparison.Ordinal);

        public int GetHashCode(int obj) => hashes[obj];
    }

    private int CountChanges(KeyChanges kind) => _changes.Count(change => (change & kind) != KeyChanges.None);
}

/// <summary>The rows that stay, and why the others do not.</summary>
internal sealed record KeySelection(
    KeyFormat Format, KeyValidity Validity, int[] Rows, string[] Keys, bool[] KeyWasNormalised, IReadOnlyList<RejectedRows> Rejected,
    int UpperCased, int Trimmed, int FullWidth, int Normalised);
