using FedLab.Client;
using FedLab.Client.Wording;
using FedLab.Learning;
using FedLab.Notebook.Data;
using FedLab.Notebook.Display;
using FedLab.Notebook.Plots;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>Scores that one institution holds of its own customers, with its own labels where it has them; they are nobody else's.</summary>
public sealed class OwnScores : IRichDisplay
{
    /// <summary>Name of the key's column.</summary>
    internal const string KeyName = "key";

    /// <summary>Name of the score's column.</summary>
    internal const string ProbabilityName = "probability";

    internal OwnScores(string run, IReadOnlyList<string> keys, IReadOnlyList<double> probabilities, byte[]? labels) => (Run, Keys, Probabilities, Labels) = (run, keys, probabilities, labels);

    /// <summary>Name of the run.</summary>
    public string Run { get; }

    /// <summary>The rows' keys.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>The probability of label 1 for each row; NaN for a row that a required source does not know.</summary>
    public IReadOnlyList<double> Probabilities { get; }

    /// <summary>0 or 1 for each row; null where the institution has no labels of them.</summary>
    public byte[]? Labels { get; }

    /// <summary>The figures of these scores; null without labels of both classes, or where a row has no score.</summary>
    public BinaryMetrics? Metrics => Labels is { } labels && BinaryMetrics.CanEvaluate(labels) && !Probabilities.Any(double.IsNaN) ? BinaryMetrics.Evaluate(labels, [.. Probabilities]) : null;

    /// <summary>The same as a series of a plot.</summary>
    /// <param name="name">What the legend calls it.</param>
    /// <exception cref="ClientException">The institution has no labels of these rows.</exception>
    public ScoredRows As(string name) => new(name, Probabilities, Labels ?? throw ClientException.Usage(LabMessages.NoLabels(Run)));

    /// <summary>The same as a frame: key, probability, and label where there are labels.</summary>
    public DataFrame ToDataFrame()
    {
        List<DataFrameColumn> columns = [DataFrameColumn.Create(KeyName, Keys), DataFrameColumn.Create(ProbabilityName, Probabilities)];
        if (Labels is { } labels) columns.Add(DataFrameColumn.Create("label", labels.Select(label => (double)label)));
        return new DataFrame(columns);
    }

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle()
    {
        var page = new Page().Title($"{LabMessages.Scores} {Run}").Facts([(LabMessages.Rows, Formats.Count(Keys.Count))]);
        if (Metrics is { } metrics) page.Table([LabMessages.Metric, LabMessages.Value], RunResult.MetricRows(metrics));
        return page.ToBundle();
    }
}
