namespace FedLab.Data;

/// <summary>Why a row was left out.</summary>
public enum RejectionReason
{
    /// <summary>The key is empty or a word for missing.</summary>
    KeyMissing,

    /// <summary>The key has more than <see cref="DataLimits.MaximumKeyLength"/> characters.</summary>
    KeyTooLong,

    /// <summary>Not 18 signs of the alphabet of GB 32100-2015 (an old 15-digit number, for example).</summary>
    NotACreditCode,

    /// <summary>18 signs whose check character is wrong: a typing error somewhere in the code.</summary>
    WrongCheckCharacter,

    /// <summary>A later row has the same key; the later one is kept.</summary>
    Duplicate,
}

/// <summary>Rows left out for one reason.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Count">How many rows.</param>
/// <param name="FirstLines">Line numbers of the first ten, counted from 1 with the header.</param>
public sealed record RejectedRows(RejectionReason Reason, int Count, IReadOnlyList<long> FirstLines);

/// <summary>How much of a feature is missing among the kept rows.</summary>
/// <param name="Column">Name of the feature.</param>
/// <param name="Share">0 to 1.</param>
public sealed record MissingShare(string Column, double Share);

/// <summary>What was read from a file, kept and left out. Holds line numbers and counts, never a key.</summary>
public sealed record DataReport
{
    /// <summary>Data rows in the file.</summary>
    public required int RowsRead { get; init; }

    /// <summary>Rows in the data set.</summary>
    public required int RowsKept { get; init; }

    /// <summary>Keys read with lower-case letters, which were made upper case.</summary>
    public required int KeysUpperCased { get; init; }

    /// <summary>Keys read with white space around them.</summary>
    public required int KeysTrimmed { get; init; }

    /// <summary>Keys read with full-width characters.</summary>
    public required int KeysWithFullWidthCharacters { get; init; }

    /// <summary>Rows left out, by reason, in the order of <see cref="RejectionReason"/>; empty if none.</summary>
    public required IReadOnlyList<RejectedRows> Rejected { get; init; }

    /// <summary>Missing share of every feature, in file order.</summary>
    public required IReadOnlyList<MissingShare> Missing { get; init; }

    /// <summary>Everything a person should know before using the data, one sentence each, in the current UI language.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Rows left out because a later row has the same key.</summary>
    public int DuplicatesDropped => CountOf(RejectionReason.Duplicate);

    /// <summary>Rows left out for a reason.</summary>
    public int CountOf(RejectionReason reason) => Rejected.FirstOrDefault(r => r.Reason == reason)?.Count ?? 0;
}
