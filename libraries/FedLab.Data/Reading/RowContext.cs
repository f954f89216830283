using System.Text;
using FedLab.Data.Connectors;

namespace FedLab.Data.Reading;

/// <summary>The source, for the parts that take cells and may have to complain about them.</summary>
internal sealed class RowContext(string source, RowNumbering numbering)
{
    private readonly char[] _characters = new char[DataLimits.MaximumFieldBytes];

    public string Source { get; } = source;

    public RowNumbering Numbering { get; } = numbering;

    /// <summary>The text of a cell, in a buffer that the next call overwrites.</summary>
    public Span<char> Decode(ReadOnlySpan<byte> text) => _characters.AsSpan(0, Encoding.UTF8.GetChars(text, _characters));

    /// <summary>Where a row is, for a message.</summary>
    public string Place(long row) => Place(Source, Numbering, row);

    /// <inheritdoc cref="Place(long)"/>
    public static string Place(string source, RowNumbering numbering, long row) => numbering == RowNumbering.Lines ? Messages.PlaceLine(source, row) : Messages.PlaceRow(source, row);

    /// <summary>An error in a row.</summary>
    /// <param name="row">Line or row by which people find it.</param>
    /// <param name="message">Makes the sentence from the place.</param>
    public DataFormatException Error(long row, Func<string, string> message) => new(message(Place(row))) { Row = row };
}
