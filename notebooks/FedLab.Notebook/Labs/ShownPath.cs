namespace FedLab.Notebook.Labs;

/// <summary>
/// Paths as a notebook shows them: what lies below its own folder by the way from there. A notebook keeps what its cells show, and is passed on: it need not say
/// where somebody's files lie.
/// </summary>
internal static class ShownPath
{
    /// <summary>A path to be shown.</summary>
    /// <param name="path">The path.</param>
    public static string Of(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
