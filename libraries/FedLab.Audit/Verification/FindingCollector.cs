using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>Gathers findings and counts, and puts them in their order. Not thread-safe.</summary>
internal sealed class FindingCollector
{
    /// <summary>Findings of one kind and log that are listed; a rewritten log would otherwise give one for each envelope.</summary>
    private const int MaximumOfAKind = 100;

    private readonly List<AuditFinding> _findings = [];
    private readonly Dictionary<(AuditFindingCode, string?, AuditSeverity), int> _ofAKind = [];
    private readonly long[] _checks = new long[Enum.GetValues<AuditCheckKind>().Length];

    /// <summary>Adds a finding whose text is that of its code.</summary>
    internal void Add(AuditFindingCode code, AuditSeverity severity, string? log, long? entryIndex, params ReadOnlySpan<object?> values)
    {
        (AuditFindingCode, string?, AuditSeverity) kind = (code, log, severity);
        int count = _ofAKind.GetValueOrDefault(kind) + 1;
        _ofAKind[kind] = count;
        if (count > MaximumOfAKind) return;
        string text = Messages.Format("Finding" + code, values);
        _findings.Add(new AuditFinding(code, severity, log, entryIndex, log is null ? text : log + ": " + text));
    }

    /// <summary>Adds an error whose text is that of its code.</summary>
    internal void Error(AuditFindingCode code, string? log, long? entryIndex, params ReadOnlySpan<object?> values) => Add(code, AuditSeverity.Error, log, entryIndex, values);

    internal void Count(AuditCheckKind kind, long count = 1) => _checks[(int)kind] += count;

    /// <summary>The findings by log, in the order given, and entry.</summary>
    internal IReadOnlyList<AuditFinding> Findings(IReadOnlyList<string> logOrder)
    {
        foreach (((AuditFindingCode code, string? log, AuditSeverity severity), int count) in _ofAKind)
        {
            if (count <= MaximumOfAKind) continue;
            _findings.Add(new AuditFinding(AuditFindingCode.FurtherFindings, severity, log, EntryIndex: null, Messages.Format("FindingFurtherFindings", count - MaximumOfAKind, code.ToString())));
        }

        Dictionary<string, int> order = logOrder.Select((log, place) => (log, place)).ToDictionary(pair => pair.log, pair => pair.place, StringComparer.Ordinal);
        return [.. _findings
            .OrderBy(finding => finding.Log is null ? -1 : order.GetValueOrDefault(finding.Log, order.Count))
            .ThenBy(finding => finding.Log, StringComparer.Ordinal)
            .ThenBy(finding => finding.EntryIndex ?? -1)
            .ThenBy(finding => finding.Code)
            .ThenBy(finding => finding.Text, StringComparer.Ordinal)];
    }

    internal IReadOnlyList<AuditCheck> Checks() =>
        [.. Enum.GetValues<AuditCheckKind>().Select(kind => new AuditCheck(kind, _checks[(int)kind], Messages.Format("Check" + kind, _checks[(int)kind])))];
}
