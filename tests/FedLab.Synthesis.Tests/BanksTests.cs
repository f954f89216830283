using FedLab.Data;
using FedLab.Learning;

namespace FedLab.Synthesis.Tests;

public sealed class BanksTests(ITestOutputHelper output)
{
    private static readonly TreeParameters Parameters = new() { Trees = 60, MaxDepth = 3, LearningRate = 0.1 };

    [Fact]
    public async Task A_joint_model_ranks_every_banks_customers_better_than_its_own_and_most_for_the_small_one()
    {
        var gains = await GainsAsync(SyntheticBanks.Generate());
        Assert.All(gains, gain => Assert.InRange(gain, 0.005, 0.5));
        Assert.Equal(gains.Max(), gains[^1]);
        Assert.InRange(gains[^1], 0.05, 0.5);
    }

    [Theory]
    [InlineData(7UL)]
    [InlineData(8UL)]
    [InlineData(9UL)]
    public async Task With_other_seeds_banks_gain_on_average(ulong seed)
    {
        var gains = await GainsAsync(SyntheticBanks.Generate(seed: seed));
        Assert.InRange(gains.Average(), 0.01, 0.2);
    }

    [Fact]
    public async Task Banks_share_columns_and_no_enterprise_and_differ_in_size_rate_and_portfolio()
    {
        var banks = SyntheticBanks.Generate();
        var sets = await ReadAsync(banks);
        Assert.Equal([3_168, 2_304, 1_728, SyntheticBanks.SmallBankRows], sets.Select(set => set.RowCount));
        Assert.Equal(banks.Banks.Select(bank => bank.Rows), sets.Select(set => set.RowCount));
        Assert.Equal(8_000, sets.SelectMany(set => set.Keys).Distinct().Count());
        foreach (var set in sets)
        {
            // No row was rejected: every identifier is valid and unique.
            Assert.Equal(set.RowCount, set.Report.RowsRead);
            Assert.Equal(SyntheticBanks.Columns.Select(column => column.Name), set.Table.Columns.Select(column => column.Name));
            Assert.Equal(SyntheticBanks.Columns.Select(column => column.Categories is null), set.Table.Columns.Select(column => column is NumericColumn));
            Assert.InRange(set.Labels!.Average(label => label), .09, .20);
            Assert.InRange(set.Report.Missing.Single(column => column.Column == "ss_headcount_yoy").Share, .05, .30);
            Assert.InRange(set.Report.Missing.Single(column => column.Column == "industry").Share, .005, .04);
        }

        // Builders are common at the bank for the provinces and rare at the others.
        var builders = sets.ConvertAll(set => Share((CategoricalColumn)set.Table["industry"], 'E'));
        Assert.True(builders.TrueForAll(share => share == builders[2] || 3 * share < builders[2]), string.Join(", ", builders));
        var staff = sets.ConvertAll(set => ((NumericColumn)set.Table["ss_headcount"]).Values.ToArray().Where(double.IsFinite).Average());
        Assert.True(staff[0] > 1.5 * staff[1], string.Join(", ", staff));
    }

    [Fact]
    public async Task Files_are_the_same_to_the_byte_and_the_texts_are_the_announced_ones()
    {
        var (first, again) = (new MemoryStream(), new MemoryStream());
        var banks = SyntheticBanks.Generate(3_000, 5);
        await banks.WriteCsvAsync(banks.Banks[1], first, TestContext.Current.CancellationToken);
        var same = SyntheticBanks.Generate(3_000, 5);
        await same.WriteCsvAsync(same.Banks[1], again, TestContext.Current.CancellationToken);
        Assert.Equal(first.ToArray(), again.ToArray());

        var lines = System.Text.Encoding.UTF8.GetString(first.ToArray()).TrimEnd('\n').Split('\n');
        Assert.StartsWith("uscc,industry,city,", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(",default", lines[0], StringComparison.Ordinal);
        Assert.Equal(banks.Banks[1].Rows, lines.Length - 1);
        foreach (var fields in lines.Skip(1).Select(line => line.Split(',')))
        {
            Assert.True(fields[1].Length == 0 || SyntheticBanks.Columns[0].Categories!.Contains(fields[1]), fields[1]);
            Assert.Contains(fields[2], SyntheticBanks.Columns[1].Categories!);
        }
    }

    [Theory]
    [InlineData(SyntheticBanks.MinimumRows - 1)]
    [InlineData(SyntheticBanks.MaximumRows + 1)]
    public void Sizes_outside_the_range_are_refused(int rows) => Assert.Throws<ArgumentOutOfRangeException>(() => SyntheticBanks.Generate(rows));

    private static double Share(CategoricalColumn column, char section) =>
        Enumerable.Range(0, column.RowCount).Count(row => column.CategoryOf(row)?[0] == section) / (double)column.RowCount;

    /// <summary>For each bank: AUC of the joint model on its test rows less that of its own model.</summary>
    private async Task<double[]> GainsAsync(SyntheticBanks banks)
    {
        var sets = await ReadAsync(banks);
        var joint = await FitAsync(Concatenate(sets.ConvertAll(set => Part(set, train: true))), sets.Select(set => Part(set, train: false)));
        var gains = new double[sets.Count];
        for (var k = 0; k < gains.Length; k++)
        {
            var own = await FitAsync(Part(sets[k], train: true), [Part(sets[k], train: false)]);
            gains[k] = joint[k] - own[0];
            output.WriteLine($"{banks.Banks[k].Name}: {sets[k].RowCount} rows, {sets[k].Labels!.Average(label => label):P1} default, AUC own {own[0]:F3}, joint {joint[k]:F3}");
        }

        return gains;
    }

    private static async Task<List<DataSet>> ReadAsync(SyntheticBanks banks)
    {
        var folder = Directory.CreateTempSubdirectory("fedlab-banks");
        try
        {
            List<DataSet> sets = [];
            foreach (var bank in banks.Banks)
            {
                var path = Path.Combine(folder.FullName, bank.Name + ".csv");
                await banks.WriteCsvAsync(bank, path, TestContext.Current.CancellationToken);
                sets.Add(await DataSetReader.ReadAsync(new DataSourceOptions { Path = path, KeyColumn = SyntheticBanks.KeyColumn, LabelColumn = SyntheticBanks.LabelColumn }, null, TestContext.Current.CancellationToken));
            }

            return sets;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed record Sample(Table Table, byte[] Labels);

    private static Sample Part(DataSet set, bool train)
    {
        int[] rows = [.. Enumerable.Range(0, set.RowCount).Where(row => TestFold.IsInFold(set.Keys[row], 0, 5) != train)];
        return new Sample(Conform(set).TakeRows(rows), Array.ConvertAll(rows, row => set.Labels![row]));
    }

    private static Table Conform(DataSet set) =>
        FeatureDefinition.Conform(set.Table, [.. SyntheticBanks.Columns.Select(column => new FeatureDefinition(column.Name, column.Categories))], out _);

    private static Sample Concatenate(IReadOnlyList<Sample> parts)
    {
        var columns = parts[0].Table.Columns.Select((column, c) => (Column)(column is CategoricalColumn text
            ? new CategoricalColumn(column.Name, text.Categories, [.. parts.SelectMany(part => ((CategoricalColumn)part.Table.Columns[c]).Codes.ToArray())])
            : new NumericColumn(column.Name, [.. parts.SelectMany(part => ((NumericColumn)part.Table.Columns[c]).Values.ToArray())])));
        return new Sample(new Table([.. columns]), [.. parts.SelectMany(part => part.Labels)]);
    }

    private static async Task<List<double>> FitAsync(Sample train, IEnumerable<Sample> tests)
    {
        int[] rows = [.. Enumerable.Range(0, train.Labels.Length)];
        var result = await PooledTrainer.FitAsync(
            [new PooledParty("all", train.Table, 1)], train.Labels, [.. rows.Select(row => (ulong)row)], rows, rows, Parameters, 1, TestContext.Current.CancellationToken);
        var model = new TreesModel([.. train.Table.Columns.Select(column => new FeatureDefinition(column.Name, (column as CategoricalColumn)?.Categories))], result.State.Ensemble, result.Rules[0]);
        return [.. tests.Select(test => BinaryMetrics.Evaluate(test.Labels, model.PredictProbabilities(test.Table)).AreaUnderRocCurve)];
    }
}
