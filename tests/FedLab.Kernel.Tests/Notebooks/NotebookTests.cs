using System.Diagnostics;
using System.Text.Json;

namespace FedLab.Kernel.Tests.Notebooks;

/// <summary>The notebooks that users open, run as they run them: by Jupyter, with this kernel, in a folder of their own, with real labs.</summary>
[Collection(Jupyter.Name)]
public sealed class NotebookTests : IDisposable
{
    private const string SamplesFolder = "samples";

    /// <summary>A cell that trains may take minutes on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedlab-notebook");

    private static string Repository { get; } = FindRepository();

    private static string Source => Path.Combine(Repository, "notebooks");

    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(Source, "*.ipynb").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        // A notebook that failed half-way has left its lab running.
        var labs = Path.Combine(_folder.FullName, "labs");
        foreach (var lab in Directory.Exists(labs) ? Directory.GetDirectories(labs) : [])
        {
            if (!File.Exists(Path.Combine(lab, "up.json"))) continue;
            using var down = Start("dotnet", Built("cli", "fedlab.dll"), "down", "--out", lab);
            down.WaitForExit();
        }
        _folder.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_notebook_runs_from_top_to_bottom_and_shows_what_its_file_keeps(string name)
    {
        JupyterTools.Require();
        CopyFolder(Path.Combine(Source, SamplesFolder), Path.Combine(_folder.FullName, SamplesFolder));
        File.Copy(Path.Combine(Source, name), Path.Combine(_folder.FullName, name));
        await RunAsync("dotnet", Built("notebooks/FedLab.Kernel", "FedLab.Kernel.dll"), "install", "--prefix", _folder.FullName);
        await RunAsync("jupyter-nbconvert", "--execute", "--to", "notebook", "--output", "run.ipynb", $"--ExecutePreprocessor.timeout={Patience.TotalSeconds}", name);

        var kept = Cells(Path.Combine(_folder.FullName, name));
        var shown = Cells(Path.Combine(_folder.FullName, "run.ipynb"));
        Assert.All(shown.Zip(kept), pair => Assert.Equal((pair.Second.Code, pair.Second.Outputs), (pair.First.Code, pair.First.Outputs)));
        Assert.Equal(kept.Count, shown.Count);
        Assert.Equal(Enumerable.Range(1, kept.Count), kept.Select(cell => cell.Count));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_notebook_says_nothing_of_the_machine_that_it_was_written_on(string name)
    {
        var text = File.ReadAllText(Path.Combine(Source, name));
        Assert.All(["/tmp/", "/home/", "/root/", "/work/", "/Users/"], folder => Assert.DoesNotContain(folder, text, StringComparison.Ordinal));
        Assert.Contains("\".net-csharp\"", text, StringComparison.Ordinal);
    }

    /// <summary>The code cells: their text, their number, and for every output its kind and the forms that it has.</summary>
    private static List<(string Code, int Count, string Outputs)> Cells(string path)
    {
        using var notebook = JsonDocument.Parse(File.ReadAllBytes(path));
        return
        [
            .. notebook.RootElement.GetProperty("cells").EnumerateArray()
                .Where(cell => cell.GetProperty("cell_type").GetString() == "code")
                .Select(cell => (
                    Text(cell.GetProperty("source")),
                    cell.GetProperty("execution_count") is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : 0,
                    string.Join('\n', cell.GetProperty("outputs").EnumerateArray().Select(Shape)))),
        ];

        static string Text(JsonElement lines) => lines.ValueKind == JsonValueKind.Array ? string.Concat(lines.EnumerateArray().Select(line => line.GetString())) : lines.GetString()!;

        static string Shape(JsonElement output) => output.GetProperty("output_type").GetString() + " " + (
            output.TryGetProperty("data", out var data) ? string.Join(' ', data.EnumerateObject().Select(form => form.Name).Order(StringComparer.Ordinal))
            : output.TryGetProperty("ename", out var error) ? error.GetString()
            : output.GetProperty("name").GetString());
    }

    private async Task RunAsync(string program, params IEnumerable<string> arguments)
    {
        using var process = Start(program, [.. arguments]);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{said}{await errors}");
    }

    private Process Start(string program, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        // Only what this test installed counts, and nothing of the user's is read or written.
        start.Environment["JUPYTER_PATH"] = Path.Combine(_folder.FullName, "share", "jupyter");
        start.Environment["JUPYTER_DATA_DIR"] = Path.Combine(_folder.FullName, "data");
        start.Environment["JUPYTER_CONFIG_DIR"] = Path.Combine(_folder.FullName, "config");
        start.Environment["JUPYTER_RUNTIME_DIR"] = Path.Combine(_folder.FullName, "runtime");
        start.Environment["HOME"] = _folder.FullName;
        start.Environment["LANG"] = "C.UTF-8";
        return Process.Start(start)!;
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    /// <summary>A program as it was built with this test: same configuration and framework.</summary>
    private static string Built(string project, string assembly)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Repository, project, "bin", here.Parent!.Name, here.Name, assembly);
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "FedLab.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run from a build of the repository.");
        return folder.FullName;
    }
}
