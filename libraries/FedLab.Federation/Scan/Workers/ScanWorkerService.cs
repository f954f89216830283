using FedLab.Lattice;
using FedLab.Proto;
using Grpc.Core;

namespace FedLab.Federation.Scan.Workers;

/// <summary>The service of a scan worker. Whoever hosts it lets only holders of the institution's worker certificate call it.</summary>
/// <param name="threads">Threads that computations may use.</param>
/// <param name="memoryLimit">Bytes for kept transforms, all calls together.</param>
/// <param name="serving">Told of each call's begin (true) and end (false), with the caller's address; may be null.</param>
public sealed class ScanWorkerService(int threads, long memoryLimit, Action<string, bool>? serving = null) : ScanWorkers.ScanWorkersBase
{
    private readonly TransformMemory _memory = new(memoryLimit);

    /// <inheritdoc/>
    public override async Task Work(IAsyncStreamReader<WorkOrder> requestStream, IServerStreamWriter<WorkReport> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        serving?.Invoke(context.Peer, true);
        try
        {
            await WorkerSession.ServeAsync(requestStream, responseStream, _memory, threads, context.CancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ProtocolException or LatticeFormatException)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, e.Message));
        }
        finally
        {
            serving?.Invoke(context.Peer, false);
        }
    }
}
