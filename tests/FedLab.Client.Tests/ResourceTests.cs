using System.Collections;
using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;

namespace FedLab.Client.Tests;

public sealed partial class ResourceTests
{
    public static TheoryData<string> Assemblies => ["FedLab.Client", "fedlab"];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Every_message_exists_in_both_languages_with_the_same_values(string assembly)
    {
        var english = Read(assembly, CultureInfo.InvariantCulture);
        var chinese = Read(assembly, CultureInfo.GetCultureInfo("zh-CN"));
        Assert.NotEmpty(english);
        Assert.Equal(english.Keys.Order(StringComparer.Ordinal), chinese.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, text) in english)
            Assert.True(Places(text).SetEquals(Places(chinese[name])), name);
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Every_message_that_the_code_asks_for_exists(string assembly)
    {
        var english = Read(assembly, CultureInfo.InvariantCulture);
        var messages = System.Reflection.Assembly.Load(assembly).GetTypes().Single(type => type.Name == "Messages");
        var members = messages.GetMembers(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static)
            .Where(member => member is System.Reflection.PropertyInfo || member is System.Reflection.MethodInfo { IsSpecialName: false })
            .Select(member => member.Name);
        Assert.Equal(english.Keys.Order(StringComparer.Ordinal), members.Order(StringComparer.Ordinal));
    }

    private static Dictionary<string, string> Read(string assembly, CultureInfo culture)
    {
        var manager = new ResourceManager($"{assembly}.Resources.Messages", System.Reflection.Assembly.Load(assembly));
        using var set = manager.GetResourceSet(culture, createIfNotExists: true, tryParents: false);
        Assert.NotNull(set);
        return set.Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!, StringComparer.Ordinal);
    }

    private static HashSet<string> Places(string text) => [.. PlacePattern().Matches(text).Select(match => match.Value)];

    [GeneratedRegex(@"\{\d+\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlacePattern();
}
