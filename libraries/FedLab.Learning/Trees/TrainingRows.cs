using System.Globalization;

namespace FedLab.Learning;

/// <summary>
/// Labels, weights and the validation part of one holder's training rows, and what follows from them: gradients and states. The base
/// rate and the validation loss are over the rows of all holders, by sums; who holds all rows is his own only holder.
/// </summary>
internal sealed class TrainingRows
{
    /// <summary>Fractional digits of summed losses: more than a double keeps of their mean.</summary>
    private const int LossBits = 40;

    /// <summary>A loss travels in parts of so many bits, so that it needs no wider sums than gradients do.</summary>
    private const int LossPartBits = 30;

    private const int LossParts = 3;

    private readonly TreeParameters _parameters;
    private readonly ReadOnlyMemory<byte> _labels;
    private readonly ReadOnlyMemory<ulong> _identities;
    private readonly bool[] _isValidation;
    private readonly ISummation _sums;
    private readonly double _baseMargin;
    private readonly double _validationWeight;

    private TrainingRows(BoostingProblem problem, bool[] isValidation, RowCounts all, TreeParameters parameters, ISummation sums)
    {
        _parameters = parameters;
        _labels = problem.Labels;
        _identities = problem.RowIdentities;
        _isValidation = isValidation;
        _sums = sums;
        AllRows = (int)Math.Min(all.Total, int.MaxValue);
        _baseMargin = Math.Log(parameters.ScalePosWeight * all.TrainingPositives / all.TrainingNegatives);
        _validationWeight = all.ValidationNegatives + (all.ValidationPositives * parameters.ScalePosWeight);
    }

    /// <summary>Number of own rows.</summary>
    public int Count => _labels.Length;

    /// <summary>Number of rows of all holders.</summary>
    public int AllRows { get; }

    /// <summary>Sets the validation rows apart and asks for the sums that the base rate and the validation loss need.</summary>
    public static async ValueTask<TrainingRows> CreateAsync(BoostingProblem problem, TreeParameters parameters, ISummation sums, CancellationToken ct)
    {
        if (problem.Labels.Length != problem.RowIdentities.Length)
            throw new ArgumentException($"There are {problem.Labels.Length} labels and {problem.RowIdentities.Length} row identities.", nameof(problem));
        var isValidation = new bool[problem.Labels.Length];
        var own = RowCounts.Of(problem, parameters, isValidation);
        const string round = "trees.rows";
        var all = RowCounts.From(await sums.SumAsync(round, RowCounts.Values, _ => own.ToValues(), ct).ConfigureAwait(false)) ?? throw Messages.SumsImpossible(round);
        if (parameters.EarlyStoppingRounds > 0 && all.Total > 0 && all.ValidationNegatives + all.ValidationPositives == 0)
            throw Messages.NoValidationRows((int)Math.Min(all.Total, int.MaxValue));
        var training = all.TrainingNegatives + all.TrainingPositives;
        if (training == 0)
            throw Messages.NoTrainingRows();
        if (all.TrainingNegatives == 0 || all.TrainingPositives == 0)
            throw Messages.OneClassOnly((int)Math.Min(training, int.MaxValue), all.TrainingNegatives == 0 ? 1 : 0);
        return new TrainingRows(problem, isValidation, all, parameters, sums);
    }

    public BoostingState Start()
    {
        var margins = new double[Count];
        margins.AsSpan().Fill(_baseMargin);
        return new BoostingState(new TreeEnsemble(_baseMargin, []), margins, [], ReadOnlyMemory<double>.Empty, isFinal: false);
    }

    /// <summary>The state, if it can be one of this run.</summary>
    public BoostingState CheckResumed(BoostingState state)
    {
        if (state.Margins.Length != Count)
            throw Messages.CheckpointOfOtherRun(Messages.Detail.OtherRows(state.Margins.Length, Count));
        if (BitConverter.DoubleToInt64Bits(state.Ensemble.BaseMargin) != BitConverter.DoubleToInt64Bits(_baseMargin))
            throw Messages.CheckpointOfOtherRun(Messages.Detail.OtherBaseRate);
        if (state.Ensemble.Trees.Count > 0 && state.ValidationLosses.Count > 0 != _parameters.EarlyStoppingRounds > 0)
            throw Messages.CheckpointOfOtherRun(Messages.Detail.OtherSetting("early-stopping-rounds"));
        if (state.Ensemble.Trees.Count > _parameters.Trees)
            throw Messages.CheckpointOfOtherRun(Messages.Detail.OtherSetting("trees"));
        return state;
    }

    /// <summary>The gradients p − y and Hessians p(1 − p), times the row's weight, of the rows of a tree's sample; 0 elsewhere.</summary>
    public TreeGradients GradientsOf(int tree, ReadOnlySpan<double> margins, GradientQuantizer quantizer)
    {
        var gradients = new long[Count];
        var hessians = new long[Count];
        var labels = _labels.Span;
        var identities = _identities.Span;
        for (var row = 0; row < gradients.Length; row++)
        {
            if (_isValidation[row] || !Sampling.IsTreeRow(_parameters, tree, identities[row]))
                continue;
            var probability = Logistic.Sigmoid(margins[row]);
            var weight = WeightOf(labels[row]);
            gradients[row] = quantizer.Quantize(weight * (probability - labels[row]));
            hessians[row] = quantizer.Quantize(weight * probability * (1 - probability));
        }

        return new TreeGradients(tree, gradients, hessians, quantizer);
    }

    /// <summary>The state after one more tree.</summary>
    public async ValueTask<BoostingState> AdvanceAsync(BoostingState state, Tree tree, double[] margins, CancellationToken ct)
    {
        var ensemble = new TreeEnsemble(_baseMargin, [.. state.Ensemble.Trees, tree]);
        if (_parameters.EarlyStoppingRounds == 0)
            return new BoostingState(ensemble, margins, [], ReadOnlyMemory<double>.Empty, isFinal: false);

        var loss = await ValidationLossAsync(state.Ensemble.Trees.Count, margins, ct).ConfigureAwait(false);
        var next = new BoostingState(ensemble, margins, [.. state.ValidationLosses, loss], state.BestMargins, isFinal: false);
        return next.BestTreeCount == ensemble.Trees.Count ? new BoostingState(ensemble, margins, next.ValidationLosses, margins, isFinal: false) : next;
    }

    /// <summary>The validation rows' mean log loss, summed in fixed point: the same to the last bit whatever the order of the rows and whoever holds them.</summary>
    private async ValueTask<double> ValidationLossAsync(int tree, double[] margins, CancellationToken ct)
    {
        var round = string.Create(CultureInfo.InvariantCulture, $"tree.{tree}.validation");
        var parts = await _sums.SumAsync(round, LossParts, _ => PartsOf(OwnValidationLoss(margins)), ct).ConfigureAwait(false);
        var sum = Int128.Zero;
        for (var part = 0; part < LossParts; part++)
        {
            if (parts[part] < 0)
                throw Messages.SumsImpossible(round);
            sum += (Int128)parts[part] << (part * LossPartBits);
        }

        return Math.ScaleB((double)sum, -LossBits) / _validationWeight;
    }

    private Int128 OwnValidationLoss(double[] margins)
    {
        var labels = _labels.Span;
        var sum = Int128.Zero;
        for (var row = 0; row < margins.Length; row++)
        {
            if (_isValidation[row])
                sum += (Int128)Math.Round(Math.ScaleB(WeightOf(labels[row]) * Logistic.Loss(margins[row], labels[row]), LossBits));
        }

        return sum;
    }

    private static long[] PartsOf(Int128 loss)
    {
        var mask = (Int128.One << LossPartBits) - 1;
        return [(long)(loss & mask), (long)((loss >> LossPartBits) & mask), (long)(loss >> (2 * LossPartBits))];
    }

    private double WeightOf(byte label) => label == 1 ? _parameters.ScalePosWeight : 1;

    /// <summary>Numbers of rows by part and label.</summary>
    private sealed record RowCounts(long TrainingNegatives, long TrainingPositives, long ValidationNegatives, long ValidationPositives)
    {
        public const int Values = 4;

        public long Total => TrainingNegatives + TrainingPositives + ValidationNegatives + ValidationPositives;

        /// <summary>Counts the own rows and marks the validation rows.</summary>
        public static RowCounts Of(BoostingProblem problem, TreeParameters parameters, bool[] isValidation)
        {
            var labels = problem.Labels.Span;
            var identities = problem.RowIdentities.Span;
            Span<long> counts = stackalloc long[Values];
            for (var row = 0; row < labels.Length; row++)
            {
                if (labels[row] > 1)
                    throw Messages.LabelNotBinary(row, labels[row]);
                isValidation[row] = Sampling.IsValidationRow(parameters, identities[row]);
                counts[(isValidation[row] ? 2 : 0) + labels[row]]++;
            }

            return new RowCounts(counts[0], counts[1], counts[2], counts[3]);
        }

        /// <summary>The counts of sums, or null when rows cannot have given them.</summary>
        public static RowCounts? From(long[] sums) =>
            sums.Length == Values && !Array.Exists(sums, sum => sum is < 0 or > 1L << 40) ? new RowCounts(sums[0], sums[1], sums[2], sums[3]) : null;

        public long[] ToValues() => [TrainingNegatives, TrainingPositives, ValidationNegatives, ValidationPositives];
    }
}
