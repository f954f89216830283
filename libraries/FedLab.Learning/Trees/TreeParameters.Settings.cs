using System.Globalization;

namespace FedLab.Learning;

/// <content>Names, ranges and spellings of the settings.</content>
public sealed partial record TreeParameters
{
    private const int MaximumTrees = 5_000;
    private const int MaximumDepth = 12;
    private const double MaximumPenalty = 1_000_000;

    /// <summary>A missing value has a code of its own, and all codes of a feature fit a byte with one to spare.</summary>
    private const int MaximumBins = 254;

    private static readonly SettingCatalogue<TreeParameters> Settings = new(
        [
            new IntegerSetting<TreeParameters>("trees", 1, MaximumTrees, p => p.Trees, (p, v) => p with { Trees = v }),
            new IntegerSetting<TreeParameters>("depth", 1, MaximumDepth, p => p.MaxDepth, (p, v) => p with { MaxDepth = v }),
            new NumberSetting<TreeParameters>("learning-rate", 0, 1, ExcludesLow: true, p => p.LearningRate, (p, v) => p with { LearningRate = v }),
            new IntegerSetting<TreeParameters>("bins", 2, MaximumBins, p => p.MaxBin, (p, v) => p with { MaxBin = v }),
            new NumberSetting<TreeParameters>("lambda", 0, MaximumPenalty, ExcludesLow: false, p => p.Lambda, (p, v) => p with { Lambda = v }),
            new NumberSetting<TreeParameters>("gamma", 0, MaximumPenalty, ExcludesLow: false, p => p.Gamma, (p, v) => p with { Gamma = v }),
            new NumberSetting<TreeParameters>("min-child-weight", 0, MaximumPenalty, ExcludesLow: false, p => p.MinChildWeight, (p, v) => p with { MinChildWeight = v }),
            new NumberSetting<TreeParameters>("subsample", 0, 1, ExcludesLow: true, p => p.Subsample, (p, v) => p with { Subsample = v }),
            new NumberSetting<TreeParameters>("colsample", 0, 1, ExcludesLow: true, p => p.ColsampleByTree, (p, v) => p with { ColsampleByTree = v }),
            new NumberSetting<TreeParameters>("scale-pos-weight", 0.001, 1000, ExcludesLow: false, p => p.ScalePosWeight, (p, v) => p with { ScalePosWeight = v }),
            new IntegerSetting<TreeParameters>("early-stopping-rounds", 0, MaximumTrees, p => p.EarlyStoppingRounds, (p, v) => p with { EarlyStoppingRounds = v }),
            new NumberSetting<TreeParameters>("validation-fraction", 0, 0.5, ExcludesLow: true, p => p.ValidationFraction, (p, v) => p with { ValidationFraction = v }),
            new IntegerSetting<TreeParameters>("min-category-count", 1, 1_000_000, p => p.MinimumCategoryCount, (p, v) => p with { MinimumCategoryCount = v }),
            new SeedSetting(),
        ],
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["eta"] = "learning-rate",
            ["n-estimators"] = "trees",
            ["num-boost-round"] = "trees",
            ["rounds"] = "trees",
            ["max-depth"] = "depth",
            ["max-bin"] = "bins",
            ["reg-lambda"] = "lambda",
            ["min-split-loss"] = "gamma",
            ["bagging-fraction"] = "subsample",
            ["feature-fraction"] = "colsample",
            ["colsample-by-tree"] = "colsample",
            ["colsample-bytree"] = "colsample",
            ["random-state"] = "seed",
        });

    /// <summary>The names that <see cref="Parse"/> knows, in the order of <see cref="ToSettings"/>.</summary>
    public static IReadOnlyCollection<string> SettingNames => Settings.Names;

    private sealed record SeedSetting() : Setting<TreeParameters>("seed")
    {
        protected override string Range => Messages.IntegerRange("0", ulong.MaxValue.ToString(CultureInfo.InvariantCulture));

        public override void Check(TreeParameters parameters)
        {
        }

        public override TreeParameters Read(TreeParameters parameters, string value) =>
            ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? parameters with { Seed = seed } : throw Malformed(value);

        public override string Write(TreeParameters parameters) => parameters.Seed.ToString(CultureInfo.InvariantCulture);
    }
}
