namespace FedLab.Learning.Tests.Trees;

public sealed class HorizontalTrainerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Holders_grow_the_pooled_trainers_trees_split_by_split()
    {
        var (splits, dropped) = (0, 0);
        Property.Holds(200, seed =>
        {
            var federation = Federation.Create(seed, earlyStopping: seed % 3 == 0);
            var pooled = federation.Pooled();
            var all = federation.Train();
            foreach (var holder in all)
            {
                Assert.Equal(pooled.DescribeSplits(), holder.DescribeSplits());
                Assert.Equal(pooled.State.Ensemble.ToJson(), holder.Boosting.Ensemble.ToJson());
                Assert.Equal(pooled.State.ValidationLosses, holder.Boosting.ValidationLosses);
                // Gain and cover follow from the sums, which every holder knows; numbers of rows are not summed.
                Assert.Equal(
                    pooled.State.Ensemble.Trees.Select(tree => tree.Splits!.Select(split => split with { Rows = null })),
                    holder.Boosting.Ensemble.Trees.Select(tree => tree.Splits!));
            }

            for (var holder = 0; holder < all.Length; holder++)
                Assert.Equal(Array.ConvertAll(federation.Rows[holder], row => pooled.State.Margins.Span[row]), all[holder].Boosting.Margins.ToArray());
            splits += pooled.Rules[0].Count;
            dropped += pooled.State.ValidationLosses.Count - (pooled.State.ValidationLosses.Count > 0 ? pooled.State.Ensemble.Trees.Count : 0);
        });
        Assert.True(splits > 500 && dropped > 20, $"Only {splits} splits and {dropped} trees dropped by early stopping were compared.");
    }

    [Fact]
    public void Known_sums_give_the_same_model_without_anybodys_values() => Property.Holds(40, seed =>
    {
        var federation = Federation.Create(seed, earlyStopping: seed % 2 == 0);
        var holders = federation.Holders();
        var all = federation.Train(holders);
        for (var holder = 0; holder < all.Length; holder++)
        {
            var replayed = federation.FitAsync(holder, new KnownSums(holders.Known), null, null, 1, Token).GetAwaiter().GetResult();
            Assert.Equal(all[holder].Boosting.ToBytes(), replayed.Boosting.ToBytes());
            Assert.Equal(all[holder].Rules, replayed.Rules);
        }
    });

    [Fact]
    public void Training_goes_on_from_any_tree_to_the_same_bytes() => Property.Holds(30, seed =>
    {
        var federation = Federation.Create(seed, earlyStopping: seed % 2 == 0);
        var checkpoints = new List<HorizontalState>[federation.Rows.Length];
        var holders = federation.Holders();
        var whole = holders.Run((holder, sums, ct) => federation.FitAsync(holder, sums, null, (state, _) =>
        {
            (checkpoints[holder] ??= []).Add(state);
            return ValueTask.CompletedTask;
        }, 1, ct));
        for (var tree = 0; tree < checkpoints[0].Count; tree++)
        {
            var resumed = federation.Holders().Run((holder, sums, ct) =>
            {
                var state = checkpoints[holder][tree];
                var read = BoostingState.FromBytes(state.Boosting.ToBytes(), federation.Rows[holder].Length);
                return federation.FitAsync(holder, sums, state with { Boosting = read }, null, 1, ct);
            });
            Assert.Equal(whole.Select(state => state.Boosting.ToBytes()), resumed.Select(state => state.Boosting.ToBytes()));
            Assert.Equal(whole[0].Rules, resumed[^1].Rules);
        }
    });

    [Fact]
    public async Task The_number_of_threads_changes_nothing()
    {
        var federation = Federation.Create(5, earlyStopping: true, rows: 3000);
        var problem = federation.Problem(federation.AllRows);
        var features = federation.Features(federation.AllRows);
        var one = await new HorizontalTrainer(federation.Parameters).FitAsync(problem, features, new OwnSums(), null, null, 1, Token);
        var four = await new HorizontalTrainer(federation.Parameters).FitAsync(problem, features, new OwnSums(), null, null, 4, Token);
        Assert.Equal(one.Boosting.ToBytes(), four.Boosting.ToBytes());
        Assert.Equal(one.Rules, four.Rules);
    }

    [Fact]
    public async Task A_tree_takes_a_round_a_level_and_each_round_has_the_values_of_its_histograms()
    {
        var random = new DeterministicRandom(8);
        Column[] columns = [new NumericColumn("x", [.. Enumerable.Range(0, 4000).Select(_ => random.NextDouble())]),
            new NumericColumn("y", [.. Enumerable.Range(0, 4000).Select(_ => random.Chance(0.1) ? double.NaN : random.NextDouble())])];
        var labels = Array.ConvertAll(((NumericColumn)columns[0]).Values.ToArray(), x => (byte)(random.Chance(x) ? 1 : 0));
        var parameters = new TreeParameters { Trees = 2, MaxDepth = 3, MaxBin = 16, EarlyStoppingRounds = 5 };
        FeatureDefinition[] definitions = [new("x"), new("y")];
        List<(string Round, int Values)> rounds = [];
        var sums = new ChangedSums((round, values) =>
        {
            rounds.Add((round, values.Length));
            return values;
        });
        var bins = await FederatedBinner.FitAsync(new Table(columns), definitions, parameters, new OwnSums(), Token);
        await new HorizontalTrainer(parameters).FitAsync(
            new BoostingProblem(labels, Array.ConvertAll(labels, _ => random.NextBits())), [bins[0].Encode(columns[0]), bins[1].Encode(columns[1])], sums, null, null, 1, Token);

        const int codes = 16 + 16 + 1;
        Assert.Equal(
            [("trees.rows", 4), .. Enumerable.Range(0, 2).SelectMany(tree => new[] { ($"tree.{tree}.root", 2 + (2 * codes)), ($"tree.{tree}.level.1", 2 * codes), ($"tree.{tree}.level.2", 4 * codes), ($"tree.{tree}.validation", 3) })],
            rounds);
        Assert.Equal(new SumCapacity(38, 2 * 2 * (codes + 1)), HorizontalTrainer.CapacityFor(parameters, definitions));
    }

    [Fact]
    public async Task Labels_of_one_class_at_every_holder_are_refused_and_at_one_holder_are_not()
    {
        var federation = Federation.Create(12);
        var trainer = new HorizontalTrainer(federation.Parameters);
        var features = federation.Features(federation.AllRows);
        var labels = new byte[federation.Labels.Length];
        var error = await Assert.ThrowsAsync<LearningException>(() =>
            trainer.FitAsync(new BoostingProblem(labels, federation.RowIdentities), features, new OwnSums(), null, null, 1, Token));
        Assert.Equal($"All {labels.Length} training rows have the label 0; a model needs rows of both classes.", error.Message);
        await Assert.ThrowsAsync<LearningException>(() => trainer.FitAsync(
            new BoostingProblem(Array.Empty<byte>(), Array.Empty<ulong>()), federation.Features([]), new OwnSums(), null, null, 1, Token));

        // All positives at the first, all negatives at the second, no row at the third.
        var byClass = federation with
        {
            Rows = [[.. federation.AllRows.Where(row => federation.Labels[row] == 1)], [.. federation.AllRows.Where(row => federation.Labels[row] == 0)], []],
        };
        Assert.All(byClass.Train(), holder => Assert.Equal(federation.Pooled().DescribeSplits(), holder.DescribeSplits()));
    }

    [Fact]
    public async Task Sums_that_no_rows_can_give_stop_training_and_name_the_round()
    {
        var federation = Federation.Create(3, earlyStopping: true, rows: 400);
        foreach (var (wrong, change) in new (string, Action<long[]>)[]
        {
            ("trees.rows", values => values[1] = -5),
            ("trees.rows", values => values[0] = long.MaxValue),
            ("tree.0.root", values => values[1] = -1),
            ("tree.0.root", values => values[0]++),
            ("tree.0.root", values => values[3] = -values[3] - 1),
            ("tree.0.root", values => values[2] = long.MinValue),
            ("tree.0.validation", values => values[2] = -1),
        })
        {
            var sums = new ChangedSums((round, values) =>
            {
                if (round == wrong)
                    change(values);
                return values;
            });
            var error = await Assert.ThrowsAsync<LearningException>(() => new HorizontalTrainer(federation.Parameters).FitAsync(
                federation.Problem(federation.AllRows), federation.Features(federation.AllRows), sums, null, null, 1, Token));
            Assert.Contains($"'{wrong}'", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Rows_and_states_that_do_not_belong_to_the_features_are_refused()
    {
        var federation = Federation.Create(3, rows: 300);
        var trainer = new HorizontalTrainer(federation.Parameters);
        var (problem, features) = (federation.Problem(federation.AllRows), federation.Features(federation.AllRows));
        await Assert.ThrowsAsync<ArgumentException>(() => trainer.FitAsync(problem, federation.Features([0, 1]), new OwnSums(), null, null, 1, Token));

        var complete = FeatureBinner.Fit(new NumericColumn("x", [1, 2]), [0, 1], federation.Parameters);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => trainer.FitAsync(
            new BoostingProblem(new byte[] { 0, 1 }, new ulong[] { 3, 4 }), [complete.Encode(new NumericColumn("x", [1, double.NaN]))], new OwnSums(), null, null, 1, Token));
        Assert.Contains("'x'", error.Message, StringComparison.Ordinal);

        var state = await trainer.FitAsync(problem, features, new OwnSums(), null, null, 1, Token);
        Assert.NotEmpty(state.Rules);
        var refused = await Assert.ThrowsAsync<LearningException>(() => trainer.FitAsync(problem, features, new OwnSums(), state with { Rules = [] }, null, 1, Token));
        Assert.Contains("0 rules", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A random problem whose rows lie with several holders, in uneven parts and in mixed order.</summary>
    private sealed record Federation(Table Table, byte[] Labels, ulong[] RowIdentities, TreeParameters Parameters, int[][] Rows, IReadOnlyList<FeatureBins> Bins)
    {
        public int[] AllRows => [.. Enumerable.Range(0, Labels.Length)];

        public static Federation Create(int seed, bool earlyStopping = false, int? rows = null)
        {
            var problem = RandomProblem.Create(seed, earlyStopping, rows);
            var columns = problem.Parties.SelectMany(party => party.Table.Columns).DistinctBy(column => column.Name).ToArray();
            var table = new Table(columns);
            var random = new DeterministicRandom((ulong)seed ^ 4711);
            var holders = 1 + random.Next(4);
            var shares = Enumerable.Range(0, holders).Select(_ => random.NextDouble()).ToArray();
            var owner = Enumerable.Range(0, problem.Labels.Length).Select(_ => Enumerable.Range(0, holders).MaxBy(holder => shares[holder] * random.NextDouble())).ToArray();
            int[][] parts = [.. Enumerable.Range(0, holders).Select(holder => random.Permutation(problem.Labels.Length).Where(row => owner[row] == holder).ToArray())];
            var bins = new Holders(holders, HorizontalTrainer.CapacityFor(problem.Parameters, DefinitionsOf(table))).Run((holder, sums, ct) =>
                FederatedBinner.FitAsync(table.TakeRows(parts[holder]), DefinitionsOf(table), problem.Parameters, sums, ct))[^1];
            return new Federation(table, problem.Labels, problem.RowIdentities, problem.Parameters, parts, bins);
        }

        public Holders Holders() => new(Rows.Length, HorizontalTrainer.CapacityFor(Parameters, DefinitionsOf(Table)));

        public BoostingProblem Problem(int[] rows) => new(Array.ConvertAll(rows, row => Labels[row]), Array.ConvertAll(rows, row => RowIdentities[row]));

        public BinnedFeature[] Features(int[] rows)
        {
            var own = Table.TakeRows(rows);
            return [.. Bins.Select((bins, i) => bins.Encode(own.Columns[i]))];
        }

        public Task<HorizontalState> FitAsync(
            int holder, ISummation sums, HorizontalState? resumeFrom, Func<HorizontalState, CancellationToken, ValueTask>? afterTree, int threads, CancellationToken ct) =>
            new HorizontalTrainer(Parameters).FitAsync(Problem(Rows[holder]), Features(Rows[holder]), sums, resumeFrom, afterTree, threads, ct);

        public HorizontalState[] Train(Holders? holders = null) => (holders ?? Holders()).Run((holder, sums, ct) => FitAsync(holder, sums, null, null, 1, ct));

        /// <summary>The pooled trainer on all rows with the same bins.</summary>
        public (BoostingState State, IReadOnlyList<IReadOnlyList<SplitRule>> Rules, Func<IReadOnlyList<string>> DescribeSplits) Pooled()
        {
            var source = new LocalCandidateSource(HorizontalTrainer.SourceName, Features(AllRows), Parameters, minimumCohort: 0, degreeOfParallelism: 1);
            var state = new BoostingTrainer(Parameters).FitAsync(Problem(AllRows), [source], null, null, Token).GetAwaiter().GetResult();
            IReadOnlyList<SplitRule>[] rules = [[.. source.Records.Take(state.Ensemble.RecordCount(0))]];
            return (state, rules, () => state.Ensemble.DescribeSplits([source.Name], rules));
        }

        private static FeatureDefinition[] DefinitionsOf(Table table) =>
            [.. table.Columns.Select(column => new FeatureDefinition(column.Name, (column as CategoricalColumn)?.Categories))];
    }
}
