namespace FedLab.Learning.Tests.LogisticRegression;

public sealed class LogisticKernelTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(255, 3)]
    [InlineData(256, 4)]
    [InlineData(700, 11)]
    public void Every_register_width_gives_the_same_bits_and_what_plain_sums_give(int rows, int columns)
    {
        var random = new DeterministicRandom((ulong)(rows + columns));
        var values = Enumerable.Range(0, columns).Select(_ => Enumerable.Range(0, rows).Select(_ => LogisticData.Normal(random)).ToArray()).ToArray();
        var labels = Enumerable.Range(0, rows).Select(_ => (byte)random.Next(2)).ToArray();
        var table = new Table([.. values.Select((column, i) => new NumericColumn($"c{i}", column))]);
        var unscaled = Enumerable.Range(0, columns).Select(i => new DesignColumn(
            i, LogisticColumnKind.Value, -1, LogisticColumnState.Estimated, 0, 1, new NumberRange(-10, 10, IsCapped: false))).ToArray();
        var matrix = DesignMatrix.Build(new LogisticProblem(table, labels), unscaled, 2, TestContext.Current.CancellationToken);
        foreach (var scale in new[] { 0, 0.3, 5, 400, 1e5 })
        {
            var coefficients = Enumerable.Range(0, columns + 1).Select(_ => scale * LogisticData.Normal(random)).ToArray();
            var units = new PassUnits(new FixedPoint(20), new FixedPoint(35), new FixedPoint(35));
            var sums = Sum<EightLanes512>();
            Assert.Equal(sums, Sum<EightLanes256>());
            Assert.Equal(sums, Sum<EightLanes128>());
            Assert.Equal(sums[..(columns + 2)], LogisticKernel.Sum(matrix, coefficients, units, withHessian: false, 1, TestContext.Current.CancellationToken));

            var expected = Plain(values, labels, coefficients);
            Assert.Equal(expected.Length, sums.Length);
            for (var i = 0; i < sums.Length; i++)
            {
                var value = i == 0 ? units.Loss.Value(sums[i]) : units.Gradient.Value(sums[i]);
                Assert.True(Math.Abs(value - expected[i]) <= 2e-6 + (1e-12 * Math.Abs(expected[i])), $"Sum {i} is {value:R} instead of {expected[i]:R} at scale {scale}.");
            }

            long[] Sum<T>()
                where T : struct, IEightLanes<T> =>
                LogisticKernel.Sum<T>(matrix, coefficients, units, withHessian: true, 3, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void A_factor_leaves_out_combinations_and_says_of_what()
    {
        // The Gram matrix of the columns a, b, 2a − 3b, c.
        double[][] columns = [[1, 2, 0, 4], [0, 1, 1, 5], [2, 1, -3, -7], [1, 0, 0, 1]];
        double[] packed = [.. columns.SelectMany((left, i) => columns.Take(i + 1).Select(right => left.Zip(right, (x, y) => x * y).Sum()))];
        var factor = CholeskyFactor.Of(packed, [0, 1, 2, 3], 1e-9);
        Assert.Equal([0, 1, 3], factor.Kept);
        var alias = Assert.Single(factor.Aliased);
        Assert.Equal(2, alias.Column);
        Assert.Equal([2.0, -3.0], alias.Combination.Select(part => Math.Round(part.Coefficient, 9)));

        var inverse = factor.Invert();
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
                Assert.Equal(i == j ? 1 : 0, Enumerable.Range(0, 3).Sum(k => SymmetricMatrix.At(packed, factor.Kept[i], factor.Kept[k]) * inverse[k][j]), 1e-9);
        }
    }

    private static double[] Plain(double[][] columns, byte[] labels, double[] coefficients)
    {
        var order = coefficients.Length;
        var gradient = new double[order];
        var hessian = new double[order, order];
        var loss = 0.0;
        for (var row = 0; row < labels.Length; row++)
        {
            double[] x = [1, .. columns.Select(column => column[row])];
            var margin = x.Zip(coefficients, (a, b) => a * b).Sum();
            var p = Logistic.Sigmoid(margin);
            loss += Logistic.Loss(margin, labels[row]);
            for (var i = 0; i < order; i++)
            {
                gradient[i] += (p - labels[row]) * x[i];
                for (var j = 0; j < order; j++)
                    hessian[i, j] += p * Logistic.Sigmoid(-margin) * x[i] * x[j];
            }
        }

        return [loss, .. gradient, .. Enumerable.Range(0, order).SelectMany(i => Enumerable.Range(0, i + 1).Select(j => hessian[i, j]))];
    }
}
