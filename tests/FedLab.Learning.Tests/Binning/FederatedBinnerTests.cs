using FedLab.Learning.Tests.Trees;

namespace FedLab.Learning.Tests.Binning;

public sealed class FederatedBinnerTests(ITestOutputHelper output)
{
    /// <summary>What an edge may be off, as a share of the rows with a value.</summary>
    private const double Promise = 0.001;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Edges_lie_within_a_thousandth_of_the_rows_of_the_pooled_ones_whatever_the_column()
    {
        var (worst, most) = (0.0, 0);
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new DeterministicRandom((ulong)seed);
            var parameters = new TreeParameters { MaxBin = random.Pick(2, 8, 20, 32, 32) };
            var column = RandomColumn(random, 1000 + random.Next(20_000));
            var (bins, rounds) = await FitAsync(column, parameters);
            var distance = EdgeDistance.Greatest(bins, Pooled(column, parameters), column);
            Assert.True(distance <= Promise, $"Seed {seed}: an edge is off by {distance} of the rows.");
            (worst, most) = (Math.Max(worst, distance), Math.Max(most, rounds.Count));
        }

        output.WriteLine($"Greatest distance {worst:F5}, most rounds {most}.");
    }

    [Fact]
    public void Several_holders_get_the_bins_of_one_with_all_rows() => Property.Holds(60, seed =>
    {
        var random = new DeterministicRandom((ulong)seed);
        var problem = RandomProblem.Create(seed, rows: 50 + random.Next(500));
        var table = problem.Parties[0].Table;
        var definitions = DefinitionsOf(table);
        var owner = problem.AllRows.Select(_ => random.Next(4) * random.Next(2)).ToArray();
        var one = FederatedBinner.FitAsync(table, definitions, problem.Parameters, new OwnSums(), Token).GetAwaiter().GetResult();
        var several = new Holders(4, HorizontalTrainer.CapacityFor(problem.Parameters, definitions)).Run((holder, sums, ct) =>
            FederatedBinner.FitAsync(table.TakeRows([.. problem.AllRows.Where(row => owner[row] == holder)]), definitions, problem.Parameters, sums, ct));
        foreach (var bins in several)
            AssertSame(one, bins);
    });

    [Fact]
    public void Few_rows_are_parted_exactly_as_by_the_pooled_binner() => Property.Holds(150, seed =>
    {
        // Of fewer than 1000 rows a thousandth is none: the same rows share a bin, numbers and categories alike.
        var problem = RandomProblem.Create(seed, rows: 30 + new DeterministicRandom((ulong)seed).Next(900));
        var table = problem.Parties[0].Table;
        var bins = FederatedBinner.FitAsync(table, DefinitionsOf(table), problem.Parameters, new OwnSums(), Token).GetAwaiter().GetResult();
        for (var i = 0; i < bins.Count; i++)
        {
            var pooled = FeatureBinner.Fit(table.Columns[i], problem.AllRows, problem.Parameters);
            Assert.Equal((pooled.Name, pooled.IsCategorical, pooled.HasMissing), (bins[i].Name, bins[i].IsCategorical, bins[i].HasMissing));
            if (pooled.BinCount < problem.Parameters.MaxBin || pooled.IsCategorical)
                Assert.Equal(pooled.Encode(table.Columns[i]).Codes.ToArray(), bins[i].Encode(table.Columns[i]).Codes.ToArray());
        }
    });

    [Fact]
    public async Task Discrete_values_get_a_bin_each_with_short_thresholds_between_them()
    {
        double[] late = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 17, 96, 98];
        var column = new NumericColumn("late", [.. Enumerable.Range(0, 50_000).Select(i => i < 40_000 ? 0 : late[i % late.Length])]);
        var (bins, rounds) = await FitAsync(column, new TreeParameters());
        Assert.Equal([.. Enumerable.Range(0, 13).Select(i => i + 0.5), 14, 64, 97], bins.Thresholds.ToArray());
        Assert.InRange(rounds.Count, 2, 3);
        foreach (var typed in new[] { 1234.56, 0.05, 1e300, -17.3, 4.9e-324, Math.PI, (float)0.1, 20241231 })
        {
            var (low, high) = (Math.Min(typed, Math.BitDecrement(typed)), typed);
            var pair = new NumericColumn("x", [.. Enumerable.Range(0, 8000).Select(i => i % 3 == 0 ? typed : i % 3 == 1 ? Math.BitDecrement(typed) : typed > 1e299 ? 5 : typed * 3)]);
            var (cut, _) = await FitAsync(pair, new TreeParameters { MaxBin = 8 });
            Assert.Equal(3, cut.BinCount);
            Assert.Contains(cut.Thresholds.ToArray(), threshold => low <= threshold && threshold < high);
        }
    }

    [Fact]
    public async Task Thresholds_fit_single_precision_where_values_are_no_closer_than_that()
    {
        var random = new DeterministicRandom(31);
        var column = new NumericColumn("x", [.. Enumerable.Range(0, 20_000).Select(_ => Math.Round(Math.Exp(10 * random.NextDouble()), 2))]);
        var (bins, _) = await FitAsync(column, new TreeParameters());
        Assert.Equal(32, bins.BinCount);
        Assert.InRange(bins.Thresholds.ToArray().Count(threshold => (float)threshold == threshold), 25, 31);
    }

    [Fact]
    public async Task Rare_values_are_not_looked_at_closely()
    {
        // One customer's 3777777.77 among 10,000 small numbers: its cell on the public grid is never divided.
        var random = new DeterministicRandom(5);
        const double rare = 3_777_777.77;
        var column = new NumericColumn("x", [.. Enumerable.Range(0, 10_000).Select(i => i == 77 ? rare : random.NextDouble())]);
        List<GridCell> asked = [];
        var cells = new NumericCells("x", 32);
        while (cells.Wanted.Count > 0)
        {
            var keys = column.Values.ToArray().Select(OrderedKey.Of).Order().ToArray();
            if (asked.Count > 0)
                Assert.DoesNotContain(cells.Wanted, cell => cell.Low < OrderedKey.Of(rare) && OrderedKey.Of(rare) <= cell.High);
            asked.AddRange(cells.Wanted);
            Assert.True(cells.Take([.. cells.Wanted.Select(cell => (long)cell.CountIn(keys))], missing: 0));
        }

        Assert.Equal(32, cells.ToBins().BinCount);
    }

    [Fact]
    public void The_grid_and_its_parts_cover_every_number_once() => Property.Holds(200, seed =>
    {
        Assert.Equal((-OrderedKey.Greatest - 1, OrderedKey.Greatest), (GridCell.Universal[0].Low, GridCell.Universal[^1].High));
        Assert.All(GridCell.Universal.Zip(GridCell.Universal.Skip(1)), pair => Assert.Equal(pair.First.High, pair.Second.Low));
        var random = new DeterministicRandom((ulong)seed);
        var cell = GridCell.Universal[random.Next(GridCell.Universal.Count)];
        while (!cell.IsNumber)
        {
            var parts = cell.Divide(1 << (2 + random.Next(9)));
            Assert.Equal((cell.Low, cell.High), (parts[0].Low, parts[^1].High));
            Assert.All(parts.Zip(parts.Skip(1)), pair => Assert.Equal(pair.First.High, pair.Second.Low));
            Assert.All(parts, part => Assert.True(part.Low < part.High));
            Assert.True(parts.Count > 1);
            cell = parts[random.Next(parts.Count)];
        }
    });

    [Fact]
    public void Keys_are_in_the_order_of_their_numbers() => Property.Holds(500, seed =>
    {
        var random = new DeterministicRandom((ulong)seed);
        double Any()
        {
            var value = BitConverter.UInt64BitsToDouble(random.NextBits());
            return double.IsFinite(value) ? value : 0;
        }

        var (left, right) = (Any(), Any());
        Assert.Equal(left.CompareTo(right), OrderedKey.Of(left).CompareTo(OrderedKey.Of(right)));
        Assert.Equal(left, OrderedKey.ToDouble(OrderedKey.Of(left)));
        Assert.Equal(OrderedKey.Of(left) + 1, OrderedKey.Of(Math.BitIncrement(left)));
        Assert.Equal(0, OrderedKey.Of(-0.0));
        var (low, high) = (Math.Min(left, right), Math.Max(left, right));
        Assert.InRange(OrderedKey.ShortestBetween(OrderedKey.Of(low), OrderedKey.Of(high)), low, high);
    });

    [Fact]
    public async Task Sums_that_no_rows_can_give_are_refused_and_name_the_round()
    {
        var random = new DeterministicRandom(2);
        var table = new Table([new NumericColumn("x", [.. Enumerable.Range(0, 3000).Select(_ => random.NextDouble())]), new NumericColumn("y", [.. Enumerable.Range(0, 3000).Select(_ => random.NextDouble())])]);
        foreach (var (wrong, change) in new (string, Action<long[]>)[]
        {
            ("bins.grid", values => values[3] = -1),
            ("bins.grid", values => values[4]++),
            ("bins.grid", values => values[^1] = long.MaxValue),
            ("bins.refine.1", values => values[7]++),
        })
        {
            var error = await Assert.ThrowsAsync<LearningException>(() => FederatedBinner.FitAsync(table, DefinitionsOf(table), new TreeParameters(), new ChangedSums((round, values) =>
            {
                if (round == wrong)
                    change(values);
                return values;
            }), Token));
            Assert.Contains($"'{wrong}'", error.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<ArgumentException>(() => FederatedBinner.FitAsync(table, [new("y"), new("x")], new TreeParameters(), new OwnSums(), Token));
        await Assert.ThrowsAsync<ArgumentException>(() => FederatedBinner.FitAsync(table, [new("x"), new("y", ["a"])], new TreeParameters(), new OwnSums(), Token));
        Assert.Empty(await FederatedBinner.FitAsync(Table.WithoutColumns(5), [], new TreeParameters(), new OwnSums(), Token));
    }

    [Fact]
    public async Task Columns_without_values_or_with_one_have_no_candidates()
    {
        var (none, _) = await FitAsync(new NumericColumn("x", [double.NaN, double.NaN]), new TreeParameters());
        Assert.Equal((0, true), (none.BinCount, none.HasMissing));
        var (one, _) = await FitAsync(new NumericColumn("x", [3.7, 3.7, 3.7]), new TreeParameters());
        Assert.Equal((1, false), (one.BinCount, one.HasMissing));
        var (noRows, _) = await FitAsync(new NumericColumn("x", []), new TreeParameters());
        Assert.Equal((0, false), (noRows.BinCount, noRows.HasMissing));
    }

    private static async Task<(FeatureBins Bins, List<(string Round, int Values)> Rounds)> FitAsync(NumericColumn column, TreeParameters parameters)
    {
        List<(string Round, int Values)> rounds = [];
        var sums = new ChangedSums((round, values) =>
        {
            rounds.Add((round, values.Length));
            return values;
        });
        var bins = await FederatedBinner.FitAsync(new Table([column]), [new FeatureDefinition(column.Name)], parameters, sums, Token);
        return (bins[0], rounds);
    }

    private static FeatureBins Pooled(NumericColumn column, TreeParameters parameters) =>
        FeatureBinner.Fit(column, Enumerable.Range(0, column.RowCount).ToArray(), parameters);

    private static FeatureDefinition[] DefinitionsOf(Table table) =>
        [.. table.Columns.Select(column => new FeatureDefinition(column.Name, (column as CategoricalColumn)?.Categories))];

    private static void AssertSame(IReadOnlyList<FeatureBins> expected, IReadOnlyList<FeatureBins> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (left, right) in expected.Zip(actual))
        {
            Assert.Equal((left.Name, left.BinCount, left.HasMissing), (right.Name, right.BinCount, right.HasMissing));
            Assert.Equal(left.Thresholds.ToArray(), right.Thresholds.ToArray());
            Assert.Equal(left.Categories, right.Categories);
        }
    }

    /// <summary>Columns as credit data have them: normal, heavy-tailed, amounts in cents, mostly zero, counts, and one frequent fee.</summary>
    private static NumericColumn RandomColumn(DeterministicRandom random, int rows)
    {
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var shape = random.Next(6);
        var (center, scale) = (random.Pick(0, 3, -1e6, 700), random.Pick(1, 1e-6, 250, 1e9));
        var frequent = Math.Round(Normal() * 10, 3);
        return new NumericColumn("x", [.. Enumerable.Range(0, rows).Select(_ => random.Chance(0.05) ? double.NaN : shape switch
        {
            0 => center + (scale * Normal()),
            1 => Math.Exp(3 * Normal()) * scale,
            2 => Math.Round(Math.Exp(2 + (2 * Normal())), 2),
            3 => random.Chance(0.6) ? 0 : random.Chance(0.3) ? frequent : Math.Exp(2 * Normal()) - 1,
            4 => Math.Floor(5 * Math.Abs(Normal())),
            _ => random.Chance(0.3) ? 1234.56 : (float)(random.NextDouble() * random.NextDouble() * 5000),
        })]);
    }
}
