namespace FedLab.Client.Simulations;

/// <summary>What a simulation found, whichever federation it was of.</summary>
public interface ISimulationReport
{
    /// <summary>The audit trail.</summary>
    ReportAudit Audit { get; }

    /// <summary>The report as JSON: the object that <c>--json</c> prints.</summary>
    string ToJson();
}
