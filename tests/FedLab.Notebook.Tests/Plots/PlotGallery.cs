using FedLab.Learning.Tests;
using FedLab.Notebook.Plots;

namespace FedLab.Notebook.Tests.Plots;

/// <summary>Every plot, of data as a small credit model gives them.</summary>
internal static class PlotGallery
{
    public static ScoredRows Joint { get; } = Scored("joint model", 6_000, seed: 1, strength: 1.5);

    public static ScoredRows Own { get; } = Scored("bank only", 6_000, seed: 1, strength: 0.7);

    public static IReadOnlyDictionary<string, Plot> All { get; } = new Dictionary<string, Plot>
    {
        ["roc"] = Plot.RocCurve(Joint, Own),
        ["roc-one"] = Plot.RocCurve(Joint.Scores, Joint.Labels),
        ["ks"] = Plot.KolmogorovSmirnov(Joint.Scores, Joint.Labels),
        ["ks-two"] = Plot.KolmogorovSmirnov(Joint, Own),
        ["gains"] = Plot.Gains(Joint, Own),
        ["lift"] = Plot.Lift(Joint, Own),
        ["calibration"] = Plot.Calibration(Joint, Own),
        ["distribution"] = Plot.ScoreDistribution(Joint),
        ["importance"] = Plot.FeatureImportance(Features()),
        ["importance-one"] = Plot.FeatureImportance([("收入 (income)", 3.0), ("months_since_registration", 2), ("a very long feature name that does not fit beside its bar at all", 1)]),
        ["loss"] = Plot.LossByRound(("training rows", Losses(0.10)), ("test rows", Losses(0.16))),
        ["loss-few"] = Plot.LossByRound([0.693, 0.51, 0.43, 0.41, 0.405]),
        ["bytes"] = Plot.BytesByPhase([("keys", "bank-a", 2L << 20), ("alignment", "bank-a", 300_000), ("alignment", "public-credit", 280_000), ("gradients", "bank-a", 31L << 20), ("histograms", "public-credit", 9L << 20), ("model", "public-credit", 40_000)]),
        ["bytes-one"] = Plot.BytesByPhase([("alignment", 300L), ("training", 900L)]),
        ["roc-six"] = Plot.RocCurve([.. Enumerable.Range(0, 6).Select(i => Scored($"bank-{(char)('a' + i)} 第{i + 1}家银行", 800, (ulong)i + 5, 0.4 + (0.3 * i)))]),
        ["roc-small"] = Plot.RocCurve([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0]),
    };

    public static ScoredRows Scored(string name, int rows, ulong seed, double strength)
    {
        var random = new DeterministicRandom(seed);
        var (scores, labels) = (new double[rows], new byte[rows]);
        for (var row = 0; row < rows; row++)
        {
            var risk = random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5;
            labels[row] = (byte)(random.Chance(1 / (1 + Math.Exp(2.2 - (3 * risk)))) ? 1 : 0);
            var noise = random.NextDouble() + random.NextDouble() - 1;
            scores[row] = 1 / (1 + Math.Exp(2.2 - (2 * strength * risk) - noise));
        }

        labels[0] = 1;
        labels[1] = 0;
        return new ScoredRows(name, scores, labels);
    }

    private static IEnumerable<(string, double, string)> Features() =>
        Enumerable.Range(0, 26).Select(i => ($"feature_{i:00}", 100.0 / (1 + i), i % 3 == 0 ? "bank-a" : "public-credit"));

    private static IEnumerable<double> Losses(double floor) => Enumerable.Range(1, 60).Select(round => floor + (0.25 * Math.Exp(-round / 15.0)));
}
