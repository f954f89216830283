using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace FedLab.Audit.Tests.Json;

/// <summary>RFC 8785: its examples, its number table, and a reader that takes nothing else.</summary>
public sealed class CanonicalJsonTests
{
    [Fact]
    public void The_example_of_the_RFC_is_written_as_the_RFC_does()
    {
        // RFC 8785, section 3.2.2, sorted as in section 3.2.3.
        JsonNode? value = JsonNode.Parse("""{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001], "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}""");
        const string Expected = """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""";
        byte[] bytes = CanonicalJson.Serialize(value);
        Assert.Equal(Expected, Encoding.UTF8.GetString(bytes));
        Assert.Equal(bytes, CanonicalJson.Serialize(CanonicalJson.Parse(bytes)));
    }

    [Fact]
    public void Members_are_sorted_by_UTF_16_code_units()
    {
        // RFC 8785, section 3.2.3: the surrogates of the emoji come before U+FB33.
        var value = new JsonObject { ["\u20ac"] = 1, ["\r"] = 2, ["\ufb33"] = 3, ["1"] = 4, ["\U0001f600"] = 5, ["\u0080"] = 6, ["\u00f6"] = 7 };
        byte[] bytes = CanonicalJson.Serialize(value);
        Assert.Equal("{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"\U0001f600\":5,\"\ufb33\":3}", Encoding.UTF8.GetString(bytes));
        Assert.Equal(7, Assert.IsType<JsonObject>(CanonicalJson.Parse(bytes)).Count);
    }

    [Theory]
    [InlineData(0x0000000000000000, "0")]
    [InlineData(0x8000000000000000, "0")]
    [InlineData(0x0000000000000001, "5e-324")]
    [InlineData(0x8000000000000001, "-5e-324")]
    [InlineData(0x7fefffffffffffff, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffff, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000, "9007199254740992")]
    [InlineData(0xc340000000000000, "-9007199254740992")]
    [InlineData(0x4430000000000000, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6, "1e+23")]
    [InlineData(0x44b52d02c7e14af7, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4e, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4f, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8d, "0.000001")]
    [InlineData(0x41b3de4355555553, "333333333.3333332")]
    [InlineData(0x41b3de4355555554, "333333333.33333325")]
    [InlineData(0x41b3de4355555555, "333333333.3333333")]
    [InlineData(0x41b3de4355555556, "333333333.3333334")]
    [InlineData(0x41b3de4355555557, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959, "1424953923781206.2")]
    public void Numbers_are_those_of_appendix_B(ulong bits, string expected)
    {
        byte[] bytes = CanonicalJson.Serialize(JsonValue.Create(BitConverter.UInt64BitsToDouble(bits)));
        Assert.Equal(expected, Encoding.UTF8.GetString(bytes));
        Assert.Equal(bytes, CanonicalJson.Serialize(CanonicalJson.Parse(bytes)));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Numbers_that_JSON_lacks_are_refused(double number) => Assert.Throws<ArgumentException>(() => CanonicalJson.Serialize(JsonValue.Create(number)));

    [Fact]
    public void Integers_that_a_double_cannot_hold_and_other_unfit_values_are_refused()
    {
        Assert.Equal("9007199254740991", Encoding.UTF8.GetString(CanonicalJson.Serialize(JsonValue.Create((1L << 53) - 1))));
        Assert.Throws<ArgumentException>(() => CanonicalJson.Serialize(JsonValue.Create(1L << 53)));
        Assert.Throws<ArgumentException>(() => CanonicalJson.Serialize(JsonValue.Create(ulong.MaxValue)));
        Assert.Throws<ArgumentException>(() => CanonicalJson.Serialize(JsonValue.Create(0.1m)));
        Assert.Throws<ArgumentException>(() => CanonicalJson.Serialize(JsonValue.Create("\ud800")));
        Assert.Throws<ArgumentException>(() => CanonicalJson.Serialize(new JsonObject { ["\udc00"] = 1 }));
        JsonNode deep = new JsonArray();
        for (int i = 0; i < 40; i++) deep = new JsonArray(deep);
        Assert.Throws<ArgumentException>(() => CanonicalJson.Serialize(deep));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" {}")]
    [InlineData("{} ")]
    [InlineData("{}\n")]
    [InlineData("{}{}")]
    [InlineData("\ufeff{}")]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("{\"a\":}")]
    [InlineData("{\"a\" :1}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1,\"a\":1}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"b\":1,\"a\":1}")]
    [InlineData("{\"a\":1 ,\"b\":1}")]
    [InlineData("{a:1}")]
    [InlineData("[1,]")]
    [InlineData("[1 ]")]
    [InlineData("[,1]")]
    [InlineData("[1")]
    [InlineData("tru")]
    [InlineData("True")]
    [InlineData("nul")]
    [InlineData("01")]
    [InlineData("-0")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData("1.0")]
    [InlineData("1.50")]
    [InlineData(".5")]
    [InlineData("1e2")]
    [InlineData("1E+30")]
    [InlineData("1e30")]
    [InlineData("1e+400")]
    [InlineData("0.0")]
    [InlineData("9007199254740993")]
    [InlineData("0.1000000000000000055511151231257827")]
    [InlineData("NaN")]
    [InlineData("\"")]
    [InlineData("\"a")]
    [InlineData("\"\\\"")]
    [InlineData("\"\t\"")]
    [InlineData("\"\\u0009\"")]
    [InlineData("\"\\u000F\"")]
    [InlineData("\"\\u0041\"")]
    [InlineData("\"\\u20ac\"")]
    [InlineData("\"\\ud83d\\ude00\"")]
    [InlineData("\"\\/\"")]
    [InlineData("\"\\u00\"")]
    [InlineData("\"\\x\"")]
    public void Anything_but_the_canonical_spelling_is_refused(string text) => Assert.Throws<AuditFormatException>(() => CanonicalJson.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Invalid_UTF_8_too_deep_and_too_long_texts_are_refused()
    {
        Assert.Throws<AuditFormatException>(() => CanonicalJson.Parse([(byte)'"', 0xff, (byte)'"']));
        Assert.Throws<AuditFormatException>(() => CanonicalJson.Parse([(byte)'"', 0xed, 0xa0, 0x80, (byte)'"']));
        Assert.Throws<AuditFormatException>(() => CanonicalJson.Parse(Encoding.UTF8.GetBytes(new string('[', 10_000) + new string(']', 10_000))));
        Assert.Throws<AuditFormatException>(() => CanonicalJson.Parse(Encoding.UTF8.GetBytes("\"" + new string('a', CanonicalJson.DefaultMaximumLength - 1) + "\"")));
        Assert.NotNull(CanonicalJson.Parse(Encoding.UTF8.GetBytes("\"" + new string('a', CanonicalJson.DefaultMaximumLength - 2) + "\"")));
    }

    [Fact]
    public void Strings_and_doubles_come_back_from_their_one_spelling()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text =>
        {
            if (HasLoneSurrogate(text.Get)) return true;
            byte[] bytes = CanonicalJson.Serialize(JsonValue.Create(text.Get));
            return (string)CanonicalJson.Parse(bytes)! == text.Get && (string)JsonNode.Parse(bytes)! == text.Get;
        }).Search();
        Prop.ForAll(ArbMap.Default.ArbFor<long>(), bits =>
        {
            double number = BitConverter.Int64BitsToDouble(bits * 0x5851F42D4C957F2D);
            if (!double.IsFinite(number)) return true;
            byte[] bytes = CanonicalJson.Serialize(JsonValue.Create(number));
            return double.Parse(bytes, System.Globalization.CultureInfo.InvariantCulture) == number && bytes.AsSpan().SequenceEqual(CanonicalJson.Serialize(CanonicalJson.Parse(bytes)));
        }).Search();
    }

    [Fact]
    public void A_changed_byte_is_refused_or_is_the_canonical_spelling_of_something_else()
    {
        byte[] original = CanonicalJson.Serialize(new JsonObject { ["a"] = new JsonArray(1, 2.5, "x\n€", null, true), ["b"] = new JsonObject { ["c"] = -7, ["d"] = "" } });
        for (int i = 0; i < original.Length; i++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] changed = [.. original];
                changed[i] = (byte)value;
                JsonNode? parsed;
                try
                {
                    parsed = CanonicalJson.Parse(changed);
                }
                catch (AuditFormatException)
                {
                    continue;
                }

                Assert.Equal(changed, CanonicalJson.Serialize(parsed));
            }
        }
    }

    private static bool HasLoneSurrogate(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) != text;
}
