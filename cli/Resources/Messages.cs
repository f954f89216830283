using System.Globalization;
using System.Resources;

namespace FedLab.Cli.Resources;

/// <summary>Everything that the command prints, in the language of the current UI culture.</summary>
internal static class Messages
{
    private static readonly ResourceManager Manager = new("fedlab.Resources.Messages", typeof(Messages).Assembly);

    public static string RootDescription => Text("RootDescription");

    public static string LanguageOption => Text("LanguageOption");

    public static string JsonOption => Text("JsonOption");

    public static string HelpOptionText => Text("HelpOptionText");

    public static string HelpUsage => Text("HelpUsage");

    public static string HelpCommands => Text("HelpCommands");

    public static string HelpArguments => Text("HelpArguments");

    public static string HelpOptions => Text("HelpOptions");

    public static string HelpExamples => Text("HelpExamples");

    public static string HelpMore(object command) => Format("HelpMore", command);

    public static string HelpOptionsWord => Text("HelpOptionsWord");

    public static string HelpCommandWord => Text("HelpCommandWord");

    public static string UnknownToken(object token, object command) => Format("UnknownToken", token, command);

    public static string UnknownTokenNear(object token, object command, object near) => Format("UnknownTokenNear", token, command, near);

    public static string ValueMissing(object option) => Format("ValueMissing", option);

    public static string OptionTwice(object option) => Format("OptionTwice", option);

    public static string ArgumentMissing(object name, object command) => Format("ArgumentMissing", name, command);

    public static string CommandMissing(object command, object names) => Format("CommandMissing", command, names);

    public static string LanguageUnknown(object text) => Format("LanguageUnknown", text);

    public static string Unexpected(object kind, object reason) => Format("Unexpected", kind, reason);

    public static string WriteFailed(object reason) => Format("WriteFailed", reason);

    public static string AccessDenied(object reason) => Format("AccessDenied", reason);

    public static string Cancelled => Text("Cancelled");

    public static string CancelledKept(object path) => Format("CancelledKept", path);

    public static string FailedKept(object path) => Format("FailedKept", path);

    public static string DemoDescription => Text("DemoDescription");

    public static string DemoRows(string vertical, string horizontal) => Format("DemoRows", vertical, horizontal);

    public static string DemoSeed => Text("DemoSeed");

    public static string DemoRowsInvalid(object text, int least, int most) => Format("DemoRowsInvalid", text, least, most);

    public static string DemoSeedInvalid(object text) => Format("DemoSeedInvalid", text);

    public static string DemoExample1 => Text("DemoExample1");

    public static string DemoExample2 => Text("DemoExample2");

    public static string SimulateDescription => Text("SimulateDescription");

    public static string PartyOption => Text("PartyOption");

    public static string KeyOption => Text("KeyOption");

    public static string LabelOption => Text("LabelOption");

    public static string ModelOption => Text("ModelOption");

    public static string SetOption => Text("SetOption");

    public static string TestFoldOption => Text("TestFoldOption");

    public static string TestColumnOption => Text("TestColumnOption");

    public static string OptionalOption => Text("OptionalOption");

    public static string CategoricalOption => Text("CategoricalOption");

    public static string ExcludeOption => Text("ExcludeOption");

    public static string KeyFormatOption => Text("KeyFormatOption");

    public static string MinimumCohortOption => Text("MinimumCohortOption");

    public static string InMemoryOption => Text("InMemoryOption");

    public static string NoBaselinesOption => Text("NoBaselinesOption");

    public static string OutOption => Text("OutOption");

    public static string PortOption => Text("PortOption");

    public static string NameOption => Text("NameOption");

    public static string NameInvalid(object text) => Format("NameInvalid", text);

    public static string SimulateExample1 => Text("SimulateExample1");

    public static string SimulateExample2 => Text("SimulateExample2");

    public static string SimulateExample3 => Text("SimulateExample3");

    public static string ScoreDescription => Text("ScoreDescription");

    public static string ScoreModelOption => Text("ScoreModelOption");

    public static string ScorePartyOption => Text("ScorePartyOption");

    public static string ScoreOutOption => Text("ScoreOutOption");

    public static string ScoreModelMissing => Text("ScoreModelMissing");

    public static string ScoreOutMissing => Text("ScoreOutMissing");

    public static string ScoreExample1 => Text("ScoreExample1");

    public static string ScoreDone(object path) => Format("ScoreDone", path);

    public static string ScoreRows => Text("ScoreRows");

    public static string ScoreScored => Text("ScoreScored");

    public static string ScoreNotAligned => Text("ScoreNotAligned");

    public static string ScoreSeconds => Text("ScoreSeconds");

    public static string ScoreDataOption => Text("ScoreDataOption");

    public static string ScoreKeyOption => Text("ScoreKeyOption");

    public static string ScoreExample2 => Text("ScoreExample2");

    public static string ScoreLeftOut => Text("ScoreLeftOut");

    public static string ScoreUnknownValues => Text("ScoreUnknownValues");

    public static string ScoreDataMissing(object path) => Format("ScoreDataMissing", path);

    public static string ScoreDataAndParty => Text("ScoreDataAndParty");

    public static string ScoreKeyWithoutData => Text("ScoreKeyWithoutData");

    public static string AuditDescription => Text("AuditDescription");

    public static string AuditVerifyDescription => Text("AuditVerifyDescription");

    public static string AuditPath => Text("AuditPath");

    public static string AuditExample1 => Text("AuditExample1");

    public static string AuditPathMissing(object path) => Format("AuditPathMissing", path);

    public static string AuditCheck => Text("AuditCheck");

    public static string AuditSeverity => Text("AuditSeverity");

    public static string AuditFinding => Text("AuditFinding");

    public static string BenchDescription => Text("BenchDescription");

    public static string BenchTransformDescription => Text("BenchTransformDescription");

    public static string BenchScanDescription => Text("BenchScanDescription");

    public static string BenchCurveDescription => Text("BenchCurveDescription");

    public static string BenchWidth(object text) => Format("BenchWidth", text);

    public static string VersionDescription => Text("VersionDescription");

    public static string ReportInstitutions => Text("ReportInstitutions");

    public static string ReportParty => Text("ReportParty");

    public static string ReportRole => Text("ReportRole");

    public static string ReportRowsRead => Text("ReportRowsRead");

    public static string ReportRowsKept => Text("ReportRowsKept");

    public static string ReportRowsAligned => Text("ReportRowsAligned");

    public static string ReportFeatures => Text("ReportFeatures");

    public static string ReportAligned(string rows, string train, string test) => Format("ReportAligned", rows, train, test);

    public static string ReportIdentifiers => Text("ReportIdentifiers");

    public static string FaultCheckCharacter => Text("FaultCheckCharacter");

    public static string FaultOtherRejected => Text("FaultOtherRejected");

    public static string FaultLowerCase => Text("FaultLowerCase");

    public static string FaultSpaces => Text("FaultSpaces");

    public static string FaultFullWidth => Text("FaultFullWidth");

    public static string FaultDuplicates => Text("FaultDuplicates");

    public static string ReportNormalised(string count, string total, string without) => Format("ReportNormalised", count, total, without);

    public static string ReportQuality(string rows) => Format("ReportQuality", rows);

    public static string ReportModelKind => Text("ReportModelKind");

    public static string ModelBankOnly(object name) => Format("ModelBankOnly", name);

    public static string ModelJoint => Text("ModelJoint");

    public static string ModelPooled => Text("ModelPooled");

    public static string ReportLogLoss => Text("ReportLogLoss");

    public static string ReportCost => Text("ReportCost");

    public static string ReportPhase => Text("ReportPhase");

    public static string ReportSeconds => Text("ReportSeconds");

    public static string ReportBytes => Text("ReportBytes");

    public static string ReportTotal => Text("ReportTotal");

    public static string ReportPerTree(string seconds, string bytes) => Format("ReportPerTree", seconds, bytes);

    public static string ReportModel => Text("ReportModel");

    public static string ReportAudit => Text("ReportAudit");

    public static string ReportAuditVerified(string entries) => Format("ReportAuditVerified", entries);

    public static string ReportAuditBroken(int count) => Format("ReportAuditBroken", count);

    public static string ReportFolder => Text("ReportFolder");

    public static string BenchTransformTitle => Text("BenchTransformTitle");

    public static string BenchDegree => Text("BenchDegree");

    public static string BenchPath => Text("BenchPath");

    public static string BenchForward => Text("BenchForward");

    public static string BenchInverse => Text("BenchInverse");

    public static string BenchCurveTitle => Text("BenchCurveTitle");

    public static string BenchMultiply => Text("BenchMultiply");

    public static string BenchHash => Text("BenchHash");

    public static string BenchPerSecond => Text("BenchPerSecond");

    public static string BenchScanTitle(int threads) => Format("BenchScanTitle", threads);

    public static string BenchRows => Text("BenchRows");

    public static string BenchCandidates => Text("BenchCandidates");

    public static string BenchNodes => Text("BenchNodes");

    public static string BenchEncrypted => Text("BenchEncrypted");

    public static string BenchHistogram => Text("BenchHistogram");

    public static string BenchSecondsOf => Text("BenchSecondsOf");

    public static string BenchUp => Text("BenchUp");

    public static string BenchDown => Text("BenchDown");

    public static string BenchLatticeDescription => Text("BenchLatticeDescription");

    public static string BenchLatticeExample => Text("BenchLatticeExample");

    public static string BenchOracleExample => Text("BenchOracleExample");

    public static string BenchQuickExample => Text("BenchQuickExample");

    public static string BenchDegreeOption => Text("BenchDegreeOption");

    public static string BenchOracleOption => Text("BenchOracleOption");

    public static string BenchQuickOption => Text("BenchQuickOption");

    public static string BenchDegreeUnknown(object degree, object known) => Format("BenchDegreeUnknown", degree, known);

    public static string BenchPreparing(object degree) => Format("BenchPreparing", degree);

    public static string BenchThreads(object threads) => Format("BenchThreads", threads);

    public static string BenchOperation => Text("BenchOperation");

    public static string BenchMedian => Text("BenchMedian");

    public static string BenchLeast => Text("BenchLeast");

    public static string BenchAllocated => Text("BenchAllocated");

    public static string BenchCeiling => Text("BenchCeiling");

    public static string BenchNoteCeiling => Text("BenchNoteCeiling");

    public static string BenchRatio => Text("BenchRatio");

    public static string BenchLatticeTitle(object degree, object primes, object bits) => Format("BenchLatticeTitle", degree, primes, bits);

    public static string BenchThroughputTitle => Text("BenchThroughputTitle");

    public static string BenchNoteReference => Text("BenchNoteReference");

    public static string BenchNoteOracle => Text("BenchNoteOracle");

    public static string BenchNoteShares => Text("BenchNoteShares");

    public static string OracleNotFound(object folder) => Format("OracleNotFound", folder);

    public static string OracleNotInstalled(object folder) => Format("OracleNotInstalled", folder);

    public static string OracleNeedsNode => Text("OracleNeedsNode");

    public static string OracleFailed(object reason) => Format("OracleFailed", reason);

    public static string OperationForwardTransform => Text("OperationForwardTransform");

    public static string OperationInverseTransform => Text("OperationInverseTransform");

    public static string OperationEncode => Text("OperationEncode");

    public static string OperationEncryptPublicKey => Text("OperationEncryptPublicKey");

    public static string OperationEncryptSecretKey => Text("OperationEncryptSecretKey");

    public static string OperationDecrypt => Text("OperationDecrypt");

    public static string OperationDecode => Text("OperationDecode");

    public static string OperationAdd => Text("OperationAdd");

    public static string OperationMultiplyPlaintext => Text("OperationMultiplyPlaintext");

    public static string OperationMultiply => Text("OperationMultiply");

    public static string OperationMultiplyRelinearise => Text("OperationMultiplyRelinearise");

    public static string OperationRescale => Text("OperationRescale");

    public static string OperationRotate => Text("OperationRotate");

    public static string OperationExtractSum => Text("OperationExtractSum");

    public static string OperationPublicKeyShare => Text("OperationPublicKeyShare");

    public static string OperationRelinearisationFirstShare => Text("OperationRelinearisationFirstShare");

    public static string OperationRelinearisationBothShares => Text("OperationRelinearisationBothShares");

    public static string OperationGaloisKeyShare => Text("OperationGaloisKeyShare");

    public static string OperationSwitchToPublicKeyShare => Text("OperationSwitchToPublicKeyShare");

    public static string OperationDecryptionShare => Text("OperationDecryptionShare");

    public static string OperationSampleDecryptionShare => Text("OperationSampleDecryptionShare");

    public static string OperationThresholdSummand => Text("OperationThresholdSummand");

    public static string FederationOption => Text("FederationOption");

    public static string AllowTwoBanksOption => Text("AllowTwoBanksOption");

    public static string SimulateExample4 => Text("SimulateExample4");

    public static string DemoModelOption => Text("DemoModelOption");

    public static string DemoFederationOption => Text("DemoFederationOption");

    public static string DemoExample3 => Text("DemoExample3");

    public static string ReportTraining => Text("ReportTraining");

    public static string ReportTest => Text("ReportTest");

    public static string ReportUsable => Text("ReportUsable");

    public static string ReportRate => Text("ReportRate");

    public static string ReportDictionary(string features, string key) => Format("ReportDictionary", features, key);

    public static string ReportDictionaryText(string features, string text, string categories, string key) => Format("ReportDictionaryText", features, text, categories, key);

    public static string ReportCoefficients => Text("ReportCoefficients");

    public static string ReportColumn => Text("ReportColumn");

    public static string ReportEstimate => Text("ReportEstimate");

    public static string ReportStandardError => Text("ReportStandardError");

    public static string ReportLower(string level) => Format("ReportLower", level);

    public static string ReportUpper => Text("ReportUpper");

    public static string StateReference => Text("StateReference");

    public static string StateConstant => Text("StateConstant");

    public static string StateCollinear => Text("StateCollinear");

    public static string StateSeparated => Text("StateSeparated");

    public static string ReportDeviance => Text("ReportDeviance");

    public static string ReportNullDeviance => Text("ReportNullDeviance");

    public static string ReportSums => Text("ReportSums");

    public static string ReportSteps => Text("ReportSteps");

    public static string ReportSolver => Text("ReportSolver");

    public static string ReportQualityOfAll(string rows) => Format("ReportQualityOfAll", rows);

    public static string ModelJointBanks => Text("ModelJointBanks");

    public static string ReportGains => Text("ReportGains");

    public static string ReportAlone => Text("ReportAlone");

    public static string ReportJoint => Text("ReportJoint");

    public static string ReportGain => Text("ReportGain");

    public static string ReportNotAlone(string bank, string reason) => Format("ReportNotAlone", bank, reason);

    public static string ReportCostOf(string bank) => Format("ReportCostOf", bank);

    public static string ReportOwnModel => Text("ReportOwnModel");

    public static string ReportTrainingSplit => Text("ReportTrainingSplit");

    public static string ReportLearner => Text("ReportLearner");

    public static string ReportCryptography => Text("ReportCryptography");

    public static string ReportNetwork => Text("ReportNetwork");

    public static string ReportRatio => Text("ReportRatio");

    public static string ReportBytesPerSum => Text("ReportBytesPerSum");

    public static string DemoLogistic => Text("DemoLogistic");

    public static string DemoModelInvalid(string text) => Format("DemoModelInvalid", text);

    public static string ReportBankLeft(string bank, string sums, string rounds) => Format("ReportBankLeft", bank, sums, rounds);

    public static string BenchWorkersDescription => Text(nameof(BenchWorkersDescription));

    public static string BenchWorkersTitle => Text(nameof(BenchWorkersTitle));

    public static string BenchTransforms => Text(nameof(BenchTransforms));

    public static string BenchKept => Text(nameof(BenchKept));

    public static string BenchMade => Text(nameof(BenchMade));

    public static string BenchAlone => Text(nameof(BenchAlone));

    public static string BenchOneWorker => Text(nameof(BenchOneWorker));

    public static string BenchTwoWorkers => Text(nameof(BenchTwoWorkers));

    public static string BenchWorkersRatio => Text(nameof(BenchWorkersRatio));

    public static string BenchThroughput => Text(nameof(BenchThroughput));

    public static string BenchLoss => Text(nameof(BenchLoss));

    public static string BenchShare => Text(nameof(BenchShare));

    public static string BenchSumsDescription => Text(nameof(BenchSumsDescription));

    public static string BenchSumsTitle => Text(nameof(BenchSumsTitle));

    public static string BenchBanks => Text(nameof(BenchBanks));

    public static string BenchValues => Text(nameof(BenchValues));

    public static string BenchSumEncrypt => Text(nameof(BenchSumEncrypt));

    public static string BenchSumAdd => Text(nameof(BenchSumAdd));

    public static string BenchSumShare => Text(nameof(BenchSumShare));

    public static string BenchSumRead => Text(nameof(BenchSumRead));

    public static string BenchSent => Text(nameof(BenchSent));

    public static string RunDescription => Text("RunDescription");

    public static string RunSpec => Text("RunSpec");

    public static string RunCoordinatorOption => Text("RunCoordinatorOption");

    public static string RunKeysOption => Text("RunKeysOption");

    public static string RunAttachOption => Text("RunAttachOption");

    public static string RunStopOption => Text("RunStopOption");

    public static string RunReasonOption => Text("RunReasonOption");

    public static string RunListOption => Text("RunListOption");

    public static string RunOutOption => Text("RunOutOption");

    public static string RunExample1 => Text("RunExample1");

    public static string RunExample2 => Text("RunExample2");

    public static string RunExample3 => Text("RunExample3");

    public static string RunExample4 => Text("RunExample4");

    public static string RunReasonAlone => Text("RunReasonAlone");

    public static string RunOutAlone => Text("RunOutAlone");

    public static string RunNeeds(object option) => Format("RunNeeds", option);

    public static string RunOneOf(object choices) => Format("RunOneOf", choices);

    public static string RunAddressInvalid(object text) => Format("RunAddressInvalid", text);

    public static string RunIs(object run) => Format("RunIs", run);

    public static string RunGoesOn(object run, object command) => Format("RunGoesOn", run, command);

    public static string RunMayGoOn(object run, object command) => Format("RunMayGoOn", run, command);

    public static string RunStopped(object run) => Format("RunStopped", run);

    public static string RunState => Text("RunState");

    public static string RunName => Text("RunName");

    public static string RunSigned(object parties) => Format("RunSigned", parties);

    public static string RunLab(object lab) => Format("RunLab", lab);

    public static string RunSince => Text("RunSince");

    public static string RunSoftware => Text("RunSoftware");

    public static string RunNone => Text("RunNone");

    public static string RunRuns => Text("RunRuns");

    public static string RunLead => Text("RunLead");

    public static string RunProposed => Text("RunProposed");

    public static string RunReason => Text("RunReason");

    public static string DemoPrepareOption => Text("DemoPrepareOption");

    public static string DemoExample4 => Text("DemoExample4");

    public static string DemoPrepared(object spec, object keys) => Format("DemoPrepared", spec, keys);

    public static string DemoPrepareOnly(object option) => Format("DemoPrepareOnly", option);

    public static string ProjectDescription => Text("ProjectDescription");

    public static string ProjectInitDescription => Text("ProjectInitDescription");

    public static string ProjectNameArgument => Text("ProjectNameArgument");

    public static string ProjectHostOption => Text("ProjectHostOption");

    public static string ProjectOutOption => Text("ProjectOutOption");

    public static string ProjectLeadOption => Text("ProjectLeadOption");

    public static string ProjectInitExample => Text("ProjectInitExample");

    public static string ProjectMade(object name, object folder) => Format("ProjectMade", name, folder);

    public static string ProjectFingerprint(object fingerprint) => Format("ProjectFingerprint", fingerprint);

    public static string ProjectNextCoordinator(object home, object address) => Format("ProjectNextCoordinator", home, address);

    public static string ProjectNextInvite(object command) => Format("ProjectNextInvite", command);

    public static string ProjectPartyArgument => Text("ProjectPartyArgument");

    public static string ProjectInviteDescription => Text("ProjectInviteDescription");

    public static string ProjectExpiresOption => Text("ProjectExpiresOption");

    public static string ProjectTokenOutOption => Text("ProjectTokenOutOption");

    public static string ProjectInviteExample1 => Text("ProjectInviteExample1");

    public static string ProjectInviteExample2 => Text("ProjectInviteExample2");

    public static string ProjectTokenFileExists(object file) => Format("ProjectTokenFileExists", file);

    public static string ProjectInvited(object party, object until) => Format("ProjectInvited", party, until);

    public static string ProjectExpiresInvalid(object text) => Format("ProjectExpiresInvalid", text);

    public static string ProjectFolderOption => Text("ProjectFolderOption");

    public static string ProjectListDescription => Text("ProjectListDescription");

    public static string ProjectListExample => Text("ProjectListExample");

    public static string ProjectRevokeDescription => Text("ProjectRevokeDescription");

    public static string ProjectReasonOption => Text("ProjectReasonOption");

    public static string ProjectRevokeExample => Text("ProjectRevokeExample");

    public static string ProjectRevoked(object party) => Format("ProjectRevoked", party);

    public static string ProjectRenewDescription => Text("ProjectRenewDescription");

    public static string ProjectRenewExample1 => Text("ProjectRenewExample1");

    public static string ProjectRenewExample2 => Text("ProjectRenewExample2");

    public static string ProjectRenewed(object lead, object until) => Format("ProjectRenewed", lead, until);

    public static string ProjectNotDue(object lead, object until, object from) => Format("ProjectNotDue", lead, until, from);

    public static string ProjectRenewalDue(object lead, object until, object command) => Format("ProjectRenewalDue", lead, until, command);

    public static string ProjectUntil => Text("ProjectUntil");

    public static string ProjectFingerprintColumn => Text("ProjectFingerprintColumn");

    public static string ProjectNobody => Text("ProjectNobody");

    public static string ProjectStateInvited => Text("ProjectStateInvited");

    public static string ProjectStateLapsed => Text("ProjectStateLapsed");

    public static string ProjectStateEnrolled => Text("ProjectStateEnrolled");

    public static string ProjectStateConnected => Text("ProjectStateConnected");

    public static string ProjectStateRevoked => Text("ProjectStateRevoked");

    public static string ProjectStateRevokedBecause(object reason) => Format("ProjectStateRevokedBecause", reason);

    private static string Text(string name) => Manager.GetString(name, CultureInfo.CurrentUICulture) ?? name;

    private static string Format(string name, params object[] values) => string.Format(CultureInfo.InvariantCulture, Text(name), values);
}
