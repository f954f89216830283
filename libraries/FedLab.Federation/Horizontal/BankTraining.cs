using System.Diagnostics;
using System.Security.Cryptography;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;
using FedLab.Learning;
using FedLab.Onnx;

namespace FedLab.Federation.Horizontal;

/// <summary>
/// A bank's role in a horizontal run, read from top to bottom; all banks have the same one.
/// <code>
///   hello, known sums, keys ─► training (sums) ─► evaluation (one sum) ─► manifest, signatures ─► own model for comparison
/// </code>
/// </summary>
internal static class BankTraining
{
    public static async Task<PartyRunResult> RunAsync(PartyRunContext context, PartyChannel channel, CancellationToken cancellationToken)
    {
        var meter = await RunMeter.OpenAsync(context, channel, cancellationToken).ConfigureAwait(false);
        await using var measured = meter.ConfigureAwait(false);
        var settings = RunSettings.Parse(context.Spec);
        var learner = BankLearner.Of(context.Spec, context.Settings.DegreeOfParallelism);
        var (training, test) = BankRows.Split(context, out var unknown);

        meter.Phase("keys");
        using var sums = await SecureSummation.OpenAsync(context, channel, settings.Threshold ?? context.Spec.Parties.Count, cancellationToken).ConfigureAwait(false);

        meter.Phase("training", learner.Total);
        meter.Report(0, learner.Total, sums.Describe());
        var sent = channel.BytesSent;
        var watch = Stopwatch.StartNew();
        var losses = new List<double>();
        var made = await TrainAsync(context, learner, training, sums, meter, losses, cancellationToken).ConfigureAwait(false);
        var spent = watch.Elapsed - sums.Clock.Cryptography - sums.Clock.Network;
        sent = channel.BytesSent - sent;
        var (cryptography, network, rounds) = (sums.Clock.Cryptography, sums.Clock.Network, sums.Rounds - sums.Restored);

        meter.Phase("evaluation");
        var probabilities = made.Model.PredictProbabilities(test.Features);
        var rows = (await sums.SumAsync("rows", 1, _ => [training.Labels.Length], cancellationToken).ConfigureAwait(false))[0];
        var evaluation = await SummedMetrics.EvaluateAsync(test.Labels, probabilities, sums, cancellationToken).ConfigureAwait(false);

        meter.Phase("publication");
        var model = made.Model.ToJson();
        var manifest = new BankManifest
        {
            Experiment = context.Spec.Name,
            Purpose = context.Spec.Purpose,
            Model = context.Spec.Model,
            SpecHash = Convert.ToHexStringLower(RunSettings.DefinitionHash(context.Spec)),
            Settings = settings.ToSettings(),
            Banks = [.. context.Spec.Parties.Select(party => party.Name)],
            Absent = context.Absent.Count == 0 ? null : sums.RoundsOfAbsent,
            Rounds = sums.Rounds,
            Features = [.. context.Spec.Features!.Select(feature => feature.Name)],
            ModelHash = Convert.ToHexStringLower(SHA256.HashData(model)),
            TrainingRows = rows,
            TestRows = evaluation.Rows,
            Metrics = evaluation.Metrics,
        }.ToBytes();
        await context.Store.SaveAsync(BankReport.ModelFileName, model, cancellationToken).ConfigureAwait(false);
        await context.Store.SaveAsync(BankReport.OnnxFileName, made.Model.ToOnnx(), cancellationToken).ConfigureAwait(false);
        await context.Store.SaveAsync(Publication.Manifest.FileName, manifest, cancellationToken).ConfigureAwait(false);
        var signatures = await BankManifest.SignAsync(context, channel, manifest, cancellationToken).ConfigureAwait(false);

        meter.Phase("comparison", learner.Total);
        var (alone, impossible) = await TrainAloneAsync(learner, training, test, meter, cancellationToken).ConfigureAwait(false);
        meter.Close();
        await new BankReport
        {
            TrainingRows = training.Labels.Length,
            TestRows = test.Labels.Length,
            UnknownCategories = unknown,
            Joint = Evaluate(test, probabilities),
            Alone = alone,
            AloneImpossible = impossible,
            Fit = BankFit.Of(made.Fit),
            LossByRound = made.Fit is { } fit ? [.. losses.Select(loss => loss / fit.Rows)] : losses,
            Splits = made.Model is TreesModel trees ? Publication.SplitReport.Of(trees.Ensemble, parties: null) : null,
            Seconds = meter.Seconds,
            LearnerSeconds = spent.TotalSeconds,
            CryptographySeconds = cryptography.TotalSeconds,
            NetworkSeconds = network.TotalSeconds,
            Bytes = meter.Bytes,
            BytesByStep = meter.BytesByStep,
            BytesSent = sent,
            Sums = rounds,
            Attempts = meter.Attempts,
        }.SaveAsync(context.Store, cancellationToken).ConfigureAwait(false);
        return new PartyRunResult(manifest, signatures, checked((int)Math.Min(int.MaxValue, rows + evaluation.Rows)), meter.Seconds, meter.Bytes, Scores: null);
    }

    /// <summary>
    /// Trains. Sums that a bank took part in stand after it has left: they are not asked for again without it, because the difference would be its part. The tree or step under
    /// way ends with what is known; a learner that had not yet counted the rows can find that its sums do not fit one another.
    /// </summary>
    private static async Task<BankModel> TrainAsync(PartyRunContext context, BankLearner learner, BankRows training, SecureSummation sums, RunMeter meter, List<double> losses, CancellationToken cancellationToken)
    {
        try
        {
            return await learner.TrainAsync(
                training,
                sums,
                (done, loss) =>
                {
                    losses.Add(loss);
                    // Until the rows of all banks are counted, a deviance has no mean.
                    if (learner.Total > 0) meter.Loss(losses.Count, loss);
                    meter.Report(done, learner.Total);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (LearningException e) when (context.Absent.Count > 0)
        {
            throw ProtocolErrors.AbsentTooEarly(string.Join(", ", context.Absent), e.Message, e);
        }
    }

    /// <summary>The same learner on the own rows: what the bank would have without the others.</summary>
    private static async Task<(BinaryMetrics? Metrics, string? Impossible)> TrainAloneAsync(BankLearner learner, BankRows training, BankRows test, RunMeter meter, CancellationToken cancellationToken)
    {
        if (!BinaryMetrics.CanEvaluate(test.Labels)) return (null, LabMessages.AloneWithoutTestRows);
        try
        {
            var alone = await learner.TrainAsync(training, new OwnSums(), (done, _) => meter.Report(done, learner.Total), cancellationToken).ConfigureAwait(false);
            return (BinaryMetrics.Evaluate(test.Labels, alone.Model.PredictProbabilities(test.Features)), null);
        }
        catch (LearningException e)
        {
            return (null, e.Message);
        }
    }

    private static BinaryMetrics? Evaluate(BankRows test, double[] probabilities) => BinaryMetrics.CanEvaluate(test.Labels) ? BinaryMetrics.Evaluate(test.Labels, probabilities) : null;
}
