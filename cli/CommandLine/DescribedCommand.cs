using System.CommandLine;

namespace FedLab.Cli.CommandLine;

/// <summary>A line that a reader can copy, and what it does.</summary>
/// <param name="CommandLine">The line.</param>
/// <param name="Comment">What it does.</param>
internal sealed record Example(string CommandLine, string Comment);

/// <summary>A command with examples and a usage line for its help.</summary>
internal sealed class DescribedCommand(string name, string description) : Command(name, description)
{
    /// <summary>What follows the command's name in the usage line.</summary>
    public string? Usage { get; init; }

    /// <summary>Examples, simplest first.</summary>
    public IReadOnlyList<Example> Examples { get; init; } = [];
}
