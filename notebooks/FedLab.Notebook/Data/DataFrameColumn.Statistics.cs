namespace FedLab.Notebook.Data;

// Figures of a column. Missing values do not count; without any value a figure is NaN.
public abstract partial class DataFrameColumn
{
    /// <summary>The sum of the values; missing ones do not count.</summary>
    /// <exception cref="FrameException">The column holds text.</exception>
    public double Sum() => ColumnFigures.Sum(Numbers());

    /// <summary>The mean of the values; NaN without any.</summary>
    /// <exception cref="FrameException">The column holds text.</exception>
    public double Mean() => ColumnFigures.Mean(Numbers());

    /// <summary>The standard deviation of a sample (divided by the number of values less one); NaN of fewer than two values.</summary>
    /// <exception cref="FrameException">The column holds text.</exception>
    public double StandardDeviation() => ColumnFigures.StandardDeviation(Numbers());

    /// <summary>The least value; NaN without any.</summary>
    /// <exception cref="FrameException">The column holds text.</exception>
    public double Min() => Quantile(0);

    /// <summary>The greatest value; NaN without any.</summary>
    /// <exception cref="FrameException">The column holds text.</exception>
    public double Max() => Quantile(1);

    /// <summary>The median; NaN without any value.</summary>
    /// <exception cref="FrameException">The column holds text.</exception>
    public double Median() => Quantile(0.5);

    /// <summary>
    /// A quantile, on a straight line between the two values around it (type 7 of Hyndman and Fan, Sample Quantiles in Statistical Packages,
    /// 1996; the default of NumPy, pandas and R).
    /// </summary>
    /// <param name="probability">The share of values below it, 0 to 1.</param>
    /// <exception cref="FrameException">The column holds text, or the share is none.</exception>
    public double Quantile(double probability)
    {
        if (!(probability is >= 0 and <= 1)) throw FrameMessages.QuantileOutside(probability);
        return ColumnFigures.QuantileOfSorted(ColumnFigures.Sorted(Numbers()), probability);
    }

    /// <summary>Number of different values; missing ones do not count.</summary>
    public virtual int Distinct() => Codes().FirstRows.Count;
}
