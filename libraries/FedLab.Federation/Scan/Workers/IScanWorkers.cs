using Grpc.Core;

namespace FedLab.Federation.Scan.Workers;

/// <summary>A worker that may be there.</summary>
/// <param name="Name">Its address, for the institution's own log.</param>
/// <param name="Invoker">Makes calls to it.</param>
public sealed record ScanWorker(string Name, CallInvoker Invoker);

/// <summary>An institution's scan workers as a run sees them; what it tells stays in the institution.</summary>
public interface IScanWorkers
{
    /// <summary>Silence after which a worker that has work counts as lost.</summary>
    TimeSpan Patience { get; }

    /// <summary>The workers that are known now; asked before every scan.</summary>
    /// <param name="cancellationToken">Ends the search.</param>
    ValueTask<IReadOnlyList<ScanWorker>> FindAsync(CancellationToken cancellationToken);

    /// <summary>A worker takes part from now on.</summary>
    /// <param name="name">Its address.</param>
    void Found(string name);

    /// <summary>A worker is lost; others redo what it held.</summary>
    /// <param name="name">Its address.</param>
    /// <param name="reason">Why, one sentence.</param>
    void Lost(string name, string reason);

    /// <summary>No worker is left: the participant computes the rest of this scan itself.</summary>
    void NoneLeft();
}
