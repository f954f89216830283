using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Lattice.Multiparty;
using FedLab.Learning;

namespace FedLab.Federation.Horizontal;

/// <summary>The ring of an experiment's sums: from the specification alone, so that every bank and the blind coordinator have the same without asking.</summary>
internal static class SumPlanning
{
    /// <summary>Makes the plan of a horizontal experiment.</summary>
    /// <param name="spec">The specification, checked.</param>
    /// <exception cref="LearningException">A setting of the learner is out of range.</exception>
    /// <exception cref="ProtocolException">A setting of the protocol is malformed.</exception>
    public static CollectiveSumPlan PlanOf(ExperimentSpec spec)
    {
        var settings = RunSettings.Parse(spec);
        var learner = settings.CapacityFor(spec.Features!).MagnitudeBits;
        return new CollectiveSumPlan(spec.Parties.Count, Math.Max(learner, SummedMetrics.Capacity.MagnitudeBits));
    }
}
