namespace FedLab.Data.Connectors;

/// <summary>What a source says about the values of a column.</summary>
public enum SourceType
{
    /// <summary>Nothing: a CSV file, an expression in SQLite. The values decide.</summary>
    Untyped,

    /// <summary>Text.</summary>
    Text,

    /// <summary>Integers, decimals, floating point.</summary>
    Number,

    /// <summary>True or false, delivered as 1 or 0.</summary>
    Boolean,

    /// <summary>Calendar days, as numbers delivered in days since 1970-01-01.</summary>
    Date,

    /// <summary>Points in time, as numbers delivered in days since 1970-01-01 00:00 (UTC where the source knows the zone).</summary>
    Timestamp,

    /// <summary>What cannot be read: bytes, JSON, arrays, intervals.</summary>
    Other,
}

/// <summary>A column of a source.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What the source says about its values.</param>
/// <param name="TypeName">The source's own word for that, for people; empty where it has none.</param>
public sealed record SourceColumn(string Name, SourceType Type = SourceType.Untyped, string TypeName = "");

/// <summary>How the cells of a column are wanted.</summary>
public enum CellForm
{
    /// <summary>Not at all.</summary>
    Skipped,

    /// <summary>Numbers where they are or read as numbers, text otherwise.</summary>
    Natural,

    /// <summary>
    /// Text in any case: integers and decimals digit by digit, floating point in its shortest form, true and false, dates as
    /// 2024-01-31, points in time as 2024-01-31 08:00:00.
    /// </summary>
    Text,
}
