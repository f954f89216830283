using System.Globalization;
using System.Resources;

namespace FedLab.Coordinator;

/// <summary>What a person reads, in English and Chinese.</summary>
internal static class Messages
{
    private static readonly ResourceManager Resources = new("FedLab.Coordinator.Resources.Messages", typeof(Messages).Assembly);

    public static string Usage => Text(nameof(Usage));

    public static string UnknownArgument(string argument) => Text(nameof(UnknownArgument), argument);

    public static string Listening(string address) => Text(nameof(Listening), address);

    public static string HomeMissing(string folder) => Text(nameof(HomeMissing), folder);

    public static string FieldInvalid(string path, string field, string problem) => Text(nameof(FieldInvalid), path, field, problem);

    public static string MustBeName(string value) => Text(nameof(MustBeName), value);

    public static string MustBeAddress(string value) => Text(nameof(MustBeAddress), value);

    public static string MustBeBetween(long value, long low, long high) => Text(nameof(MustBeBetween), value, low, high);

    public static string MustBeOneOf(string value, string choices) => Text(nameof(MustBeOneOf), value, choices);

    public static string Twice(string name) => Text(nameof(Twice), name);

    public static string PartyWithoutCertificate(string name, string path) => Text(nameof(PartyWithoutCertificate), name, path);

    public static string StateUnreadable(string path, string cause) => Text(nameof(StateUnreadable), path, cause);

    public static string StateOfOtherVersion(string path, int found, int known) => Text(nameof(StateOfOtherVersion), path, found, known);

    public static string LogUnwritable(string path, string cause) => Text(nameof(LogUnwritable), path, cause);

    public static string CannotListen(string address, int port, string cause) => Text(nameof(CannotListen), address, port, cause);

    public static string NoCertificate => Text(nameof(NoCertificate));

    public static string RoleMayNot(string name, string role, string required) => Text(nameof(RoleMayNot), name, role, required);

    public static string NoGreeting => Text(nameof(NoGreeting));

    public static string OtherProtocolVersion(string party, long theirs, long ours) => Text(nameof(OtherProtocolVersion), party, theirs, ours);

    public static string OtherName(string claimed, string certified) => Text(nameof(OtherName), claimed, certified);

    public static string UnknownParty(string party, string lab) => Text(nameof(UnknownParty), party, lab);

    public static string CosigningKeyInvalid(string party) => Text(nameof(CosigningKeyInvalid), party);

    public static string ConnectionReplaced => Text(nameof(ConnectionReplaced));

    public static string OtherProcessConnected => Text(nameof(OtherProcessConnected));

    public static string NoSuchRun(string run) => Text(nameof(NoSuchRun), run);

    public static string NoSuchModel(string run) => Text(nameof(NoSuchModel), run);

    public static string NoSuchParty(string party, string known) => Text(nameof(NoSuchParty), party, known);

    public static string RunHasEnded(string run, string state) => Text(nameof(RunHasEnded), run, state);

    public static string Stopped(string lead) => Text(nameof(Stopped), lead);

    public static string StoppedBecause(string lead, string reason) => Text(nameof(StoppedBecause), lead, reason);

    public static string RefusedBy(string party, string reason) => Text(nameof(RefusedBy), party, reason);

    public static string PartyRestarted(string party) => Text(nameof(PartyRestarted), party);

    public static string CoordinatorRestarted => Text(nameof(CoordinatorRestarted));

    public static string PartyFailed(string party, string step, string code, string description) => Text(nameof(PartyFailed), party, step, code, description);

    public static string PartyMissing(string party, int seconds) => Text(nameof(PartyMissing), party, seconds);

    public static string TooManyAttempts(int attempts) => Text(nameof(TooManyAttempts), attempts);

    public static string PublishingFailed => Text(nameof(PublishingFailed));

    public static string Denied(string party, string reason) => Text(nameof(Denied), party, reason);

    public static string ApprovalInvalid(string party) => Text(nameof(ApprovalInvalid), party);

    public static string SenderForged(string party, string claimed) => Text(nameof(SenderForged), party, claimed);

    public static string SignatureInvalid(string party, string step, long sequence) => Text(nameof(SignatureInvalid), party, step, sequence);

    public static string HashMismatch(string party, string step, long sequence) => Text(nameof(HashMismatch), party, step, sequence);

    public static string LengthMismatch(string party, string step, long sequence) => Text(nameof(LengthMismatch), party, step, sequence);

    public static string EnvelopeNumberInUse(ulong number) => Text(nameof(EnvelopeNumberInUse), number);

    public static string NotAParty(string party, string run) => Text(nameof(NotAParty), party, run);

    public static string AttemptUnknown(int attempt, int current) => Text(nameof(AttemptUnknown), attempt, current);

    public static string WrongSequence(string sender, string receiver, long sequence, long expected) => Text(nameof(WrongSequence), sender, receiver, sequence, expected);

    public static string NoManifest(string party) => Text(nameof(NoManifest), party);

    public static string ManifestsDiffer(string active, string party) => Text(nameof(ManifestsDiffer), active, party);

    public static string ManifestSignatureInvalid(string party) => Text(nameof(ManifestSignatureInvalid), party);

    private static string Text(string name, params object[] arguments)
    {
        var format = Resources.GetString(name, CultureInfo.CurrentUICulture) ?? name;
        return arguments.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, arguments);
    }
}
