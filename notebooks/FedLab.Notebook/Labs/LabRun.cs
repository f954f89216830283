using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Wording;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Notebook.Display;
using FedLab.Notebook.Resources;
using FedLab.Proto;

namespace FedLab.Notebook.Labs;

/// <summary>Where a run is.</summary>
public enum LabRunState
{
    /// <summary>It waits for the institutions' decisions.</summary>
    Proposed,

    /// <summary>All have approved; it waits until all are connected.</summary>
    Approved,

    /// <summary>It is under way.</summary>
    Running,

    /// <summary>It is done.</summary>
    Finished,

    /// <summary>It has failed.</summary>
    Failed,

    /// <summary>A lead has stopped it.</summary>
    Stopped,

    /// <summary>An institution has refused it.</summary>
    Refused,
}

/// <summary>How far an institution is in a run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">active, required, optional or bank.</param>
/// <param name="Connected">Whether it is connected.</param>
/// <param name="Finished">Whether its part is done.</param>
/// <param name="Phase">Phase of its part, such as <c>training</c>; empty before the first.</param>
/// <param name="Done">Units done in the phase, such as trees.</param>
/// <param name="Total">Units in all; 0 when unknown.</param>
/// <param name="AlignedRows">Length of the common order, once its part is done.</param>
/// <param name="BytesSent">Payload bytes that it has sent.</param>
public sealed record LabRunParty(string Name, string Role, bool Connected, bool Finished, string Phase, long Done, long Total, long AlignedRows, long BytesSent);

/// <summary>A run of a lab. It goes on without the notebook; <see cref="Lab.FindRunAsync"/> finds it again.</summary>
public sealed class LabRun : IRichDisplay
{
    private readonly Lab _lab;

    internal LabRun(Lab lab, RunDescription run) => (_lab, Description) = (lab, run);

    /// <summary>Its name: that of the experiment, and a random suffix.</summary>
    public string Name => Description.Run;

    /// <summary>Name of the experiment.</summary>
    public string Experiment => Description.Experiment;

    /// <summary>Whether it trains a model or scores new rows with one.</summary>
    public RunKind Kind => Description.Scores ? RunKind.Score : RunKind.Train;

    /// <summary>Where it is, as of the last time that it was asked for.</summary>
    public LabRunState State => Description.State switch
    {
        RunState.Approved => LabRunState.Approved,
        RunState.Running => LabRunState.Running,
        RunState.Finished => LabRunState.Finished,
        RunState.Failed => LabRunState.Failed,
        RunState.Stopped => LabRunState.Stopped,
        RunState.Refused => LabRunState.Refused,
        _ => LabRunState.Proposed,
    };

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => State >= LabRunState.Finished;

    /// <summary>Why it ended, or what it waits for; empty where there is nothing to say.</summary>
    public string Reason => Description.Reason;

    /// <summary>Name of the lead who proposed it.</summary>
    public string ProposedBy => Description.ProposedBy;

    /// <summary>When it was proposed, UTC.</summary>
    public DateTimeOffset Created => DateTimeOffset.FromUnixTimeMilliseconds(Description.CreatedUnixMs);

    /// <summary>Seconds from the proposal to the end, or until now.</summary>
    public double Seconds => Math.Max(0, (Description.EndedUnixMs > 0 ? Description.EndedUnixMs : _lab.Time.GetUtcNow().ToUnixTimeMilliseconds()) - Description.CreatedUnixMs) / 1000.0;

    /// <summary>The institutions and how far each is.</summary>
    public IReadOnlyList<LabRunParty> Parties => [.. Description.Parties.Select(party => new LabRunParty(party.Name, party.Role, party.Connected, party.Finished, party.Phase, party.Done, party.Total, party.AlignedRows, party.BytesSent))];

    /// <summary>Everything that the coordinator tells of it.</summary>
    internal RunDescription Description { get; private set; }

    /// <summary>The lab.</summary>
    internal Lab Lab => _lab;

    /// <summary>The specification that the institutions were asked to approve.</summary>
    /// <param name="cancellationToken">Ends the call; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">The coordinator could not be asked.</exception>
    /// <exception cref="ProtocolException">What it sent is not a specification.</exception>
    public async Task<ExperimentSpec> SpecAsync(CancellationToken cancellationToken = default)
    {
        if (Description.Spec.IsEmpty) await RefreshAsync(cancellationToken);
        return ExperimentSpec.Parse(Description.Spec.Span);
    }

    /// <summary>Asks how far it is now.</summary>
    /// <param name="cancellationToken">Ends the call; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">The coordinator could not be asked.</exception>
    public async Task<LabRun> RefreshAsync(CancellationToken cancellationToken = default)
    {
        Description = await _lab.Connection.GetRunAsync(Name, Interruption.Or(cancellationToken));
        return this;
    }

    /// <summary>
    /// Watches the run to its end, with its progress below the cell, and gives its result. Interrupting the cell ends the watching; the run goes on.
    /// </summary>
    /// <param name="home">Home folder of one's own institution, whose own loss is then shown too; null for that of the leading institution in a lab of this machine, and none otherwise.</param>
    /// <param name="cancellationToken">Ends the watching; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">The run was refused or stopped, or failed, or is no longer watched; the message says which, and how to find it again.</exception>
    public async Task<RunResult> WaitAsync(string? home = null, CancellationToken cancellationToken = default)
    {
        var token = Interruption.Or(cancellationToken);
        var own = home ?? (_lab.Launched is not null && Description.Parties.FirstOrDefault(party => party.Role is "active" or "bank") is { } leader ? _lab.HomeOf(leader.Name) : null);
        using var display = ProgressDisplay.Start(LabMessages.RunTitle(Name), _lab.Time, own is null ? null : new LossWatch(own, Name, _lab.Time).Last);
        try
        {
            await RefreshAsync(token);
            Description = await new RemoteRun(_lab.Connection, _lab.Time).WatchAsync(Description, display, token, now => Description = now);
        }
        catch (OperationCanceledException e) when (token.IsCancellationRequested)
        {
            throw new ClientException(LabMessages.GoesOn(Name), e);
        }
        catch (ClientException e)
        {
            throw new ClientException($"{e.Message} {LabMessages.MayGoOn(Name)}", e);
        }
        display.End($"{RunText.Name(Description.State)} · {Formats.Seconds(Seconds)} s", State == LabRunState.Finished);
        return await ResultAsync(cancellationToken);
    }

    /// <summary>The result of a run that has finished.</summary>
    /// <param name="cancellationToken">Ends the call; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">It has none, or what the coordinator sent is not what the institutions signed.</exception>
    public async Task<RunResult> ResultAsync(CancellationToken cancellationToken = default)
    {
        var token = Interruption.Or(cancellationToken);
        if (!HasEnded || Description.Spec.IsEmpty) await RefreshAsync(token);
        if (!HasEnded) throw ClientException.Usage(LabMessages.NotFinished(Name, RunText.Name(Description.State)));
        if (State != LabRunState.Finished) throw new ClientException(RunText.WhyNot(Description));
        var spec = await SpecAsync(token);
        if (spec.Kind == RunKind.Score) return new RunResult(this, spec, manifest: null, signatures: null);
        var (manifest, signatures) = await new RemoteRun(_lab.Connection, _lab.Time).GetManifestAsync(Description, token);
        return new RunResult(this, spec, manifest, signatures);
    }

    /// <summary>Every message of the run, from the coordinator's log of a lab of this machine, or from a log, home or bundle that is named.</summary>
    /// <param name="path">An audit log's folder, a home with one in it, or an audit bundle; null for the coordinator's log.</param>
    /// <param name="cancellationToken">Ends the reading; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">There is no log, or not of this run.</exception>
    public Task<RunMessages> MessagesAsync(string? path = null, CancellationToken cancellationToken = default) =>
        RunMessages.ReadAsync(path ?? _lab.CoordinatorHome ?? throw ClientException.Usage(LabMessages.NotLocal(_lab.Name)), Name, cancellationToken);

    /// <summary>Stops the run for all its institutions.</summary>
    /// <param name="reason">Why, for the log and the institutions; may be empty.</param>
    /// <param name="cancellationToken">Ends the call; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">It has ended already, or the coordinator could not be asked.</exception>
    public async Task<LabRun> StopAsync(string reason = "", CancellationToken cancellationToken = default)
    {
        Description = await _lab.Connection.StopRunAsync(Name, reason, Interruption.Or(cancellationToken));
        return this;
    }

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle() => new Page()
        .Title(LabMessages.RunTitle(Name))
        .Facts([
            (LabMessages.Kind, LabMessages.RunKindName(Kind)),
            (LabMessages.State, RunText.Name(Description.State)),
            (LabMessages.Reason, Reason),
            (LabMessages.ProposedBy, ProposedBy),
            (LabMessages.Proposed, Moments.Text(Created)),
            (LabMessages.SecondsColumn, Formats.Seconds(Seconds)),
        ])
        .Table(
            [LabMessages.Institution, LabMessages.Role, LabMessages.AlignedRows, LabMessages.Bytes],
            Description.Parties.Select(party => (IReadOnlyList<string?>)[
                party.Name,
                RunText.RoleName(party.Role),
                party.AlignedRows > 0 ? Formats.Count(party.AlignedRows) : null,
                party.Bytes.Count > 0 ? Formats.Bytes(party.Bytes.Values.Sum()) : null]),
            leftColumns: 2)
        .ToBundle();
}
