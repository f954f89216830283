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

    public static string SealNoHeader(string kind) => Format(nameof(SealNoHeader), kind);

    public static string SealVersion(string kind, int major, int minor) => Format(nameof(SealVersion), kind, major, minor);

    public static string SealCompression(string kind) => Format(nameof(SealCompression), kind);

    public static string SealDamagedCompression(string kind) => Format(nameof(SealDamagedCompression), kind);

    public static string SealTooLong(string kind, long largest) => Format(nameof(SealTooLong), kind, largest);

    public static string SealCut(string kind, ulong declared, long actual) => Format(nameof(SealCut), kind, declared, actual);

    public static string SealTruncated(string kind) => Format(nameof(SealTruncated), kind);

    public static string SealTrailing(string kind, long bytes) => Format(nameof(SealTrailing), kind, bytes);

    public static string SealField(string kind, string field, object expected, object actual) => Format(nameof(SealField), kind, field, expected, actual);

    public static string SealOtherParameters(string kind, string identifier) => Format(nameof(SealOtherParameters), kind, identifier);

    public static string SealNotTernary() => Format(nameof(SealNotTernary));

    public static string SealNoKeySwitching(string kind) => Format(nameof(SealNoKeySwitching), kind);

    public static string SealGenerator(string kind, int generator) => Format(nameof(SealGenerator), kind, generator);

    private static string Format(string name, params object[] values) =>
        string.Format(CultureInfo.CurrentCulture, Resources.GetString(name, CultureInfo.CurrentUICulture)!, values);
}
