namespace FedLab.Learning;

/// <summary>Labels, weights and the validation part of the training rows, and what follows from them: gradients and states.</summary>
internal sealed class TrainingRows
{
    private readonly TreeParameters _parameters;
    private readonly ReadOnlyMemory<byte> _labels;
    private readonly ReadOnlyMemory<ulong> _identities;
    private readonly bool[] _isValidation;
    private readonly double _baseMargin;

    public TrainingRows(BoostingProblem problem, TreeParameters parameters)
    {
        if (problem.Labels.Length != problem.RowIdentities.Length)
            throw new ArgumentException($"There are {problem.Labels.Length} labels and {problem.RowIdentities.Length} row identities.", nameof(problem));
        if (problem.Labels.IsEmpty)
            throw Messages.NoTrainingRows();
        _parameters = parameters;
        _labels = problem.Labels;
        _identities = problem.RowIdentities;
        _isValidation = new bool[Count];
        _baseMargin = Prepare();
    }

    public int Count => _labels.Length;

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
    public BoostingState Advance(BoostingState state, Tree tree, double[] margins)
    {
        var ensemble = new TreeEnsemble(_baseMargin, [.. state.Ensemble.Trees, tree]);
        if (_parameters.EarlyStoppingRounds == 0)
            return new BoostingState(ensemble, margins, [], ReadOnlyMemory<double>.Empty, isFinal: false);

        var next = new BoostingState(ensemble, margins, [.. state.ValidationLosses, ValidationLoss(margins)], state.BestMargins, isFinal: false);
        return next.BestTreeCount == ensemble.Trees.Count ? new BoostingState(ensemble, margins, next.ValidationLosses, margins, isFinal: false) : next;
    }

    /// <summary>The validation rows' mean log loss, summed in fixed point: the same to the last bit whatever the order of the rows.</summary>
    private double ValidationLoss(double[] margins)
    {
        const int fractionalBits = 40;
        var labels = _labels.Span;
        var sum = Int128.Zero;
        Span<long> counts = stackalloc long[2];
        for (var row = 0; row < margins.Length; row++)
        {
            if (!_isValidation[row])
                continue;
            sum += (Int128)Math.Round(Math.ScaleB(WeightOf(labels[row]) * Logistic.Loss(margins[row], labels[row]), fractionalBits));
            counts[labels[row]]++;
        }

        return Math.ScaleB((double)sum, -fractionalBits) / (counts[0] + (counts[1] * _parameters.ScalePosWeight));
    }

    private double WeightOf(byte label) => label == 1 ? _parameters.ScalePosWeight : 1;

    /// <summary>Sets the validation rows apart and yields the log-odds of the weighted base rate of the others.</summary>
    private double Prepare()
    {
        var labels = _labels.Span;
        var identities = _identities.Span;
        Span<int> counts = stackalloc int[2];
        var validation = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            if (labels[row] > 1)
                throw Messages.LabelNotBinary(row, labels[row]);
            _isValidation[row] = Sampling.IsValidationRow(_parameters, identities[row]);
            validation += _isValidation[row] ? 1 : 0;
            counts[labels[row]] += _isValidation[row] ? 0 : 1;
        }

        if (_parameters.EarlyStoppingRounds > 0 && validation == 0)
            throw Messages.NoValidationRows(labels.Length);
        if (counts[0] + counts[1] == 0)
            throw Messages.NoTrainingRows();
        if (counts[0] == 0 || counts[1] == 0)
            throw Messages.OneClassOnly(counts[0] + counts[1], counts[0] == 0 ? 1 : 0);
        return Math.Log(_parameters.ScalePosWeight * counts[1] / counts[0]);
    }
}
