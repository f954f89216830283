using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Federation.Experiments;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

// What a lab is asked to do.
public sealed partial class Lab
{
    /// <summary>
    /// Scores with the model of a finished training run, together with the institutions that made it: each brings the rows that it has now, and only the active one
    /// gets the scores, in its own home. Between banks nobody is needed: each bank scores with the model file (<see cref="OwnResult.Model"/>).
    /// </summary>
    /// <param name="result">The result of the training run.</param>
    /// <param name="cancellationToken">Ends the call before the proposal; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">The model scores alone, or the coordinator cannot be reached or refuses.</exception>
    public async Task<LabRun> ScoreAsync(RunResult result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.ManifestHash is not { } hash || result.Spec.IsHorizontal) throw ClientException.Usage(LabMessages.ScoresAlone(result.Run));
        var spec = new ExperimentSpec { Name = result.Spec.Name, Kind = RunKind.Score, Purpose = result.Spec.Purpose, Parties = result.Spec.Parties, ManifestHash = hash };
        return await LaunchAsync(spec, Interruption.Or(cancellationToken));
    }

    /// <summary>Proposes a run.</summary>
    internal async Task<LabRun> LaunchAsync(ExperimentSpec spec, CancellationToken cancellationToken)
    {
        var name = await new RemoteRun(Connection, Time).ProposeAsync(spec, cancellationToken);
        Remark.Show(LabMessages.Launched(name));
        return new LabRun(this, await Connection.GetRunAsync(name, CancellationToken.None));
    }
}
