using System.Globalization;
using FedLab.Audit;
using FedLab.Client.Resources;
using FedLab.Federation.Experiments;
using FedLab.Learning;
using FedLab.Proto;

namespace FedLab.Client.Wording;

/// <summary>Runs, roles and verdicts in words.</summary>
public static class RunText
{
    /// <summary>Name of a run's state.</summary>
    /// <param name="state">The state.</param>
    public static string Name(RunState state) => state switch
    {
        RunState.Proposed => Words.RunStateProposed,
        RunState.Approved => Words.RunStateApproved,
        RunState.Running => Words.RunStateRunning,
        RunState.Finished => Words.RunStateFinished,
        RunState.Failed => Words.RunStateFailed,
        RunState.Stopped => Words.RunStateStopped,
        RunState.Refused => Words.RunStateRefused,
        _ => state.ToString(),
    };

    /// <summary>The condition under which a row goes left. Thresholds lie half-way between two values, which leaves digits that nobody wrote: ten are enough.</summary>
    /// <param name="rule">The rule.</param>
    public static string Name(SplitRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var categories = $"{{{string.Join(", ", rule.Categories)}}}";
        var threshold = string.Create(CultureInfo.InvariantCulture, $"{rule.Feature} ≤ {rule.Threshold:G10}");
        return (rule.Kind, rule.MissingLeft) switch
        {
            (SplitKind.Threshold, false) => threshold,
            (SplitKind.Threshold, true) => Words.RuleOrMissing(threshold),
            (SplitKind.Categories, false) => Words.RuleIn(rule.Feature, categories),
            (SplitKind.Categories, true) => Words.RuleNotInOrMissing(rule.Feature, categories),
            (_, true) => Words.RuleMissing(rule.Feature),
            _ => Words.RulePresent(rule.Feature),
        };
    }

    /// <summary>Name of a role.</summary>
    /// <param name="role">The role.</param>
    public static string Name(PartyRole role) => role switch
    {
        PartyRole.Active => Words.RoleActive,
        PartyRole.Required => Words.RoleRequired,
        PartyRole.Optional => Words.RoleOptional,
        PartyRole.Bank => Words.RoleBank,
        _ => role.ToString(),
    };

    /// <summary>Name of a role as the coordinator tells it.</summary>
    /// <param name="role">active, required, optional or bank; anything else stays as it is.</param>
    public static string RoleName(string role) => role switch
    {
        "active" => Name(PartyRole.Active),
        "required" => Name(PartyRole.Required),
        "optional" => Name(PartyRole.Optional),
        "bank" => Name(PartyRole.Bank),
        _ => role,
    };

    /// <summary>Name of the weight of a finding.</summary>
    /// <param name="severity">The weight.</param>
    public static string Name(AuditSeverity severity) => severity switch
    {
        AuditSeverity.Note => Words.SeverityNote,
        AuditSeverity.Warning => Words.SeverityWarning,
        AuditSeverity.Error => Words.SeverityError,
        _ => severity.ToString(),
    };

    /// <summary>Whether an institution is there.</summary>
    /// <param name="connected">Whether it is connected.</param>
    public static string Connected(bool connected) => connected ? Words.StateConnected : Words.StateAway;

    /// <summary>How an institution ended a run that has a result.</summary>
    /// <param name="left">Whether it left before the end.</param>
    public static string Ended(bool left) => left ? Words.StateLeft : Words.StateFinished;

    /// <summary>Why a run that has ended has no result, in the lead's language as far as the coordinator's words allow.</summary>
    /// <param name="run">The run.</param>
    public static string WhyNot(RunDescription run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var refused = run.Parties.Where(party => party.Decision == PartyDecision.Refused).Select(party => party.Reason.Length > 0 ? $"'{party.Name}' ({party.Reason})" : $"'{party.Name}'").ToArray();
        return run.State switch
        {
            RunState.Refused when refused.Length > 0 => Words.RunRefusedBy(run.Run, string.Join(", ", refused)),
            RunState.Stopped => Words.RunWasStopped(run.Run, run.Reason),
            _ => Words.RunHasFailed(run.Run, run.Reason),
        };
    }

    /// <summary>The verdict on an audit trail in one sentence.</summary>
    /// <param name="verdict">The verdict.</param>
    public static string Sentence(AuditVerdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        return verdict.Holds ? Words.AuditHolds : Words.AuditBroken(verdict.Findings.Count(finding => finding.Severity == AuditSeverity.Error));
    }
}
