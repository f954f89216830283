using System.Text;
using System.Text.Json;

namespace FedLab.Learning.Tests.Binning;

public sealed class SplitRuleTests
{
    private static SplitRule Parse(string json) => SplitRule.Read(JsonDocument.Parse(json).RootElement);

    [Fact]
    public void Rules_survive_JSON_exactly() => Property.Holds(300, seed =>
    {
        var random = new DeterministicRandom((ulong)seed);
        var name = random.Pick("age", "注册月数", "a\"b\\\n", "名\u2028");
        var threshold = BitConverter.UInt64BitsToDouble(random.NextBits());
        var rule = random.Next(3) switch
        {
            0 when double.IsFinite(threshold) => SplitRule.AtThreshold(name, random.Pick(threshold, -0.0, 0.1 + 0.2, double.Epsilon), random.Chance(0.5)),
            1 => SplitRule.OfCategories(name, ["", "A11", "甲 乙", "\0", random.NextBits().ToString("x")], random.Chance(0.5)),
            _ => SplitRule.OnMissing(name, random.Chance(0.5)),
        };
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            rule.WriteTo(writer);
        var json = Encoding.UTF8.GetString(stream.ToArray());
        Assert.Equal(rule, Parse(json));
        Assert.Equal(rule.GetHashCode(), Parse(json).GetHashCode());
        Assert.Equal(json, JsonSerializer.Serialize(rule));
        Assert.Equal(rule, JsonSerializer.Deserialize<SplitRule>(json));
    });

    [Fact]
    public void The_JSON_form_is_fixed()
    {
        Assert.Equal("""{"feature":"age","kind":"threshold","threshold":41.5,"missingLeft":false}""", JsonSerializer.Serialize(SplitRule.AtThreshold("age", 41.5, false)));
        Assert.Equal("""{"feature":"c","kind":"categories","categories":["A","B"],"missingLeft":true}""", JsonSerializer.Serialize(SplitRule.OfCategories("c", ["B", "A"], true)));
        Assert.Equal("""{"feature":"c","kind":"missing","missingLeft":true}""", JsonSerializer.Serialize(SplitRule.OnMissing("c", true)));
    }

    [Theory]
    [InlineData("[]", "JSON object")]
    [InlineData("""{"kind":"missing","missingLeft":true}""", "'feature' is missing")]
    [InlineData("""{"feature":" ","kind":"missing","missingLeft":true}""", "'feature' is empty")]
    [InlineData("""{"feature":7,"kind":"missing","missingLeft":true}""", "'feature' is not text")]
    [InlineData("""{"feature":"\ud800","kind":"missing","missingLeft":true}""", "'feature' is not valid Unicode")]
    [InlineData("""{"feature":"a","kind":"missing","missingLeft":1}""", "'missingLeft'")]
    [InlineData("""{"feature":"a","kind":"both","missingLeft":true}""", "'kind'")]
    [InlineData("""{"feature":"a","kind":"missing","missingLeft":true,"threshold":1}""", "exactly 3 fields")]
    [InlineData("""{"feature":"a","kind":"threshold","missingLeft":true}""", "'threshold' is missing")]
    [InlineData("""{"feature":"a","kind":"threshold","threshold":1e999,"missingLeft":true}""", "'threshold' is not a finite")]
    [InlineData("""{"feature":"a","kind":"threshold","threshold":"1","missingLeft":true}""", "'threshold' is not a finite")]
    [InlineData("""{"feature":"a","kind":"categories","categories":[],"missingLeft":true}""", "'categories' is not a list")]
    [InlineData("""{"feature":"a","kind":"categories","categories":["x",null],"missingLeft":true}""", "'categories' is not a list")]
    [InlineData("""{"feature":"a","kind":"categories","categories":["x","x"],"missingLeft":true}""", "'categories' lists a text twice")]
    public void Malformed_rules_are_refused_by_field(string json, string detail) =>
        Assert.Contains(detail, Assert.Throws<LearningException>(() => Parse(json)).Message, StringComparison.Ordinal);
}
