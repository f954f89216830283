using System.Globalization;

namespace FedLab.Notebook.Data;

/// <summary>How the values of one column are written on one page: as many decimals for all of them as the one that needs most.</summary>
internal sealed class CellFormat
{
    private const int SignificantDigits = 6;
    private const int MostDecimals = 6;

    /// <summary>From this magnitude on numbers stand with an exponent.</summary>
    private const double LargestPlain = 1e15;
    private const double SmallestPlain = 1e-4;

    private readonly string _format;

    private CellFormat(string format) => _format = format;

    /// <summary>The format of a column's rows.</summary>
    /// <param name="column">The column.</param>
    /// <param name="firstRow">The first of the rows.</param>
    /// <param name="endRow">Behind the last.</param>
    public static CellFormat Of(DataFrameColumn column, int firstRow, int endRow)
    {
        if (column is not DoubleDataFrameColumn) return new CellFormat("");
        var (decimals, plain) = (0, true);
        for (var row = firstRow; row < endRow; row++)
        {
            var value = Math.Abs(column.ValueAt(row).Number);
            if (double.IsNaN(value) || value == 0) continue;
            plain &= value is < LargestPlain and >= SmallestPlain;
            if (plain) decimals = Math.Max(decimals, DecimalsOf(value));
        }

        return new CellFormat(plain ? "F" + decimals.ToString(CultureInfo.InvariantCulture) : "G6");
    }

    /// <summary>The text of a value that is not missing.</summary>
    public string Write(DataFrameValue value)
    {
        if (_format.Length == 0) return value.Text!;
        // Zero has a sign, which nobody wants to see.
        return (value.Number == 0 ? 0 : value.Number).ToString(_format, CultureInfo.InvariantCulture);
    }

    /// <summary>The fewest decimals that show the number's first six digits.</summary>
    private static int DecimalsOf(double value)
    {
        var most = Math.Clamp(SignificantDigits - 1 - (int)Math.Floor(Math.Log10(value)), 0, MostDecimals);
        var digits = value.ToString("F" + most.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return most == 0 ? 0 : Math.Max(0, digits.TrimEnd('0').Length - digits.IndexOf('.') - 1);
    }
}
