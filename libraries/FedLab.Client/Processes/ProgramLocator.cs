using System.Runtime.InteropServices;
using FedLab.Client.Resources;

namespace FedLab.Client.Processes;

/// <summary>Finds the lab's programs and the host that runs them: beside the program that asks, or in the build tree that it is in.</summary>
public static class ProgramLocator
{
    /// <summary>Path of <c>fedlab.dll</c>, the command line; <see cref="Host"/> runs it with <c>exec</c>.</summary>
    /// <exception cref="ClientException">It is not there.</exception>
    public static string CommandLine => Find("fedlab", "cli");

    /// <summary>Path of <c>FedLab.Coordinator.dll</c>.</summary>
    /// <exception cref="ClientException">It is not there.</exception>
    public static string Coordinator => Find("FedLab.Coordinator", "coordinator");

    /// <summary>Path of <c>FedLab.Participant.dll</c>.</summary>
    /// <exception cref="ClientException">It is not there.</exception>
    public static string Participant => Find("FedLab.Participant", "participant");

    /// <summary>Path of the <c>dotnet</c> program that belongs to the runtime in use.</summary>
    public static string Host
    {
        get
        {
            var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
            if (Environment.ProcessPath is { } own && string.Equals(Path.GetFileName(own), name, StringComparison.OrdinalIgnoreCase)) return own;
            // …/shared/Microsoft.NETCore.App/10.0.x/ lies three folders under the host.
            var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
            if (File.Exists(beside)) return beside;
            return Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : name;
        }
    }

    private static string Find(string program, string project)
    {
        var here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        foreach (var published in new[] { Path.Combine(here, program + ".dll"), Path.Combine(here, project, program + ".dll") })
        {
            // A program needs its own runtime configuration; a bare library beside ours is not it.
            if (File.Exists(published) && File.Exists(Path.ChangeExtension(published, ".runtimeconfig.json"))) return published;
        }
        // In the build tree: …/<any project>/bin/<configuration>/<framework>/ beside …/<project>/bin/<configuration>/<framework>/.
        var framework = Path.GetFileName(here);
        var configuration = Path.GetFileName(Path.GetDirectoryName(here) ?? here);
        for (var folder = Path.GetDirectoryName(here); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var built = Path.Combine(folder, project, "bin", configuration, framework, program + ".dll");
            if (File.Exists(built)) return built;
        }
        throw new ClientException(Messages.ProgramMissing(program, here));
    }
}
