using System.Security.Cryptography;
using FedLab.Audit;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Simulations;
using FedLab.Data;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Runs;

namespace FedLab.Client.InMemory;

/// <summary>
/// Runs an experiment with all roles in this process: the code of every role, the envelopes, seals, signatures and audit logs are
/// those of a real lab; only processes and sockets are missing.
/// </summary>
/// <param name="lab">The lab.</param>
/// <param name="progress">Progress.</param>
/// <param name="time">Clock.</param>
internal sealed class InMemoryLabRunner(LocalLab lab, IProgress<LabProgress> progress, TimeProvider time)
{
    private const int FirstAttempt = 1;
    private const int RunSuffixBytes = 4;

    /// <summary>Trains a model.</summary>
    /// <param name="spec">The experiment.</param>
    /// <param name="plan">The institutions.</param>
    /// <param name="sets">Their files, in the order of the plan's parties.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    public Task<LabOutcome> TrainAsync(ExperimentSpec spec, ILabPlan plan, IReadOnlyList<DataSet> sets, CancellationToken cancellationToken) =>
        RunAsync(spec, plan.Parties, sets, plan.MinimumCohort, modelRun: null, cancellationToken);

    /// <summary>Scores new rows.</summary>
    /// <param name="spec">The scoring run.</param>
    /// <param name="parties">The institutions.</param>
    /// <param name="record">The run that trained the model.</param>
    /// <param name="sets">The new files, in the order of the parties.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    public Task<LabOutcome> ScoreAsync(ExperimentSpec spec, IReadOnlyList<PartyFile> parties, RunRecord record, IReadOnlyList<DataSet> sets, CancellationToken cancellationToken) =>
        RunAsync(spec, parties, sets, record.MinimumCohort, record.Run, cancellationToken);

    private async Task<LabOutcome> RunAsync(ExperimentSpec spec, IReadOnlyList<PartyFile> files, IReadOnlyList<DataSet> sets, int minimumCohort, string? modelRun, CancellationToken cancellationToken)
    {
        progress.Report(new LabProgress(LabPhase.Starting));
        var run = $"{spec.Name}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RunSuffixBytes))}";
        var parties = new List<InMemoryParty>(files.Count);
        try
        {
            foreach (var file in files) parties.Add(await InMemoryParty.OpenAsync(lab, file.Name, time, cancellationToken));
            await using var coordinator = await InMemoryCoordinator.OpenAsync(lab, spec.Name, parties, time, cancellationToken);
            await ProposeAsync(coordinator, parties, run, spec, cancellationToken);

            using var directory = lab.LoadDirectory();
            var meter = new InMemoryProgress(spec.Leader, progress);
            if (spec.IsHorizontal) coordinator.AddSums(run, FirstAttempt, spec);
            var network = new InMemoryNetwork(parties.Select(party => party.Name), coordinator.Forward, coordinator.Answer);
            var contexts = parties.Select((party, index) => new PartyRunContext
            {
                Run = run,
                Attempt = FirstAttempt,
                Spec = spec,
                Identity = party.Identity,
                Directory = directory,
                CoordinatorCertificate = spec.IsHorizontal ? coordinator.Identity.Certificate : null,
                Data = ToPartyData(sets[index], spec),
                Settings = new PartySettings(minimumCohort, DegreeOfParallelism: Environment.ProcessorCount),
                Transport = network.For(party.Name),
                Store = new FolderRunStore(lab.Workspace.PartyRun(party.Name, run)),
                SecretFolder = lab.Workspace.PartyRun(party.Name, run),
                ModelStore = modelRun is null ? null : new FolderRunStore(lab.Workspace.PartyRun(party.Name, modelRun)),
                Journal = new AuditRunJournal(party.Log, run, party.Name),
                Progress = meter.Of(party.Name),
                Time = time,
            }).ToArray();

            var started = time.GetTimestamp();
            var results = await ExecuteAsync(contexts, cancellationToken);
            var wall = time.GetElapsedTime(started).TotalSeconds;
            var leader = results[0];
            await FinishAsync(coordinator, parties, run, leader.Manifest, cancellationToken);
            foreach (var context in contexts.Where(context => context.SecretFolder is not null)) StoredKeys.Delete(context.SecretFolder!);
            return new LabOutcome(run, leader.Manifest, leader.Signatures, leader.AlignedRows, leader.Seconds, PhaseBytes.OverNetwork(results.Select(result => result.Bytes)), wall);
        }
        finally
        {
            foreach (var party in parties) await party.DisposeAsync();
        }
    }

    private static async Task ProposeAsync(InMemoryCoordinator coordinator, IReadOnlyList<InMemoryParty> parties, string run, ExperimentSpec spec, CancellationToken cancellationToken)
    {
        var specHash = new Sha256Hash(spec.Hash());
        await coordinator.Log.AppendAsync(AuditEvent.RunProposed(run, LocalLab.LeadName, specHash), cancellationToken);
        foreach (var party in parties) await coordinator.Log.AppendAsync(await party.ApproveAsync(run, specHash, cancellationToken), cancellationToken);
        await coordinator.Log.AppendAsync(AuditEvent.RunStarted(run, FirstAttempt, specHash), cancellationToken);
    }

    private async Task FinishAsync(InMemoryCoordinator coordinator, IReadOnlyList<InMemoryParty> parties, string run, byte[]? manifest, CancellationToken cancellationToken)
    {
        Sha256Hash? result = manifest is null ? null : Sha256Hash.Of(manifest);
        if (result is { } hash) await coordinator.Log.AppendAsync(AuditEvent.ModelPublished(run, hash), cancellationToken);
        await coordinator.Log.AppendAsync(AuditEvent.RunFinished(run, FirstAttempt, result), cancellationToken);
        await coordinator.CheckpointAsync(parties, time, cancellationToken);
    }

    /// <summary>Runs all roles; the first that fails ends the others, and its failure is what is reported.</summary>
    private static async Task<PartyRunResult[]> ExecuteAsync(IReadOnlyList<PartyRunContext> contexts, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? first = null;
        var roles = contexts.Select(context => Task.Run(
            async () =>
            {
                try
                {
                    return await PartyRun.ExecuteAsync(context, stop.Token);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref first, e, null);
                    await stop.CancelAsync();
                    throw;
                }
            },
            CancellationToken.None)).ToArray();
        try
        {
            return await Task.WhenAll(roles);
        }
        catch (Exception) when (first is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
            throw;
        }
    }

    private static PartyData ToPartyData(DataSet set, ExperimentSpec spec) => new(
        set.Keys,
        set.Table,
        set.Labels,
        spec.Test.Column is not null && set.Folds is { } folds ? Array.ConvertAll(folds, fold => fold == "1") : null,
        set.ContentDigest,
        set.KeyWasNormalised);

    /// <summary>Turns the parties' progress into the lab's: phase and units of the leader, bytes of all.</summary>
    private sealed class InMemoryProgress(string leader, IProgress<LabProgress> progress)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, long> _sent = new(StringComparer.Ordinal);
        private LabProgress _last = new(LabPhase.Starting);

        public IProgress<RunProgress> Of(string party) => new Part(this, party);

        private void Report(string party, RunProgress value)
        {
            lock (_lock)
            {
                _sent[party] = value.BytesSent;
                if (party == leader && LabProgress.PhaseOf(value.Phase) is { } phase) _last = new LabProgress(phase, value.Done, value.Total);
                _last = _last with { Bytes = _sent.Values.Sum() };
                progress.Report(value.Detail is { } detail ? _last with { Detail = $"{party}: {detail}" } : _last);
            }
        }

        private sealed class Part(InMemoryProgress owner, string party) : IProgress<RunProgress>
        {
            public void Report(RunProgress value) => owner.Report(party, value);
        }
    }
}
