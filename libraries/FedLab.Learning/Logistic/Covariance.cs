namespace FedLab.Learning;

/// <summary>Covariance of the standardised coefficients and what follows from it.</summary>
internal sealed class Covariance
{
    private readonly Dictionary<int, int> _positions;
    private readonly double[][] _values;

    private Covariance(Dictionary<int, int> positions, double[][] values, double effectiveParameters) =>
        (_positions, _values, EffectiveParameters) = (positions, values, effectiveParameters);

    /// <summary>The trace of H(H + ridge)⁻¹: without a ridge the number of coefficients.</summary>
    public double EffectiveParameters { get; }

    /// <summary>Null without a Hessian.</summary>
    public static Covariance? Of(LogisticOptimum optimum, double ridge)
    {
        if (optimum.Evaluation.Hessian is not { } hessian)
            return null;
        var order = optimum.Coefficients.Length;
        int[] kept = [.. Enumerable.Range(0, order).Except(optimum.Aliased.Select(alias => alias.Column))];
        var positions = kept.Select((column, i) => (column, i)).ToDictionary(pair => pair.column, pair => pair.i);
        var inverse = CholeskyFactor.Of(NewtonDirection.Penalise(hessian, order, ridge), kept, 0).Invert();
        if (ridge == 0)
            return new Covariance(positions, inverse, kept.Length);

        // (H + ridge)⁻¹ H (H + ridge)⁻¹, with H·(H + ridge)⁻¹ on the way.
        var shrunk = Multiply(kept.Length, (i, k) => SymmetricMatrix.At(hessian, kept[i], kept[k]), (k, j) => inverse[k][j]);
        return new Covariance(
            positions,
            Multiply(kept.Length, (i, k) => inverse[i][k], (k, j) => shrunk[k][j]),
            Enumerable.Range(0, kept.Length).Sum(i => shrunk[i][i]));
    }

    /// <summary>Standard error of a slope on the feature's own scale.</summary>
    /// <param name="estimated">Its position among the estimated columns.</param>
    /// <param name="column">The column.</param>
    public double ErrorOf(int estimated, DesignColumn column)
    {
        var position = _positions[estimated + 1];
        return Math.Sqrt(_values[position][position]) / column.Deviation;
    }

    /// <summary>Standard error of the intercept on the features' own scale, b₀ = β₀ − Σβⱼ·meanⱼ/deviationⱼ.</summary>
    public double ErrorOfIntercept(IReadOnlyList<DesignColumn> estimated)
    {
        var weights = new double[_values.Length];
        foreach (var (column, position) in _positions)
            weights[position] = column == 0 ? 1 : -estimated[column - 1].Mean / estimated[column - 1].Deviation;
        var variance = 0.0;
        for (var i = 0; i < weights.Length; i++)
            variance += weights[i] * VectorProduct.Of(_values[i], weights);
        return Math.Sqrt(variance);
    }

    private static double[][] Multiply(int order, Func<int, int, double> left, Func<int, int, double> right)
    {
        var product = new double[order][];
        for (var i = 0; i < order; i++)
        {
            product[i] = new double[order];
            for (var k = 0; k < order; k++)
            {
                var factor = left(i, k);
                for (var j = 0; j < order; j++)
                    product[i][j] += factor * right(k, j);
            }
        }

        return product;
    }
}
