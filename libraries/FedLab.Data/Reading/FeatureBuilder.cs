using FedLab.Data.Connectors;
using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>Collects one feature.</summary>
internal abstract class FeatureBuilder(string name, MissingCodes codes)
{
    public string Name { get; } = name;

    /// <summary>How the next block's cells are wanted.</summary>
    public abstract CellForm Form { get; }

    /// <summary>Whether the column turned out to be text after the spelling of its first numbers was gone.</summary>
    public virtual bool NeedsText => false;

    protected MissingCodes Codes { get; } = codes;

    /// <summary>Makes room for the rows that are expected in all.</summary>
    public abstract void Expect(int rows);

    /// <summary>Takes a block's cells.</summary>
    /// <exception cref="DataFormatException">A cell cannot be used.</exception>
    public abstract void Append(ColumnBlock cells, RowBlock block, RowContext context);

    /// <summary>Refuses a column whose values do not go together.</summary>
    public virtual void CheckType(RowContext context)
    {
    }

    /// <summary>The column with the given rows; the builder is not to be used afterwards.</summary>
    public abstract Column Build(ReadOnlySpan<int> rows);

    protected DataFormatException Infinite(RowContext context, long row) => context.Error(row, place => Messages.InfiniteNumber(place, Name));
}
