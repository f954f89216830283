using System.Globalization;
using System.Resources;

namespace FedLab.Lattice.Multiparty;

/// <summary>What a person reads about shares and the ledger, in English or Chinese by the current UI culture.</summary>
internal static class MultipartyMessages
{
    private static readonly ResourceManager Resources = new("FedLab.Lattice.Resources.Messages", typeof(MultipartyMessages).Assembly);

    public static string ShareVersion(int version, int supported) => Format(nameof(ShareVersion), version, supported);

    public static string ShareProtocol(int protocol, int expected, string name) => Format(nameof(ShareProtocol), protocol, expected, name);

    public static string ShareContributors(string contributors, string parties) => Format(nameof(ShareContributors), contributors, parties);

    public static string ThresholdHeader(string field, long expected, long actual) => Format(nameof(ThresholdHeader), field, expected, actual);

    public static string AlreadyGiven(CollectiveProtocolKind protocol, DateTimeOffset givenAt, bool isSameRequest, bool isCertain, string subject)
    {
        var first = Format(isCertain ? "AlreadyGivenCertain" : "AlreadyGivenPossible", protocol.ToString(), givenAt.ToString("u", CultureInfo.InvariantCulture), subject);
        var remedy = isSameRequest && isCertain ? "AlreadyGivenResend"
            : protocol >= CollectiveProtocolKind.KeySwitchToPublicKey ? "AlreadyGivenRerandomise" : "AlreadyGivenNextAttempt";
        return Format("AlreadyGiven", first, Format(remedy));
    }

    public static string LedgerOpenElsewhere(string path) => Format(nameof(LedgerOpenElsewhere), path);

    public static string LedgerMissing(string path) => Format(nameof(LedgerMissing), path);

    public static string LedgerExists(string path) => Format(nameof(LedgerExists), path);

    public static string LedgerDamaged(string path, long record) => Format(nameof(LedgerDamaged), path, record);

    public static string LedgerNotALedger(string path) => Format(nameof(LedgerNotALedger), path);

    public static string LedgerSealed(string path) => Format(nameof(LedgerSealed), path);

    public static string LedgerTooWide(string path, string mode) => Format(nameof(LedgerTooWide), path, mode);

    public static string LedgerCannotWrite(string path, string reason) => Format(nameof(LedgerCannotWrite), path, reason);

    public static string LedgerShareDamaged(string path) => Format(nameof(LedgerShareDamaged), path);

    private static string Format(string name, params object[] values) =>
        string.Format(CultureInfo.CurrentCulture, Resources.GetString(name, CultureInfo.CurrentUICulture)!, values);
}
