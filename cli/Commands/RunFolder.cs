using System.Globalization;

namespace FedLab.Cli.Commands;

/// <summary>Where a run's folder is when none is named.</summary>
internal static class RunFolder
{
    /// <summary>The folder of these folders, below the one in which the command is typed.</summary>
    public const string Parent = "fedlab-runs";

    /// <summary>The folder named, or a new one under <c>./fedlab-runs</c>.</summary>
    /// <param name="named">The option's value.</param>
    /// <param name="name">Name of the experiment.</param>
    /// <param name="time">Clock.</param>
    public static string Choose(string? named, string name, TimeProvider time) =>
        named ?? Path.Combine(Parent, string.Create(CultureInfo.InvariantCulture, $"{name}-{time.GetLocalNow():yyyyMMdd-HHmmss}"));

    /// <summary>The folder of a run of a lab, which has a name of its own.</summary>
    /// <param name="run">Identifier of the run.</param>
    public static string Of(string run) => Path.Combine(Parent, run);
}
