using System.Globalization;
using System.Resources;

namespace FedLab.Client.Resources;

/// <summary>What this library says to the person at the terminal, in the language of the current UI culture.</summary>
internal static class Messages
{
    private static readonly ResourceManager Manager = new("FedLab.Client.Resources.Messages", typeof(Messages).Assembly);

    public static string PartyNotNameFile(object text) => Format("PartyNotNameFile", text);

    public static string PartyNameInvalid(object name) => Format("PartyNameInvalid", name);

    public static string PartyNameReserved(object name) => Format("PartyNameReserved", name);

    public static string PartyNamedTwice(object name) => Format("PartyNamedTwice", name);

    public static string PartiesTooFew(object count) => Format("PartiesTooFew", count);

    public static string PartiesTooMany(int count, int limit) => Format("PartiesTooMany", count, limit);

    public static string FileMissing(object path, object party) => Format("FileMissing", path, party);

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

    public static string OutIsFile(object path) => Format("OutIsFile", path);

    public static string OutNotEmpty(object path) => Format("OutNotEmpty", path);

    public static string OutHoldsRun(object path) => Format("OutHoldsRun", path);

    public static string OutNotWritable(object path, object reason) => Format("OutNotWritable", path, reason);

    public static string WriteFailed(object reason) => Format("WriteFailed", reason);

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

    private static string Text(string name) => Manager.GetString(name, CultureInfo.CurrentUICulture) ?? name;

    private static string Format(string name, params object[] values) => string.Format(CultureInfo.InvariantCulture, Text(name), values);
}
