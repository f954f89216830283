using System.Globalization;
using System.Resources;

namespace FedLab.Participant;

/// <summary>What a person reads, in English and Chinese.</summary>
internal static class Messages
{
    private static readonly ResourceManager Resources = new("FedLab.Participant.Resources.Messages", typeof(Messages).Assembly);

    public static string Usage => Text(nameof(Usage));

    public static string HomeNeeded => Text(nameof(HomeNeeded));

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

    public static string NotADecision(string run, string path) => Text(nameof(NotADecision), run, path);

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

    public static string TooFewBanks(int banks, int needed) => Text(nameof(TooFewBanks), banks, needed);

    public static string ThresholdKeysNotAllowed(int threshold, int banks) => Text(nameof(ThresholdKeysNotAllowed), threshold, banks);

    public static string AbsentNotAllowed(string banks) => Text(nameof(AbsentNotAllowed), banks);

    public static string CoordinatorCertificateMissing => Text(nameof(CoordinatorCertificateMissing));

    public static string CoordinatorNamedAsParty(string name) => Text(nameof(CoordinatorNamedAsParty), name);

    public static string AbsentIsBack(string bank) => Text(nameof(AbsentIsBack), bank);

    public static string DataCheckUsage => Text(nameof(DataCheckUsage));

    public static string CheckSource(string source) => Text(nameof(CheckSource), source);

    public static string CheckReading(long rows) => Text(nameof(CheckReading), rows);

    public static string CheckTime(double seconds, double rowsPerSecond) => Text(nameof(CheckTime), seconds, rowsPerSecond);

    public static string CheckRows(int read, int kept, int duplicates) => Text(nameof(CheckRows), read, kept, duplicates);

    public static string CheckKeys(int present, string format, int valid, int wrong, int other) => Text(nameof(CheckKeys), present, format, valid, wrong, other);

    public static string CheckKeyText => Text(nameof(CheckKeyText));

    public static string CheckKeyCode => Text(nameof(CheckKeyCode));

    public static string CheckLabels(int ones, int zeros) => Text(nameof(CheckLabels), ones, zeros);

    public static string CheckColumn => Text(nameof(CheckColumn));

    public static string CheckType => Text(nameof(CheckType));

    public static string CheckUse => Text(nameof(CheckUse));

    public static string CheckMissing => Text(nameof(CheckMissing));

    public static string CheckCategories => Text(nameof(CheckCategories));

    public static string CheckWarning(string warning) => Text(nameof(CheckWarning), warning);

    public static string CheckDigest(string digest) => Text(nameof(CheckDigest), digest);

    public static string UseKey => Text(nameof(UseKey));

    public static string UseLabel => Text(nameof(UseLabel));

    public static string UseFold => Text(nameof(UseFold));

    public static string UseExcluded => Text(nameof(UseExcluded));

    public static string UseNumber => Text(nameof(UseNumber));

    public static string UseCategory => Text(nameof(UseCategory));

    public static string UseBoolean => Text(nameof(UseBoolean));

    public static string UseDate => Text(nameof(UseDate));

    public static string CheckStopped => Text(nameof(CheckStopped));

    public static string RevocationListInvalid => Text(nameof(RevocationListInvalid));

    public static string TooManyPeers(int count, int limit) => Text(nameof(TooManyPeers), count, limit);

    public static string PeerRevoked(string party) => Text(nameof(PeerRevoked), party);

    public static string PeerCertificateMalformed(string party) => Text(nameof(PeerCertificateMalformed), party);

    public static string PeerNamedOtherwise(string party, string certified) => Text(nameof(PeerNamedOtherwise), party, certified);

    public static string PeerKeyChanged(string party, string pinned, string sent, string path) => Text(nameof(PeerKeyChanged), party, pinned, sent, path);

    public static string FingerprintDiffers(string address, string lab) => Text(nameof(FingerprintDiffers), address, lab);

    public static string EnrolmentRefused(string address, string reason) => Text(nameof(EnrolmentRefused), address, reason);

    public static string EnrolmentAnswer(string address) => Text(nameof(EnrolmentAnswer), address);

    public static string EnrolmentOfOther(string name) => Text(nameof(EnrolmentOfOther), name);

    public static string Enrolled(string name, string lab) => Text(nameof(Enrolled), name, lab);

    public static string EnrolmentUnreachable(string address, string reason) => Text(nameof(EnrolmentUnreachable), address, reason);

    public static string TokenFileTooLarge(string path, int limit) => Text(nameof(TokenFileTooLarge), path, limit);

    public static string EnrolUsage => Text(nameof(EnrolUsage));

    public static string PeersUsage => Text(nameof(PeersUsage));

    public static string OwnFingerprint(string fingerprint) => Text(nameof(OwnFingerprint), fingerprint);

    public static string ConfigureNext(string path, string name, string coordinator) => Text(nameof(ConfigureNext), path, name, coordinator);

    public static string FingerprintLine(string name, string fingerprint, DateTime until) => Text(nameof(FingerprintLine), name, fingerprint, until);

    public static string ProjectName(string name) => Text(nameof(ProjectName), name);

    public static string OwnName(string name) => Text(nameof(OwnName), name);

    public static string MustBeHostAndPort(string value) => Text(nameof(MustBeHostAndPort), value);

    public static string WorkerUsage => Text(nameof(WorkerUsage));

    public static string WorkerListens(string address, int threads) => Text(nameof(WorkerListens), address, threads);

    public static string WorkerCannotListen(string address, string cause) => Text(nameof(WorkerCannotListen), address, cause);

    public static string WorkerServes(string peer) => Text(nameof(WorkerServes), peer);

    public static string WorkerServed(string peer) => Text(nameof(WorkerServed), peer);

    public static string WorkersUsage => Text(nameof(WorkersUsage));

    public static string WorkersMade(string folder) => Text(nameof(WorkersMade), folder);

    public static string WorkersKept(string folder) => Text(nameof(WorkersKept), folder);

    public static string MustBeShownText(int longest) => Text(nameof(MustBeShownText), longest);

    public static string CatalogueLeavesOut(int columns) => Text(nameof(CatalogueLeavesOut), columns);

    public static string CatalogueDescribesNothing(string columns) => Text(nameof(CatalogueDescribesNothing), columns);

    public static string CatalogueNotPublished(string problem) => Text(nameof(CatalogueNotPublished), problem);

    public static string CataloguePublishes(int columns, string path) => Text(nameof(CataloguePublishes), columns, path);

    public static string CatalogueRefused(string reason) => Text(nameof(CatalogueRefused), reason);

    private static string Text(string name, params object[] arguments)
    {
        var format = Resources.GetString(name, CultureInfo.CurrentUICulture) ?? name;
        return arguments.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, arguments);
    }
}
