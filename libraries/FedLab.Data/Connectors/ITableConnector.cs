namespace FedLab.Data.Connectors;

/// <summary>How people find a row of a source again.</summary>
public enum RowNumbering
{
    /// <summary>By the line of a file, counted from 1 with the header.</summary>
    Lines,

    /// <summary>By the position in the result, counted from 1.</summary>
    Rows,
}

/// <summary>
/// Where rows come from: a file, a table, a query. <see cref="DataSetReader"/> reads them all alike:
/// <code>
/// connector ──Open──► reader: columns ──Choose──► block of rows ──► keys, labels, features ──► DataSet, digest
///                                                  ▲__________________│  the same block, again and again
/// </code>
/// A connector only delivers cells: missing, a number or a text. What they mean (words for missing, special codes, dates, categories)
/// is decided in one place for all of them, so that the same rows are the same data set whatever they were read from.
/// </summary>
public interface ITableConnector
{
    /// <summary>The source in messages: a path, a table and where it is. Never holds a credential.</summary>
    string Name { get; }

    /// <summary>How the source's rows are counted in messages.</summary>
    RowNumbering Numbering { get; }

    /// <summary>Opens the source and finds out its columns; may be called again, when the source has to be read twice.</summary>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="DataFormatException">The source cannot be opened; the message says why and what to do.</exception>
    ValueTask<ITableReader> OpenAsync(CancellationToken cancellationToken);
}

/// <summary>One reading of a source from its first row to its last.</summary>
public interface ITableReader : IAsyncDisposable
{
    /// <summary>The columns in the source's order. Names may be empty or stand twice, which <see cref="DataSetReader"/> refuses.</summary>
    IReadOnlyList<SourceColumn> Columns { get; }

    /// <summary>Says how the cells are wanted; once before the first row, and again between blocks where a column turned out to be text.</summary>
    /// <param name="forms">One for each column. A reader need not fetch what is <see cref="CellForm.Skipped"/>.</param>
    void Choose(IReadOnlyList<CellForm> forms);

    /// <summary>Replaces the block's rows by the next ones.</summary>
    /// <param name="block">As wide as <see cref="Columns"/>; skipped columns stay empty.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>False behind the last row.</returns>
    /// <exception cref="DataFormatException">A row cannot be read; the rows before it have been delivered.</exception>
    ValueTask<bool> ReadAsync(RowBlock block, CancellationToken cancellationToken);
}
