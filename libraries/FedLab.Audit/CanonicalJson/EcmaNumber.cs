using System.Globalization;
using System.Text;

namespace FedLab.Audit;

/// <summary>Numbers as ECMAScript writes them (ECMA-262, Number::toString), which is what RFC 8785, section 3.2.2.3, asks for.</summary>
internal static class EcmaNumber
{
    /// <summary>The largest integer of which every smaller one is exact in a double: 2^53 − 1.</summary>
    internal const long MaximumInteger = (1L << 53) - 1;

    private const int LargestPlainExponent = 21;
    private const int SmallestPlainExponent = -6;

    /// <summary>The shortest digits that give the value back, in ECMAScript's notation.</summary>
    internal static string Format(double value)
    {
        if (!double.IsFinite(value)) throw new ArgumentException("JSON has no number that is infinite or not a number.", nameof(value));
        if (value == 0) return "0";

        // The runtime's shortest form has the right digits; only where it puts the point and the exponent differs.
        string shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        int mark = shortest.IndexOf('E', StringComparison.Ordinal);
        int exponent = mark < 0 ? 0 : int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string mantissa = mark < 0 ? shortest : shortest[..mark];
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        string digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        int pointPosition = (point < 0 ? mantissa.Length : point) + exponent;
        int leadingZeros = digits.Length - digits.TrimStart('0').Length;
        digits = digits[leadingZeros..].TrimEnd('0');
        pointPosition -= leadingZeros;

        var text = new StringBuilder(value < 0 ? "-" : "");
        if (pointPosition is > LargestPlainExponent or <= SmallestPlainExponent)
        {
            text.Append(digits[0]);
            if (digits.Length > 1) text.Append('.').Append(digits, 1, digits.Length - 1);
            int power = pointPosition - 1;
            text.Append('e').Append(power < 0 ? '-' : '+').Append(CultureInfo.InvariantCulture, $"{Math.Abs(power)}");
        }
        else if (pointPosition <= 0)
        {
            text.Append("0.").Append('0', -pointPosition).Append(digits);
        }
        else if (pointPosition >= digits.Length)
        {
            text.Append(digits).Append('0', pointPosition - digits.Length);
        }
        else
        {
            text.Append(digits, 0, pointPosition).Append('.').Append(digits, pointPosition, digits.Length - pointPosition);
        }

        return text.ToString();
    }
}
