using System.Collections;
using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using FedLab.Notebook.Data;

namespace FedLab.Notebook.Tests;

public sealed partial class FrameMessageTests
{
    [Fact]
    public void Both_languages_have_the_same_messages_with_the_same_placeholders()
    {
        var resources = new ResourceManager("FedLab.Notebook.Resources.FrameMessages", typeof(DataFrame).Assembly);
        var english = Read(resources, CultureInfo.InvariantCulture);
        var chinese = Read(resources, CultureInfo.GetCultureInfo("zh-CN"));
        Assert.Equal(english.Keys.Order(StringComparer.Ordinal), chinese.Keys.Order(StringComparer.Ordinal));
        Assert.All(english, message => Assert.Equal(Placeholders(message.Value), Placeholders(chinese[message.Key])));
        string[] sameInBoth = ["Separator", "ColumnQ25", "ColumnQ75", "Auc", "Ks"];
        Assert.All(chinese.Where(message => !sameInBoth.Contains(message.Key)), message => Assert.Contains(message.Value, c => c >= 0x2E80));
    }

    private static Dictionary<string, string> Read(ResourceManager resources, CultureInfo culture) =>
        resources.GetResourceSet(culture, createIfNotExists: true, tryParents: false)!.Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string)e.Value!);

    private static IEnumerable<string> Placeholders(string text) => Placeholder().Matches(text).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\{\d[^}]*\}", RegexOptions.None, 1000)]
    private static partial Regex Placeholder();
}
