using System.Globalization;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Federation.Catalogues;

/// <summary>
/// What a catalogue may hold. A participant keeps to it before it publishes, and the coordinator does not take its word for it: what is shown to people comes from
/// another institution, so nothing in it may fill a memory, hide a character or pass for another name.
/// </summary>
public static class CatalogueRules
{
    /// <summary>Most features of a catalogue.</summary>
    public const int MaximumFeatures = 10_000;

    /// <summary>Most characters (UTF-16 units) of a feature's name.</summary>
    public const int MaximumNameLength = 256;

    /// <summary>Most characters of a title.</summary>
    public const int MaximumTitleLength = 256;

    /// <summary>Most characters of a unit.</summary>
    public const int MaximumUnitLength = 32;

    /// <summary>Most bytes of a catalogue on its way.</summary>
    public const int MaximumBytes = 1 << 20;

    /// <summary>Most rows that a catalogue may claim: what a number of JSON holds exactly.</summary>
    public const long MaximumRows = (1L << 53) - 1;

    private const int ShownCharacters = 40;
    private const char Damaged = '\uFFFD';

    /// <summary>Reads a catalogue that somebody else has made; what this program does not know in it is left out.</summary>
    /// <param name="message">The serialised catalogue, of any length and content.</param>
    /// <param name="problem">Why it is none that may be published, in one sentence for people; null when it is one.</param>
    /// <returns>The catalogue; null where there is a problem.</returns>
    public static DataCatalogue? Read(ByteString message, out string? problem)
    {
        ArgumentNullException.ThrowIfNull(message);
        // Before anything is made of it: two bytes on the way can be a whole object here.
        problem = message.Length > MaximumBytes ? LabMessages.CatalogueTooLarge(message.Length, MaximumBytes) : null;
        if (problem is not null) return null;
        try
        {
            var catalogue = DataCatalogue.Parser.WithDiscardUnknownFields(discardUnknownFields: true).ParseFrom(message);
            problem = ProblemOf(catalogue);
            return problem is null ? catalogue : null;
        }
        catch (InvalidProtocolBufferException)
        {
            problem = LabMessages.CatalogueUnreadable;
            return null;
        }
    }

    /// <summary>Looks for what a catalogue may not hold.</summary>
    /// <param name="catalogue">The catalogue.</param>
    /// <returns>One sentence for people; null when the catalogue may be published.</returns>
    public static string? ProblemOf(DataCatalogue catalogue)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        if (catalogue.CalculateSize() > MaximumBytes) return LabMessages.CatalogueTooLarge(catalogue.CalculateSize(), MaximumBytes);
        if (catalogue.Features.Count > MaximumFeatures) return LabMessages.CatalogueTooManyFeatures(catalogue.Features.Count, MaximumFeatures);
        if (catalogue.HasRows && catalogue.Rows is < 0 or > MaximumRows) return LabMessages.CatalogueRows(catalogue.Rows);
        if (!MayStand(catalogue.Title, MaximumTitleLength)) return LabMessages.CatalogueText("title", Shown(catalogue.Title), MaximumTitleLength);
        if (!MayStand(catalogue.TitleZh, MaximumTitleLength)) return LabMessages.CatalogueText("titleZh", Shown(catalogue.TitleZh), MaximumTitleLength);
        var names = new HashSet<string>(catalogue.Features.Count, StringComparer.Ordinal);
        var label = false;
        foreach (var feature in catalogue.Features)
        {
            if (!IsName(feature.Name)) return LabMessages.CatalogueName(Shown(feature.Name), MaximumNameLength);
            if (!names.Add(feature.Name)) return LabMessages.CatalogueNameTwice(Shown(feature.Name));
            if (feature.Kind is not (PublishedKind.Number or PublishedKind.Text or PublishedKind.Label)) return LabMessages.CatalogueKind(Shown(feature.Name));
            if (feature.Kind == PublishedKind.Label && label) return LabMessages.CatalogueSecondLabel(Shown(feature.Name));
            label |= feature.Kind == PublishedKind.Label;
            if (!MayStand(feature.Title, MaximumTitleLength)) return LabMessages.CatalogueText($"{Shown(feature.Name)}.title", Shown(feature.Title), MaximumTitleLength);
            if (!MayStand(feature.TitleZh, MaximumTitleLength)) return LabMessages.CatalogueText($"{Shown(feature.Name)}.titleZh", Shown(feature.TitleZh), MaximumTitleLength);
            if (!MayStand(feature.Unit, MaximumUnitLength)) return LabMessages.CatalogueText($"{Shown(feature.Name)}.unit", Shown(feature.Unit), MaximumUnitLength);
        }
        return null;
    }

    /// <summary>Whether a column of this name can be in a catalogue.</summary>
    /// <param name="name">The name.</param>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length > 0 && MayStand(name, MaximumNameLength);
    }

    /// <summary>
    /// Whether a text shows all that it holds: no longer than allowed, well-formed, without control characters, without those that reverse or hide others
    /// (Unicode's category Cf) or end a line, and without white space at its ends. The empty text may stand.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">Most characters.</param>
    public static bool MayStand(string text, int longest)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > longest) return false;
        if (text.Length > 0 && (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))) return false;
        for (var i = 0; i < text.Length; i++)
        {
            // What stands for bytes that were no text is a damaged name, and may stand for any other.
            if (text[i] == Damaged) return false;
            if (char.IsSurrogate(text[i]) && !char.IsSurrogatePair(text, i)) return false;
            switch (CharUnicodeInfo.GetUnicodeCategory(text, i))
            {
                case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                case UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned:
                    return false;
                default:
                    if (char.IsHighSurrogate(text[i])) i++;
                    break;
            }
        }
        return true;
    }

    /// <summary>A text of another institution as it may stand in a sentence: short, and with what cannot be seen as a code.</summary>
    private static string Shown(string text)
    {
        var shown = string.Concat(text.Take(ShownCharacters).Select(c => char.IsSurrogate(c) || !MayStand("." + c + ".", 3) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}") : c.ToString()));
        return text.Length > ShownCharacters ? shown + "…" : shown;
    }
}
