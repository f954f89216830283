using System.Globalization;

namespace FedLab.Lattice.Tests;

/// <summary>Pearson's test of counts against probabilities.</summary>
internal static class ChiSquare
{
    /// <summary>A right sampler's counts are refused with this chance, at either end.</summary>
    public const double Significance = 1e-10;

    /// <summary>The chance that a right sampler's statistic is at least as large.</summary>
    public static double PValue(IReadOnlyList<double> counts, IReadOnlyList<double> probabilities, double samples)
    {
        Assert.Equal(counts.Count, probabilities.Count);
        Assert.Equal(1, probabilities.Sum(), 1e-9);
        Assert.Equal(samples, counts.Sum());
        var statistic = 0.0;
        for (var i = 0; i < counts.Count; i++)
        {
            var expected = probabilities[i] * samples;
            Assert.True(expected > 5, "cells need more than five expected counts");
            statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
        }

        return UpperGamma((counts.Count - 1) / 2.0, statistic / 2);
    }

    /// <summary>Neither too far from the probabilities nor too close to them.</summary>
    public static double AssertFits(IEnumerable<double> counts, IEnumerable<double> probabilities, double samples)
    {
        var value = PValue([.. counts], [.. probabilities], samples);
        Assert.True(value > Significance && value < 1 - Significance, string.Create(CultureInfo.InvariantCulture, $"chi-square with p = {value:G4}"));
        return value;
    }

    /// <summary>
    /// Not too far from cells of one probability. Only that: where a few cells divide the samples evenly, counts that are all the same, which
    /// <see cref="AssertFits"/> takes for too good, come once in some millions.
    /// </summary>
    public static void AssertUniform(IReadOnlyCollection<double> counts)
    {
        var value = PValue([.. counts], [.. Enumerable.Repeat(1.0 / counts.Count, counts.Count)], counts.Sum());
        Assert.True(value > Significance, string.Create(CultureInfo.InvariantCulture, $"chi-square with p = {value:G4}"));
    }

    /// <summary>The regularised incomplete gamma function Q(a, x), by its series or continued fraction (Press et al., Numerical Recipes, section 6.2).</summary>
    public static double UpperGamma(double a, double x)
    {
        if (x <= 0)
            return 1;
        var scale = Math.Exp((a * Math.Log(x)) - x - LogGamma(a));
        if (x < a + 1)
        {
            double term = 1 / a, sum = 1 / a;
            for (var n = 1; n < 10_000 && term > sum * 1e-16; n++)
            {
                term *= x / (a + n);
                sum += term;
            }

            return 1 - (sum * scale);
        }

        var b = x + 1 - a;
        var c = double.MaxValue / 4;
        var d = 1 / b;
        var h = d;
        for (var n = 1; n < 10_000; n++)
        {
            var factor = -n * (n - a);
            b += 2;
            d = 1 / ((factor * d) + b);
            c = b + (factor / c);
            h *= d * c;
            if (Math.Abs((d * c) - 1) < 1e-15)
                break;
        }

        return h * scale;
    }

    /// <summary>ln Γ by Stirling's series after raising the argument.</summary>
    private static double LogGamma(double a)
    {
        var shift = 0.0;
        for (; a < 40; a++)
            shift += Math.Log(a);
        return ((a - 0.5) * Math.Log(a)) - a + (0.5 * Math.Log(2 * Math.PI)) + (1 / (12 * a)) - (1 / (360 * a * a * a)) + (1 / (1260 * a * a * a * a * a)) - shift;
    }
}
