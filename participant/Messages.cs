using System.Globalization;
using System.Resources;

namespace FedLab.Participant;

/// <summary>What a person reads, in English and Chinese.</summary>
internal static class Messages
{
    private static readonly ResourceManager Resources = new("FedLab.Participant.Resources.Messages", typeof(Messages).Assembly);

    public static string Usage => Text(nameof(Usage));

    public static string UnknownArgument(string argument) => Text(nameof(UnknownArgument), argument);

    public static string HomeMissing(string folder) => Text(nameof(HomeMissing), folder);

    public static string FieldInvalid(string path, string field, string problem) => Text(nameof(FieldInvalid), path, field, problem);

    public static string MustBeName(string value) => Text(nameof(MustBeName), value);

    public static string MustBeAddress(string value) => Text(nameof(MustBeAddress), value);

    public static string MustNotBeEmpty => Text(nameof(MustNotBeEmpty));

    public static string MustBeBetween(long value, long low, long high) => Text(nameof(MustBeBetween), value, low, high);

    public static string MustBeOneOf(string value, string choices) => Text(nameof(MustBeOneOf), value, choices);

    public static string CertificateOfOther(string name, string certified) => Text(nameof(CertificateOfOther), name, certified);

    public static string DataRead(int rows, string report) => Text(nameof(DataRead), rows, report);

    public static string Connected(string lab) => Text(nameof(Connected), lab);

    public static string Approved(string run) => Text(nameof(Approved), run);

    public static string Refused(string run, string reason) => Text(nameof(Refused), run, reason);

    public static string RunEnded(string run, string state, string reason) => Text(nameof(RunEnded), run, state, reason);

    public static string DecisionNeeded(string run, string folder) => Text(nameof(DecisionNeeded), run, folder);

    public static string RefusedByPerson => Text(nameof(RefusedByPerson));

    public static string NotAParty(string name) => Text(nameof(NotAParty), name);

    public static string PeerUnknown(string name) => Text(nameof(PeerUnknown), name);

    public static string PurposeNotAllowed(string purpose, string allowed) => Text(nameof(PurposeNotAllowed), purpose, allowed);

    public static string ActiveNotAllowed(string active, string allowed) => Text(nameof(ActiveNotAllowed), active, allowed);

    public static string ModelUnknown(string hash) => Text(nameof(ModelUnknown), hash);

    public static string NotApproved(string party, string run) => Text(nameof(NotApproved), party, run);

    public static string LabelNeeded => Text(nameof(LabelNeeded));

    public static string FoldNeeded(string column) => Text(nameof(FoldNeeded), column);

    public static string RoleFailed(string run, string sentence, string code) => Text(nameof(RoleFailed), run, sentence, code);

    public static string RoleBroke(string kind) => Text(nameof(RoleBroke), kind);

    public static string LogUnwritable(string path, string cause) => Text(nameof(LogUnwritable), path, cause);

    public static string LogKeyChanged(string path) => Text(nameof(LogKeyChanged), path);

    public static string LogKeyInvalid => Text(nameof(LogKeyInvalid));

    public static string ProofMalformed => Text(nameof(ProofMalformed));

    private static string Text(string name, params object[] arguments)
    {
        var format = Resources.GetString(name, CultureInfo.CurrentUICulture) ?? name;
        return arguments.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, arguments);
    }
}
