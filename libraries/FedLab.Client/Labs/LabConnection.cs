using System.Diagnostics;
using System.Security.Cryptography;
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
public sealed partial class LabConnection : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReconnectTimeout = TimeSpan.FromMinutes(2);

    private readonly X509Certificate2 _own;
    private readonly X509Certificate2 _authority;
    private readonly LabChannel _channel;
    private readonly Lab.LabClient _client;
    private readonly Uri _address;
    private readonly string _keys;
    private readonly TimeProvider _time;

    /// <summary>Prepares a connection; nothing is dialled before the first call.</summary>
    /// <param name="address">The coordinator, <c>https://host:port</c>.</param>
    /// <param name="keys">Folder with the lead's identity and the lab's authority.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="KeyFileException">A key or certificate is missing, malformed, readable by others, expired, or not a lead's.</exception>
    public LabConnection(Uri address, string keys, TimeProvider time)
    {
        (_address, _keys) = (address, keys);
        _own = KeyFiles.LoadIdentity(keys);
        _authority = KeyFiles.LoadCertificate(Path.Combine(keys, LabAuthority.CertificateFile));
        if (LabCertificates.Refusal(_own, _authority, LabRole.Lead, time) is { } refusal)
        {
            _own.Dispose();
            _authority.Dispose();
            throw new KeyFileException(Messages.KeysUnusable(keys, refusal));
        }
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

    /// <summary>The authority that the certificates of the lab's parties must come from.</summary>
    internal X509Certificate2 Authority => _authority;

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

    /// <summary>The lab's name, its parties, and which of them are connected.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ClientException">The coordinator cannot be reached, or refuses these keys.</exception>
    public Task<ListPartiesReply> ListPartiesAsync(CancellationToken cancellationToken) =>
        AskAsync(options => _client.ListPartiesAsync(new ListPartiesRequest(), options), cancellationToken);

    /// <summary>The runs of the lab, newest first.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ClientException">The coordinator cannot be reached, or refuses these keys.</exception>
    public async Task<IReadOnlyList<RunDescription>> ListRunsAsync(CancellationToken cancellationToken) =>
        (await AskAsync(options => _client.ListRunsAsync(new ListRunsRequest(), options), cancellationToken)).Runs;

    /// <summary>What is known of a run.</summary>
    /// <param name="run">Identifier of the run.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ClientException">There is no such run, or the coordinator could not be asked.</exception>
    public Task<RunDescription> GetRunAsync(string run, CancellationToken cancellationToken) =>
        AskAsync(options => _client.GetRunAsync(new GetRunRequest { Run = run }, options), cancellationToken);

    /// <summary>Proposes a run.</summary>
    /// <param name="spec">What is to be done.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Identifier of the run.</returns>
    /// <exception cref="ClientException">The coordinator refused it, or could not be asked.</exception>
    public async Task<string> CreateRunAsync(ExperimentSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return (await AskAsync(options => _client.CreateRunAsync(new CreateRunRequest { Spec = ByteString.CopyFrom(spec.ToBytes()) }, options), cancellationToken)).Run;
    }

    /// <summary>Follows a run to its end; a connection that breaks is made again.</summary>
    /// <param name="run">Identifier of the run.</param>
    /// <param name="changed">Called with every event, in order.</param>
    /// <param name="cancellationToken">Ends the wait; the run goes on.</param>
    /// <param name="interrupted">Called with the cause each time the connection breaks, once until it is back.</param>
    /// <returns>The run in its last state.</returns>
    /// <exception cref="ClientException">The coordinator could not be reached for two minutes, or does not know the run.</exception>
    public async Task<RunDescription> WatchRunAsync(string run, Action<RunEvent> changed, CancellationToken cancellationToken, Action<string>? interrupted = null)
    {
        ArgumentNullException.ThrowIfNull(changed);
        RunDescription? last = null;
        var connected = true;
        var lastContact = _time.GetTimestamp();
        while (true)
        {
            try
            {
                using var call = _client.WatchRun(new WatchRunRequest { Run = run }, cancellationToken: cancellationToken);
                while (await call.ResponseStream.MoveNext(cancellationToken))
                {
                    lastContact = _time.GetTimestamp();
                    connected = true;
                    last = call.ResponseStream.Current.Run;
                    changed(call.ResponseStream.Current);
                }
                if (last is not null && HasEnded(last.State)) return last;
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                var passing = e.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown or StatusCode.Aborted;
                if (!passing || _channel.Refusal is not null) throw Explain(e);
                if (_time.GetElapsedTime(lastContact) > ReconnectTimeout) throw new ClientException(Messages.ConnectionLost(e.Status.Detail), e);
                if (connected) interrupted?.Invoke(e.Status.Detail);
                connected = false;
            }
            catch (RpcException e)
            {
                throw new OperationCanceledException(e.Message, e, cancellationToken);
            }
            await Task.Delay(PollInterval, _time, cancellationToken);
        }
    }

    /// <summary>Stops a run for all its parties.</summary>
    /// <param name="run">Identifier of the run.</param>
    /// <param name="reason">Why, for the log and the parties; may be empty.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The run as it was stopped.</returns>
    /// <exception cref="ClientException">There is no such run, it has ended already, or the coordinator could not be asked.</exception>
    public Task<RunDescription> StopRunAsync(string run, string reason, CancellationToken cancellationToken) =>
        AskAsync(options => _client.StopRunAsync(new StopRunRequest { Run = run, Reason = reason }, options), cancellationToken);

    /// <summary>Stops a run on the way out; it does not matter whether that succeeds, because the coordinator records a lost run by itself.</summary>
    /// <param name="run">Identifier of the run.</param>
    /// <param name="reason">Why, for the log and the parties.</param>
    internal async Task AbandonRunAsync(string run, string reason)
    {
        try
        {
            await _client.StopRunAsync(new StopRunRequest { Run = run, Reason = reason }, deadline: _time.GetUtcNow().UtcDateTime.AddSeconds(3));
        }
        catch (RpcException e)
        {
            Debug.WriteLine(e.Status);
        }
    }

    /// <summary>Fetches a published model.</summary>
    /// <param name="run">Identifier of the training run.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ClientException">The run has published none, or the coordinator could not be asked.</exception>
    public Task<PublishedModel> GetModelAsync(string run, CancellationToken cancellationToken) =>
        AskAsync(options => _client.GetModelAsync(new GetModelRequest { Run = run }, options), cancellationToken);

    /// <summary>Whether a run is over.</summary>
    /// <param name="state">Its state.</param>
    internal static bool HasEnded(RunState state) => state is RunState.Finished or RunState.Failed or RunState.Stopped or RunState.Refused;

    /// <summary>Asks the coordinator about the project's members.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="ask">The call.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal Task<T> AskAsync<T>(Func<Project.ProjectClient, CallOptions, AsyncUnaryCall<T>> ask, CancellationToken cancellationToken) =>
        AskAsync(options => ask(new Project.ProjectClient(_channel.Invoker), options), cancellationToken, isProposal: false);

    /// <summary>Asks the coordinator for a later certificate of this lead.</summary>
    /// <param name="signingRequest">A request for the key of the certificate in force.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What the coordinator gave, unchecked, without a private key.</returns>
    /// <exception cref="ClientException">The coordinator cannot be reached or refuses, or what it gave is no certificate.</exception>
    internal async Task<X509Certificate2> RenewAsync(byte[] signingRequest, CancellationToken cancellationToken)
    {
        var request = new RenewRequest { SigningRequest = ByteString.CopyFrom(signingRequest) };
        var reply = await AskAsync(options => new Admission.AdmissionClient(_channel.Invoker).RenewAsync(request, options), cancellationToken, isProposal: false);
        try
        {
            return X509CertificateLoader.LoadCertificate(reply.Certificate.Span);
        }
        catch (CryptographicException e)
        {
            throw new ClientException(Messages.LeadCertificateNotRenewed(_address.Authority), e);
        }
    }

    private async Task<T> AskAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> ask, CancellationToken cancellationToken, bool isProposal = true)
    {
        try
        {
            return await ask(new CallOptions(deadline: Deadline(), cancellationToken: cancellationToken));
        }
        catch (RpcException e) when (!isProposal && e.StatusCode == StatusCode.InvalidArgument && !cancellationToken.IsCancellationRequested)
        {
            throw ClientException.Usage(e.Status.Detail, e);
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

    /// <summary>Whose fault a failed call is, in words for the lead.</summary>
    private ClientException Explain(RpcException e) => e.StatusCode switch
    {
        _ when _channel.Refusal is { } refusal => new ClientException(refusal, e),
        StatusCode.Unavailable or StatusCode.DeadlineExceeded => new ClientException(Messages.CoordinatorUnreachable(_address.Authority, e.Status.Detail), e),
        StatusCode.Unauthenticated or StatusCode.PermissionDenied => new ClientException(Messages.KeysRefused(_address.Authority, _keys, e.Status.Detail), e),
        StatusCode.InvalidArgument => ClientException.Usage(Messages.ProposalRefused(e.Status.Detail), e),
        StatusCode.NotFound => ClientException.Usage(e.Status.Detail, e),
        StatusCode.FailedPrecondition => new ClientException(e.Status.Detail, e),
        _ => new ClientException(Messages.ConnectionLost(e.Status.Detail), e),
    };

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
            throw Explain(e);
        }
        catch (RpcException e)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }
}
