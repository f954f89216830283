using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using FedLab.Client.Resources;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Client.Labs;

/// <summary>A lead's view of a lab: parties, runs, models, over gRPC with mutual TLS.</summary>
public sealed class LabConnection : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReconnectTimeout = TimeSpan.FromMinutes(2);

    private readonly X509Certificate2 _own;
    private readonly X509Certificate2 _authority;
    private readonly LabChannel _channel;
    private readonly Lab.LabClient _client;
    private readonly TimeProvider _time;

    /// <summary>Prepares a connection; nothing is dialled before the first call.</summary>
    /// <param name="address">The coordinator, <c>https://host:port</c>.</param>
    /// <param name="keys">Folder with the lead's identity and the lab's authority.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="KeyFileException">A key or certificate is missing, malformed or readable by others.</exception>
    public LabConnection(Uri address, string keys, TimeProvider time)
    {
        _own = KeyFiles.LoadIdentity(keys);
        _authority = KeyFiles.LoadCertificate(Path.Combine(keys, LabAuthority.CertificateFile));
        _channel = new LabChannel(address, _own, _authority, time);
        _client = new Lab.LabClient(_channel.Invoker);
        _time = time;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel.Dispose();
        _own.Dispose();
        _authority.Dispose();
    }

    /// <summary>Waits until the coordinator answers and all parties of the lab are connected.</summary>
    /// <param name="parties">The parties that must be there.</param>
    /// <param name="coordinatorTimeout">How long the coordinator may take to answer.</param>
    /// <param name="partiesTimeout">How long the parties may take after that.</param>
    /// <param name="coordinatorLog">Named in the message when it does not answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClientException">Somebody did not come in time.</exception>
    public async Task WaitForPartiesAsync(IReadOnlyCollection<string> parties, TimeSpan coordinatorTimeout, TimeSpan partiesTimeout, string coordinatorLog, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var answered = false;
        while (true)
        {
            var missing = await MissingPartiesAsync(parties, cancellationToken);
            if (missing is { Count: 0 }) return;
            if (missing is not null && !answered)
            {
                answered = true;
                started = _time.GetTimestamp();
            }
            var waited = _time.GetElapsedTime(started);
            if (!answered && waited > coordinatorTimeout) throw new ClientException(Messages.CoordinatorNotReady((int)coordinatorTimeout.TotalSeconds, coordinatorLog));
            if (answered && waited > partiesTimeout) throw new ClientException(Messages.ParticipantsNotReady(string.Join(", ", missing ?? [.. parties]), (int)partiesTimeout.TotalSeconds));
            await Task.Delay(PollInterval, _time, cancellationToken);
        }
    }

    /// <summary>Proposes a run.</summary>
    /// <param name="spec">What is to be done.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Identifier of the run.</returns>
    /// <exception cref="ClientException">The coordinator refused it.</exception>
    public async Task<string> CreateRunAsync(ExperimentSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        try
        {
            var run = await _client.CreateRunAsync(new CreateRunRequest { Spec = ByteString.CopyFrom(spec.ToBytes()) }, deadline: Deadline(), cancellationToken: cancellationToken);
            return run.Run;
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClientException(Messages.RunFailed(e.Status.Detail), e);
        }
    }

    /// <summary>Follows a run to its end; a connection that breaks is made again.</summary>
    /// <param name="run">Identifier of the run.</param>
    /// <param name="changed">Called with every event, in order.</param>
    /// <param name="cancellationToken">Ends the wait; the run goes on.</param>
    /// <returns>The run in its last state.</returns>
    /// <exception cref="ClientException">The coordinator could not be reached for two minutes, or does not know the run.</exception>
    public async Task<RunDescription> WatchRunAsync(string run, Action<RunEvent> changed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changed);
        RunDescription? last = null;
        var lastContact = _time.GetTimestamp();
        while (true)
        {
            try
            {
                using var call = _client.WatchRun(new WatchRunRequest { Run = run }, cancellationToken: cancellationToken);
                while (await call.ResponseStream.MoveNext(cancellationToken))
                {
                    lastContact = _time.GetTimestamp();
                    last = call.ResponseStream.Current.Run;
                    changed(call.ResponseStream.Current);
                }
                if (last is not null && HasEnded(last.State)) return last;
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                var passing = e.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown or StatusCode.Aborted;
                if (!passing || _time.GetElapsedTime(lastContact) > ReconnectTimeout) throw new ClientException(Messages.ConnectionLost(e.Status.Detail), e);
            }
            catch (RpcException e)
            {
                throw new OperationCanceledException(e.Message, e, cancellationToken);
            }
            await Task.Delay(PollInterval, _time, cancellationToken);
        }
    }

    /// <summary>Stops a run; it does not matter whether it has ended already.</summary>
    /// <param name="run">Identifier of the run.</param>
    /// <param name="reason">Why, for the log and the parties.</param>
    public async Task StopRunAsync(string run, string reason)
    {
        try
        {
            await _client.StopRunAsync(new StopRunRequest { Run = run, Reason = reason }, deadline: _time.GetUtcNow().UtcDateTime.AddSeconds(3));
        }
        catch (RpcException e)
        {
            // Who stops is on the way out; the coordinator records a lost run by itself.
            Debug.WriteLine(e.Status);
        }
    }

    /// <summary>Fetches a published model.</summary>
    /// <param name="run">Identifier of the training run.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ClientException">The coordinator could not be asked.</exception>
    public async Task<PublishedModel> GetModelAsync(string run, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.GetModelAsync(new GetModelRequest { Run = run }, deadline: Deadline(), cancellationToken: cancellationToken);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClientException(Messages.ConnectionLost(e.Status.Detail), e);
        }
    }

    /// <summary>Whether a run is over.</summary>
    /// <param name="state">Its state.</param>
    internal static bool HasEnded(RunState state) => state is RunState.Finished or RunState.Failed or RunState.Stopped or RunState.Refused;

    private DateTime Deadline() => _time.GetUtcNow().UtcDateTime + CallTimeout;

    private async Task<IReadOnlyList<string>?> MissingPartiesAsync(IReadOnlyCollection<string> parties, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await _client.ListPartiesAsync(new ListPartiesRequest(), deadline: Deadline(), cancellationToken: cancellationToken);
            var connected = reply.Parties.Where(party => party.Connected).Select(party => party.Name).ToHashSet(StringComparer.Ordinal);
            return [.. parties.Where(party => !connected.Contains(party))];
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClientException(Messages.ConnectionLost(e.Status.Detail), e);
        }
    }
}
