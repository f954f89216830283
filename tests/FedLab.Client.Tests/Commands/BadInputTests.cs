using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FedLab.Client.Tests.Commands;

public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _bank;
    private readonly string _source;

    public BadInputTests() => (_bank, _source) = TwoBanks.Write(_folder);

    [Fact]
    public async Task No_arguments_show_the_commands()
    {
        var run = await CommandLineRun.RunAsync();
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("simulate", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("did you mean '--party'", "simulate", "--prty", "a=b")]
    [InlineData("'quux' is not an option or command of 'fedlab'", "quux")]
    [InlineData("needs a command: verify", "audit")]
    [InlineData("needs PATH", "audit", "verify")]
    [InlineData("'--key' needs a value", "simulate", "--key")]
    [InlineData("'--out' is given more than once", "simulate", "--out", "a", "--out", "b")]
    [InlineData("choose en or zh-CN", "version", "--language", "fr")]
    [InlineData("whole number from 1000", "demo", "--rows", "many")]
    [InlineData("'tres'", "demo", "--set", "tres=4")]
    [InlineData("1 to 65535", "demo", "--port", "0")]
    [InlineData("choose one or more of 4096, 8192, 16384", "bench", "lattice", "--degree", "4096", "--degree", "512")]
    [InlineData("does not exist", "audit", "verify", "nowhere")]
    [InlineData("does not exist", "score", "--model", "nowhere", "--out", "x.csv")]
    [InlineData("--out", "score", "--model", "nowhere")]
    [InlineData("There is no folder nowhere", "down", "--out", "nowhere")]
    public async Task A_wrong_command_line_is_one_sentence_and_code_two(string expected, params string[] arguments)
    {
        var run = await CommandLineRun.RunAsync(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_folder_without_a_lab_is_said_to_have_none_whether_an_engine_answers_or_not()
    {
        Directory.CreateDirectory(_folder.File("empty"));
        var run = await CommandLineRun.RunAsync("down", "--out", _folder.File("empty"));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains($"No lab was brought up in {_folder.File("empty")}.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_in_chinese_is_chinese()
    {
        var run = await CommandLineRun.RunAsync("simulate", "--help", "--language", "zh-CN");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("用法", run.Output, StringComparison.Ordinal);
        Assert.Contains("--party", run.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> BadFiles => new()
    {
        { "empty", "bank.csv", "" },
        { "header", "bank.csv", "id,balance,default\n" },
        { "default", "bank.csv", "id,balance,other\ne1,2,0\ne2,3,1\n" },
        { "line 4", "bank.csv", Numbers("x", 40, line => line == 3 ? "word" : "7") },
        { "line 4", "bank.csv", Numbers("x", 40, line => line == 3 ? "inf" : "7") },
        { "the label 'default' is 1", "bank.csv", string.Concat(Enumerable.Range(0, 60).Select(row => $"e{row},1,1\n").Prepend("id,balance,default\n")) },
        { "no enterprise in common", "bank.csv", "id,balance,default\nz1,2,0\nz2,3,1\n" },
        { "columns", "bank.csv", "id,default," + string.Join(',', Enumerable.Range(0, 10_000).Select(column => "c" + column.ToString(CultureInfo.InvariantCulture))) + "\n" },
        { "UTF-8", "bank.csv", "\u0000" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task A_file_that_cannot_be_used_is_named_and_nothing_is_left(string expected, string file, string content)
    {
        if (content == "\u0000") await File.WriteAllBytesAsync(_folder.File(file), [.. "id,balance,default\n"u8, 0xff, 0xfe, (byte)'\n'], TestContext.Current.CancellationToken);
        else _folder.Write(file, content);
        var run = await SimulateAsync();
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains(expected, run.Sentence, StringComparison.Ordinal);
        Assert.Contains(_folder.File(file), run.Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("out")), "a folder was left");
    }

    [Fact]
    public async Task A_missing_file_is_a_usage_error()
    {
        File.Delete(_source);
        var run = await SimulateAsync();
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(_source, run.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_holds_something_is_not_overwritten()
    {
        Directory.CreateDirectory(_folder.File("out"));
        _folder.Write("out/precious.txt", "keep");
        var run = await SimulateAsync();
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("not empty", run.Sentence, StringComparison.Ordinal);
        Assert.Equal("keep", await File.ReadAllTextAsync(_folder.File("out/precious.txt"), TestContext.Current.CancellationToken));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.File("out")));
    }

    [Fact]
    public async Task A_port_in_use_is_named_and_nothing_is_left()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var run = await CommandLineRun.RunAsync("simulate", "--party", $"bank={_bank}", "--party", $"source={_source}", "--key", "id", "--label", "bank.default", "--out", _folder.File("out"), "--port", port);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(port, run.Sentence, StringComparison.Ordinal);
        Assert.Contains("--port", run.Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("out")), "a folder was left");
    }

    [Fact]
    public async Task A_test_column_with_other_values_is_named()
    {
        var run = await SimulateAsync("--test-column", "bank.balance");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("must be 1 for test rows", run.Sentence, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string Numbers(string column, int rows, Func<int, string> value)
    {
        var text = new StringBuilder($"id,{column},default\n");
        for (var row = 1; row <= rows; row++) text.Append(CultureInfo.InvariantCulture, $"e{row},{value(row)},{row % 2}\n");
        return text.ToString();
    }

    private Task<CommandLineRun> SimulateAsync(params string[] more) => CommandLineRun.RunAsync(
        ["simulate", "--party", $"bank={_bank}", "--party", $"source={_source}", "--key", "id", "--label", "bank.default", "--in-memory", "--out", _folder.File("out"), .. more]);
}
