using System.Collections;
using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;

namespace FedLab.Data.Tests;

public sealed partial class MessageTests
{
    [Fact]
    public void Both_languages_have_the_same_messages_with_the_same_placeholders()
    {
        var resources = new ResourceManager("FedLab.Data.Resources.Messages", typeof(DataSet).Assembly);
        var english = Read(resources, CultureInfo.InvariantCulture);
        var chinese = Read(resources, CultureInfo.GetCultureInfo("zh-CN"));
        Assert.Equal(english.Keys.Order(StringComparer.Ordinal), chinese.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, text) in english)
        {
            Assert.Equal(Placeholders(text), Placeholders(chinese[name]));
            Assert.Contains(chinese[name], c => c >= 0x4E00);
        }

        var members = typeof(Messages).GetMethods().Select(m => m.Name.Replace("get_", "", StringComparison.Ordinal))
            .Except(typeof(object).GetMethods().Select(m => m.Name));
        Assert.Equal(english.Keys.Order(StringComparer.Ordinal), members.Order(StringComparer.Ordinal));
    }

    private static Dictionary<string, string> Read(ResourceManager resources, CultureInfo culture) =>
        resources.GetResourceSet(culture, createIfNotExists: true, tryParents: false)!.Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string)e.Value!);

    private static IEnumerable<string> Placeholders(string text) => Placeholder().Matches(text).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\{\d\}", RegexOptions.None, 1000)]
    private static partial Regex Placeholder();
}
