namespace FedLab.Notebook.Data;

// Arithmetic and comparisons, row by row. Columns of true and false count as 1 and 0. Where a value is missing, so is the result;
// a result that is not a finite number (a division by zero) is missing too.
public abstract partial class DataFrameColumn
{
    /// <summary>The sum of two columns, row by row; missing where a value is missing.</summary>
    /// <param name="other">A column of the same length.</param>
    /// <exception cref="FrameException">A column holds text, or the lengths differ.</exception>
    public DoubleDataFrameColumn Add(DataFrameColumn other) => Combine(other, static (a, b) => a + b);

    /// <inheritdoc cref="Add(DataFrameColumn)"/>
    public DoubleDataFrameColumn Add(double other) => Combine(other, static (a, b) => a + b);

    /// <summary>This column minus another, row by row; missing where a value is missing.</summary>
    /// <param name="other">A column of the same length.</param>
    /// <exception cref="FrameException">A column holds text, or the lengths differ.</exception>
    public DoubleDataFrameColumn Subtract(DataFrameColumn other) => Combine(other, static (a, b) => a - b);

    /// <inheritdoc cref="Subtract(DataFrameColumn)"/>
    public DoubleDataFrameColumn Subtract(double other) => Combine(other, static (a, b) => a - b);

    /// <summary>The product of two columns, row by row; missing where a value is missing.</summary>
    /// <param name="other">A column of the same length.</param>
    /// <exception cref="FrameException">A column holds text, or the lengths differ.</exception>
    public DoubleDataFrameColumn Multiply(DataFrameColumn other) => Combine(other, static (a, b) => a * b);

    /// <inheritdoc cref="Multiply(DataFrameColumn)"/>
    public DoubleDataFrameColumn Multiply(double other) => Combine(other, static (a, b) => a * b);

    /// <summary>This column by another, row by row; missing where a value is missing or the divisor is 0.</summary>
    /// <param name="other">A column of the same length.</param>
    /// <exception cref="FrameException">A column holds text, or the lengths differ.</exception>
    public DoubleDataFrameColumn Divide(DataFrameColumn other) => Combine(other, static (a, b) => a / b);

    /// <inheritdoc cref="Divide(DataFrameColumn)"/>
    public DoubleDataFrameColumn Divide(double other) => Combine(other, static (a, b) => a / b);

    /// <summary>The values changed one by one; missing ones stay missing.</summary>
    /// <param name="function">Gives the new value; not finite is missing.</param>
    /// <exception cref="FrameException">The column holds text.</exception>
    public DoubleDataFrameColumn Apply(Func<double, double> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new DoubleDataFrameColumn(Name, Array.ConvertAll(Numbers(), value => double.IsNaN(value) ? value : Finite(function(value))));
    }

    /// <inheritdoc cref="Add(DataFrameColumn)"/>
    public static DoubleDataFrameColumn operator +(DataFrameColumn left, DataFrameColumn right) => Checked(left).Add(right);

    /// <inheritdoc cref="Add(DataFrameColumn)"/>
    public static DoubleDataFrameColumn operator +(DataFrameColumn left, double right) => Checked(left).Add(right);

    /// <inheritdoc cref="Add(DataFrameColumn)"/>
    public static DoubleDataFrameColumn operator +(double left, DataFrameColumn right) => Checked(right).Add(left);

    /// <inheritdoc cref="Subtract(DataFrameColumn)"/>
    public static DoubleDataFrameColumn operator -(DataFrameColumn left, DataFrameColumn right) => Checked(left).Subtract(right);

    /// <inheritdoc cref="Subtract(DataFrameColumn)"/>
    public static DoubleDataFrameColumn operator -(DataFrameColumn left, double right) => Checked(left).Subtract(right);

    /// <inheritdoc cref="Subtract(DataFrameColumn)"/>
    public static DoubleDataFrameColumn operator -(double left, DataFrameColumn right) => Checked(right).Combine(left, static (a, b) => b - a);

    /// <inheritdoc cref="Multiply(DataFrameColumn)"/>
    public static DoubleDataFrameColumn operator *(DataFrameColumn left, DataFrameColumn right) => Checked(left).Multiply(right);

    /// <inheritdoc cref="Multiply(DataFrameColumn)"/>
    public static DoubleDataFrameColumn operator *(DataFrameColumn left, double right) => Checked(left).Multiply(right);

    /// <inheritdoc cref="Multiply(DataFrameColumn)"/>
    public static DoubleDataFrameColumn operator *(double left, DataFrameColumn right) => Checked(right).Multiply(left);

    /// <inheritdoc cref="Divide(DataFrameColumn)"/>
    public static DoubleDataFrameColumn operator /(DataFrameColumn left, DataFrameColumn right) => Checked(left).Divide(right);

    /// <inheritdoc cref="Divide(DataFrameColumn)"/>
    public static DoubleDataFrameColumn operator /(DataFrameColumn left, double right) => Checked(left).Divide(right);

    /// <inheritdoc cref="Divide(DataFrameColumn)"/>
    public static DoubleDataFrameColumn operator /(double left, DataFrameColumn right) => Checked(right).Combine(left, static (a, b) => b / a);

    /// <summary>Whether each value equals a number; false where one is missing.</summary>
    /// <param name="value">The number.</param>
    public BooleanDataFrameColumn ElementwiseEquals(double value) => Compare(value, static (a, b) => a == b);

    /// <summary>Whether each value is another than a number; true where it is missing.</summary>
    /// <param name="value">The number.</param>
    public BooleanDataFrameColumn ElementwiseNotEquals(double value) => !ElementwiseEquals(value);

    /// <summary>Whether each value equals a text, or a value of true and false its word; false where one is missing, unless the text is null.</summary>
    /// <param name="value">The text; null finds the missing values.</param>
    public BooleanDataFrameColumn ElementwiseEquals(string? value)
    {
        var result = new bool[Length];
        for (var row = 0; row < result.Length; row++) result[row] = ValueAt(row) == value;
        return new BooleanDataFrameColumn(Name, result);
    }

    /// <inheritdoc cref="ElementwiseEquals(string?)"/>
    public BooleanDataFrameColumn ElementwiseNotEquals(string? value) => !ElementwiseEquals(value);

    /// <summary>Whether the values of two columns are equal, row by row; false where one is missing.</summary>
    /// <param name="other">A column of the same length.</param>
    /// <exception cref="FrameException">The lengths differ.</exception>
    public BooleanDataFrameColumn ElementwiseEquals(DataFrameColumn other)
    {
        ArgumentNullException.ThrowIfNull(other);
        CheckLength(other);
        var result = new bool[Length];
        for (var row = 0; row < result.Length; row++) result[row] = ValueAt(row) == other.ValueAt(row);
        return new BooleanDataFrameColumn(Name, result);
    }

    /// <inheritdoc cref="ElementwiseEquals(DataFrameColumn)"/>
    public BooleanDataFrameColumn ElementwiseNotEquals(DataFrameColumn other) => !ElementwiseEquals(other);

    /// <summary>Whether each value is greater than a number; false where one is missing.</summary>
    /// <param name="value">The number.</param>
    /// <exception cref="FrameException">The column holds text.</exception>
    public BooleanDataFrameColumn ElementwiseGreaterThan(double value) => Compare(value, static (a, b) => a > b);

    /// <inheritdoc cref="ElementwiseGreaterThan(double)"/>
    public BooleanDataFrameColumn ElementwiseGreaterThan(DataFrameColumn other) => Compare(other, static (a, b) => a > b);

    /// <summary>Whether each value is at least a number; false where one is missing.</summary>
    /// <param name="value">The number.</param>
    /// <exception cref="FrameException">The column holds text.</exception>
    public BooleanDataFrameColumn ElementwiseGreaterThanOrEqual(double value) => Compare(value, static (a, b) => a >= b);

    /// <inheritdoc cref="ElementwiseGreaterThanOrEqual(double)"/>
    public BooleanDataFrameColumn ElementwiseGreaterThanOrEqual(DataFrameColumn other) => Compare(other, static (a, b) => a >= b);

    /// <summary>Whether each value is less than a number; false where one is missing.</summary>
    /// <param name="value">The number.</param>
    /// <exception cref="FrameException">The column holds text.</exception>
    public BooleanDataFrameColumn ElementwiseLessThan(double value) => Compare(value, static (a, b) => a < b);

    /// <inheritdoc cref="ElementwiseLessThan(double)"/>
    public BooleanDataFrameColumn ElementwiseLessThan(DataFrameColumn other) => Compare(other, static (a, b) => a < b);

    /// <summary>Whether each value is at most a number; false where one is missing.</summary>
    /// <param name="value">The number.</param>
    /// <exception cref="FrameException">The column holds text.</exception>
    public BooleanDataFrameColumn ElementwiseLessThanOrEqual(double value) => Compare(value, static (a, b) => a <= b);

    /// <inheritdoc cref="ElementwiseLessThanOrEqual(double)"/>
    public BooleanDataFrameColumn ElementwiseLessThanOrEqual(DataFrameColumn other) => Compare(other, static (a, b) => a <= b);

    /// <summary>Whether each value is missing.</summary>
    public BooleanDataFrameColumn ElementwiseIsNull() => ElementwiseEquals((string?)null);

    /// <summary>Whether each value is there.</summary>
    public BooleanDataFrameColumn ElementwiseIsNotNull() => !ElementwiseIsNull();

    /// <inheritdoc cref="ElementwiseGreaterThan(double)"/>
    public static BooleanDataFrameColumn operator >(DataFrameColumn column, double value) => Checked(column).ElementwiseGreaterThan(value);

    /// <inheritdoc cref="ElementwiseLessThan(double)"/>
    public static BooleanDataFrameColumn operator <(DataFrameColumn column, double value) => Checked(column).ElementwiseLessThan(value);

    /// <inheritdoc cref="ElementwiseGreaterThanOrEqual(double)"/>
    public static BooleanDataFrameColumn operator >=(DataFrameColumn column, double value) => Checked(column).ElementwiseGreaterThanOrEqual(value);

    /// <inheritdoc cref="ElementwiseLessThanOrEqual(double)"/>
    public static BooleanDataFrameColumn operator <=(DataFrameColumn column, double value) => Checked(column).ElementwiseLessThanOrEqual(value);

    /// <summary>A result that a column can hold: NaN, which is missing, in place of an infinity.</summary>
    private protected static double Finite(double value) => double.IsFinite(value) ? value : double.NaN;

    private static DataFrameColumn Checked(DataFrameColumn column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return column;
    }

    private DoubleDataFrameColumn Combine(DataFrameColumn other, Func<double, double, double> operation)
    {
        ArgumentNullException.ThrowIfNull(other);
        CheckLength(other);
        var (left, right) = (Numbers(), other.Numbers());
        var result = new double[left.Length];
        for (var row = 0; row < result.Length; row++) result[row] = Finite(operation(left[row], right[row]));
        return new DoubleDataFrameColumn(Name, result);
    }

    private DoubleDataFrameColumn Combine(double other, Func<double, double, double> operation) =>
        new(Name, Array.ConvertAll(Numbers(), value => Finite(operation(value, other))));

    private BooleanDataFrameColumn Compare(double other, Func<double, double, bool> comparison) =>
        new(Name, Array.ConvertAll(Numbers(), value => comparison(value, other)));

    private BooleanDataFrameColumn Compare(DataFrameColumn other, Func<double, double, bool> comparison)
    {
        ArgumentNullException.ThrowIfNull(other);
        CheckLength(other);
        var (left, right) = (Numbers(), other.Numbers());
        var result = new bool[left.Length];
        for (var row = 0; row < result.Length; row++) result[row] = comparison(left[row], right[row]);
        return new BooleanDataFrameColumn(Name, result);
    }
}
