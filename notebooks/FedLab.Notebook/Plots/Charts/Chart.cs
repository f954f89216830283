namespace FedLab.Notebook.Plots.Charts;

/// <summary>What can be drawn.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Subtitle">Of what, in one or two lines.</param>
/// <param name="Summary">The same in words with the figures, for those who do not see it.</param>
internal abstract record Chart(string Title, string Subtitle, string Summary)
{
    /// <summary>The picture.</summary>
    public abstract string ToSvg();
}
