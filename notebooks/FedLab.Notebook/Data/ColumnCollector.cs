using System.Globalization;
using System.Runtime.InteropServices;

namespace FedLab.Notebook.Data;

/// <summary>
/// Takes the values of a column one by one, as databases and records give them. The declared type says what the column is; a value that it
/// cannot hold (a text among numbers, an integer that a double would round) makes it text.
/// </summary>
internal sealed class ColumnCollector
{
    /// <summary>Up to here a double holds every integer.</summary>
    private const long LargestExactInteger = 1L << 53;

    private readonly string _name;
    private readonly bool _isBoolean;
    private readonly List<double> _numbers = [];
    private readonly List<string?> _texts = [];
    private bool _isText;

    public ColumnCollector(string name, Type type)
    {
        if (string.IsNullOrWhiteSpace(name)) throw FrameMessages.ColumnWithoutName();
        var known = Nullable.GetUnderlyingType(type) ?? type;
        _name = name;
        _isBoolean = known == typeof(bool);
        _isText = !_isBoolean && !IsNumber(Type.GetTypeCode(known), known.IsEnum);
    }

    public void Add(object? value)
    {
        if (value is null or DBNull)
        {
            if (_isText) _texts.Add(null);
            else _numbers.Add(double.NaN);
            return;
        }

        if (!_isText && !Fits(value)) TurnToText();
        if (_isText) _texts.Add(Text(value));
        else _numbers.Add(Convert.ToDouble(value, CultureInfo.InvariantCulture));
    }

    public DataFrameColumn Build()
    {
        if (_isText) return new StringDataFrameColumn(_name, _texts);
        if (!_isBoolean) return new DoubleDataFrameColumn(_name, _numbers);
        return new BooleanDataFrameColumn(_name, CollectionsMarshal.AsSpan(_numbers).ToArray().Select(number => double.IsNaN(number) ? (bool?)null : number == 1));
    }

    private static bool IsNumber(TypeCode code, bool isEnum) => !isEnum && code is >= TypeCode.SByte and <= TypeCode.Decimal;

    private bool Fits(object value)
    {
        if (_isBoolean) return value is bool;
        if (!IsNumber(Type.GetTypeCode(value.GetType()), value is Enum)) return false;
        return value switch
        {
            long integer => integer is >= -LargestExactInteger and <= LargestExactInteger,
            ulong integer => integer <= LargestExactInteger,
            decimal number => Math.Abs(number) <= LargestExactInteger,
            _ => true,
        };
    }

    private void TurnToText()
    {
        _isText = true;
        _texts.AddRange(_numbers.Select(number => double.IsNaN(number) ? null : _isBoolean ? Text(number == 1) : number.ToString(CultureInfo.InvariantCulture)));
        _numbers.Clear();
    }

    private static string Text(object value) => value switch
    {
        string text => text,
        bool boolean => boolean ? "true" : "false",
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time when time.TimeOfDay == TimeSpan.Zero => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFzzz", CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToHexStringLower(bytes),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
