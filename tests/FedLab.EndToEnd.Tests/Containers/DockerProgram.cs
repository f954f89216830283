using System.Diagnostics;
using FedLab.EndToEnd.Tests.Support;

namespace FedLab.EndToEnd.Tests.Containers;

/// <summary>The programs around a Docker Engine: the one that <c>DOCKER_HOST</c> names, or the machine's own.</summary>
internal static class DockerProgram
{
    private const string Required = "FEDLAB_REQUIRE_DOCKER";

    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Skips the test where no engine answers, unless the environment says that one must.</summary>
    public static async Task RequireEngineAsync()
    {
        string reason;
        try
        {
            var (code, said) = await TryAsync("docker", ["version", "--format", "{{.Server.Version}}"]);
            if (code == 0) return;
            reason = said;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            reason = e.Message;
        }
        if (Environment.GetEnvironmentVariable(Required) == "1") Assert.Fail($"{Required}=1, but no Docker Engine answers: {reason}");
        Assert.Skip($"No Docker Engine answers (compose/tests/start-engine starts one): {reason}");
    }

    /// <summary>Runs a program to its end; it must succeed.</summary>
    /// <returns>What it said on standard output.</returns>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var list = arguments.ToArray();
        var (code, said) = await TryAsync(program, list, environment);
        Assert.True(code == 0, $"{program} {string.Join(' ', list)}: exit code {code}\n{said}");
        return said;
    }

    /// <summary>Runs a program to its end, which may be a failure.</summary>
    public static async Task<(int Code, string Said)> TryAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = Root };
        // The classic builder is in every engine; BuildKit is a plugin.
        start.Environment["DOCKER_BUILDKIT"] = "0";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal)) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience.Long);
        return process.ExitCode == 0 ? (0, (await output).Trim()) : (process.ExitCode, $"{await error}\n{await output}".Trim());
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "FedLab.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
