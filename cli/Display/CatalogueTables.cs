using System.Globalization;
using FedLab.Cli.Resources;
using FedLab.Client.Labs;
using Spectre.Console;

namespace FedLab.Cli.Display;

/// <summary>What the institutions of a lab have published, as tables and as JSON.</summary>
internal static class CatalogueTables
{
    /// <summary>Prints a table for each institution.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="institutions">The institutions.</param>
    public static void Write(IAnsiConsole console, IReadOnlyList<Institution> institutions)
    {
        if (institutions.Count == 0) console.WriteLine(LabMessages.CatalogueNobody);
        foreach (var institution in institutions)
        {
            if (institution.Published is null)
            {
                console.WriteLine(LabMessages.CatalogueNothing(Title(institution)));
                continue;
            }
            var table = ReportTables.Create(Title(institution), [LabMessages.CatalogueFeature, LabMessages.CatalogueKind, LabMessages.CatalogueTitle, LabMessages.CatalogueUnit], leftColumns: 4);
            foreach (var feature in institution.Features) ReportTables.AddRow(table, feature.Name, NameOf(feature.Kind), feature.Title ?? ReportTables.Blank, feature.Unit ?? ReportTables.Blank);
            console.Write(table);
        }
    }

    /// <summary>The institutions as JSON.</summary>
    /// <param name="institutions">The institutions.</param>
    public static string ToJson(IReadOnlyList<Institution> institutions) => JsonOutput.Serialize(new
    {
        institutions = institutions.Select(institution => new
        {
            name = institution.Name,
            connected = institution.Connected,
            published = institution.Published,
            sha256 = institution.CatalogueSha256,
            fingerprint = institution.Fingerprint,
            title = institution.Title,
            rows = institution.Rows,
            features = institution.Features.Select(feature => new { name = feature.Name, kind = feature.Kind.ToString().ToLowerInvariant(), title = feature.Title, unit = feature.Unit }),
        }),
    });

    private static string Title(Institution institution)
    {
        var title = institution.Title is { } called && called != institution.Name ? $"{institution.Name}: {called}" : institution.Name;
        if (institution.Rows is { } rows) title += ", " + LabMessages.CatalogueRows(rows.ToString("N0", CultureInfo.InvariantCulture));
        return institution.Connected ? title : $"{title} ({LabMessages.StateNotConnected})";
    }

    private static string NameOf(FeatureKind kind) => kind switch
    {
        FeatureKind.Number => LabMessages.CatalogueNumber,
        FeatureKind.Text => LabMessages.CatalogueText,
        _ => LabMessages.CatalogueLabel,
    };
}
