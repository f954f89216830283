using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Horizontal;

/// <summary>A learner of a horizontal federation: the same program with the sums of all banks and, for comparison, with a bank's own.</summary>
public abstract class BankLearner
{
    private protected BankLearner()
    {
    }

    /// <summary>The learner that an experiment asks for.</summary>
    /// <param name="spec">The experiment.</param>
    /// <param name="degreeOfParallelism">Threads that it may use.</param>
    /// <exception cref="LearningException">A setting of the learner is out of range.</exception>
    public static BankLearner Of(ExperimentSpec spec, int degreeOfParallelism)
    {
        var settings = RunSettings.Parse(spec);
        return settings.Logistic is { } logistic
            ? new OfLogistic(logistic, spec.Features!, degreeOfParallelism)
            : new OfTrees(settings.Trees, spec.Features!, degreeOfParallelism);
    }

    /// <summary>Units of work, for a progress bar: trees; 0 where nobody knows before.</summary>
    public abstract int Total { get; }

    /// <summary>Trains.</summary>
    /// <param name="rows">The own training rows.</param>
    /// <param name="sums">The sums.</param>
    /// <param name="progress">Told of the number of units done and of the loss then: of trees the mean log loss of the own training rows, of a regression half the deviance of all banks' rows.</param>
    /// <param name="cancellationToken">Ends training.</param>
    public abstract Task<BankModel> TrainAsync(BankRows rows, ISummation sums, Action<int, double> progress, CancellationToken cancellationToken);

    private sealed class OfTrees(TreeParameters parameters, IReadOnlyList<FeatureDefinition> features, int degreeOfParallelism) : BankLearner
    {
        public override int Total => parameters.Trees;

        public override async Task<BankModel> TrainAsync(BankRows rows, ISummation sums, Action<int, double> progress, CancellationToken cancellationToken)
        {
            var bins = await FederatedBinner.FitAsync(rows.Features, features, parameters, sums, cancellationToken).ConfigureAwait(false);
            var binned = bins.Select((bin, i) => bin.Encode(rows.Features.Columns[i])).ToArray();
            var state = await new HorizontalTrainer(parameters).FitAsync(
                new BoostingProblem(rows.Labels, rows.Identities),
                binned,
                sums,
                resumeFrom: null,
                (after, _) =>
                {
                    progress(after.Boosting.Ensemble.Trees.Count, Logistic.MeanLoss(after.Boosting.Margins.Span, rows.Labels));
                    return ValueTask.CompletedTask;
                },
                degreeOfParallelism,
                cancellationToken).ConfigureAwait(false);
            return new BankModel(new TreesModel(features, state.Boosting.Ensemble, state.Rules), Fit: null);
        }
    }

    private sealed class OfLogistic(LogisticParameters parameters, IReadOnlyList<FeatureDefinition> features, int degreeOfParallelism) : BankLearner
    {
        public override int Total => 0;

        public override async Task<BankModel> TrainAsync(BankRows rows, ISummation sums, Action<int, double> progress, CancellationToken cancellationToken)
        {
            var fit = await new LogisticTrainer(parameters).FitAsync(
                new LogisticProblem(rows.Features, rows.Labels),
                features,
                sums,
                (round, _) =>
                {
                    progress(round.Iteration + 1, round.Deviance / 2);
                    return ValueTask.CompletedTask;
                },
                degreeOfParallelism,
                cancellationToken).ConfigureAwait(false);
            return new BankModel(new LogisticCreditModel(features, fit.Model), fit);
        }
    }
}

/// <summary>What a learner made.</summary>
/// <param name="Model">The model.</param>
/// <param name="Fit">For logistic regression its coefficients and figures.</param>
public sealed record BankModel(CreditModel Model, LogisticFit? Fit);
