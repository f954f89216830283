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
/// <param name="FirstLines">The first ten: lines of a file, counted from 1 with the header, or rows of a database, counted from 1.</param>
public sealed record RejectedRows(RejectionReason Reason, int Count, IReadOnlyList<long> FirstLines);

/// <summary>How much of a feature is missing among the kept rows.</summary>
/// <param name="Column">Name of the feature.</param>
/// <param name="Share">0 to 1.</param>
public sealed record MissingShare(string Column, double Share);

/// <summary>What a column of the source was read as.</summary>
public enum ColumnUse
{
    /// <summary>The key.</summary>
    Key,

    /// <summary>The outcome.</summary>
    Label,

    /// <summary>Which part of a split a row belongs to.</summary>
    Fold,

    /// <summary>Not read.</summary>
    Excluded,

    /// <summary>A feature of numbers.</summary>
    Number,

    /// <summary>A feature of texts.</summary>
    Category,

    /// <summary>True and false as 1 and 0.</summary>
    Boolean,

    /// <summary>Dates as days since 1970-01-01.</summary>
    Date,
}

/// <summary>A column of the source.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SourceType">The source's word for its type; empty for a file.</param>
/// <param name="Use">What it was read as.</param>
/// <param name="Missing">For a feature the missing share among the kept rows, 0 to 1.</param>
/// <param name="Categories">For a feature of texts the number of different ones.</param>
public sealed record ColumnReport(string Name, string SourceType, ColumnUse Use, double? Missing, int? Categories);

/// <summary>How many of the keys are unified social credit codes (GB 32100-2015), whatever they were taken for.</summary>
/// <param name="Valid">18 signs of the alphabet and the right check character.</param>
/// <param name="WrongCheckCharacter">18 signs of the alphabet and a wrong check character.</param>
/// <param name="Present">Keys that are not missing.</param>
public sealed record KeyValidity(int Valid, int WrongCheckCharacter, int Present);

/// <summary>What was read from a source, kept and left out. Holds line numbers and counts, never a key.</summary>
public sealed record DataReport
{
    /// <summary>Data rows in the source.</summary>
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

    /// <summary>How many keys are unified social credit codes, repeated ones included.</summary>
    public required KeyValidity Keys { get; init; }

    /// <summary>All columns in the source's order.</summary>
    public required IReadOnlyList<ColumnReport> Columns { get; init; }

    /// <summary>Missing share of every feature, in the source's order.</summary>
    public required IReadOnlyList<MissingShare> Missing { get; init; }

    /// <summary>Everything a person should know before using the data, one sentence each, in the current UI language.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Rows left out because a later row has the same key.</summary>
    public int DuplicatesDropped => CountOf(RejectionReason.Duplicate);

    /// <summary>Rows left out for a reason.</summary>
    public int CountOf(RejectionReason reason) => Rejected.FirstOrDefault(r => r.Reason == reason)?.Count ?? 0;
}
