using System.Globalization;
using System.Resources;
using FedLab.Federation.Experiments;

namespace FedLab.Notebook.Resources;

/// <summary>What labs and runs say in a notebook, in the language of the current UI culture.</summary>
internal static class LabMessages
{
    private static readonly ResourceManager Manager = new("FedLab.Notebook.Resources.LabMessages", typeof(LabMessages).Assembly);

    public static string LanguageUnknown(object language) => Format("LanguageUnknown", language);

    public static string AddressInvalid(object address) => Format("AddressInvalid", address);

    public static string FolderMissing(object folder) => Format("FolderMissing", folder);

    public static string NotALab(object folder) => Format("NotALab", folder);

    public static string LabIsThere(object lab) => Format("LabIsThere", lab);

    public static string LabUp(object lab, object address) => Format("LabUp", lab, address);

    public static string LabDown(object lab) => Format("LabDown", lab);

    public static string StartingLab => Text("StartingLab");

    public static string UpFailed(object code, object folder) => Format("UpFailed", code, folder);

    public static string NotLocal(object lab) => Format("NotLocal", lab);

    public static string NotOurs(object lab) => Format("NotOurs", lab);

    public static string InstitutionUnknown(object party, object lab, object parties) => Format("InstitutionUnknown", party, lab, parties);

    public static string NoSuchRun(object lab, object name, object runs) => Format("NoSuchRun", lab, name, runs);

    public static string NoRuns => Text("NoRuns");

    public static string Lab => Text("Lab");

    public static string Institution => Text("Institution");

    public static string State => Text("State");

    public static string Published => Text("Published");

    public static string NotPublished => Text("NotPublished");

    public static string Rows => Text("Rows");

    public static string Title => Text("Title");

    public static string Unit => Text("Unit");

    public static string Kind => Text("Kind");

    public static string RunKindName(RunKind kind) => Text(kind == RunKind.Score ? "RunKindScore" : "RunKindTrain");

    public static string Feature => Text("Feature");

    public static string FeatureNumber => Text("FeatureNumber");

    public static string FeatureText => Text("FeatureText");

    public static string FeatureLabel => Text("FeatureLabel");

    public static string Run => Text("Run");

    public static string Experiment => Text("Experiment");

    public static string ProposedBy => Text("ProposedBy");

    public static string Proposed => Text("Proposed");

    public static string Reason => Text("Reason");

    public static string SecondsColumn => Text("SecondsColumn");

    public static string Bytes => Text("Bytes");

    public static string Role => Text("Role");

    public static string Setting => Text("Setting");

    public static string Value => Text("Value");

    public static string Model => Text("Model");

    public static string Purpose => Text("Purpose");

    public static string TestRowsTitle => Text("TestRowsTitle");

    public static string TestFold(object fold, object of) => Format("TestFold", fold, of);

    public static string TestColumn(object column) => Format("TestColumn", column);

    public static string Default => Text("Default");

    public static string Trees => Text("Trees");

    public static string Logistic => Text("Logistic");

    public static string SpecHash => Text("SpecHash");

    public static string NothingHere => Text("NothingHere");

    public static string MoreRows(object count) => Format("MoreRows", count);

    public static string RolesMixed(object name) => Format("RolesMixed", name);

    public static string ActiveTwice(object party) => Format("ActiveTwice", party);

    public static string PartyTwice(object party) => Format("PartyTwice", party);

    public static string ActiveMissing => Text("ActiveMissing");

    public static string LabelUnknown(object party, object label, object labels) => Format("LabelUnknown", party, label, labels);

    public static string FeaturesOfBanks => Text("FeaturesOfBanks");

    public static string FeaturesNeeded => Text("FeaturesNeeded");

    public static string FeatureUnknown(object feature) => Format("FeatureUnknown", feature);

    public static string CategoriesNeeded(object feature) => Format("CategoriesNeeded", feature);

    public static string Launched(object run) => Format("Launched", run);

    public static string GoesOn(object run) => Format("GoesOn", run);

    public static string MayGoOn(object run) => Format("MayGoOn", run);

    public static string NotFinished(object run, object state) => Format("NotFinished", run, state);

    public static string BytesSent(object bytes) => Format("BytesSent", bytes);

    public static string Elapsed(object time) => Format("Elapsed", time);

    public static string Loss => Text("Loss");

    public static string Result => Text("Result");

    public static string Metrics => Text("Metrics");

    public static string Metric => Text("Metric");

    public static string NoMetrics => Text("NoMetrics");

    public static string AlignedRows => Text("AlignedRows");

    public static string TrainingRows => Text("TrainingRows");

    public static string TestRowsCount => Text("TestRowsCount");

    public static string TreesCount => Text("TreesCount");

    public static string Rounds => Text("Rounds");

    public static string SplitsCount => Text("SplitsCount");

    public static string FeaturesCount => Text("FeaturesCount");

    public static string Phase => Text("Phase");

    public static string Total => Text("Total");

    public static string ManifestHash => Text("ManifestHash");

    public static string SignedBy => Text("SignedBy");

    public static string NoManifest => Text("NoManifest");

    public static string OwnTitle(object party, object run) => Format("OwnTitle", party, run);

    public static string HomeMissing(object folder) => Format("HomeMissing", folder);

    public static string HomeHasNoRun(object home, object run) => Format("HomeHasNoRun", home, run);

    public static string ShareDiffers(object path, object party, object expected, object found) => Format("ShareDiffers", path, party, expected, found);

    public static string ShareUnreadable(object path, object reason) => Format("ShareUnreadable", path, reason);

    public static string LabClosed(object lab) => Format("LabClosed", lab);

    public static string NoScores(object party, object run) => Format("NoScores", party, run);

    public static string NoOwnModel(object party) => Format("NoOwnModel", party);

    public static string Rule => Text("Rule");

    public static string Used => Text("Used");

    public static string Splits => Text("Splits");

    public static string Gain => Text("Gain");

    public static string Share => Text("Share");

    public static string RowsReached => Text("RowsReached");

    public static string Cover => Text("Cover");

    public static string ImportanceByGain => Text("ImportanceByGain");

    public static string AllItsFeatures => Text("AllItsFeatures");

    public static string Estimate => Text("Estimate");

    public static string StandardError => Text("StandardError");

    public static string PValue => Text("PValue");

    public static string Coefficients => Text("Coefficients");

    public static string OwnRows => Text("OwnRows");

    public static string Alone => Text("Alone");

    public static string Joint => Text("Joint");

    public static string Comparison => Text("Comparison");

    public static string NothingToCompare => Text("NothingToCompare");

    public static string Parties => Text("Parties");

    public static string Messages(object run) => Format("Messages", run);

    public static string MessagesRun(object path, object runs) => Format("MessagesRun", path, runs);

    public static string MessagesNone(object path, object run) => Format("MessagesNone", path, run);

    public static string MessagesNoneAtAll(object path) => Format("MessagesNoneAtAll", path);

    public static string MessagesPath(object path) => Format("MessagesPath", path);

    public static string Step => Text("Step");

    public static string Class => Text("Class");

    public static string From => Text("From");

    public static string To => Text("To");

    public static string Count => Text("Count");

    public static string WhoCanRead => Text("WhoCanRead");

    public static string WhatItIs => Text("WhatItIs");

    public static string Everyone => Text("Everyone");

    public static string ReceiverOnly(object party) => Format("ReceiverOnly", party);

    public static string KeyHolder(object party) => Format("KeyHolder", party);

    public static string AllBanks => Text("AllBanks");

    public static string AllOthers => Text("AllOthers");

    public static string ClassPublic => Text("ClassPublic");

    public static string ClassCiphertext => Text("ClassCiphertext");

    public static string ClassSealed => Text("ClassSealed");

    public static string StepUnknown => Text("StepUnknown");

    public static string AuditTitle => Text("AuditTitle");

    public static string AuditMissing(object path) => Format("AuditMissing", path);

    public static string Check => Text("Check");

    public static string Severity => Text("Severity");

    public static string Finding => Text("Finding");

    public static string TrustKey => Text("TrustKey");

    public static string TrustAuthority => Text("TrustAuthority");

    public static string TrustQuorum => Text("TrustQuorum");

    public static string NothingPrepared(object lab) => Format("NothingPrepared", lab);

    public static string Address => Text("Address");

    public static string FolderOf => Text("FolderOf");

    public static string ScoresAlone(object run) => Format("ScoresAlone", run);

    public static string Scores => Text("Scores");

    public static string EveryMessage(object count) => Format("EveryMessage", count);

    public static string ExperimentTitle(object name) => Format("ExperimentTitle", name);

    public static string RunTitle(object run) => Format("RunTitle", run);

    public static string NoLabels(object run) => Format("NoLabels", run);

    /// <summary>What the messages of a step are, and why they say nothing to others.</summary>
    /// <param name="name">Name of the step as the code has it, such as ScanRequest.</param>
    /// <returns>Null when there is no sentence.</returns>
    public static string? StepSentence(string name) => Manager.GetString("Step" + name, CultureInfo.CurrentUICulture);

    private static string Text(string name) => Manager.GetString(name, CultureInfo.CurrentUICulture) ?? name;

    private static string Format(string name, params object[] values) => string.Format(CultureInfo.InvariantCulture, Text(name), values);
}
