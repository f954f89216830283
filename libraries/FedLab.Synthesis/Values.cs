namespace FedLab.Synthesis;

/// <summary>From scores to printed values, which are integers times a power of ten; rounding is half to even.</summary>
internal static class Values
{
    public static long Whole(double x) => (long)Math.Round(x);

    public static long OneDecimal(double x) => (long)Math.Round(x * 10);

    public static long TwoDecimals(double x) => (long)Math.Round(x * 100);

    public static long ThreeDecimals(double x) => (long)Math.Round(x * 1000);

    public static long Floor(double x) => (long)Math.Floor(x);

    public static long Flag(bool x) => x ? 1 : 0;

    /// <summary>0 up to a threshold, then one more for every 1/<paramref name="slope"/> of score, at most <paramref name="maximum"/>.</summary>
    public static long Step(double score, double threshold, double slope, int maximum) =>
        score <= threshold ? 0 : Math.Min(maximum, 1 + Floor(slope * (score - threshold)));
}
