using FedLab.Data;
using FedLab.Federation.Catalogues;
using FedLab.Participant.Configuration;
using FedLab.Proto;

namespace FedLab.Participant.Catalogues;

/// <summary>Makes the catalogue from what was read and what the configuration says about it.</summary>
internal static class CatalogueBuilder
{
    private const int NamedColumns = 5;

    /// <summary>Makes the catalogue.</summary>
    /// <param name="options">What the institution lets the lab know.</param>
    /// <param name="columns">The columns of the source, in its order.</param>
    /// <param name="rows">Number of rows.</param>
    /// <returns>The catalogue, or null where none is or can be published; and what the institution should know about it.</returns>
    public static (DataCatalogue? Catalogue, IReadOnlyList<string> Remarks) Build(CatalogueOptions options, IReadOnlyList<ColumnReport> columns, long rows)
    {
        if (!options.Publish) return (null, []);
        var remarks = new List<string>();
        var catalogue = new DataCatalogue { Title = options.Title ?? "", TitleZh = options.TitleZh ?? "" };
        if (options.Rows) catalogue.Rows = rows;
        // The key names persons and enterprises, the fold is the institution's own way of testing, and what is not read is nobody's business.
        var open = columns.Where(column => KindOf(column.Use) is not null).ToList();
        foreach (var column in open.Where(column => CatalogueRules.IsName(column.Name)))
        {
            var said = options.Describe.GetValueOrDefault(column.Name);
            catalogue.Features.Add(new PublishedFeature { Name = column.Name, Kind = KindOf(column.Use)!.Value, Title = said?.Title ?? "", TitleZh = said?.TitleZh ?? "", Unit = said?.Unit ?? "" });
        }
        if (catalogue.Features.Count < open.Count) remarks.Add(Messages.CatalogueLeavesOut(open.Count - catalogue.Features.Count));
        var names = open.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var unknown = options.Describe.Keys.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal).ToList();
        if (unknown.Count > 0) remarks.Add(Messages.CatalogueDescribesNothing(string.Join(", ", unknown.Take(NamedColumns)) + (unknown.Count > NamedColumns ? ", …" : "")));
        if (CatalogueRules.ProblemOf(catalogue) is not { } problem) return (catalogue, remarks);
        remarks.Add(Messages.CatalogueNotPublished(problem));
        return (null, remarks);
    }

    private static PublishedKind? KindOf(ColumnUse use) => use switch
    {
        ColumnUse.Number or ColumnUse.Boolean or ColumnUse.Date => PublishedKind.Number,
        ColumnUse.Category => PublishedKind.Text,
        ColumnUse.Label => PublishedKind.Label,
        _ => null,
    };
}
