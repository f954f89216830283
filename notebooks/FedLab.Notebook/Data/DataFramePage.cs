using FedLab.Notebook.Display;

namespace FedLab.Notebook.Data;

/// <summary>Some rows of a <see cref="DataFrame"/>, to be shown below a cell.</summary>
public sealed class DataFramePage : IRichDisplay
{
    /// <summary>Rows of a page unless something else is asked for.</summary>
    public const int UsualRows = 20;

    private const int MostRows = 1_000;

    internal DataFramePage(DataFrame frame, int number, int rows)
    {
        if (rows is < 1 or > MostRows) throw FrameMessages.PageRowsOutside(rows, MostRows);
        Count = Math.Max(1, (frame.RowCount + rows - 1) / rows);
        if (number < 1 || number > Count) throw FrameMessages.PageOutside(number, Count);
        (Frame, Number, Rows) = (frame, number, rows);
        FirstRow = (number - 1) * rows;
        EndRow = Math.Min(frame.RowCount, FirstRow + rows);
    }

    /// <summary>The page, from 1.</summary>
    public int Number { get; }

    /// <summary>How many pages there are.</summary>
    public int Count { get; }

    /// <summary>Rows of a page.</summary>
    internal int Rows { get; }

    internal DataFrame Frame { get; }

    internal int FirstRow { get; }

    /// <summary>Behind the last row.</summary>
    internal int EndRow { get; }

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle() => new() { { MimeBundle.Text, TableText.Write(this) }, { MimeBundle.Html, TableHtml.Write(this) } };

    /// <summary>The page as text.</summary>
    public override string ToString() => TableText.Write(this);
}
