using FedLab.Federation.Alignment;
using FedLab.Federation.Channels;
using FedLab.Federation.Publication;
using FedLab.Federation.Runs;
using FedLab.Federation.Scan;
using FedLab.Federation.Scan.Workers;
using FedLab.Federation.Scoring;
using FedLab.Federation.Wire;
using FedLab.Learning;

namespace FedLab.Federation.Boosting;

/// <summary>A source's training run; <see cref="ActiveTraining"/> is the other side. After the setup it only answers.</summary>
internal static class SourceTraining
{
    public static async Task<PartyRunResult> RunAsync(PartyRunContext context, PartyChannel channel, CancellationToken cancellationToken)
    {
        var meter = await RunMeter.OpenAsync(context, channel, cancellationToken).ConfigureAwait(false);
        await using var measured = meter.ConfigureAwait(false);
        var settings = RunSettings.Parse(context.Spec);
        var active = context.Spec.Active;

        var alignment = await AlignmentCheckpoint.LoadAsync(context, cancellationToken).ConfigureAwait(false);
        var checkpoint = await SourceCheckpoint.LoadAsync(context, alignment, cancellationToken).ConfigureAwait(false);
        await Hello.ExchangeAsync(channel, context.Spec, alignment?.Identifier ?? [], checkpoint.Trees.Count, cancellationToken).ConfigureAwait(false);
        var resume = Resume.FromPayload(await channel.ReceiveAsync(active, Steps.Resume, cancellationToken).ConfigureAwait(false));

        meter.Phase("alignment");
        if (resume.Realign || alignment is null)
        {
            alignment = await AlignmentProtocol.RunSourceAsync(context, channel, cancellationToken).ConfigureAwait(false);
            await AlignmentCheckpoint.SaveAsync(context, alignment, cancellationToken).ConfigureAwait(false);
            context.Journal.Record("align.done", new Dictionary<string, object> { ["ownRows"] = context.Data.Keys.Count, ["alignedRows"] = alignment.AlignedRows, ["trainingRows"] = alignment.TrainingRows });
            checkpoint = SourceCheckpoint.Empty;
        }
        checkpoint = checkpoint.Rewind(resume.Trees, resume.Transcript);

        meter.Phase("training", settings.Trees.Trees);
        var tables = TrainingTables.Make(context, alignment, settings.Trees, cancellationToken);
        var own = new LocalCandidateSource(channel.Self, tables.Training, settings.Trees, context.Settings.MinimumCohort, context.Settings.DegreeOfParallelism, checkpoint.Records);
        var size = new PayloadBuffer();
        new MessageWriter(size).Int32(CandidateCatalogue.Enumerate([.. tables.Training.Select(feature => feature.Bins)]).Count);
        await channel.SendAsync(active, Steps.ScanSize, size, cancellationToken).ConfigureAwait(false);

        var records = await ServeScansAsync(context, channel, settings, alignment, tables, own, checkpoint, meter, cancellationToken).ConfigureAwait(false);

        meter.Phase("evaluation");
        await ScoreResponder.ServeAsync(records, tables.Test, active, channel, cancellationToken).ConfigureAwait(false);

        meter.Phase("publication");
        var share = new PartyShare(channel.Self, Salt.Derive(context, "share"), records, null);
        var publication = await ManifestProtocol.SignAsync(context, channel, share, cancellationToken).ConfigureAwait(false);
        meter.Close();
        await RunReport.Make(context, alignment, null, meter).SaveAsync(context.Store, cancellationToken).ConfigureAwait(false);
        return new PartyRunResult(publication.Manifest, publication.Signatures, alignment.AlignedRows, meter.Seconds, meter.Bytes, null);
    }

    private static async Task<IReadOnlyList<SplitRule>> ServeScansAsync(
        PartyRunContext context, PartyChannel channel, RunSettings settings, AlignmentResult alignment, TrainingTables tables,
        LocalCandidateSource own, SourceCheckpoint checkpoint, RunMeter meter, CancellationToken cancellationToken)
    {
        var active = context.Spec.Active;
        var setup = await ReceiveSetupAsync(active, alignment.TrainingRows, channel, cancellationToken).ConfigureAwait(false);
        var plan = setup.Plan;
        var summation = Summation(context, setup, FeatureCodes.Of(tables.Training));
        await using var _ = summation.ConfigureAwait(false);
        var scanner = new CandidateScanner(setup, summation, context.Settings);
        var trees = checkpoint.Trees.ToList();
        var writer = new CheckpointWriter(context.Store, SourceCheckpoint.FileName, trees.Count);
        await using (writer.ConfigureAwait(false))
        {
            while (true)
            {
                var (step, payload) = await channel.ReceiveAnyAsync(active, [Steps.ScanRequest, Steps.SplitRequest, Steps.TreeFinished], cancellationToken).ConfigureAwait(false);
                using (payload)
                {
                    if (step == Steps.ScanRequest)
                    {
                        var request = ScanRequest.Read(plan, setup.Lattice, payload.AsSequence());
                        BeginTree(request.Tree);
                        using var trace = RunTelemetry.Scan(request.Tree, request.Nodes);
                        await channel.SendAsync(active, Steps.ScanAnswer, await scanner.AnswerAsync(request, writer.StoredTrees, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                    }
                    else if (step == Steps.SplitRequest)
                    {
                        var requests = SplitMessages.Read(payload.AsSequence(), plan.Rows, scanner.ToCatalogueOrder);
                        var answers = await own.SplitAsync(requests, cancellationToken).ConfigureAwait(false);
                        await channel.SendAsync(active, Steps.SplitAnswer, SplitMessages.WriteAnswers(answers, requests, plan.Rows), cancellationToken).ConfigureAwait(false);
                    }
                    else
                    {
                        var finished = TreeFinished.FromPayload(payload);
                        if (finished.Last)
                        {
                            await writer.FlushAsync().ConfigureAwait(false);
                            return [.. own.Records.Take(finished.Records)];
                        }
                        if (finished.Trees != trees.Count + 1) throw ProtocolErrors.TreeOutOfTurn(finished.Trees, trees.Count);
                        trees.Add((own.Records.Count, finished.Transcript));
                        writer.Post(trees.Count, new SourceCheckpoint(own.Records, trees).ToBytes(alignment));
                        meter.Report(trees.Count, settings.Trees.Trees);
                    }
                }
            }
        }

        void BeginTree(int tree)
        {
            if (scanner.Tree == tree) return;
            if (tree != trees.Count) throw ProtocolErrors.ScanOutOfTurn(tree, trees.Count);
            own.BeginTree(tree);
            scanner.BeginTree(tree, own.CandidatesOf(tree));
        }
    }

    private static IBlockSummation Summation(PartyRunContext context, ScanSetup setup, FeatureCodes[] features) =>
        context.ScanWorkers is { } workers
            ? new WorkerSummation(setup.Plan, setup.Lattice, features, context.Settings, workers, context.Time)
            : new LocalSummation(setup.Plan, setup.Lattice, features, context.Settings);

    /// <summary>Answers probes of the line until the setup comes.</summary>
    private static async Task<ScanSetup> ReceiveSetupAsync(string active, int trainingRows, PartyChannel channel, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (step, payload) = await channel.ReceiveAnyAsync(active, [Steps.LinkProbe, Steps.ScanSetup], cancellationToken).ConfigureAwait(false);
            using (payload)
            {
                if (step == Steps.ScanSetup) return ScanSetup.Read(payload.AsSequence(), trainingRows);
            }
            await LinkProbe.AnswerAsync(active, channel, cancellationToken).ConfigureAwait(false);
        }
    }
}
