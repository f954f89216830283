using FedLab.Federation.Alignment;
using FedLab.Federation.Channels;
using FedLab.Federation.Publication;
using FedLab.Federation.Runs;
using FedLab.Federation.Scan;
using FedLab.Federation.Scoring;
using FedLab.Federation.Wire;
using FedLab.Learning;

namespace FedLab.Federation.Boosting;

/// <summary>
/// The active party's training run, read from top to bottom; <see cref="SourceTraining"/> is the other side.
/// <code>
///   hello, resume ─► alignment ─► scan setup ─► trees (scan, split, finished) ─► evaluation ─► manifest, signatures
/// </code>
/// </summary>
internal static class ActiveTraining
{
    private const int MaximumCandidates = 4096 * 512;

    public static async Task<PartyRunResult> RunAsync(PartyRunContext context, PartyChannel channel, CancellationToken cancellationToken)
    {
        var meter = await RunMeter.OpenAsync(context, channel, cancellationToken).ConfigureAwait(false);
        await using var measured = meter.ConfigureAwait(false);
        var settings = RunSettings.Parse(context.Spec);
        var sources = context.Spec.Sources.Select(source => source.Name).ToArray();
        var labels = context.Data.Labels ?? throw ProtocolErrors.LabelMissing(channel.Self);

        // Go on from the last checkpoint that every party shares.
        var alignment = await AlignmentCheckpoint.LoadAsync(context, cancellationToken).ConfigureAwait(false);
        var checkpoint = alignment is null ? null : await ActiveCheckpoint.LoadAsync(context, alignment, cancellationToken).ConfigureAwait(false);
        var hellos = await Hello.ExchangeAsync(channel, context.Spec, alignment?.Identifier ?? [], checkpoint?.Trees ?? 0, cancellationToken).ConfigureAwait(false);
        if (alignment is not null && hellos.Values.Any(hello => !hello.Alignment.AsSpan().SequenceEqual(alignment.Identifier))) alignment = null;
        if (alignment is null || (checkpoint is not null && hellos.Values.Any(hello => hello.StoredTrees < checkpoint.Trees))) checkpoint = null;
        foreach (var source in sources)
        {
            await channel.SendAsync(source, Steps.Resume, new Resume(alignment is null, checkpoint?.Trees ?? 0, checkpoint?.Transcript ?? []).ToPayload(), cancellationToken).ConfigureAwait(false);
        }

        meter.Phase("alignment");
        if (alignment is null)
        {
            alignment = await AlignmentProtocol.RunActiveAsync(context, channel, cancellationToken).ConfigureAwait(false);
            await AlignmentCheckpoint.SaveAsync(context, alignment, cancellationToken).ConfigureAwait(false);
            context.Journal.Record("align.done", new Dictionary<string, object> { ["ownRows"] = context.Data.Keys.Count, ["alignedRows"] = alignment.AlignedRows, ["trainingRows"] = alignment.TrainingRows });
        }

        meter.Phase("training", settings.Trees.Trees);
        var trainingRows = alignment.OwnRows.AsMemory(0, alignment.TrainingRows);
        var testRows = alignment.OwnRows.AsMemory(alignment.TrainingRows);
        var trainer = new BoostingTrainer(settings.Trees);
        var problem = new BoostingProblem(Labels(labels, trainingRows.Span), Identities(context, trainingRows.Span));
        var tables = TrainingTables.Make(context, alignment, settings.Trees, cancellationToken);
        var own = new LocalCandidateSource(channel.Self, tables.Training, settings.Trees, context.Settings.MinimumCohort, context.Settings.DegreeOfParallelism, checkpoint?.Records);

        var sizes = await ReceiveSizesAsync(sources, channel, cancellationToken).ConfigureAwait(false);
        var quantizer = trainer.QuantizerFor(alignment.TrainingRows);
        var link = settings.LinkBitsPerSecond ?? await LinkProbe.MeasureAsync(sources, channel, cancellationToken).ConfigureAwait(false);
        var plan = ScanPlan.Find(alignment.TrainingRows, Math.Max(quantizer.MaximumGradientSum, quantizer.MaximumHessianSum), settings.Trees.MaxDepth, settings.Trees.Trees, sizes, link);
        meter.Report(0, settings.Trees.Trees, plan.Describe(settings.Trees.MaxDepth, sizes, link));
        using var scan = new GradientScan(plan, sources.Length, context.Settings.DegreeOfParallelism);
        await SendSetupAsync(context, scan, sources, channel, cancellationToken).ConfigureAwait(false);

        var remotes = sources.Select((source, i) => new RemoteCandidateSource(source, sizes[i], channel, scan)).ToArray();
        BoostingState state;
        var history = new ActiveCheckpointHistory(context, checkpoint);
        await using (history.ConfigureAwait(false))
        {
            state = await trainer.FitAsync(problem, [own, .. remotes], checkpoint?.State, AfterTreeAsync, cancellationToken).ConfigureAwait(false);
            await history.FlushAsync().ConfigureAwait(false);
        }

        async ValueTask AfterTreeAsync(BoostingState reached, CancellationToken token)
        {
            var trees = reached.Ensemble.Trees.Count;
            history.Advance(reached, alignment, own.Records, remotes.Min(remote => remote.StoredTrees));
            foreach (var source in sources) await channel.SendAsync(source, Steps.TreeFinished, new TreeFinished(trees, history.Transcript, Last: false, Records: 0).ToPayload(), token).ConfigureAwait(false);
            meter.Loss(trees, Logistic.MeanLoss(reached.Margins.Span, problem.Labels.Span));
            meter.Report(trees, settings.Trees.Trees);
        }

        for (var i = 0; i < sources.Length; i++)
        {
            var finished = new TreeFinished(state.Ensemble.Trees.Count, history.Transcript, Last: true, state.Ensemble.RecordCount(i + 1));
            await channel.SendAsync(sources[i], Steps.TreeFinished, finished.ToPayload(), cancellationToken).ConfigureAwait(false);
        }

        meter.Phase("evaluation");
        var rules = own.Records.Take(state.Ensemble.RecordCount(0)).ToArray();
        var probabilities = await JointScorer.ScoreAsync(state.Ensemble, rules, tables.Test, sources, channel, meter, cancellationToken).ConfigureAwait(false);
        var testLabels = Labels(labels, testRows.Span);
        var metrics = testLabels.Contains((byte)0) && testLabels.Contains((byte)1) ? BinaryMetrics.Evaluate(testLabels, probabilities) : null;

        meter.Phase("publication");
        var share = new PartyShare(channel.Self, Salt.Derive(context, "share"), rules, state.Ensemble);
        var publication = await ManifestProtocol.PublishAsync(context, channel, settings, alignment, share, metrics, cancellationToken).ConfigureAwait(false);
        await RunReport.SaveScoresAsync(context, probabilities.Select((probability, i) => (testRows.Span[i], (double?)probability)), cancellationToken).ConfigureAwait(false);
        meter.Close();
        var splits = SplitReport.Of(state.Ensemble, [channel.Self, .. sources]);
        await RunReport.Make(context, alignment, metrics, meter, state.ValidationLosses, splits).SaveAsync(context.Store, cancellationToken).ConfigureAwait(false);
        return new PartyRunResult(publication.Manifest, publication.Signatures, alignment.AlignedRows, meter.Seconds, meter.Bytes, null);
    }

    private static byte[] Labels(byte[] labels, ReadOnlySpan<int> rows)
    {
        var taken = new byte[rows.Length];
        for (var i = 0; i < rows.Length; i++) taken[i] = labels[rows[i]];
        return taken;
    }

    private static ulong[] Identities(PartyRunContext context, ReadOnlySpan<int> rows)
    {
        var identities = new ulong[rows.Length];
        for (var i = 0; i < rows.Length; i++) identities[i] = RowIdentity.Of(context.Data.Keys[rows[i]]);
        return identities;
    }

    private static async Task<int[]> ReceiveSizesAsync(string[] sources, PartyChannel channel, CancellationToken cancellationToken)
    {
        var sizes = new int[sources.Length];
        for (var i = 0; i < sources.Length; i++)
        {
            using var payload = await channel.ReceiveAsync(sources[i], Steps.ScanSize, cancellationToken).ConfigureAwait(false);
            var reader = new MessageReader(payload.AsSequence(), LabMessages.MessageOf(Steps.ScanSize.Name, sources[i]));
            sizes[i] = reader.Int32(0, MaximumCandidates, "candidates");
            reader.End();
        }
        return sizes;
    }

    private static async Task SendSetupAsync(PartyRunContext context, GradientScan scan, string[] sources, PartyChannel channel, CancellationToken cancellationToken)
    {
        var payload = ScanSetup.Write(scan);
        context.Journal.Record("key.registered", new Dictionary<string, object> { ["scheme"] = "RLWE", ["degree"] = scan.Plan.Parameters.Degree, ["sha256"] = Convert.ToHexStringLower(payload.Hash()) });
        foreach (var source in sources) await channel.SendAsync(source, Steps.ScanSetup, payload.Share(), cancellationToken).ConfigureAwait(false);
        payload.Dispose();
    }
}
