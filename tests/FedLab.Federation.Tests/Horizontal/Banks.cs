using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Tests.Horizontal;

/// <summary>Banks with generated customers, as a horizontal experiment.</summary>
internal static class Banks
{
    public static readonly IReadOnlyList<FeatureDefinition> Features = [new("income"), new("ratio"), new("age"), new("sector", ["farm", "shop", "works"])];

    public static ExperimentSpec Spec(int banks, string model, params (string Name, string Value)[] settings) => new()
    {
        Name = "banks",
        Model = model,
        Parties = [.. Enumerable.Range(0, banks).Select(bank => new ExperimentParty($"bank-{bank}", PartyRole.Bank))],
        Features = Features,
        Settings = settings.ToDictionary(setting => setting.Name, setting => setting.Value, StringComparer.Ordinal),
    };

    public static IReadOnlyDictionary<string, PartyData> Data(params int[] rows)
    {
        var random = new Random64(7);
        return rows.Select((count, bank) => (Name: $"bank-{bank}", Data: Customers(random, bank, count))).ToDictionary(pair => pair.Name, pair => pair.Data, StringComparer.Ordinal);
    }

    /// <summary>All banks' rows in one place, which no bank has.</summary>
    public static PartyData Pool(IReadOnlyDictionary<string, PartyData> data)
    {
        var all = data.Values.ToArray();
        var columns = Features.Select(feature => feature.IsCategorical
            ? (Column)new CategoricalColumn(feature.Name, feature.Categories!, [.. all.SelectMany(bank => ((CategoricalColumn)bank.Features[feature.Name]).Codes.ToArray())])
            : new NumericColumn(feature.Name, [.. all.SelectMany(bank => ((NumericColumn)bank.Features[feature.Name]).Values.ToArray())]));
        return TestLab.MakeData([.. all.SelectMany(bank => bank.Keys)], new Table([.. columns]), [.. all.SelectMany(bank => bank.Labels!)]);
    }

    private static PartyData Customers(Random64 random, int bank, int count)
    {
        var (income, ratio, age, sector, labels) = (new double[count], new double[count], new double[count], new int[count], new byte[count]);
        for (var row = 0; row < count; row++)
        {
            income[row] = Math.Exp((random.Next() * 3) + (bank * 0.4));
            ratio[row] = random.Next() < 0.2 ? double.NaN : random.Next() * 2;
            age[row] = Math.Floor(20 + (random.Next() * 50));
            sector[row] = (int)(random.Next() * 3);
            var margin = -1 + (0.8 * (double.IsNaN(ratio[row]) ? 1.5 : ratio[row])) - (0.03 * income[row]) + (sector[row] == 1 ? 0.7 : 0);
            labels[row] = (byte)(random.Next() < 1 / (1 + Math.Exp(-margin)) ? 1 : 0);
        }
        var table = new Table([new NumericColumn("income", income), new NumericColumn("ratio", ratio), new NumericColumn("age", age), new CategoricalColumn("sector", Features[3].Categories!, sector)]);
        return TestLab.MakeData([.. Enumerable.Range(0, count).Select(row => $"customer-{bank}-{row}")], table, labels);
    }

    /// <summary>SplitMix64: small, seeded, for tests.</summary>
    private sealed class Random64(ulong state)
    {
        private ulong _state = state;

        public double Next()
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
    }
}
