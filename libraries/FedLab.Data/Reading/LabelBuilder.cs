using CsvHelper;

namespace FedLab.Data.Reading;

/// <summary>Collects the labels, 0 or 1 (also written 0.0 or 1.0).</summary>
internal sealed class LabelBuilder(string name)
{
    private readonly ChunkedList<byte> _labels = new();

    public void Append(CsvReader reader, int index, FieldContext context)
    {
        var field = context.Field(reader, index);
        // No message shows the value: whoever names the wrong column as the label may have named the keys.
        if (FieldText.IsMissing(FieldText.Trim(field))) throw new DataFormatException(Messages.LabelMissing(context.Path, context.Line, name));
        if (!reader.TryParse(index, out double value) || value is not (0 or 1))
            throw new DataFormatException(Messages.LabelInvalid(context.Path, context.Line, name));
        _labels.Add((byte)value);
    }

    /// <summary>The labels of the given rows.</summary>
    /// <exception cref="DataFormatException">All are 0 or all are 1.</exception>
    public byte[] Build(ReadOnlySpan<int> rows, string path)
    {
        var labels = _labels.Take(rows);
        return labels.AsSpan().ContainsAnyExcept(labels[0]) ? labels : throw new DataFormatException(Messages.LabelOneClass(path, name, labels[0]));
    }
}
