using System.Collections;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Wording;
using FedLab.Notebook.Data;
using FedLab.Notebook.Display;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>A feature that an institution has published.</summary>
/// <param name="Institution">The institution.</param>
/// <param name="Name">Name by which experiments refer to it.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Title">What it is called; null where the institution does not say.</param>
/// <param name="Unit">Unit of its values; null where the institution names none.</param>
public sealed record InstitutionFeature(string Institution, string Name, FeatureKind Kind, string? Title, string? Unit);

/// <summary>Features, shown as a table.</summary>
public sealed class FeatureList : IReadOnlyList<InstitutionFeature>, IRichDisplay
{
    private readonly IReadOnlyList<InstitutionFeature> _features;
    private readonly string _lab;
    private readonly IReadOnlyList<string> _institutions;

    internal FeatureList(string lab, IReadOnlyList<Institution> institutions)
        : this(lab, [.. institutions.Select(one => one.Name)], [.. institutions.SelectMany(one => one.Features.Select(feature => new InstitutionFeature(one.Name, feature.Name, feature.Kind, feature.Title, feature.Unit)))])
    {
    }

    private FeatureList(string lab, IReadOnlyList<string> institutions, IReadOnlyList<InstitutionFeature> features) => (_lab, _institutions, _features) = (lab, institutions, features);

    /// <inheritdoc/>
    public int Count => _features.Count;

    /// <inheritdoc/>
    public InstitutionFeature this[int index] => _features[index];

    /// <summary>Those of one institution.</summary>
    /// <param name="institution">Its name.</param>
    /// <returns>Empty for one that publishes no catalogue.</returns>
    /// <exception cref="ClientException">The lab has no such institution.</exception>
    public FeatureList Of(string institution) => _institutions.Contains(institution, StringComparer.Ordinal)
        ? new(_lab, _institutions, [.. _features.Where(feature => feature.Institution == institution)])
        : throw ClientException.Usage(LabMessages.InstitutionUnknown(institution, _lab, string.Join(", ", _institutions)));

    /// <summary>The same as a frame, a row for each feature.</summary>
    public DataFrame ToDataFrame() => new(
        DataFrameColumn.Create("institution", _features.Select(feature => feature.Institution)),
        DataFrameColumn.Create("feature", _features.Select(feature => feature.Name)),
        DataFrameColumn.Create("kind", _features.Select(feature => feature.Kind.ToString())),
        DataFrameColumn.Create("title", _features.Select(feature => feature.Title)),
        DataFrameColumn.Create("unit", _features.Select(feature => feature.Unit)));

    /// <inheritdoc/>
    public IEnumerator<InstitutionFeature> GetEnumerator() => _features.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle() => new Page().Table(
        [LabMessages.Institution, LabMessages.Feature, LabMessages.Kind, LabMessages.Title, LabMessages.Unit],
        _features.Select(feature => (IReadOnlyList<string?>)[feature.Institution, feature.Name, KindName(feature.Kind), feature.Title, feature.Unit]),
        leftColumns: 5).ToBundle();

    private static string KindName(FeatureKind kind) => kind switch
    {
        FeatureKind.Number => LabMessages.FeatureNumber,
        FeatureKind.Text => LabMessages.FeatureText,
        _ => LabMessages.FeatureLabel,
    };
}

/// <summary>Institutions of a lab, shown as a table.</summary>
public sealed class InstitutionList : IReadOnlyList<Institution>, IRichDisplay
{
    private readonly IReadOnlyList<Institution> _institutions;

    internal InstitutionList(IReadOnlyList<Institution> institutions) => _institutions = institutions;

    /// <inheritdoc/>
    public int Count => _institutions.Count;

    /// <inheritdoc/>
    public Institution this[int index] => _institutions[index];

    /// <inheritdoc/>
    public IEnumerator<Institution> GetEnumerator() => _institutions.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle() => AddTo(new Page()).ToBundle();

    /// <summary>Adds the table to a page.</summary>
    internal Page AddTo(Page page) => page.Table(
        [LabMessages.Institution, LabMessages.Title, LabMessages.State, LabMessages.Rows, LabMessages.Published],
        _institutions.Select(institution => (IReadOnlyList<string?>)[
            institution.Name,
            institution.Title,
            RunText.Connected(institution.Connected),
            institution.Rows is { } rows ? Formats.Count(rows) : null,
            institution.Features.Count == 0 ? LabMessages.NotPublished : Formats.Count(institution.Features.Count)]),
        leftColumns: 3);
}

/// <summary>Runs of a lab, newest first, shown as a table.</summary>
public sealed class RunList : IReadOnlyList<LabRun>, IRichDisplay
{
    private readonly IReadOnlyList<LabRun> _runs;

    internal RunList(IReadOnlyList<LabRun> runs) => _runs = runs;

    /// <inheritdoc/>
    public int Count => _runs.Count;

    /// <inheritdoc/>
    public LabRun this[int index] => _runs[index];

    /// <inheritdoc/>
    public IEnumerator<LabRun> GetEnumerator() => _runs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle() => new Page().Table(
        [LabMessages.Run, LabMessages.Kind, LabMessages.State, LabMessages.Proposed, LabMessages.Reason, LabMessages.SecondsColumn],
        _runs.Select(run => (IReadOnlyList<string?>)[run.Name, LabMessages.RunKindName(run.Kind), RunText.Name(run.Description.State), Moments.Text(run.Created), run.Reason, Formats.Seconds(run.Seconds)]),
        leftColumns: 5).ToBundle();
}
