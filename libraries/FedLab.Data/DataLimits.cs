namespace FedLab.Data;

/// <summary>What a file may hold. Beyond these a file is damaged or not a table of features.</summary>
public static class DataLimits
{
    /// <summary>Columns of a file.</summary>
    public const int MaximumColumns = 4_096;

    /// <summary>Data rows of a file.</summary>
    public const int MaximumRows = 50_000_000;

    /// <summary>Bytes of one field, the limit of a spreadsheet's cell.</summary>
    public const int MaximumFieldBytes = 32_767;

    /// <summary>Bytes of one row. A quote that is never closed runs into this limit and not through the whole file.</summary>
    public const int MaximumRowBytes = 8 << 20;

    /// <summary>Characters of a key after normalisation; longer keys are rejected.</summary>
    public const int MaximumKeyLength = 256;
}
