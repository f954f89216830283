using System.Runtime.CompilerServices;
using FedLab.Proto;
using Grpc.Core;

namespace FedLab.Client.Labs;

// The containers of a lab whose coordinator runs its participants.
public sealed partial class LabConnection
{
    private Proto.Containers.ContainersClient ContainerClient => new(_channel.Invoker);

    /// <summary>The containers of the lab, measured now.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ClientException">The coordinator starts no containers, or could not be asked.</exception>
    public Task<ContainerList> ListContainersAsync(CancellationToken cancellationToken) =>
        AskAsync(options => ContainerClient.ListContainersAsync(new ListContainersRequest(), options), cancellationToken);

    /// <summary>The containers of the lab, every second.</summary>
    /// <param name="cancellationToken">Ends the watching.</param>
    /// <exception cref="ClientException">The coordinator starts no containers, could not be asked, or went away.</exception>
    public async IAsyncEnumerable<ContainerList> WatchContainersAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = ContainerClient.WatchContainers(new WatchContainersRequest(), cancellationToken: cancellationToken);
        while (await NextAsync(call.ResponseStream, cancellationToken)) yield return call.ResponseStream.Current;
    }

    /// <summary>What the program in a container wrote.</summary>
    /// <param name="name">Name of the party, or <c>coordinator</c>.</param>
    /// <param name="tail">Lines from before; 0: all, at most 10,000.</param>
    /// <param name="follow">Whether to go on until cancelled, over restarts.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ClientException">There is no such container, or the coordinator could not be asked or went away.</exception>
    public async IAsyncEnumerable<ContainerLogLine> ReadLogAsync(string name, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = ContainerClient.ReadLog(new ReadLogRequest { Name = name, Tail = tail, Follow = follow }, cancellationToken: cancellationToken);
        while (await NextAsync(call.ResponseStream, cancellationToken))
        {
            foreach (var line in call.ResponseStream.Current.Lines) yield return line;
        }
    }

    /// <summary>Has a participant's container restarted.</summary>
    /// <param name="name">Name of the party.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ClientException">There is no such container, or the coordinator could not be asked.</exception>
    public Task<ContainerDescription> RestartContainerAsync(string name, CancellationToken cancellationToken) =>
        AskAsync(options => ContainerClient.RestartContainerAsync(new RestartContainerRequest { Name = name }, options), cancellationToken);

    private async Task<bool> NextAsync<T>(IAsyncStreamReader<T> stream, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.MoveNext(cancellationToken);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Explain(e);
        }
        catch (RpcException e)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }
}
