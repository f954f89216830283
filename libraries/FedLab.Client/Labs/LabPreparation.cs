using FedLab.Client.Plans;
using FedLab.Client.Resources;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;

namespace FedLab.Client.Labs;

/// <summary>Makes the homes of a lab whose programs are started by others, such as containers, and the experiment to propose to it.</summary>
public static class LabPreparation
{
    /// <summary>Port of the coordinator where none is asked for: the coordinator's own default.</summary>
    public const int DefaultPort = 7443;

    /// <summary>File with the experiment's specification in the lab's folder.</summary>
    public const string SpecificationFile = "spec.json";

    /// <summary>Checks the name by which participants are to reach the coordinator.</summary>
    /// <param name="host">A host name or address.</param>
    /// <exception cref="ClientException">It is neither.</exception>
    public static void CheckHost(string host)
    {
        if (Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4) return;
        throw ClientException.Usage(Messages.HostInvalid(host));
    }

    /// <summary>Writes keys, certificates, configurations and data into a home for each, and the specification beside them.</summary>
    /// <param name="plan">The institutions and their files.</param>
    /// <param name="spec">The experiment; the lab has its name.</param>
    /// <param name="workspace">The folder.</param>
    /// <param name="coordinatorHost">Name by which the participants reach the coordinator; its certificate also holds localhost and 127.0.0.1.</param>
    /// <param name="time">Clock, for the certificates' dates.</param>
    /// <returns>Path of the specification.</returns>
    public static string Write(ILabPlan plan, ExperimentSpec spec, LabWorkspace workspace, string coordinatorHost, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(workspace);
        LocalLab.Create(spec.Name, plan, workspace, plan.Port ?? DefaultPort, time, coordinatorHost, publishes: true);
        var path = Path.Combine(workspace.Root, SpecificationFile);
        KeyFiles.WriteAtomically(path, spec.ToBytes(), ownerOnly: false);
        return path;
    }
}
