namespace FedLab.Lattice.Evaluation;

/// <summary>A polynomial Σ c_k·T_k(y), y = (2x - a - b)/(b - a), on an interval [a, b]. Immutable.</summary>
public sealed class ChebyshevSeries
{
    private readonly double[] _coefficients;

    /// <summary>Takes given coefficients.</summary>
    /// <param name="coefficients">c_0 to c_degree, finite; at least two.</param>
    /// <param name="minimum">a.</param>
    /// <param name="maximum">b, above a.</param>
    /// <exception cref="ArgumentException">A coefficient or bound is not finite, the interval is empty, or there are fewer than two coefficients.</exception>
    public ChebyshevSeries(IReadOnlyList<double> coefficients, double minimum, double maximum)
    {
        ArgumentNullException.ThrowIfNull(coefficients);
        if (coefficients.Count < 2)
            throw new ArgumentException($"A series has at least two coefficients, not {coefficients.Count}.", nameof(coefficients));
        if (!coefficients.All(double.IsFinite))
            throw new ArgumentException("Every coefficient must be finite.", nameof(coefficients));
        if (!double.IsFinite(minimum) || !double.IsFinite(maximum) || minimum >= maximum)
            throw new ArgumentException($"The interval from {minimum:R} to {maximum:R} must be finite and not empty.", nameof(maximum));
        _coefficients = [.. coefficients];
        (Minimum, Maximum) = (minimum, maximum);
    }

    /// <summary>c_0 to c_degree.</summary>
    public IReadOnlyList<double> Coefficients => _coefficients;

    /// <summary>a.</summary>
    public double Minimum { get; }

    /// <summary>b.</summary>
    public double Maximum { get; }

    /// <summary>Number of coefficients, less one.</summary>
    public int Degree => _coefficients.Length - 1;

    /// <summary>Levels that an evaluation on ciphertexts takes: ⌈log2(degree + 1)⌉, the least there can be.</summary>
    public int Depth => System.Numerics.BitOperations.Log2((uint)Degree) + 1;

    /// <summary>Interpolates a function at the Chebyshev points, within a small factor of the best polynomial of the degree.</summary>
    /// <param name="function">A smooth function on the interval.</param>
    /// <param name="degree">1 or more.</param>
    /// <param name="minimum">a.</param>
    /// <param name="maximum">b, above a.</param>
    /// <returns>The interpolating series.</returns>
    /// <exception cref="ArgumentException">The degree or the interval is out of range, or the function is not finite at a point.</exception>
    public static ChebyshevSeries Interpolate(Func<double, double> function, int degree, double minimum, double maximum)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentOutOfRangeException.ThrowIfLessThan(degree, 1);
        var points = degree + 1;
        var values = new double[points];
        for (var i = 0; i < points; i++)
            values[i] = function(((minimum + maximum) / 2) + ((maximum - minimum) / 2 * Math.Cos(Math.PI * (i + 0.5) / points)));
        var coefficients = new double[points];
        for (var k = 0; k < points; k++)
        {
            for (var i = 0; i < points; i++)
                coefficients[k] += values[i] * Math.Cos(Math.PI * k * (i + 0.5) / points);
            coefficients[k] *= (k == 0 ? 1.0 : 2.0) / points;
        }

        return new ChebyshevSeries(coefficients, minimum, maximum);
    }

    /// <summary>The value at a point (Clenshaw's recurrence).</summary>
    /// <param name="x">Any number; outside the interval a polynomial grows fast.</param>
    /// <returns>Σ c_k·T_k(y).</returns>
    public double Evaluate(double x)
    {
        var y = ((2 * x) - Minimum - Maximum) / (Maximum - Minimum);
        double next = 0, second = 0;
        for (var k = Degree; k > 0; k--)
            (next, second) = ((2 * y * next) - second + _coefficients[k], next);
        return (y * next) - second + _coefficients[0];
    }
}
