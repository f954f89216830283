using System.Text;
using CsvHelper;

namespace FedLab.Data.Reading;

/// <summary>Where the reading stands, for the parts that take fields and may have to complain about them.</summary>
internal sealed class FieldContext(string path)
{
    private readonly char[] _characters = new char[DataLimits.MaximumFieldBytes];

    public string Path { get; } = path;

    /// <summary>Line on which the current row starts, counted from 1.</summary>
    public long Line { get; set; }

    /// <summary>The current row's field, unquoted.</summary>
    public ReadOnlySpan<byte> Field(CsvReader reader, int index)
    {
        var field = reader.GetSpan(index);
        return field.Length <= DataLimits.MaximumFieldBytes
            ? field
            : throw new DataFormatException(Messages.FieldTooLong(Path, Line, index + 1, DataLimits.MaximumFieldBytes));
    }

    /// <summary>The text of a field, in a buffer that the next call overwrites.</summary>
    public Span<char> Decode(ReadOnlySpan<byte> field) => _characters.AsSpan(0, Encoding.UTF8.GetChars(field, _characters));
}
