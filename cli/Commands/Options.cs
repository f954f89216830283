using System.CommandLine;
using FedLab.Cli.Resources;

namespace FedLab.Cli.Commands;

/// <summary>Options that several commands share.</summary>
internal static class Options
{
    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = Messages.JsonOption };

    /// <summary>An option with one value.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="valueName">Name of the value in the help.</param>
    /// <param name="description">What it means.</param>
    public static Option<string?> One(string name, string valueName, string description) => new(name) { HelpName = valueName, Description = description };

    /// <summary>An option that may be given several times, with one value each.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="valueName">Name of the value in the help.</param>
    /// <param name="description">What it means.</param>
    public static Option<string[]> Many(string name, string valueName, string description) => new(name)
    {
        HelpName = valueName,
        Description = description,
        DefaultValueFactory = _ => [],
        AllowMultipleArgumentsPerToken = false,
    };
}
