using System.Globalization;
using System.Text;
using FedLab.Federation.Experiments;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Publication;

namespace FedLab.Federation.Tests;

/// <summary>Specifications, manifests, shares and reports that are none are refused in our words, which name the field.</summary>
public sealed class MalformedTextTests
{
    private static readonly ExperimentSpec Spec = RandomEnterprises.Spec(("trees", "1"));

    public static TheoryData<string, string> Specifications()
    {
        var whole = Encoding.UTF8.GetString(Spec.ToBytes());
        return new()
        {
            { "", "The text is empty" },
            { whole[..^1], "The text is no JSON from line 1" },
            { "[]", "It must be an object with fields" },
            { "null", "The experiment is empty" },
            { whole.Replace("\"parties\"", "\"partys\"", StringComparison.Ordinal), "field 'partys': There is no such field; did you mean parties?" },
            { whole.Replace("\"seed\":", "\"seed\":\"CANARY\",\"seed\":", StringComparison.Ordinal).Replace("\"name\":", "\"name\":\"CANARY\",\"name\":", StringComparison.Ordinal), "name': It stands twice" },
            { whole.Replace("\"of\":", "\"of\":\"CANARY\",\"off\":", StringComparison.Ordinal), "field 'test.of': It must be a whole number" },
            { whole.Replace("\"parties\":[", "\"parties\":[null,", StringComparison.Ordinal), "party" },
            { whole.Replace("\"parties\":[", "\"parties\":null,\"partners\":[", StringComparison.Ordinal), "field 'parties': It must not be null" },
            { whole.Replace("\"settings\":{", "\"settings\":{\"x\":null,", StringComparison.Ordinal), "'x'" },
            { whole.Replace("\"Active\"", "\"CANARY\"", StringComparison.OrdinalIgnoreCase), "role': It must be one of" },
        };
    }

    [Theory]
    [MemberData(nameof(Specifications))]
    public void A_specification_that_is_none_is_refused_with_its_field(string text, string expected)
    {
        var refused = Assert.Throws<ProtocolException>(() => ExperimentSpec.Parse(Encoding.UTF8.GetBytes(text)));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_malformed_is_said_in_the_readers_language()
    {
        Action<byte[]>[] readers = [text => ExperimentSpec.Parse(text), text => Manifest.Parse(text), text => BankManifest.Parse(text), text => PartyShare.Parse(text), text => RunReport.Parse(text), text => BankReport.Parse(text)];
        byte[][] texts = [.. new[] { "", "{", "[]", "3", """{"version":"x"}""", """{"version":1}""", """{"version":1,"party":7,"salt":"%"}""", "{\"version\":" + new string('[', 99) + new string(']', 99) + "}" }.Select(Encoding.UTF8.GetBytes)];
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
            foreach (var read in readers)
            {
                foreach (var text in texts)
                {
                    var message = Assert.Throws<ProtocolException>(() => read(text)).Message;
                    // Names of fields are the only Latin words.
                    Assert.DoesNotMatch("JSON value|could not|Exception|expected|invalid|required|dictionary|[a-z]+ [a-z]+ [a-z]+", message);
                    Assert.Matches("\\p{IsCJKUnifiedIdeographs}", message);
                }
            }
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}
