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

    public static string DemoRows => Text("DemoRows");

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

    public static string AuditDescription => Text("AuditDescription");

    public static string AuditVerifyDescription => Text("AuditVerifyDescription");

    public static string AuditPath => Text("AuditPath");

    public static string AuditExample1 => Text("AuditExample1");

    public static string AuditPathMissing(object path) => Format("AuditPathMissing", path);

    public static string AuditHolds => Text("AuditHolds");

    public static string AuditBroken(int count) => Format("AuditBroken", count);

    public static string AuditCheck => Text("AuditCheck");

    public static string AuditSeverity => Text("AuditSeverity");

    public static string SeverityNote => Text("SeverityNote");

    public static string SeverityWarning => Text("SeverityWarning");

    public static string SeverityError => Text("SeverityError");

    public static string AuditFinding => Text("AuditFinding");

    public static string BenchDescription => Text("BenchDescription");

    public static string BenchTransformDescription => Text("BenchTransformDescription");

    public static string BenchScanDescription => Text("BenchScanDescription");

    public static string BenchCurveDescription => Text("BenchCurveDescription");

    public static string BenchWidth(object text) => Format("BenchWidth", text);

    public static string VersionDescription => Text("VersionDescription");

    public static string PhaseGenerating => Text("PhaseGenerating");

    public static string PhaseReading => Text("PhaseReading");

    public static string PhaseStarting => Text("PhaseStarting");

    public static string PhaseAlignment => Text("PhaseAlignment");

    public static string PhaseTraining => Text("PhaseTraining");

    public static string PhaseEvaluation => Text("PhaseEvaluation");

    public static string PhasePublication => Text("PhasePublication");

    public static string PhaseScoring => Text("PhaseScoring");

    public static string PhaseComparison => Text("PhaseComparison");

    public static string PhaseAudit => Text("PhaseAudit");

    public static string TreeOf(string done, string total) => Format("TreeOf", done, total);

    public static string StepOf(string done, string total) => Format("StepOf", done, total);

    public static string TimeLeft(string time) => Format("TimeLeft", time);

    public static string ReportInstitutions => Text("ReportInstitutions");

    public static string ReportParty => Text("ReportParty");

    public static string ReportRole => Text("ReportRole");

    public static string RoleActive => Text("RoleActive");

    public static string RoleRequired => Text("RoleRequired");

    public static string RoleOptional => Text("RoleOptional");

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

    private static string Text(string name) => Manager.GetString(name, CultureInfo.CurrentUICulture) ?? name;

    private static string Format(string name, params object[] values) => string.Format(CultureInfo.InvariantCulture, Text(name), values);
}
