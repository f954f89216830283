using System.Text;
using CsvHelper;
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
        try
        {
            if (!reader.Read()) throw new DataFormatException(Messages.FileEmpty(path));
            if (reader.FieldCount > DataLimits.MaximumColumns)
                throw new DataFormatException(Messages.TooManyColumns(path, reader.FieldCount, DataLimits.MaximumColumns));
            var context = new FieldContext(path) { Line = reader.LineNumber };
            var names = new string[reader.FieldCount];
            for (var i = 0; i < names.Length; i++) names[i] = Encoding.UTF8.GetString(context.Field(reader, i)).Trim().Trim('\uFEFF');
            return names;
        }
        catch (CsvFormatException e)
        {
            throw new DataFormatException(Messages.RowUnreadable(path, e.LineNumber, DataLimits.MaximumRowBytes >> 20), e);
        }
    }
}
