namespace FedLab.Notebook.Data;

public sealed partial class DataFrame
{
    /// <summary>
    /// What each column holds, a row for each: Column, Type, Rows, Missing, Distinct, of numbers Mean, StandardDeviation, Min, Q25, Median, Q75,
    /// Max (true and false count as 1 and 0), of texts MostFrequent and Occurrences.
    /// </summary>
    public DataFrame Describe()
    {
        var figures = new ColumnDescription[Columns.Count];
        // Sorting the numbers is the work; columns share nothing.
        Parallel.For(0, figures.Length, i => figures[i] = ColumnDescription.Of(Columns[i]));
        return new DataFrame(
            new StringDataFrameColumn("Column", figures.Select(figure => figure.Name)).WithName("Column", FrameMessages.ColumnColumn),
            new StringDataFrameColumn("Type", figures.Select(figure => figure.Type)).WithName("Type", FrameMessages.ColumnType),
            Numbers("Rows", FrameMessages.ColumnRows, figure => figure.Rows),
            Numbers("Missing", FrameMessages.ColumnMissingValues, figure => figure.Missing),
            Numbers("Distinct", FrameMessages.ColumnDistinct, figure => figure.Distinct),
            Numbers("Mean", FrameMessages.ColumnMean, figure => figure.Mean),
            Numbers("StandardDeviation", FrameMessages.ColumnStandardDeviation, figure => figure.StandardDeviation),
            Numbers("Min", FrameMessages.ColumnMin, figure => figure.Quantiles[0]),
            Numbers("Q25", FrameMessages.ColumnQ25, figure => figure.Quantiles[1]),
            Numbers("Median", FrameMessages.ColumnMedian, figure => figure.Quantiles[2]),
            Numbers("Q75", FrameMessages.ColumnQ75, figure => figure.Quantiles[3]),
            Numbers("Max", FrameMessages.ColumnMax, figure => figure.Quantiles[4]),
            new StringDataFrameColumn("MostFrequent", figures.Select(figure => figure.MostFrequent)).WithName("MostFrequent", FrameMessages.ColumnMostFrequent),
            Numbers("Occurrences", FrameMessages.ColumnOccurrences, figure => figure.Occurrences));

        DoubleDataFrameColumn Numbers(string name, string title, Func<ColumnDescription, double> value) =>
            new(name, Array.ConvertAll(figures, figure => double.IsFinite(value(figure)) ? value(figure) : double.NaN), title);
    }

    /// <summary>Length (excluding null values), Max, Min and Mean of every column with numbers, a column for each. <see cref="Describe"/> says more.</summary>
    public DataFrame Description()
    {
        var numbers = Columns.Where(column => column.IsNumericColumn()).ToArray();
        return new DataFrame([
            new StringDataFrameColumn("Description", ["Length (excluding null values)", "Max", "Min", "Mean"]),
            .. numbers.Select(column => new DoubleDataFrameColumn(column.Name, (IEnumerable<double>)[column.Length - column.NullCount, column.Max(), column.Min(), column.Mean()]))]);
    }

    /// <summary>Type and Length (excluding null values) of every column, a column for each. <see cref="Describe"/> says more.</summary>
    public DataFrame Info() => new([
        new StringDataFrameColumn("Info", ["DataType", "Length (excluding null values)"]),
        .. Columns.Select(column => new StringDataFrameColumn(column.Name, [column.DataType.ToString(), (column.Length - column.NullCount).ToString(System.Globalization.CultureInfo.InvariantCulture)]))]);
}
