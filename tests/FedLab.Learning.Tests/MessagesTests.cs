using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Resources;

namespace FedLab.Learning.Tests;

public sealed class MessagesTests
{
    [Fact]
    public void Every_message_exists_in_both_languages_with_the_same_places()
    {
        var resources = new ResourceManager("FedLab.Learning.Resources.Messages", typeof(Table).Assembly);
        var english = Read(resources, CultureInfo.InvariantCulture);
        var chinese = Read(resources, CultureInfo.GetCultureInfo("zh-CN"));
        Assert.Equal(english.Keys.Order(), chinese.Keys.Order());
        Assert.All(english, pair =>
        {
            Assert.Equal(Places(pair.Value), Places(chinese[pair.Key]));
            Assert.Contains(chinese[pair.Key], character => character > 0x2E80);
        });

        // Each method or property of Messages is a resource of its name, and none is left over.
        var flags = BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var named = new[] { typeof(Messages), typeof(Messages.Detail) }.SelectMany(type =>
            type.GetMethods(flags).Where(method => !method.IsSpecialName).Select(method => method.Name).Concat(type.GetProperties(flags).Select(property => property.Name)));
        Assert.Equal(english.Keys.Order(), named.Order());
    }

    private static Dictionary<string, string> Read(ResourceManager resources, CultureInfo culture) =>
        resources.GetResourceSet(culture, createIfNotExists: true, tryParents: false)!.Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);

    private static IEnumerable<int> Places(string text) => Enumerable.Range(0, 10).Where(place => text.Contains($"{{{place}}}", StringComparison.Ordinal));
}
