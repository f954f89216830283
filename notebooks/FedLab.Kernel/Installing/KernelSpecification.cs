using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedLab.Kernel.Messages;
using FedLab.Kernel.Resources;

namespace FedLab.Kernel.Installing;

/// <summary>The file by which Jupyter knows a kernel, <c>kernels/NAME/kernel.json</c>.</summary>
internal sealed class KernelSpecification
{
    /// <summary>The name that notebooks of .NET Interactive carry too.</summary>
    public const string DefaultName = ".net-csharp";

    /// <summary>What Jupyter shows.</summary>
    public const string DisplayName = ".NET (C#)";

    private const string FileName = "kernel.json";
    private const int MaximumFileBytes = 1 << 20;

    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _folder;

    /// <summary>The specification of a name in a data folder of Jupyter.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="KernelException">It is no name.</exception>
    public KernelSpecification(string data, string name)
    {
        if (name.Length == 0 || name is "." or ".." || name.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('.' or '-' or '_'))) throw new KernelException(Texts.NameInvalid(name));
        _folder = Path.GetFullPath(Path.Combine(data, "kernels", name));
    }

    /// <summary>Jupyter's data folder of the user (jupyter_core, <c>jupyter_data_dir</c>).</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static string UserData(Func<string, string?> environment)
    {
        if (environment("JUPYTER_DATA_DIR") is { Length: > 0 } chosen) return chosen;
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        if (OperatingSystem.IsMacOS()) return Path.Combine(home, "Library", "Jupyter");
        if (OperatingSystem.IsWindows()) return Path.Combine(environment("APPDATA") ?? home, "jupyter");
        return environment("XDG_DATA_HOME") is { Length: > 0 } data ? Path.Combine(data, "jupyter") : Path.Combine(home, ".local", "share", "jupyter");
    }

    /// <summary>Jupyter's data folder under a prefix.</summary>
    /// <param name="prefix">The prefix, as <c>/usr/local</c>.</param>
    public static string PrefixData(string prefix) => Path.Combine(prefix, "share", "jupyter");

    /// <summary>The prefix of the active Python environment.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="cancellationToken">Ends the waiting for Python.</param>
    /// <exception cref="KernelException">There is none.</exception>
    public static async Task<string> EnvironmentPrefixAsync(Func<string, string?> environment, CancellationToken cancellationToken)
    {
        foreach (var variable in new[] { "VIRTUAL_ENV", "CONDA_PREFIX" })
        {
            if (environment(variable) is { Length: > 0 } prefix) return prefix;
        }
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["-c", "import sys; print(sys.prefix)"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
            var prefix = (await python.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false)).Trim();
            await python.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            if (python.ExitCode == 0 && prefix.Length > 0) return prefix;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no python3.
        }
        throw new KernelException(Texts.NoEnvironment);
    }

    /// <summary>Writes it; one that this kernel wrote before is replaced.</summary>
    /// <returns>The folder.</returns>
    /// <exception cref="KernelException">Another kernel stands there, or it cannot be written.</exception>
    public string Install()
    {
        if (Exists() && !IsOurs()) throw new KernelException(Texts.Foreign(_folder));
        try
        {
            Directory.CreateDirectory(_folder);
            var file = Path.Combine(_folder, FileName);
            File.WriteAllText(file + ".new", Content().ToJsonString(Written) + "\n");
            File.Move(file + ".new", file, overwrite: true);
            return _folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KernelException(Texts.CannotWrite(_folder, exception.Message));
        }
    }

    /// <summary>Removes it.</summary>
    /// <returns>The folder.</returns>
    /// <exception cref="KernelException">There is none, or one that is not this kernel.</exception>
    public string Uninstall()
    {
        if (!Exists()) throw new KernelException(Texts.NotInstalled(_folder));
        if (!IsOurs()) throw new KernelException(Texts.Foreign(_folder));
        try
        {
            File.Delete(Path.Combine(_folder, FileName));
            if (!Directory.EnumerateFileSystemEntries(_folder).Any()) Directory.Delete(_folder);
            return _folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KernelException(Texts.CannotWrite(_folder, exception.Message));
        }
    }

    private static JsonObject Content() => new()
    {
        ["argv"] = new JsonArray(Host(), typeof(KernelSpecification).Assembly.Location, "{connection_file}"),
        ["display_name"] = DisplayName,
        ["language"] = "C#",
        ["interrupt_mode"] = "message",
        ["metadata"] = new JsonObject { ["debugger"] = false },
    };

    // The host that runs this very program: a Jupyter server need not have it on its path.
    private static string Host()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(host) ? host : name;
    }

    private bool Exists() => File.Exists(Path.Combine(_folder, FileName));

    private bool IsOurs()
    {
        try
        {
            var file = new FileInfo(Path.Combine(_folder, FileName));
            if (file.Length > MaximumFileBytes) return false;
            var program = Path.GetFileName(typeof(KernelSpecification).Assembly.Location);
            return JsonNode.Parse(File.ReadAllText(file.FullName)) is JsonObject { } content && content["argv"] is JsonArray argv
                && argv.Any(argument => argument is JsonValue value && value.TryGetValue<string>(out var text) && Path.GetFileName(text) == program);
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
