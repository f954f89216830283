using System.Globalization;
using System.Resources;
using FedLab.Client.Wording;

namespace FedLab.Client.Resources;

/// <summary>What this library says to the person at the terminal, in the language of the current UI culture.</summary>
internal static class Messages
{
    private static readonly ResourceManager Manager = new("FedLab.Client.Resources.Messages", typeof(Messages).Assembly);

    public static string PartyNotNameFile(object text) => Format("PartyNotNameFile", text);

    public static string PartyNameInvalid(object name) => Format("PartyNameInvalid", name);

    public static string PartyNameReserved(object name) => Format("PartyNameReserved", name);

    public static string PartyNamedTwice(object name) => Format("PartyNamedTwice", name);

    public static string PartiesTooFew(object count, CallerWords caller) => Format("PartiesTooFew", count, caller.Subject, caller.AddParty);

    public static string PartiesTooMany(int count, int limit) => Format("PartiesTooMany", count, limit);

    public static string FileMissing(object path, object party, CallerWords caller) => Format("FileMissing", path, party, caller.CheckFile);

    public static string FileIsFolder(object path, object party) => Format("FileIsFolder", path, party);

    public static string FileKind(object path, object party) => Format("FileKind", path, party);

    public static string KeyNeeded => Text("KeyNeeded");

    public static string KeyTwice(object party) => Format("KeyTwice", party);

    public static string LabelNeeded => Text("LabelNeeded");

    public static string LabelWithoutParty(object text, object party) => Format("LabelWithoutParty", text, party);

    public static string ColumnUnknownParty(object option, object text, object parties) => Format("ColumnUnknownParty", option, text, parties);

    public static string ColumnEmpty(object option, object text) => Format("ColumnEmpty", option, text);

    public static string ColumnIsKey(object option, object text) => Format("ColumnIsKey", option, text);

    public static string ModelUnknown(object model) => Format("ModelUnknown", model);

    public static string SettingNotNameValue(object text) => Format("SettingNotNameValue", text);

    public static string SettingTwice(object name) => Format("SettingTwice", name);

    public static string TestFoldInvalid(object text) => Format("TestFoldInvalid", text);

    public static string TestGivenTwice => Text("TestGivenTwice");

    public static string TestColumnNotActive(object text, object party) => Format("TestColumnNotActive", text, party);

    public static string OptionalUnknown(object name, object parties) => Format("OptionalUnknown", name, parties);

    public static string OptionalIsActive(object name) => Format("OptionalIsActive", name);

    public static string KeyFormatUnknown(object text) => Format("KeyFormatUnknown", text);

    public static string MinimumCohortInvalid(object text) => Format("MinimumCohortInvalid", text);

    public static string PortInvalid(object text) => Format("PortInvalid", text);

    public static string PortInUse(object port) => Format("PortInUse", port);

    public static string OutIsFile(object path, CallerWords caller) => Format("OutIsFile", path, caller.GiveFolder);

    public static string OutNotEmpty(object path, CallerWords caller) => Format("OutNotEmpty", path, caller.NewFolder);

    public static string OutHoldsRun(object path, CallerWords caller) => Format("OutHoldsRun", path, caller.NewFolder);

    public static string OutNotWritable(object path, object reason, CallerWords caller) => Format("OutNotWritable", path, reason, caller.OtherFolder);

    public static string NothingInCommon(object parties) => Format("NothingInCommon", parties);

    public static string OneClassOnly(object path, object column, object value) => Format("OneClassOnly", path, column, value);

    public static string OneClassTrain(object path, object column, object value) => Format("OneClassTrain", path, column, value);

    public static string NoTestRows(object text) => Format("NoTestRows", text);

    public static string NoTrainingRows(object text) => Format("NoTrainingRows", text);

    public static string TestColumnValues(object path, object column, object value) => Format("TestColumnValues", path, column, value);

    public static string ProgramMissing(object name, object folder) => Format("ProgramMissing", name, folder);

    public static string ProcessEnded(object name, object code, object reason) => Format("ProcessEnded", name, code, reason);

    public static string ProcessEndedSilently(object name, object code, object log) => Format("ProcessEndedSilently", name, code, log);

    public static string CoordinatorNotReady(object seconds, object log) => Format("CoordinatorNotReady", seconds, log);

    public static string ParticipantsNotReady(object names, object seconds) => Format("ParticipantsNotReady", names, seconds);

    public static string ConnectionLost(object reason) => Format("ConnectionLost", reason);

    public static string RunFailed(object reason) => Format("RunFailed", reason);

    public static string ScoringFailed(object reason) => Format("ScoringFailed", reason);

    public static string ManifestHashDiffers(object expected, object found) => Format("ManifestHashDiffers", expected, found);

    public static string ModelFolder(object path, object reason) => Format("ModelFolder", path, reason);

    public static string ModelFolderMissing(object path) => Format("ModelFolderMissing", path);

    public static string ModelFolderNoRun(object path) => Format("ModelFolderNoRun", path);

    public static string Restarted(object name) => Format("Restarted", name);

    public static string ScoreNoNewFile(object names) => Format("ScoreNoNewFile", names);

    public static string ScoreUnknownParty(object name, object names) => Format("ScoreUnknownParty", name, names);

    public static string ScoreOutFolder(object path) => Format("ScoreOutFolder", path);

    public static string ScoreOutParent(object path) => Format("ScoreOutParent", path);

    public static string ScoreModelChanged(object path, object expected, object found) => Format("ScoreModelChanged", path, expected, found);

    public static string ScoreFileMissing(object path) => Format("ScoreFileMissing", path);

    public static string LogWithoutRules(object path) => Format("LogWithoutRules", path);

    public static string FederationUnknown(object text) => Format("FederationUnknown", text);

    public static string LogisticNeedsBanks(CallerWords caller) => Format("LogisticNeedsBanks", caller.BanksOrTrees);

    public static string OptionOfBanks(object option) => Format("OptionOfBanks", option);

    public static string OptionOfSources(object option) => Format("OptionOfSources", option);

    public static string BankModelUnknown(object model) => Format("BankModelUnknown", model);

    public static string BankLabelNeeded => Text("BankLabelNeeded");

    public static string BankKeyTwice => Text("BankKeyTwice");

    public static string TwoBanks(int banks, int least, CallerWords caller) => Format("TwoBanks", banks, least, caller.AllowTwoBanks);

    public static string TwoBanksThreshold(int threshold, int least, CallerWords caller) => Format("TwoBanksThreshold", threshold, least, caller.AllowTwoBanks);

    public static string BankColumnUnknown(object path, object option, object column, object columns) => Format("BankColumnUnknown", path, option, column, columns);

    public static string BankColumnWithParty(object option, object text, object column) => Format("BankColumnWithParty", option, text, column);

    public static string BankColumnNowhere(object option, object column) => Format("BankColumnNowhere", option, column);

    public static string BankColumnIsFirst(object option, object column) => Format("BankColumnIsFirst", option, column);

    public static string BankFirstColumnNoKey(object path, object column, int left, int rows) => Format("BankFirstColumnNoKey", path, column, left, rows);

    public static string BankNoFeatures(object path) => Format("BankNoFeatures", path);

    public static string BankColumnMissing(object path, object column, object first) => Format("BankColumnMissing", path, column, first);

    public static string BankColumnExtra(object path, object column, object first) => Format("BankColumnExtra", path, column, first);

    public static string BankTrainOneClass(object test, object column, object value) => Format("BankTrainOneClass", test, column, value);

    public static string BankTestOneClass(object test, object column, object value) => Format("BankTestOneClass", test, column, value);

    public static string BankFileMissing(object bank, object path) => Format("BankFileMissing", bank, path);

    public static string BankModelDiffers(object bank, object found, object expected) => Format("BankModelDiffers", bank, found, expected);

    public static string ScoreOfBanks(object path) => Format("ScoreOfBanks", path);

    public static string LeadCertificateNotRenewed(object address) => Format("LeadCertificateNotRenewed", address);

    public static string LeadCertificateNotWritable(object path, object reason) => Format("LeadCertificateNotWritable", path, reason);

    public static string KeysUnusable(object keys, object reason) => Format("KeysUnusable", keys, reason);

    public static string CoordinatorUnreachable(object address, object reason) => Format("CoordinatorUnreachable", address, reason);

    public static string KeysRefused(object address, object keys, object reason) => Format("KeysRefused", address, keys, reason);

    public static string ProposalRefused(object reason) => Format("ProposalRefused", reason);

    public static string ConnectingAgain(object reason) => Format("ConnectingAgain", reason);

    public static string SpecificationUnreadable(object path, object reason) => Format("SpecificationUnreadable", path, reason);

    public static string SpecificationTooLarge(object path, object length, object limit) => Format("SpecificationTooLarge", path, length, limit);

    public static string SpecificationInvalid(object path, object reason) => Format("SpecificationInvalid", path, reason);

    public static string PartyNotInLab(object party, object lab, object parties) => Format("PartyNotInLab", party, lab, parties);

    public static string ManifestOfOtherExperiment(object run) => Format("ManifestOfOtherExperiment", run);

    public static string ManifestNotSigned(object party) => Format("ManifestNotSigned", party);

    public static string HostInvalid(object host) => Format("HostInvalid", host);

    public static string ProjectNameInvalid(object name) => Format("ProjectNameInvalid", name);

    public static string ProjectMissing(object folder) => Format("ProjectMissing", folder);

    public static string ProjectUnreadable(object path) => Format("ProjectUnreadable", path);

    public static string ScoreKeyIsFeature(object column) => Format("ScoreKeyIsFeature", column);

    public static string ScoreKeyMissing(object path, object column) => Format("ScoreKeyMissing", path, column);

    public static string ScoreColumnsMissing(object path, object columns) => Format("ScoreColumnsMissing", path, columns);

    public static string ScoreModelIsFolder(object path) => Format("ScoreModelIsFolder", path);

    public static string ScoreModelFileMissing(object path) => Format("ScoreModelFileMissing", path);

    public static string ScoreModelUnreadable(object path, object reason) => Format("ScoreModelUnreadable", path, reason);

    public static string ScoreOutIsFolder(object path) => Format("ScoreOutIsFolder", path);

    public static string ScoreOutFolderMissing(object path) => Format("ScoreOutFolderMissing", path);

    public static string ScoreOutIsInput(object path) => Format("ScoreOutIsInput", path);

    public static string CatalogueListInvalid(object coordinator) => Format("CatalogueListInvalid", coordinator);

    public static string CatalogueInvalid(object party, object problem) => Format("CatalogueInvalid", party, problem);

    public static string CatalogueUntrusted(object party, object reason) => Format("CatalogueUntrusted", party, reason);

    public static string CatalogueCertificateUnreadable => Format("CatalogueCertificateUnreadable");

    public static string CatalogueCertificateOfAnother(object name) => Format("CatalogueCertificateOfAnother", name);

    public static string CatalogueSignatureInvalid => Format("CatalogueSignatureInvalid");

    public static string RunWithoutModel(object run) => Format("RunWithoutModel", run);

    public static string LogWithoutHead(object folder) => Format("LogWithoutHead", folder);

    private static string Text(string name) => Manager.GetString(name, CultureInfo.CurrentUICulture) ?? name;

    private static string Format(string name, params object[] values) => string.Format(CultureInfo.InvariantCulture, Text(name), values);
}
