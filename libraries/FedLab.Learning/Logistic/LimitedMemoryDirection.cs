namespace FedLab.Learning;

/// <summary>
/// The step of L-BFGS: curvature from the last few changes of point and gradient (Nocedal and Wright, Numerical Optimization, algorithm 7.4).
/// The loss is convex, so every change has positive curvature.
/// </summary>
/// <param name="history">Number of changes kept.</param>
/// <param name="curvature">Second derivative of the loss along a standardised column at the start.</param>
internal sealed class LimitedMemoryDirection(int history, double curvature) : IDescentDirection
{
    private readonly List<(double[] Step, double[] Change, double InverseProduct)> _changes = [];
    private double[]? _point;
    private double[]? _gradient;

    public string RoundName => "lbfgs";

    public bool NeedsHessian => false;

    public bool IsQuadratic => false;

    public IReadOnlyList<AliasedColumn> Aliased => [];

    public double[] Next(double[] point, double[] gradient, LogisticEvaluation evaluation)
    {
        if (_point is not null)
            Remember(Subtract(point, _point), Subtract(gradient, _gradient!));
        (_point, _gradient) = (point, gradient);

        var step = Array.ConvertAll(gradient, value => -value);
        var factors = new double[_changes.Count];
        for (var i = _changes.Count - 1; i >= 0; i--)
        {
            factors[i] = _changes[i].InverseProduct * VectorProduct.Of(_changes[i].Step, step);
            Add(step, -factors[i], _changes[i].Change);
        }

        var scale = _changes.Count == 0 ? 1 / curvature : 1 / (_changes[^1].InverseProduct * VectorProduct.Of(_changes[^1].Change, _changes[^1].Change));
        for (var i = 0; i < step.Length; i++)
            step[i] *= scale;
        for (var i = 0; i < _changes.Count; i++)
            Add(step, factors[i] - (_changes[i].InverseProduct * VectorProduct.Of(_changes[i].Change, step)), _changes[i].Step);
        return step;
    }

    private void Remember(double[] step, double[] change)
    {
        var product = VectorProduct.Of(step, change);

        // Not positive, or so small that its inverse is not finite: rounding only, and no curvature to learn.
        if (!(product > 0) || !double.IsFinite(1 / product))
            return;
        if (_changes.Count == history)
            _changes.RemoveAt(0);
        _changes.Add((step, change, 1 / product));
    }

    private static double[] Subtract(double[] left, double[] right)
    {
        var difference = new double[left.Length];
        for (var i = 0; i < left.Length; i++)
            difference[i] = left[i] - right[i];
        return difference;
    }

    private static void Add(double[] target, double factor, double[] values)
    {
        for (var i = 0; i < target.Length; i++)
            target[i] += factor * values[i];
    }
}

/// <summary>The scalar product in one order of summation, the same on every machine.</summary>
internal static class VectorProduct
{
    public static double Of(double[] left, double[] right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
            sum += left[i] * right[i];
        return sum;
    }
}
