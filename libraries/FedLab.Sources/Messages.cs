using System.Globalization;
using System.Resources;

namespace FedLab.Sources;

/// <summary>Sentences for people, in English and Chinese.</summary>
internal static class Messages
{
    private static readonly ResourceManager Resources = new("FedLab.Sources.Resources.Messages", typeof(Messages).Assembly);

    public static string FieldInvalid(string path, string field, string problem) => Text(nameof(FieldInvalid), path, field, problem);

    public static string MustNotBeEmpty => Text(nameof(MustNotBeEmpty));

    public static string MustBeBetween(long value, long low, long high) => Text(nameof(MustBeBetween), value, low, high);

    public static string MustBeOneOf(string value, string choices) => Text(nameof(MustBeOneOf), value, choices);

    public static string MustHaveOneSource => Text(nameof(MustHaveOneSource));

    public static string MustHaveTableOrQuery => Text(nameof(MustHaveTableOrQuery));

    public static string MustBelongToTable => Text(nameof(MustBelongToTable));

    public static string MustBelongToDate => Text(nameof(MustBelongToDate));

    public static string MustBeCodes => Text(nameof(MustBeCodes));

    public static string MustBeIdentifier => Text(nameof(MustBeIdentifier));

    private static string Text(string name, params object[] arguments) =>
        string.Format(CultureInfo.InvariantCulture, Resources.GetString(name, CultureInfo.CurrentUICulture) ?? name, arguments);
}
