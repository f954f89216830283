using System.Globalization;
using FedLab.Federation.Remote;
using FedLab.Operation.Configuration;

namespace FedLab.Operation.Tests;

/// <summary>Layers of a configuration. The environment is the process's own, so these tests run one after another.</summary>
[Collection(OfEnvironment)]
public sealed class LayeredConfigurationTests : IDisposable
{
    /// <summary>The tests that read or change the process's environment.</summary>
    internal const string OfEnvironment = "environment";

    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-layers").FullName;
    private readonly List<string> _variables = [];

    public void Dispose()
    {
        foreach (var variable in _variables) Environment.SetEnvironmentVariable(variable, null);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Each_layer_lies_over_the_one_before()
    {
        Site("""{ "Logging": { "LogLevel": "whatever" }, "FedLab": { "port": 1, "level": "site", "data": { "host": "site", "user": "site" } } }""");
        Home("""{ "name": "bank", "port": 2, "data": { "host": "home" } }""");
        Variable("FedLab__Data__Host", "environment");
        Variable("FedLab__Port", "3");
        var (options, source) = Read("port=4", "on=true");
        Assert.Equal(new Options { Name = "bank", Port = 4, Level = "site", On = true, Data = new DataPart { Host = "environment", User = "site" } }, options);
        Assert.Contains("FedLab__Data__Host", source, StringComparison.Ordinal);
        Assert.Contains("--set port", source, StringComparison.Ordinal);
    }

    [Fact]
    public void A_home_alone_is_read_as_it_stands()
    {
        var path = Home("""{ "name": "bank" }""");
        Assert.Equal((new Options { Name = "bank" }, path), Read());
    }

    [Fact]
    public void Upper_case_variables_find_their_fields_and_lists_are_set_by_number()
    {
        Home("""{ "name": "bank", "list": ["a", "b"] }""");
        Variable("FEDLAB__DATA__HOST", "db");
        Variable("FEDLAB__LIST__1", "B");
        Variable("FEDLAB__LIST__2", "c");
        var (options, _) = Read();
        Assert.Equal("db", options.Data.Host);
        Assert.Equal(["a", "B", "c"], options.List!);
    }

    [Theory]
    [InlineData("port=many", "--set port")]
    [InlineData("prot=1", "--set prot")]
    [InlineData("data.host.name=x", "--set data.host.name")]
    [InlineData("list.5=x", "--set list.5")]
    [InlineData("list.99999999999=x", "--set list.99999999999")]
    [InlineData("on=maybe", "--set on")]
    [InlineData("port", "port")]
    [InlineData("=1", "=1")]
    [InlineData("a..b=1", "a..b")]
    public void What_does_not_fit_is_named_with_the_layer_that_it_came_from(string setting, string named)
    {
        Home("""{ "name": "bank", "data": { "host": "h" }, "list": [] }""");
        Assert.Contains(named, Assert.Throws<ConfigurationException>(() => Read(setting)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_variable_and_a_wrong_site_file_are_named()
    {
        Home("""{ "name": "bank" }""");
        Variable("FedLab__Prot", "1");
        var error = Assert.Throws<ConfigurationException>(() => Read());
        Assert.Contains("FedLab__", error.Message, StringComparison.Ordinal);
        Assert.Contains("prot", error.Message, StringComparison.OrdinalIgnoreCase);
        Variable("FedLab__Prot", null);
        foreach (var wrong in (string[])["""{ "FedLab": 3 }""", """{ "FedLab": { "prot": 1 } }""", "nonsense", """{ "FedLab": {}, "FedLab": {} }"""])
        {
            var site = Site(wrong);
            Assert.Contains(site, Assert.Throws<ConfigurationException>(() => Read()).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("paint=red", "--set paint", "paint", "There is no such field; known here: name, port, level, on, ratio, data, list, more, colours.", "没有这个字段；此处可用的字段：name, port,")]
    [InlineData("colour=red", "--set colour", "colour", "There is no such field; did you mean colours?", "没有这个字段；是否想写 colours？")]
    [InlineData("data.prot=1", "--set data.prot", "data.prot", "There is no such field; did you mean port?", "没有这个字段；是否想写 port？")]
    [InlineData("data.password=s3cret", "--set data.password", "data.password", "There is no such field; did you mean passwordFile, passwordEnvironment?", "没有这个字段；是否想写 passwordFile, passwordEnvironment？")]
    [InlineData("port=two", "--set port", "port", "It must be a whole number.", "必须是整数。")]
    [InlineData("port=99999999999", "--set port", "port", "The number is out of the range of any field.", "数字超出任何字段的范围。")]
    [InlineData("port.low=1", "--set port.low", "port", "It must be a whole number.", "必须是整数。")]
    [InlineData("ratio=half", "--set ratio", "ratio", "It must be a number.", "必须是数字。")]
    [InlineData("on=maybe", "--set on", "on", "It must be true or false.", "必须是 true 或 false。")]
    [InlineData("more.0.name.x=y", "--set more.0.name.x", "more[0].name", "It must be a text.", "必须是文本。")]
    [InlineData("list=a", "--set list", "list", "It must be a list, [ ... ].", "必须是列表，即 [ ... ]。")]
    [InlineData("data=a", "--set data", "data", "It must be an object with fields, { ... }.", "必须是由字段组成的对象，即 { ... }。")]
    [InlineData("colours.red=big", "--set colours.red", "colours.red", "It must be a whole number.", "必须是整数。")]
    public void What_is_wrong_with_a_field_is_said_in_our_own_words(string setting, string layer, string field, string english, string chinese)
    {
        Home("""{ "name": "bank" }""");
        Assert.DoesNotContain("s3cret", Assert.Throws<ConfigurationException>(() => Read(setting)).Message, StringComparison.Ordinal);
        AssertSays($"The configuration '{layer}' is not valid: field '{field}': {english}", $"配置文件“{layer}”无效：字段“{field}”：{chinese}", setting);
        Variable("FedLab__Port", "abc");
        AssertSays("The configuration 'FedLab__Port' is not valid: field 'port': It must be a whole number.", "配置文件“FedLab__Port”无效：字段“port”：必须是整数。");
    }

    [Theory]
    [InlineData("""{ "name": "bank", "name": "tax" }""", "field 'name': It stands twice.", "字段“name”：重复出现。")]
    [InlineData("""{ "name": "bank", "colours": { "red": 1, "red": 2 } }""", "field 'colours.red': It stands twice.", "字段“colours.red”：重复出现。")]
    [InlineData("""{ "name": null }""", "field 'name': It must not be null.", "字段“name”：不能为 null。")]
    [InlineData("""{ "name": "bank", "port": null }""", "field 'port': It must not be null.", "字段“port”：不能为 null。")]
    [InlineData("""{ "port": 1 }""", "field 'name': It must be present.", "字段“name”：必须填写。")]
    [InlineData("""{ "name": "bank", "more": [{ "name": "a" }, {}] }""", "field 'more[1].name': It must be present.", "字段“more[1].name”：必须填写。")]
    [InlineData("""{ "name": 7 }""", "field 'name': It must be a text.", "字段“name”：必须是文本。")]
    [InlineData("""[]""", "not valid: It must be an object with fields, { ... }.", "无效：必须是由字段组成的对象，即 { ... }。")]
    [InlineData("""null""", "not valid: It must be an object with fields, { ... }.", "无效：必须是由字段组成的对象，即 { ... }。")]
    [InlineData("", "not valid: The text is empty; it must be", "无效：内容为空；")]
    [InlineData(" \n", "not valid: The text is empty; it must be", "无效：内容为空；")]
    [InlineData("{ \"name\": \"bank\",\n  \"level\": \"银行\" \"on\": true }", "no JSON from line 2, column 17 on;", "从第 2 行第 17 列起不是 JSON；")]
    [InlineData("""{ "name": "bank" } }""", "no JSON from line 1, column 20 on;", "从第 1 行第 20 列起不是 JSON；")]
    [InlineData("""{ "name": [[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]] }""", "more than 16 objects and lists", "嵌套超过 16 层")]
    [InlineData("""{ "name": "\ud800" }""", "field 'name': The value does not fit", "字段“name”：该值不适合")]
    public void What_is_wrong_with_a_file_is_said_in_our_own_words_with_and_without_other_layers(string json, string english, string chinese)
    {
        var home = Home(json);
        AssertSays(english, chinese);
        Assert.Contains(home, Assert.Throws<ConfigurationException>(() => Read()).Message, StringComparison.Ordinal);
        if (!json.Contains("ud800", StringComparison.Ordinal)) AssertSays(english, chinese, "data.host=x");
    }

    [Fact]
    public void A_file_in_another_encoding_is_named_as_that_and_a_byte_order_mark_does_no_harm()
    {
        var path = Home("");
        File.WriteAllBytes(path, [.. "{ \"name\": \""u8, 0xD2, 0xF8, .. "\" }"u8]); // GBK
        AssertSays("The text is not in UTF-8", "文本不是 UTF-8 编码");
        File.WriteAllBytes(path, [0xEF, 0xBB, 0xBF, .. "{ \"name\": \"bank\" }"u8]);
        Assert.Equal("bank", Read().Options.Name);
        Assert.Equal(3, Read("port=3").Options.Port);
    }

    private void AssertSays(string english, string chinese, params string[] settings)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            foreach (var (language, sentence) in new[] { ("en", english), ("zh-CN", chinese) })
            {
                CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
                Assert.Contains(sentence, Assert.Throws<ConfigurationException>(() => Read(settings)).Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private (Options Options, string Source) Read(params string[] settings) => LayeredConfiguration.Read<Options>(Path.Combine(_folder, "home.json"), settings, _folder);

    private string Site(string json) => Write(LayeredConfiguration.SiteFile, json);

    private string Home(string json) => Write("home.json", json);

    private string Write(string name, string json)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, json);
        return path;
    }

    private void Variable(string name, string? value)
    {
        _variables.Add(name);
        Environment.SetEnvironmentVariable(name, value);
    }

    internal sealed record Options
    {
        public required string Name { get; init; }

        public int Port { get; init; }

        public string Level { get; init; } = "";

        public bool On { get; init; }

        public double? Ratio { get; init; }

        public DataPart Data { get; init; } = new();

        public string[]? List { get; init; }

        public IReadOnlyList<Entry> More { get; init; } = [];

        public IReadOnlyDictionary<string, int> Colours { get; init; } = new Dictionary<string, int>();

        public bool Equals(Options? other) =>
            other is not null && (Name, Port, Level, On, Ratio, Data) == (other.Name, other.Port, other.Level, other.On, other.Ratio, other.Data);

        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
    }

    internal sealed record Entry(string Name);

    internal sealed record DataPart
    {
        public string Host { get; init; } = "";

        public string User { get; init; } = "";

        public int Port { get; init; }

        public string? PasswordFile { get; init; }

        public string? PasswordEnvironment { get; init; }
    }
}
