namespace FedLab.Client.Labs;

/// <summary>What a column of an institution holds.</summary>
public enum FeatureKind
{
    /// <summary>Numbers, also dates and truth values.</summary>
    Number,

    /// <summary>Texts, each a category.</summary>
    Text,

    /// <summary>The outcome, 0 or 1.</summary>
    Label,
}

/// <summary>A column that an institution has published.</summary>
/// <param name="Name">Name by which experiments refer to it.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Title">What it is called, in the current language where the institution says so; null when it does not.</param>
/// <param name="Unit">Unit of its values; null when the institution names none.</param>
public sealed record CatalogueFeature(string Name, FeatureKind Kind, string? Title, string? Unit);

/// <summary>An institution of a lab and what it has published of its data.</summary>
/// <param name="Name">Its name in the lab.</param>
/// <param name="Connected">Whether it is connected now; what it has published can be seen while it is away.</param>
/// <param name="Title">What it is called, in the current language where it says so; null when it does not.</param>
/// <param name="Rows">Number of its rows; null when it does not publish that.</param>
/// <param name="Features">Its columns without the key, in its order; empty when it publishes no catalogue.</param>
public sealed record Institution(string Name, bool Connected, string? Title, long? Rows, IReadOnlyList<CatalogueFeature> Features)
{
    /// <summary>When it published this version of its catalogue; null when it publishes none.</summary>
    public DateTimeOffset? Published { get; init; }

    /// <summary>SHA-256 of the catalogue's canonical JSON, hexadecimal, as the audit logs have it; null when it publishes none.</summary>
    public string? CatalogueSha256 { get; init; }

    /// <summary>Fingerprint of the certificate that the catalogue is signed with, in groups of four digits, to be compared; null when it publishes none.</summary>
    public string? Fingerprint { get; init; }
}
