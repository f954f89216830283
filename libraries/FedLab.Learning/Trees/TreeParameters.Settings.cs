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

    /// <summary>Longest piece of a wrong name or value that a message repeats.</summary>
    private const int MaximumQuotedLength = 40;

    private static readonly Setting[] Settings =
    [
        new IntegerSetting("trees", 1, MaximumTrees, p => p.Trees, (p, v) => p with { Trees = v }),
        new IntegerSetting("depth", 1, MaximumDepth, p => p.MaxDepth, (p, v) => p with { MaxDepth = v }),
        new NumberSetting("learning-rate", 0, 1, ExcludesLow: true, p => p.LearningRate, (p, v) => p with { LearningRate = v }),
        new IntegerSetting("bins", 2, MaximumBins, p => p.MaxBin, (p, v) => p with { MaxBin = v }),
        new NumberSetting("lambda", 0, MaximumPenalty, ExcludesLow: false, p => p.Lambda, (p, v) => p with { Lambda = v }),
        new NumberSetting("gamma", 0, MaximumPenalty, ExcludesLow: false, p => p.Gamma, (p, v) => p with { Gamma = v }),
        new NumberSetting("min-child-weight", 0, MaximumPenalty, ExcludesLow: false, p => p.MinChildWeight, (p, v) => p with { MinChildWeight = v }),
        new NumberSetting("subsample", 0, 1, ExcludesLow: true, p => p.Subsample, (p, v) => p with { Subsample = v }),
        new NumberSetting("colsample", 0, 1, ExcludesLow: true, p => p.ColsampleByTree, (p, v) => p with { ColsampleByTree = v }),
        new NumberSetting("scale-pos-weight", 0.001, 1000, ExcludesLow: false, p => p.ScalePosWeight, (p, v) => p with { ScalePosWeight = v }),
        new IntegerSetting("early-stopping-rounds", 0, MaximumTrees, p => p.EarlyStoppingRounds, (p, v) => p with { EarlyStoppingRounds = v }),
        new NumberSetting("validation-fraction", 0, 0.5, ExcludesLow: true, p => p.ValidationFraction, (p, v) => p with { ValidationFraction = v }),
        new IntegerSetting("min-category-count", 1, 1_000_000, p => p.MinimumCategoryCount, (p, v) => p with { MinimumCategoryCount = v }),
        new SeedSetting(),
    ];

    /// <summary>The names that <see cref="Parse"/> knows, in the order of <see cref="ToSettings"/>.</summary>
    public static IReadOnlyCollection<string> SettingNames { get; } = [.. Settings.Select(setting => setting.Name)];

    /// <summary>What users of XGBoost and LightGBM write for settings whose name here is not the nearest by letters.</summary>
    private static readonly Dictionary<string, string> NamesElsewhere = new(StringComparer.Ordinal)
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
    };

    private static string NearestName(string name)
    {
        var spelled = Shorten(name).Trim().Replace('_', '-').ToLowerInvariant();
        return NamesElsewhere.TryGetValue(spelled, out var known) ? known : SettingNames.MinBy(candidate => EditDistance(spelled, candidate))!;
    }

    private static int EditDistance(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        var current = new int[right.Length + 1];
        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
            (previous, current) = (current, previous);
        }

        return previous[^1];
    }

    private static string Shorten(string text) => text.Length <= MaximumQuotedLength ? text : text[..MaximumQuotedLength] + "…";

    private abstract record Setting(string Name)
    {
        protected abstract string Range { get; }

        public abstract void Check(TreeParameters parameters);

        public abstract TreeParameters Read(TreeParameters parameters, string value);

        public abstract string Write(TreeParameters parameters);

        protected LearningException Malformed(string value) => Messages.SettingNotANumber(Name, Shorten(value), Range);

        protected LearningException OutOfRange(string value) => Messages.SettingOutOfRange(Name, value, Range);
    }

    private sealed record IntegerSetting(string Name, int Low, int High, Func<TreeParameters, int> Get, Func<TreeParameters, int, TreeParameters> Set) : Setting(Name)
    {
        protected override string Range => Messages.IntegerRange(Low.ToString(CultureInfo.InvariantCulture), High.ToString(CultureInfo.InvariantCulture));

        public override void Check(TreeParameters parameters)
        {
            if (Get(parameters) < Low || Get(parameters) > High)
                throw OutOfRange(Write(parameters));
        }

        public override TreeParameters Read(TreeParameters parameters, string value) =>
            int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? Set(parameters, number) : throw Malformed(value);

        public override string Write(TreeParameters parameters) => Get(parameters).ToString(CultureInfo.InvariantCulture);
    }

    private sealed record NumberSetting(
        string Name, double Low, double High, bool ExcludesLow, Func<TreeParameters, double> Get, Func<TreeParameters, double, TreeParameters> Set) : Setting(Name)
    {
        protected override string Range => ExcludesLow ? Messages.NumberRangeAbove(Format(Low), Format(High)) : Messages.NumberRange(Format(Low), Format(High));

        public override void Check(TreeParameters parameters)
        {
            var value = Get(parameters);
            if (!(value <= High && (ExcludesLow ? value > Low : value >= Low)))
                throw OutOfRange(Write(parameters));
        }

        // Adding 0 turns −0 into 0, so that equal settings have equal spellings.
        public override TreeParameters Read(TreeParameters parameters, string value) =>
            double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Set(parameters, number + 0.0) : throw Malformed(value);

        public override string Write(TreeParameters parameters) => Format(Get(parameters));
    }

    private sealed record SeedSetting() : Setting("seed")
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
