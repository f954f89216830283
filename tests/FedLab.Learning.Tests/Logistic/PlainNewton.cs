using MathNet.Numerics.LinearAlgebra;

namespace FedLab.Learning.Tests.LogisticRegression;

/// <summary>
/// The pooled fit as a textbook has it: rows of doubles, one after the other, no fixed point, no blocks. Standard errors come from the
/// Hessian of the raw columns, not from that of standardised ones.
/// </summary>
internal sealed class PlainNewton
{
    private readonly double[][] _rows;
    private readonly byte[] _labels;

    private PlainNewton(double[][] rows, byte[] labels) => (_rows, _labels) = (rows, labels);

    public double[] Coefficients { get; private set; } = [];

    public double[] StandardErrors { get; private set; } = [];

    public double Deviance { get; private set; }

    public double EffectiveParameters { get; private set; }

    /// <summary>Fits the columns that a fit has estimated, built anew from the table; caps are those of its model.</summary>
    public static PlainNewton Fit(Table table, byte[] labels, LogisticFit fit, double ridge = 0)
    {
        var terms = fit.Model.Terms.ToDictionary(term => term.Feature, StringComparer.Ordinal);
        double[][] columns =
        [
            [.. Enumerable.Repeat(1.0, labels.Length)],
            .. fit.Coefficients.Where(line => line.Feature.Length > 0 && line.State == LogisticColumnState.Estimated)
                .Select(line => Build(table[line.Feature], line, terms[line.Feature])),
        ];
        var rows = Enumerable.Range(0, labels.Length).Select(row => Array.ConvertAll(columns, column => column[row])).ToArray();
        var newton = new PlainNewton(rows, labels);
        newton.Solve(ridge);
        return newton;
    }

    private static double[] Build(Column column, LogisticCoefficient line, LogisticTerm term)
    {
        var values = new double[column.RowCount];
        switch (line.Kind)
        {
            case LogisticColumnKind.Missing:
                return Array.ConvertAll(Enumerable.Range(0, values.Length).ToArray(), row => column.IsMissing(row) ? 1.0 : 0);
            case LogisticColumnKind.Category:
                return Array.ConvertAll(Enumerable.Range(0, values.Length).ToArray(), row => ((CategoricalColumn)column).CategoryOf(row) == line.Category ? 1.0 : 0);
            default:
                var numeric = (NumericTerm)term;
                var source = ((NumericColumn)column).Values.Span;
                var (sum, count) = (0.0, 0);
                for (var row = 0; row < values.Length; row++)
                {
                    values[row] = Math.Min(Math.Max(source[row], numeric.Lower ?? double.MinValue), numeric.Upper ?? double.MaxValue);
                    if (!double.IsNaN(source[row]))
                        (sum, count) = (sum + values[row], count + 1);
                }

                var mean = sum / count;
                for (var row = 0; row < values.Length; row++)
                    values[row] = double.IsNaN(source[row]) ? mean : values[row];
                return values;
        }
    }

    private void Solve(double ridge)
    {
        var order = _rows[0].Length;
        var means = new double[order];
        var deviations = new double[order];
        deviations[0] = 1;
        for (var j = 1; j < order; j++)
        {
            means[j] = _rows.Average(row => row[j]);
            deviations[j] = Math.Sqrt(_rows.Average(row => (row[j] - means[j]) * (row[j] - means[j])));
        }

        var standardised = Array.ConvertAll(_rows, row => row.Select((x, j) => (x - means[j]) / deviations[j]).ToArray());
        var beta = Vector<double>.Build.Dense(order);
        var penalty = Matrix<double>.Build.DenseDiagonal(order, order, j => j == 0 ? 0 : ridge);
        for (var step = 0; step < 60; step++)
        {
            var (gradient, hessian) = Derivatives(standardised, beta);
            var move = (hessian + penalty).Cholesky().Solve(gradient + (penalty * beta));
            beta -= move;
            if (move.AbsoluteMaximum() < 1e-13)
                break;
        }

        Coefficients = [.. beta.Select((b, j) => b / deviations[j])];
        Coefficients[0] -= Enumerable.Range(1, order - 1).Sum(j => Coefficients[j] * means[j]);
        Deviance = 2 * standardised.Select((row, i) => Loss(row, i, beta)).Sum();

        var scales = Enumerable.Range(0, order).Select(j => _rows.Max(row => Math.Abs(row[j]))).ToArray();
        var scaled = Array.ConvertAll(_rows, row => row.Select((x, j) => x / scales[j]).ToArray());
        var rawHessian = Derivatives(scaled, Vector<double>.Build.Dense(order, j => Coefficients[j] * scales[j])).Hessian;
        var rawPenalty = Matrix<double>.Build.DenseDiagonal(order, order, j => j == 0 ? 0 : ridge * deviations[j] * deviations[j] / (scales[j] * scales[j]));
        var inverse = (rawHessian + rawPenalty).Inverse();
        var covariance = inverse * rawHessian * inverse;
        StandardErrors = [.. Enumerable.Range(0, order).Select(j => Math.Sqrt(covariance[j, j]) / scales[j])];
        EffectiveParameters = (rawHessian * inverse).Trace();
    }

    private (Vector<double> Gradient, Matrix<double> Hessian) Derivatives(double[][] rows, Vector<double> beta)
    {
        var order = beta.Count;
        var gradient = new double[order];
        var hessian = new double[order, order];
        var coefficients = beta.ToArray();
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            var margin = 0.0;
            for (var j = 0; j < order; j++)
                margin += row[j] * coefficients[j];
            var p = 1 / (1 + Math.Exp(-margin));
            for (var j = 0; j < order; j++)
            {
                gradient[j] += (p - _labels[i]) * row[j];
                for (var k = 0; k < order; k++)
                    hessian[j, k] += p * (1 - p) * row[j] * row[k];
            }
        }

        return (Vector<double>.Build.Dense(gradient), Matrix<double>.Build.DenseOfArray(hessian));
    }

    private double Loss(double[] row, int i, Vector<double> beta)
    {
        var margin = row.Select((x, j) => x * beta[j]).Sum();
        return Logistic.Loss(margin, _labels[i]);
    }
}
