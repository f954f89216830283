using System.Diagnostics;
using FedLab.Kernel.Installing;

namespace FedLab.Kernel.Tests;

/// <summary>
/// The kernel as Jupyter meets it: started by Debian's jupyter_client, asked by its conformance suite (python3-jupyter-kernel-test) and run by
/// nbconvert (jupyter-nbconvert), from a kernel specification in a folder of its own.
/// </summary>
[Collection(Jupyter.Name)]
public sealed class ConformanceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-jupyter-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Conformance")]
    [InlineData("Life")]
    [InlineData("Notebook")]
    public async Task Jupyters_own_tests_pass(string suite)
    {
        var python = await PythonAsync();
        new KernelSpecification(Path.Combine(_folder, "data"), KernelSpecification.DefaultName).Install();
        var start = new ProcessStartInfo(python, ["-X", "utf8", "-B", "test_kernel.py", suite])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.Combine(AppContext.BaseDirectory, "conformance"),
        };
        start.Environment["JUPYTER_PATH"] = Path.Combine(_folder, "data");
        foreach (var (variable, folder) in new[] { ("JUPYTER_RUNTIME_DIR", "run"), ("JUPYTER_CONFIG_DIR", "config"), ("JUPYTER_DATA_DIR", "own"), ("XDG_DATA_HOME", "xdg"), ("IPYTHONDIR", "ipython") })
        {
            start.Environment[variable] = Directory.CreateDirectory(Path.Combine(_folder, folder)).FullName;
        }
        start.Environment["FEDLAB_TEST_ASSEMBLY"] = Path.Combine(AppContext.BaseDirectory, "FsCheck.dll");
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(20), TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            TestContext.Current.SendDiagnosticMessage("{0}", error);
            Assert.True(process.ExitCode == 0, error + await output);
            Assert.DoesNotContain("skipped", error, StringComparison.Ordinal);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static async Task<string> PythonAsync()
    {
        foreach (var candidate in new[] { "python3", "/usr/bin/python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(candidate, ["-c", "import jupyter_kernel_test, nbconvert"]) { UseShellExecute = false, RedirectStandardError = true })!;
                await process.StandardError.ReadToEndAsync();
                await process.WaitForExitAsync();
                if (process.ExitCode == 0) return candidate;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // There is no such program.
            }
        }
        const string Reason = "No python3 can import jupyter_kernel_test and nbconvert; install python3-jupyter-kernel-test and jupyter-nbconvert to run Jupyter's own tests.";
        Assert.SkipUnless(Environment.GetEnvironmentVariable("FEDLAB_REQUIRE_TOOLS") == "1", Reason);
        Assert.Fail(Reason);
        return "";
    }
}
