using FedLab.Learning;
using FedLab.Notebook.Data;

namespace FedLab.Notebook.Plots;

/// <summary>Scores of rows whose outcome is known, under a name: one series of a plot, for example of one model.</summary>
public sealed class ScoredRows
{
    private readonly Lazy<BinaryMetrics> _metrics;

    /// <summary>Scores and outcomes.</summary>
    /// <param name="name">What the legend calls them; may be empty where there is only one series.</param>
    /// <param name="scores">For every row the probability of class 1 (default), 0 to 1.</param>
    /// <param name="labels">For every row 1 (default) or 0.</param>
    /// <exception cref="FrameException">The lengths differ, a score is no probability, a label is neither 0 nor 1, or all are the same.</exception>
    public ScoredRows(string name, IEnumerable<double> scores, IEnumerable<byte> labels)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(labels);
        (Name, Scores, Labels) = (name, [.. scores], [.. labels]);
        Check();
        Steps = ScoreSteps.Of(Scores, Labels);
        _metrics = new Lazy<BinaryMetrics>(() => BinaryMetrics.Evaluate(Labels, Scores));
    }

    /// <summary>Scores and outcomes that stand in a frame.</summary>
    /// <param name="name">What the legend calls them.</param>
    /// <param name="scores">A column of probabilities.</param>
    /// <param name="labels">A column of 0 and 1, or of true and false.</param>
    /// <exception cref="FrameException">A column holds something else, has missing values, or all labels are the same.</exception>
    public ScoredRows(string name, DataFrameColumn scores, DataFrameColumn labels)
        : this(name, Numbers(scores), LabelsOf(labels))
    {
    }

    /// <summary>What the legend calls them.</summary>
    public string Name { get; }

    /// <summary>Number of rows.</summary>
    public int RowCount => Scores.Length;

    /// <summary>AUC, KS and log loss, as everywhere in FedLab.</summary>
    public BinaryMetrics Metrics => _metrics.Value;

    internal double[] Scores { get; }

    internal byte[] Labels { get; }

    internal ScoreSteps Steps { get; }

    private static double[] Numbers(DataFrameColumn column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return column.Numbers();
    }

    private static byte[] LabelsOf(DataFrameColumn column) =>
        [.. Numbers(column).Select((label, row) => label is 0 or 1 ? (byte)label : throw PlotMessages.LabelInvalid(row, label))];

    private void Check()
    {
        if (Scores.Length != Labels.Length) throw PlotMessages.LengthsDiffer(Scores.Length, Labels.Length);
        for (var row = 0; row < Scores.Length; row++)
        {
            if (!(Scores[row] is >= 0 and <= 1)) throw PlotMessages.ScoreInvalid(row, Scores[row]);
            if (Labels[row] > 1) throw PlotMessages.LabelInvalid(row, Labels[row]);
        }

        if (!BinaryMetrics.CanEvaluate(Labels)) throw PlotMessages.OneClass(Labels.Length);
    }
}
