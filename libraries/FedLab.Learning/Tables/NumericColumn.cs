namespace FedLab.Learning;

/// <summary>A feature with numbers; NaN stands for a missing value.</summary>
public sealed class NumericColumn : Column
{
    private readonly ReadOnlyMemory<double> _values;

    /// <summary>Wraps the values without copying; the caller does not change them afterwards.</summary>
    /// <param name="name">The feature's name.</param>
    /// <param name="values">A value for every row, NaN where it is missing.</param>
    /// <exception cref="ArgumentException">The name is empty or a value is infinite.</exception>
    public NumericColumn(string name, double[] values)
        : this(name, (values ?? throw new ArgumentNullException(nameof(values))).AsMemory())
    {
    }

    /// <inheritdoc cref="NumericColumn(string, double[])"/>
    public NumericColumn(string name, ReadOnlyMemory<double> values)
        : base(name, values.Length)
    {
        var span = values.Span;
        for (var row = 0; row < span.Length; row++)
        {
            if (double.IsInfinity(span[row]))
                throw new ArgumentException($"Column '{name}' is infinite in row {row}; give a finite number or NaN for missing.", nameof(values));
        }

        _values = values;
    }

    /// <summary>A value for every row, NaN where it is missing, never infinite.</summary>
    public ReadOnlyMemory<double> Values => _values;

    /// <inheritdoc/>
    public override bool IsMissing(int row)
    {
        CheckRow(row);
        return double.IsNaN(_values.Span[row]);
    }

    /// <inheritdoc/>
    public override Column TakeRows(ReadOnlySpan<int> rows) => new NumericColumn(Name, Take(_values.Span, rows, double.NaN));
}
