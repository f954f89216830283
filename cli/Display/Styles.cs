using Spectre.Console;

namespace FedLab.Cli.Display;

/// <summary>The few styles in use; terminals without colour show plain text.</summary>
internal static class Styles
{
    /// <summary>Titles of sections and tables.</summary>
    public static readonly Style Heading = new(decoration: Decoration.Bold);

    /// <summary>Names of commands and options.</summary>
    public static readonly Style Name = new(Color.Aqua);

    /// <summary>What is read second.</summary>
    public static readonly Style Quiet = new(Color.Grey);

    /// <summary>What holds.</summary>
    public static readonly Style Good = new(Color.Green);

    /// <summary>What should be explained.</summary>
    public static readonly Style Caution = new(Color.Yellow);

    /// <summary>What does not hold, and errors.</summary>
    public static readonly Style Bad = new(Color.Red);
}
