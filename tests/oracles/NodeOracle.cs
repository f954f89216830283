using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace FedLab.Oracles;

/// <summary>A program that we did not write, run by Node.js in a process of its own (tests/oracles/FOLDER/oracle.mjs): a command a line in, an answer a line out, both JSON.</summary>
public abstract class NodeOracle : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _title;
    private readonly string _folder;
    private readonly Process _process;

    /// <summary>Starts it.</summary>
    /// <param name="title">What it is called in messages.</param>
    /// <param name="folder">Its folder below tests/oracles.</param>
    /// <param name="package">The npm package that must be installed there.</param>
    protected NodeOracle(string title, string folder, string package)
    {
        (_title, _folder) = (title, folder);
        var path = Find();
        if (!Directory.Exists(Path.Combine(path, "node_modules", package)))
            throw new InvalidOperationException($"{title} is not installed: run 'npm ci --ignore-scripts' in {path}, or tests/run, which does.");
        var start = new ProcessStartInfo("node", ["oracle.mjs"])
        {
            WorkingDirectory = path,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException($"The program 'node' is missing, with which the tests run {title}: install Node.js 18 or newer, or run tests/run, which does.", missing);
        }
    }

    public void Dispose()
    {
        // The end of its input ends the program.
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill();
        _process.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sends a command and takes the answer, whose member "error" says what it refused.</summary>
    protected JsonNode Exchange(JsonObject command)
    {
        lock (_lock)
        {
            _process.StandardInput.WriteLine(command.ToJsonString());
            _process.StandardInput.Flush();
            var answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{_title}'s process ended: 'node oracle.mjs' in tests/oracles/{_folder} says why.");
            return JsonNode.Parse(answer)!;
        }
    }

    private string Find()
    {
        for (var here = new DirectoryInfo(AppContext.BaseDirectory); here is not null; here = here.Parent)
        {
            var folder = Path.Combine(here.FullName, "tests", "oracles", _folder);
            if (File.Exists(Path.Combine(folder, "oracle.mjs")))
                return folder;
        }

        throw new InvalidOperationException($"tests/oracles/{_folder} was not found above the test program.");
    }
}
