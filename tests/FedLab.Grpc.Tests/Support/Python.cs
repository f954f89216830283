using System.Diagnostics;
using Google.Protobuf;
using Grpc.Health.V1;
using Grpc.Tests.Trial;

namespace Grpc.Tests.Support;

/// <summary>Finds a Python with grpcio (Debian: python3-grpcio, python3-protobuf) and runs the scripts of this project.</summary>
internal static class Python
{
    private const string RequireTools = "FEDLAB_REQUIRE_TOOLS";

    private static readonly Lazy<Task<string?>> Interpreter = new(FindAsync);

    /// <summary>Starts a script, or skips the test when no Python can run it.</summary>
    public static async Task<Process> StartAsync(string script, params string[] arguments)
    {
        var interpreter = await Interpreter.Value;
        if (interpreter is null)
        {
            const string Reason = "No python3 can import grpc and google.protobuf; install python3-grpcio and python3-protobuf to run the interoperability tests.";
            Assert.SkipUnless(Environment.GetEnvironmentVariable(RequireTools) == "1", Reason);
            Assert.Fail(Reason);
        }
        var start = new ProcessStartInfo(interpreter)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.Combine(AppContext.BaseDirectory, "Python"),
        };
        start.ArgumentList.Add(script);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.ArgumentList.Add(Base64(TrialReflection.Descriptor.SerializedData));
        start.ArgumentList.Add(Base64(HealthReflection.Descriptor.SerializedData));
        start.Environment["PYTHONUTF8"] = "1";
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        foreach (var name in new[] { "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "grpc_proxy" }) start.Environment.Remove(name);
        return Process.Start(start) ?? throw new InvalidOperationException($"{interpreter} did not start.");
    }

    private static string Base64(ByteString bytes) => Convert.ToBase64String(bytes.Span);

    private static async Task<string?> FindAsync()
    {
        foreach (var candidate in new[] { "python3", "/usr/bin/python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(candidate, ["-c", "import grpc, google.protobuf"]) { UseShellExecute = false, RedirectStandardError = true })!;
                await process.StandardError.ReadToEndAsync();
                await process.WaitForExitAsync();
                if (process.ExitCode == 0) return candidate;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // There is no such program.
            }
        }
        return null;
    }
}
