using System.Globalization;

namespace FedLab.Notebook.Plots.Charts;

/// <summary>Places on an axis that are round numbers.</summary>
internal static class Ticks
{
    private const double LargestPlain = 1e9;
    private const int MostDecimals = 6;

    /// <summary>Round numbers that cover a range: steps of 1, 2, 2.5 or 5 times a power of ten.</summary>
    /// <param name="minimum">The least value.</param>
    /// <param name="maximum">The greatest, not less.</param>
    /// <param name="wanted">About how many steps.</param>
    public static double[] Cover(double minimum, double maximum, int wanted = 5)
    {
        if (minimum == maximum) (minimum, maximum) = minimum == 0 ? (0, 1) : (Math.Min(minimum, 0), Math.Max(maximum, 0));
        var rough = (maximum - minimum) / wanted;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch
        {
            <= 1 => 1,
            <= 2 => 2,
            <= 2.5 => 2.5,
            <= 5 => 5,
            _ => 10,
        };
        // The allowance keeps a value that is a tick but for rounding from adding another.
        var first = (long)Math.Floor((minimum / step) + 1e-9);
        var last = (long)Math.Ceiling((maximum / step) - 1e-9);
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => Rounded((first + i) * step, step))];
    }

    /// <summary>Decimals that tell ticks apart.</summary>
    public static int Decimals(IReadOnlyList<double> ticks)
    {
        var step = ticks.Count < 2 ? 1 : Math.Abs(ticks[1] - ticks[0]);
        for (var decimals = 0; decimals < 12; decimals++)
        {
            var scaled = step * Math.Pow(10, decimals);
            if (Math.Abs(scaled - Math.Round(scaled)) < 1e-6 * scaled) return decimals;
        }

        return 12;
    }

    /// <summary>A number with so many decimals and commas between thousands; far from 1 with an exponent.</summary>
    public static string Write(double value, int decimals) => value != 0 && (Math.Abs(value) >= LargestPlain || decimals > MostDecimals)
        ? value.ToString("0.###e+0", CultureInfo.InvariantCulture)
        : value.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static double Rounded(double value, double step) => Math.Round(value / step) * step;
}
