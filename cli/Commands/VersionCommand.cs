using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using Spectre.Console;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>Version of the program.</summary>
    public static string Version => typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>The widest vectors that this machine runs.</summary>
    public static string VectorWidth => Vector512.IsHardwareAccelerated ? "Vector512" : Vector256.IsHardwareAccelerated ? "Vector256" : "scalar";

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    public static Command Create(Screen screen)
    {
        var json = Options.Json();
        var command = new DescribedCommand("version", Messages.VersionDescription) { Usage = "" };
        command.Add(json);
        command.SetAction(result =>
        {
            if (result.GetValue(json))
            {
                screen.WriteJson(JsonOutput.Serialize(new { version = Version, runtime = RuntimeInformation.FrameworkDescription, platform = RuntimeInformation.RuntimeIdentifier, vectors = VectorWidth }));
                return ExitCodes.Success;
            }
            screen.Output.WriteLine($"fedlab {Version}");
            screen.Output.WriteLine($"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
            screen.Output.WriteLine(Messages.BenchWidth(VectorWidth));
            return ExitCodes.Success;
        });
        return command;
    }
}
