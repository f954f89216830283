using System.Globalization;

namespace FedLab.Notebook.Data;

/// <summary>
/// One value of a <see cref="DataFrame"/>: a number, a text, true or false, or missing. It compares and calculates as what it is, so that
/// conditions read <c>row["overdue"] &gt; 3 &amp;&amp; row["sector"] == "retail"</c>. A comparison with a missing value is false.
/// </summary>
public readonly struct DataFrameValue : IEquatable<DataFrameValue>
{
    private readonly string? _text;
    private readonly double _number;
    private readonly ValueKind _kind;

    internal DataFrameValue(double number) => (_number, _kind) = (number, double.IsNaN(number) ? ValueKind.Missing : ValueKind.Number);

    internal DataFrameValue(string text) => (_text, _kind) = (text, ValueKind.Text);

    internal DataFrameValue(bool value) => (_number, _kind) = (value ? 1 : 0, ValueKind.Boolean);

    private enum ValueKind : byte
    {
        Missing,
        Number,
        Text,
        Boolean,
    }

    /// <summary>Whether there is no value.</summary>
    public bool IsMissing => _kind == ValueKind.Missing;

    /// <summary>The value as text: numbers in their shortest form, true and false as words; null where it is missing.</summary>
    public string? Text => _kind switch
    {
        ValueKind.Missing => null,
        ValueKind.Text => _text,
        ValueKind.Boolean => _number == 1 ? "true" : "false",
        _ => _number.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The value as a number, true and false as 1 and 0; NaN where it is missing or text.</summary>
    public double Number => _kind is ValueKind.Number or ValueKind.Boolean ? _number : double.NaN;

    /// <summary>The number; NaN where it is missing.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="FrameException">The value is text.</exception>
    public static implicit operator double(DataFrameValue value) =>
        value._kind == ValueKind.Text ? throw FrameMessages.ValueIsNotANumber(value._text!) : value.Number;

    /// <summary>Whether the value is true, or a number other than 0; false where it is missing.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="FrameException">The value is text.</exception>
    public static implicit operator bool(DataFrameValue value) =>
        value._kind == ValueKind.Text ? throw FrameMessages.ValueIsNotTrueOrFalse(value._text!) : !value.IsMissing && value._number != 0;

    /// <summary>The value as text.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator string?(DataFrameValue value) => value.Text;

    /// <summary>Whether two values are the same; false where one is missing.</summary>
    public static bool operator ==(DataFrameValue left, DataFrameValue right) => !left.IsMissing && !right.IsMissing
        && (left._kind == ValueKind.Text || right._kind == ValueKind.Text ? left._kind == right._kind && left._text == right._text : left._number == right._number);

    /// <summary>The opposite of equality.</summary>
    public static bool operator !=(DataFrameValue left, DataFrameValue right) => !(left == right);

    /// <summary>Whether the value is that text; a null text finds missing values.</summary>
    public static bool operator ==(DataFrameValue left, string? right) => left.Text == right;

    /// <summary>The opposite of equality.</summary>
    public static bool operator !=(DataFrameValue left, string? right) => !(left == right);

    /// <summary>Whether the value is that number.</summary>
    public static bool operator ==(DataFrameValue left, double right) => left.Number == right;

    /// <summary>The opposite of equality.</summary>
    public static bool operator !=(DataFrameValue left, double right) => !(left == right);

    /// <summary>Whether the value is true, or false.</summary>
    public static bool operator ==(DataFrameValue left, bool right) => left.Number == (right ? 1 : 0);

    /// <summary>The opposite of equality.</summary>
    public static bool operator !=(DataFrameValue left, bool right) => !(left == right);

    /// <summary>Whether a value is greater; false where one is missing.</summary>
    public static bool operator >(DataFrameValue left, DataFrameValue right) => Order(left, right) > 0;

    /// <summary>Whether a value is less; false where one is missing.</summary>
    public static bool operator <(DataFrameValue left, DataFrameValue right) => Order(left, right) < 0;

    /// <summary>Whether a value is not less; false where one is missing.</summary>
    public static bool operator >=(DataFrameValue left, DataFrameValue right) => Order(left, right) >= 0;

    /// <summary>Whether a value is not greater; false where one is missing.</summary>
    public static bool operator <=(DataFrameValue left, DataFrameValue right) => Order(left, right) <= 0;

    /// <summary>Whether the value is greater than a number; false where it is missing.</summary>
    public static bool operator >(DataFrameValue left, double right) => (double)left > right;

    /// <summary>Whether the value is less than a number; false where it is missing.</summary>
    public static bool operator <(DataFrameValue left, double right) => (double)left < right;

    /// <summary>Whether the value is at least a number; false where it is missing.</summary>
    public static bool operator >=(DataFrameValue left, double right) => (double)left >= right;

    /// <summary>Whether the value is at most a number; false where it is missing.</summary>
    public static bool operator <=(DataFrameValue left, double right) => (double)left <= right;

    /// <summary>The value as double, string or bool; null where it is missing.</summary>
    public object? ToObject() => _kind switch
    {
        ValueKind.Number => _number,
        ValueKind.Text => _text,
        ValueKind.Boolean => _number == 1,
        _ => null,
    };

    /// <inheritdoc/>
    public bool Equals(DataFrameValue other) => (IsMissing && other.IsMissing) || this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DataFrameValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _kind == ValueKind.Text ? StringComparer.Ordinal.GetHashCode(_text!) : _number.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => Text ?? "";

    /// <summary>Negative, 0 or positive; NaN where one is missing, which is none of them.</summary>
    private static double Order(DataFrameValue left, DataFrameValue right)
    {
        if (left.IsMissing || right.IsMissing) return double.NaN;
        if (left._kind == ValueKind.Text && right._kind == ValueKind.Text) return string.CompareOrdinal(left._text, right._text);
        return ((double)left).CompareTo((double)right);
    }
}
