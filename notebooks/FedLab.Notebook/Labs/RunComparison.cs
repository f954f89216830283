using FedLab.Client;
using FedLab.Client.Wording;
using FedLab.Notebook.Display;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>Results side by side: the settings in which they differ, their figures, bytes and seconds.</summary>
public sealed class RunComparison : IRichDisplay
{
    private RunComparison(IReadOnlyList<RunResult> results) => Results = results;

    /// <summary>The results, in the order given.</summary>
    public IReadOnlyList<RunResult> Results { get; }

    /// <summary>For each setting in which the results differ its value in each of them; null where a result has no such setting.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string?>> Differences
    {
        get
        {
            var differences = new SortedDictionary<string, IReadOnlyList<string?>>(StringComparer.Ordinal);
            foreach (var name in Results.SelectMany(result => result.Settings.Keys).Distinct(StringComparer.Ordinal))
            {
                string?[] values = [.. Results.Select(result => result.Settings.GetValueOrDefault(name))];
                if (values.Distinct(StringComparer.Ordinal).Skip(1).Any()) differences.Add(name, values);
            }
            return differences;
        }
    }

    /// <summary>Compares results.</summary>
    /// <param name="results">At least two.</param>
    /// <exception cref="ClientException">There are fewer.</exception>
    public static RunComparison Of(params IReadOnlyList<RunResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return results.Count >= 2 ? new RunComparison([.. results]) : throw ClientException.Usage(LabMessages.NothingToCompare);
    }

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle()
    {
        List<IReadOnlyList<string?>> rows = [];
        Add(LabMessages.Parties, result => string.Join(", ", result.Spec.Parties.Select(party => party.Name)), onlyDifferent: true);
        Add(LabMessages.Model, result => result.Spec.Model, onlyDifferent: true);
        foreach (var (name, values) in Differences) rows.Add([name, .. values]);
        Add("AUC", result => result.Metrics is { } metrics ? Formats.Metric(metrics.AreaUnderRocCurve) : null);
        Add("KS", result => result.Metrics is { } metrics ? Formats.Metric(metrics.KolmogorovSmirnov) : null);
        Add(LabMessages.Loss, result => result.Metrics is { } metrics ? Formats.Metric(metrics.LogLoss) : null);
        Add(LabMessages.Bytes, result => Formats.Bytes(result.TotalBytes));
        Add(LabMessages.SecondsColumn, result => Formats.Seconds(result.TotalSeconds));
        return new Page().Title(LabMessages.Comparison).Table(["", .. Results.Select(result => result.Run)], rows).ToBundle();

        void Add(string name, Func<RunResult, string?> value, bool onlyDifferent = false)
        {
            string?[] values = [.. Results.Select(value)];
            if (!onlyDifferent || values.Distinct(StringComparer.Ordinal).Skip(1).Any()) rows.Add([name, .. values]);
        }
    }
}
