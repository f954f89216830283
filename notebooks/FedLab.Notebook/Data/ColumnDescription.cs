namespace FedLab.Notebook.Data;

/// <summary>What <see cref="DataFrame.Describe"/> says of a column.</summary>
internal sealed record ColumnDescription(string Name, string Type, int Rows, int Missing, int Distinct)
{
    public double Mean { get; private init; } = double.NaN;

    public double StandardDeviation { get; private init; } = double.NaN;

    /// <summary>Least, lower quartile, median, upper quartile, greatest.</summary>
    public double[] Quantiles { get; private init; } = [double.NaN, double.NaN, double.NaN, double.NaN, double.NaN];

    public string? MostFrequent { get; private init; }

    public double Occurrences { get; private init; } = double.NaN;

    public static ColumnDescription Of(DataFrameColumn column)
    {
        if (column is StringDataFrameColumn texts)
        {
            var (text, occurrences) = texts.MostFrequent();
            // Where every text stands once, as keys do, none is frequent.
            if (occurrences == 1 && texts.Distinct() > 1) text = null;
            return new ColumnDescription(column.Name, FrameMessages.TypeText, column.Length, column.NullCount, texts.Distinct())
            {
                MostFrequent = text,
                Occurrences = text is null ? double.NaN : occurrences,
            };
        }

        var values = column.Numbers();
        var sorted = ColumnFigures.Sorted(values);
        var type = column is BooleanDataFrameColumn ? FrameMessages.TypeBoolean : FrameMessages.TypeNumber;
        return new ColumnDescription(column.Name, type, column.Length, column.Length - sorted.Length, ColumnFigures.DistinctOfSorted(sorted))
        {
            Mean = ColumnFigures.Mean(values),
            StandardDeviation = ColumnFigures.StandardDeviation(values),
            Quantiles = Array.ConvertAll([0, 0.25, 0.5, 0.75, 1], probability => ColumnFigures.QuantileOfSorted(sorted, probability)),
        };
    }
}
