using System.Globalization;
using System.Resources;

namespace FedLab.Curve25519;

/// <summary>The texts of errors that a person may read, in the language of the current thread.</summary>
internal static class Messages
{
    private static readonly ResourceManager Resources = new("FedLab.Curve25519.Resources.Messages", typeof(Messages).Assembly);

    public static string PointNotCanonical(int index) => Format(nameof(PointNotCanonical), index);

    public static string PointOfSmallOrder(int index) => Format(nameof(PointOfSmallOrder), index);

    public static string PublicKeyNotAPoint() => Format(nameof(PublicKeyNotAPoint));

    public static string PublicKeyOfSmallOrder() => Format(nameof(PublicKeyOfSmallOrder));

    private static string Format(string name, params ReadOnlySpan<object?> arguments) =>
        string.Format(CultureInfo.CurrentCulture, Resources.GetString(name, CultureInfo.CurrentUICulture) ?? name, arguments);
}
