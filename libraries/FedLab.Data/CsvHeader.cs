using FedLab.Data.Connectors;
using FedLab.Data.Reading;

namespace FedLab.Data;

/// <summary>The names of a file's columns, for programs that choose columns before they read rows.</summary>
public static class CsvHeader
{
    /// <summary>Reads the header row.</summary>
    /// <param name="path">A .csv or .csv.gz file.</param>
    /// <returns>The names in file order, trimmed; they may be empty or stand twice, which <see cref="DataSetReader"/> refuses.</returns>
    /// <exception cref="DataFormatException">The file is missing, empty or cannot be read.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var reader = CsvInput.Open(path, bytesRead: null);
        return [.. new CsvTableReader(reader, path).Columns.Select(column => column.Name)];
    }
}
