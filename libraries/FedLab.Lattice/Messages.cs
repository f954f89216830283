using System.Globalization;
using System.Resources;

namespace FedLab.Lattice;

/// <summary>What a person reads when received bytes are refused, in English or Chinese by the current UI culture.</summary>
internal static class Messages
{
    private static readonly ResourceManager Resources = new("FedLab.Lattice.Resources.Messages", typeof(Messages).Assembly);

    public static string WrongLength(string kind, long expected, long actual) => Format(nameof(WrongLength), kind, expected, actual);

    public static string ResidueTooLarge(string kind, ulong prime) => Format(nameof(ResidueTooLarge), kind, prime);

    public static string PaddingNotZero(string kind) => Format(nameof(PaddingNotZero), kind);

    public static string ParametersTruncated() => Format(nameof(ParametersTruncated));

    public static string ParametersVersion(int version) => Format(nameof(ParametersVersion), version);

    public static string ParametersRefused(string reason) => Format(nameof(ParametersRefused), reason);

    public static string CiphertextHeader(int size, int level, double scale, int maximumLevel) => Format(nameof(CiphertextHeader), size, level, scale, maximumLevel);

    private static string Format(string name, params object[] values) =>
        string.Format(CultureInfo.CurrentCulture, Resources.GetString(name, CultureInfo.CurrentUICulture)!, values);
}
