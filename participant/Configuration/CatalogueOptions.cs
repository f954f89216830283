using FedLab.Federation.Catalogues;
using FedLab.Federation.Remote;

namespace FedLab.Participant.Configuration;

/// <summary>What the lab may know of the party's columns: nothing, unless the institution says so.</summary>
internal sealed record CatalogueOptions
{
    /// <summary>Whether the names, kinds and descriptions of the columns that are read are published.</summary>
    public bool Publish { get; init; }

    /// <summary>Whether the number of rows is published with them.</summary>
    public bool Rows { get; init; }

    /// <summary>What the institution is called.</summary>
    public string? Title { get; init; }

    /// <summary>The same in Chinese.</summary>
    public string? TitleZh { get; init; }

    /// <summary>What is said about single columns, by name.</summary>
    public IReadOnlyDictionary<string, ColumnDescription> Describe { get; init; } = new Dictionary<string, ColumnDescription>();

    /// <summary>Checks every field.</summary>
    /// <param name="invalid">Makes the error for a field and what is wrong with it.</param>
    internal void Check(Func<string, string, ConfigurationException> invalid)
    {
        RequireText("catalogue.title", Title, CatalogueRules.MaximumTitleLength, invalid);
        RequireText("catalogue.titleZh", TitleZh, CatalogueRules.MaximumTitleLength, invalid);
        foreach (var (name, column) in Describe)
        {
            RequireText($"catalogue.describe.{name}.title", column.Title, CatalogueRules.MaximumTitleLength, invalid);
            RequireText($"catalogue.describe.{name}.titleZh", column.TitleZh, CatalogueRules.MaximumTitleLength, invalid);
            RequireText($"catalogue.describe.{name}.unit", column.Unit, CatalogueRules.MaximumUnitLength, invalid);
        }
    }

    private static void RequireText(string field, string? text, int longest, Func<string, string, ConfigurationException> invalid)
    {
        if (text is not null && !CatalogueRules.MayStand(text, longest)) throw invalid(field, Messages.MustBeShownText(longest));
    }
}

/// <summary>What is said about one column.</summary>
internal sealed record ColumnDescription
{
    /// <summary>What it is called.</summary>
    public string? Title { get; init; }

    /// <summary>The same in Chinese.</summary>
    public string? TitleZh { get; init; }

    /// <summary>Unit of its values.</summary>
    public string? Unit { get; init; }
}
