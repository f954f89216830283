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

    public static string StatePermission(string database, string user, string reason) => Text(nameof(StatePermission), database, user, reason);

    public static string StateOfOtherLab(string database, string owner, string lab) => Text(nameof(StateOfOtherLab), database, owner, lab);

    public static string StandsBy(string lab) => Text(nameof(StandsBy), lab);

    public static string TakesOver(string lab) => Text(nameof(TakesOver), lab);

    public static string LogNotShared(string folder, long size, long expected) => Text(nameof(LogNotShared), folder, size, expected);

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

    public static string WaitingFor(string party) => Text(nameof(WaitingFor), party);

    public static string GoesOnWithout(string party, int seconds) => Text(nameof(GoesOnWithout), party, seconds);

    public static string PartyNamedAsCoordinator(string party) => Text(nameof(PartyNamedAsCoordinator), party);

    public static string PartNotAdded(string cause) => Text(nameof(PartNotAdded), cause);

    public static string HasLeft(string party, string run) => Text(nameof(HasLeft), party, run);

    public static string StepOfCoordinator(string step) => Text(nameof(StepOfCoordinator), step);

    public static string WindowIgnored(string party, long mebibytes) => Text(nameof(WindowIgnored), party, mebibytes);

    public static string PartBeforeLastWhole(string party) => Text(nameof(PartBeforeLastWhole), party);

    public static string MustBeHash => Text(nameof(MustBeHash));

    public static string InvitationLifetime(int days) => Text(nameof(InvitationLifetime), days);

    public static string AlreadyEnrolled(string party) => Text(nameof(AlreadyEnrolled), party);

    public static string TokenInvitedBefore => Text(nameof(TokenInvitedBefore));

    public static string TooManyInvitations(int limit) => Text(nameof(TooManyInvitations), limit);

    public static string TokenUnknown(string lab) => Text(nameof(TokenUnknown), lab);

    public static string TokenOfAnother(string party) => Text(nameof(TokenOfAnother), party);

    public static string TokenExpired(DateTimeOffset expired) => Text(nameof(TokenExpired), expired);

    public static string TokenUsed => Text(nameof(TokenUsed));

    public static string KeyRevoked => Text(nameof(KeyRevoked));

    public static string RenewalKey(string party) => Text(nameof(RenewalKey), party);

    public static string NoSuchMember(string party) => Text(nameof(NoSuchMember), party);

    public static string PartyRevoked(string party, string lead) => Text(nameof(PartyRevoked), party, lead);

    public static string PartyRevokedBecause(string party, string lead, string reason) => Text(nameof(PartyRevokedBecause), party, lead, reason);

    public static string CertificateRevoked(string party) => Text(nameof(CertificateRevoked), party);

    public static string NoAuthority(string folder) => Text(nameof(NoAuthority), folder);

    public static string AuthorityOfAnotherLab(string folder) => Text(nameof(AuthorityOfAnotherLab), folder);

    public static string TooManyStrangers => Text(nameof(TooManyStrangers));

    public static string MustBeAbsolute(string value) => Text(nameof(MustBeAbsolute), value);

    public static string MustBeImage(string value) => Text(nameof(MustBeImage), value);

    public static string EngineStopped(string socket) => Text(nameof(EngineStopped), socket);

    public static string ImageMissing(string image) => Text(nameof(ImageMissing), image);

    public static string ContainerOfAnother(string container) => Text(nameof(ContainerOfAnother), container);

    public static string NetworkOfAnother(string network) => Text(nameof(NetworkOfAnother), network);

    public static string SelfMissing(string container) => Text(nameof(SelfMissing), container);

    public static string ContainerPaused => Text(nameof(ContainerPaused));

    public static string ContainerUnhealthy(string said) => Text(nameof(ContainerUnhealthy), said);

    public static string Ended(int code) => Text(nameof(Ended), code);

    public static string EndedOutOfMemory(int code) => Text(nameof(EndedOutOfMemory), code);

    public static string GivenUp(string why, int restarts, int seconds, string party) => Text(nameof(GivenUp), why, restarts, seconds, party);

    public static string NoContainers => Text(nameof(NoContainers));

    public static string NoSuchContainer(string name, string known) => Text(nameof(NoSuchContainer), name, known);

    public static string NeedsSwarm => Text(nameof(NeedsSwarm));

    public static string NoSwarm => Text(nameof(NoSwarm));

    public static string CatalogueUnsigned(string party) => Text(nameof(CatalogueUnsigned), party);

    public static string CatalogueTooOften(int changes, int minutes) => Text(nameof(CatalogueTooOften), changes, minutes);

    private static string Text(string name, params object[] arguments)
    {
        var format = Resources.GetString(name, CultureInfo.CurrentUICulture) ?? name;
        return arguments.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, arguments);
    }
}
