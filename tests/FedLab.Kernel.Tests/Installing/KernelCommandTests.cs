using System.Globalization;
using System.Text.Json.Nodes;
using FedLab.Kernel.Installing;
using FedLab.Kernel.Messages;

namespace FedLab.Kernel.Tests.Installing;

public sealed class KernelCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-kernel-").FullName;
    private readonly Dictionary<string, string> _environment = [];
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private string? _served;

    public KernelCommandTests() => CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Installing_writes_what_Jupyter_reads_and_uninstalling_removes_it()
    {
        _environment["JUPYTER_DATA_DIR"] = _folder;
        Assert.Equal(0, await RunAsync("install"));
        Assert.Equal(0, await RunAsync("install", "--user"));
        var file = Path.Combine(_folder, "kernels", ".net-csharp", "kernel.json");
        var content = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        Assert.Equal((".NET (C#)", "C#", "message"), ((string?)content["display_name"], (string?)content["language"], (string?)content["interrupt_mode"]));
        var argv = content["argv"]!.AsArray().Select(argument => (string)argument!).ToArray();
        Assert.Equal("{connection_file}", argv[^1]);
        Assert.True(File.Exists(argv[0]) && Path.IsPathRooted(argv[0]), argv[0]);
        Assert.True(File.Exists(argv[1]) && Path.IsPathRooted(argv[1]), argv[1]);
        Assert.Equal(0, await RunAsync("uninstall"));
        Assert.False(Directory.Exists(Path.GetDirectoryName(file)));
        Assert.Equal(1, await RunAsync("uninstall"));
        Assert.Contains("There is no kernel", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Places_and_names_are_chosen()
    {
        _environment["XDG_DATA_HOME"] = Path.Combine(_folder, "xdg");
        _environment["VIRTUAL_ENV"] = Path.Combine(_folder, "venv");
        Assert.Equal(0, await RunAsync("install", "--name", "mine"));
        Assert.Equal(0, await RunAsync("install", "--sys-prefix"));
        Assert.Equal(0, await RunAsync("install", "--prefix", Path.Combine(_folder, "prefix")));
        Assert.True(File.Exists(Path.Combine(_folder, "xdg/jupyter/kernels/mine/kernel.json")));
        Assert.True(File.Exists(Path.Combine(_folder, "venv/share/jupyter/kernels/.net-csharp/kernel.json")));
        Assert.True(File.Exists(Path.Combine(_folder, "prefix/share/jupyter/kernels/.net-csharp/kernel.json")));
    }

    [Theory]
    [InlineData("""{"argv":["dotnet-interactive","jupyter","{connection_file}"]}""")]
    [InlineData("broken")]
    public async Task Another_kernel_under_the_name_is_left_alone(string content)
    {
        _environment["JUPYTER_DATA_DIR"] = _folder;
        var file = Directory.CreateDirectory(Path.Combine(_folder, "kernels", ".net-csharp")).FullName + "/kernel.json";
        await File.WriteAllTextAsync(file, content);
        Assert.Equal(1, await RunAsync("install"));
        Assert.Equal(1, await RunAsync("uninstall"));
        Assert.Equal(content, await File.ReadAllTextAsync(file));
    }

    [Theory]
    [InlineData(2, "Say what to do")]
    [InlineData(2, "--wrong", "install", "--wrong")]
    [InlineData(2, "--prefix needs a value", "install", "--prefix")]
    [InlineData(2, "--name needs a value", "install", "--name", "--user")]
    [InlineData(2, "not several", "install", "--user", "--prefix", "/nowhere")]
    [InlineData(2, "--what", "--what")]
    [InlineData(1, "is no name for a kernel", "install", "--name", "../up")]
    [InlineData(1, "cannot be written", "install", "--prefix", "/proc/none")]
    [InlineData(1, "a sentence", "bad.json")]
    public async Task What_is_wrong_is_a_sentence(int code, string said, params string[] arguments)
    {
        Assert.Equal(code, await RunAsync(arguments));
        Assert.Contains(said, _error.ToString(), StringComparison.Ordinal);
        Assert.Single(_error.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_file_is_served_and_help_is_given()
    {
        Assert.Equal(0, await RunAsync("connection.json"));
        Assert.Equal("connection.json", _served);
        Assert.Equal(0, await RunAsync("install", "--help"));
        Assert.Contains("--sys-prefix", _output.ToString(), StringComparison.Ordinal);
        CultureInfo.CurrentUICulture = KernelCommand.Culture(name => name == "LANG" ? "zh_CN.UTF-8" : null);
        Assert.Equal(0, await RunAsync("--help"));
        Assert.Contains("注册内核", _output.ToString(), StringComparison.Ordinal);
    }

    private Task<int> RunAsync(params string[] arguments) => new KernelCommand(_output, _error, name => _environment.GetValueOrDefault(name), (file, _) =>
    {
        _served = file;
        return file == "bad.json" ? throw new KernelException("a sentence") : Task.CompletedTask;
    }).RunAsync(arguments, TestContext.Current.CancellationToken);
}
