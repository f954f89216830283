using System.Globalization;
using System.Resources;

namespace FedLab.Client.Resources;

/// <summary>How phases, states, roles and verdicts are called, in the language of the current UI culture.</summary>
internal static class Words
{
    private static readonly ResourceManager Manager = new("FedLab.Client.Resources.Words", typeof(Words).Assembly);

    public static string PhaseGenerating => Text("PhaseGenerating");

    public static string PhaseReading => Text("PhaseReading");

    public static string PhaseStarting => Text("PhaseStarting");

    public static string PhaseDeciding => Text("PhaseDeciding");

    public static string PhaseGathering => Text("PhaseGathering");

    public static string PhaseAlignment => Text("PhaseAlignment");

    public static string PhaseKeys => Text("PhaseKeys");

    public static string PhaseTraining => Text("PhaseTraining");

    public static string PhaseEvaluation => Text("PhaseEvaluation");

    public static string PhasePublication => Text("PhasePublication");

    public static string PhaseScoring => Text("PhaseScoring");

    public static string PhaseComparison => Text("PhaseComparison");

    public static string PhaseAudit => Text("PhaseAudit");

    public static string StepNumber(string done) => Format("StepNumber", done);

    public static string TreeOf(string done, string total) => Format("TreeOf", done, total);

    public static string StepOf(string done, string total) => Format("StepOf", done, total);

    public static string TimeLeft(string time) => Format("TimeLeft", time);

    public static string WaitsFor(object parties) => Format("WaitsFor", parties);

    public static string StateUndecided => Text("StateUndecided");

    public static string StateRefused => Text("StateRefused");

    public static string StateRefusedBecause(object reason) => Format("StateRefusedBecause", reason);

    public static string StateApproved => Text("StateApproved");

    public static string StateAway => Text("StateAway");

    public static string StateFinished => Text("StateFinished");

    public static string StateLeft => Text("StateLeft");

    public static string StateConnected => Text("StateConnected");

    public static string RunStateProposed => Text("RunStateProposed");

    public static string RunStateApproved => Text("RunStateApproved");

    public static string RunStateRunning => Text("RunStateRunning");

    public static string RunStateFinished => Text("RunStateFinished");

    public static string RunStateFailed => Text("RunStateFailed");

    public static string RunStateStopped => Text("RunStateStopped");

    public static string RunStateRefused => Text("RunStateRefused");

    public static string RunRefusedBy(object run, object parties) => Format("RunRefusedBy", run, parties);

    public static string RunWasStopped(object run, object reason) => Format("RunWasStopped", run, reason);

    public static string RunHasFailed(object run, object reason) => Format("RunHasFailed", run, reason);

    public static string RoleActive => Text("RoleActive");

    public static string RoleRequired => Text("RoleRequired");

    public static string RoleOptional => Text("RoleOptional");

    public static string RoleBank => Text("RoleBank");

    public static string RuleOrMissing(string rule) => Format("RuleOrMissing", rule);

    public static string RuleIn(string feature, string categories) => Format("RuleIn", feature, categories);

    public static string RuleNotInOrMissing(string feature, string categories) => Format("RuleNotInOrMissing", feature, categories);

    public static string RuleMissing(string feature) => Format("RuleMissing", feature);

    public static string RulePresent(string feature) => Format("RulePresent", feature);

    public static string SeverityNote => Text("SeverityNote");

    public static string SeverityWarning => Text("SeverityWarning");

    public static string SeverityError => Text("SeverityError");

    public static string AuditHolds => Text("AuditHolds");

    public static string AuditBroken(int count) => Format("AuditBroken", count);

    private static string Text(string name) => Manager.GetString(name, CultureInfo.CurrentUICulture) ?? name;

    private static string Format(string name, params object[] values) => string.Format(CultureInfo.InvariantCulture, Text(name), values);
}
