using FedLab.Client.Wording;
using System.Globalization;

namespace FedLab.Notebook.Plots.Charts;

/// <summary>An axis: what it measures, where it begins and ends, its ticks and how they are written.</summary>
internal sealed class PlotAxis
{
    private readonly Func<double, string> _write;

    private PlotAxis(string title, double[] ticks, Func<double, string> write) => (Title, TickValues, _write) = (title, ticks, write);

    /// <summary>What it measures, with its unit.</summary>
    public string Title { get; }

    /// <summary>The ticks, the first and the last of which are the axis' ends.</summary>
    public IReadOnlyList<double> TickValues { get; }

    public double Minimum => TickValues[0];

    public double Maximum => TickValues[^1];

    /// <summary>Numbers.</summary>
    public static PlotAxis OfNumbers(string title, double minimum, double maximum, int wanted = 5)
    {
        var ticks = Ticks.Cover(minimum, maximum, wanted);
        var decimals = Ticks.Decimals(ticks);
        return new PlotAxis(title, ticks, value => Ticks.Write(value, decimals));
    }

    /// <summary>Whole numbers from 1 on: rounds, trees, iterations.</summary>
    public static PlotAxis OfCounts(string title, int maximum)
    {
        var step = Math.Max(1, Ticks.Cover(0, Math.Max(1, maximum), 8)[1]);
        var last = Math.Max(2, maximum);
        var ticks = new List<double> { 1 };
        for (var tick = Math.Ceiling(step); tick < last; tick += Math.Ceiling(step))
        {
            // Labels need room: none next to an end.
            if (tick > 1 && last - tick >= step / 2 && tick - 1 >= step / 2) ticks.Add(tick);
        }

        ticks.Add(last);
        return new PlotAxis(title, [.. ticks], value => Ticks.Write(value, 0));
    }

    /// <summary>Shares, given from 0 to 1 and written in per cent.</summary>
    public static PlotAxis OfShares(string title, double maximum = 1)
    {
        var ticks = Ticks.Cover(0, maximum);
        var decimals = Ticks.Decimals([.. ticks.Select(tick => 100 * tick)]);
        return new PlotAxis(title, ticks, value => Ticks.Write(100 * value, decimals) + " %");
    }

    /// <summary>Bytes, in the unit that suits the greatest.</summary>
    public static PlotAxis OfBytes(string title, double maximum)
    {
        var (unit, factor) = ByteUnit.Of(maximum);
        var ticks = Ticks.Cover(0, Math.Max(maximum, 1) / factor);
        var decimals = Ticks.Decimals(ticks);
        return new PlotAxis(string.Create(CultureInfo.InvariantCulture, $"{title} ({unit})"), [.. ticks.Select(tick => tick * factor)], value => Ticks.Write(value / factor, decimals));
    }

    /// <summary>A tick's label.</summary>
    public string Write(double tick) => _write(tick);

    /// <summary>Where a value is, 0 at the beginning of the axis and 1 at its end.</summary>
    public double Position(double value) => (value - Minimum) / (Maximum - Minimum);
}

/// <summary>Units of bytes: decimal ones, as everywhere in the product.</summary>
internal static class ByteUnit
{
    private const double Step = 1000;

    private static readonly string[] Names = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>The greatest unit of which there is at least one.</summary>
    public static (string Name, double Factor) Of(double bytes)
    {
        var (unit, factor) = (0, 1.0);
        while (unit + 1 < Names.Length && bytes >= factor * Step) (unit, factor) = (unit + 1, factor * Step);
        return (Names[unit], factor);
    }

    /// <summary>A number of bytes with three digits.</summary>
    public static string Write(double bytes) => Formats.Bytes((long)bytes);
}
