using FedLab.Learning;

namespace FedLab.Data;

/// <summary>A source as training and scoring use it: one row for each key, in the source's order.</summary>
public sealed class DataSet
{
    internal DataSet(
        KeyFormat keyFormat, IReadOnlyList<string> keys, bool[] keyWasNormalised, Table table, byte[]? labels, string[]? folds,
        DataReport report, byte[] contentDigest)
    {
        KeyFormat = keyFormat;
        Keys = keys;
        KeyWasNormalised = keyWasNormalised;
        Table = table;
        Labels = labels;
        Folds = folds;
        Report = report;
        ContentDigest = contentDigest;
    }

    /// <summary>Rows that were kept.</summary>
    public int RowCount => Keys.Count;

    /// <summary>What the keys are, as given or as found.</summary>
    public KeyFormat KeyFormat { get; }

    /// <summary>The keys, normalised and unique, in the source's order.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>For each row, whether its key stood differently in the source (case, spaces, full-width characters).</summary>
    public bool[] KeyWasNormalised { get; }

    /// <summary>The features in the source's order, without key, label, fold and excluded columns.</summary>
    public Table Table { get; }

    /// <summary>0 or 1 for each row; null if no label column was named.</summary>
    public byte[]? Labels { get; }

    /// <summary>The fold of each row, empty where the field is missing; null if no fold column was named.</summary>
    public string[]? Folds { get; }

    /// <summary>What was read, kept and left out.</summary>
    public DataReport Report { get; }

    /// <summary>
    /// SHA-256 over keys, labels, folds and the features' names, types and values in row order: equal for the same content whatever
    /// the file's byte order mark, line ends, quoting, number format and compression, and whether it came from a file or a database.
    /// </summary>
    public byte[] ContentDigest { get; }
}
