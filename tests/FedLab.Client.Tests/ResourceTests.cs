using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace FedLab.Client.Tests;

/// <summary>The sentences of all projects: each in both languages, with the same values, and none that the code does not use.</summary>
public sealed partial class ResourceTests
{
    private const string Neutral = ".resx";
    private const string Chinese = ".zh-CN.resx";

    private static readonly string Root = FindRoot();

    /// <summary>Every resource file of the repository, by its path below the root.</summary>
    public static TheoryData<string> Files =>
        [.. SourceFiles(Root, "*" + Neutral).Where(path => !path.EndsWith(Chinese, StringComparison.Ordinal)).Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)];

    [Fact]
    public void All_projects_that_speak_to_people_are_among_them()
    {
        var projects = Files.Select(file => file.Data.Split(Path.DirectorySeparatorChar)[^3]).ToHashSet(StringComparer.Ordinal);
        foreach (var project in (string[])["cli", "coordinator", "participant", "FedLab.Audit", "FedLab.Client", "FedLab.Curve25519", "FedLab.Data", "FedLab.Federation", "FedLab.Lattice", "FedLab.Learning"]) Assert.Contains(project, projects);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_message_exists_in_both_languages_with_the_same_values(string file)
    {
        var english = Read(Path.Combine(Root, file));
        var chinese = Read(Path.Combine(Root, file[..^Neutral.Length] + Chinese));
        Assert.NotEmpty(english);
        Assert.Equal(english.Keys.Order(StringComparer.Ordinal), chinese.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, text) in english)
        {
            Assert.True(Places(text).SetEquals(Places(chinese[name])), name);
            // "{0} of {1}" is "{0}/{1}" in Chinese: only sentences need Chinese letters.
            Assert.True(text.Length < 15 || chinese[name].Any(letter => letter >= 0x2E80), $"{name} is not in Chinese");
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_message_that_the_code_asks_for_exists_and_every_message_is_asked_for(string file)
    {
        var english = Read(Path.Combine(Root, file));
        var project = Path.GetDirectoryName(Path.GetDirectoryName(Path.Combine(Root, file)))!;
        var sources = SourceFiles(project, "*.cs").Select(path => (Path: path, Text: File.ReadAllText(path))).ToArray();
        var words = WordPattern().Matches(string.Concat(sources.Select(source => source.Text))).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        Assert.All(english.Keys, name => Assert.True(words.Contains(name) || words.Any(word => word.Length > 2 && name.EndsWith(word, StringComparison.Ordinal)), name));
        // The class that reads a resource file names it: what it asks for is in there.
        var reader = $".Resources.{Path.GetFileNameWithoutExtension(file)}\"";
        var asked = sources.Where(source => source.Text.Contains(reader, StringComparison.Ordinal)).SelectMany(source => AskedPattern().Matches(source.Text)).Select(match => match.Groups["name"].Value);
        Assert.All(asked, name => Assert.Contains(name, english.Keys));
    }

    private static Dictionary<string, string> Read(string path) =>
        XDocument.Load(path).Root!.Elements("data").ToDictionary(data => (string)data.Attribute("name")!, data => (string)data.Element("value")!, StringComparer.Ordinal);

    private static IEnumerable<string> SourceFiles(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or ".git"));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FedLab.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run below the repository's root.");
    }

    private static HashSet<string> Places(string text) => [.. PlacePattern().Matches(text).Select(match => match.Value)];

    [GeneratedRegex(@"\{\d+(:[^}]*)?\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlacePattern();

    [GeneratedRegex(@"\w+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"(?:Text|Format|Error)\((?:null, |innerException, )?nameof\((?<name>\w+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AskedPattern();
}
