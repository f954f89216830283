using FedLab.Client.Resources;

namespace FedLab.Client.Plans;

/// <summary>A column as it is named on the command line: <c>PARTY.COLUMN</c>.</summary>
/// <param name="Party">Name of the party.</param>
/// <param name="Column">Name of the column; it may hold dots and any other character.</param>
internal sealed record ColumnReference(string Party, string Column)
{
    /// <summary>Reads a reference. Party names may hold dots too, so the longest party name that fits is taken.</summary>
    public static ColumnReference Parse(string option, string text, IReadOnlyList<string> parties)
    {
        var party = Owner(text, parties)
            ?? throw ClientException.Usage(Messages.ColumnUnknownParty(option, text, string.Join(", ", parties)));
        if (text.Length == party.Length + 1) throw ClientException.Usage(Messages.ColumnEmpty(option, text));
        return new ColumnReference(party, text[(party.Length + 1)..]);
    }

    /// <summary>The party that the text begins with, or null.</summary>
    public static string? Owner(string text, IReadOnlyList<string> parties) =>
        parties.Where(name => text.StartsWith(name + ".", StringComparison.Ordinal)).MaxBy(name => name.Length);
}
