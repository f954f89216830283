using System.Globalization;
using System.Text;
using FedLab.Data.Reading;
using FsCheck.Fluent;

namespace FedLab.Data.Tests;

public sealed class DecimalTextTests
{
    [Fact]
    public void Every_decimal_of_fifteen_digits_reads_to_the_bit_as_the_framework_reads_it()
    {
        var decimals = from digits in Gen.Choose(1, 15)
                       from text in Gen.Choose('0', '9').Select(c => (char)c).ArrayOf(digits)
                       from point in Gen.Choose(0, digits - 1)
                       from negative in Gen.Elements(false, true)
                       select (negative ? "-" : "") + new string(text[..(point == 0 ? digits : point)]) + (point == 0 ? "" : "." + new string(text[point..]));
        Prop.ForAll(decimals.ToArbitrary(), text =>
            DecimalText.TryParse(Encoding.ASCII.GetBytes(text), out var number)
            && BitConverter.DoubleToInt64Bits(number) == BitConverter.DoubleToInt64Bits(double.Parse(text, CultureInfo.InvariantCulture))).Search(20_000);
    }

    [Fact]
    public void Bytes_side_by_side_are_read_as_those_one_by_one()
    {
        // Digits and points mostly, so that many are numbers and the others are wrong in one place.
        var texts = from length in Gen.Choose(1, 16)
                    from text in Gen.Frequency((20, Gen.Choose('0', '9')), (2, Gen.Constant((int)'.')), (1, Gen.Choose(0, 255))).Select(c => (byte)c).ArrayOf(length)
                    select text;
        Prop.ForAll(texts.ToArbitrary(), text =>
            DecimalText.TryParseOneByOne(text, out var expected) == DecimalText.TryParseSideBySide(text, out var number)
            && BitConverter.DoubleToInt64Bits(number) == BitConverter.DoubleToInt64Bits(expected)).Search(50_000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1.2.3")]
    [InlineData("--1")]
    [InlineData("1-")]
    [InlineData("1e5")]
    [InlineData("1,5")]
    [InlineData(" 1")]
    [InlineData("NaN")]
    [InlineData("1234567890123456")]
    [InlineData("0.1234567890123456")]
    public void What_is_written_otherwise_is_left_to_the_library(string text) => Assert.False(DecimalText.TryParse(Encoding.ASCII.GetBytes(text), out _));
}
