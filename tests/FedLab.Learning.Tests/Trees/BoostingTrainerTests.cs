namespace FedLab.Learning.Tests.Trees;

public sealed class BoostingTrainerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_model_equals_the_plain_reference_split_by_split()
    {
        var splits = 0;
        Property.Holds(300, seed =>
        {
            var problem = RandomProblem.Create(seed);
            var result = problem.FitAsync().GetAwaiter().GetResult();
            var actual = result.DescribeSplits();
            splits += actual.Count(line => !line.Contains("leaf", StringComparison.Ordinal));
            var reference = new ReferenceLearner(problem);
            Assert.Equal(reference.Describe(), actual);
            Assert.Equal(reference.Splits, result.State.Ensemble.Trees.SelectMany((tree, number) => tree.Splits!.Select(split => (number, split))));
        });
        Assert.True(splits > 500, $"Only {splits} splits were compared.");
    }

    [Fact]
    public void Training_that_was_stopped_after_any_tree_ends_with_the_same_bytes() => Property.Holds(40, seed =>
    {
        var problem = RandomProblem.Create(seed, earlyStopping: seed % 2 == 0);
        var trainer = new BoostingTrainer(problem.Parameters);
        var sources = problem.Sources();
        List<(byte[] State, SplitRule[][] Records)> checkpoints = [];
        var whole = trainer.FitAsync(problem.Problem, sources, null, (state, _) =>
        {
            checkpoints.Add((state.ToBytes(), [.. sources.Select(source => source.Records.ToArray())]));
            return ValueTask.CompletedTask;
        }, Token).GetAwaiter().GetResult();

        foreach (var (bytes, records) in checkpoints)
        {
            var resumedSources = problem.Sources(records: records);
            var state = BoostingState.FromBytes(bytes, problem.Labels.Length);
            Assert.Equal(bytes, state.ToBytes());
            var resumed = trainer.FitAsync(problem.Problem, resumedSources, state, null, Token).GetAwaiter().GetResult();
            Assert.Equal(whole.ToBytes(), resumed.ToBytes());
            Assert.Equal(sources.Select(source => source.Records), resumedSources.Select(source => source.Records));
        }

        Assert.Equal(whole.ToBytes(), trainer.FitAsync(problem.Problem, sources, whole, null, Token).GetAwaiter().GetResult().ToBytes());
    });

    [Fact]
    public async Task The_number_of_threads_changes_nothing()
    {
        var problem = RandomProblem.Create(4, rows: 3000);
        var one = await problem.FitAsync(threads: 1);
        foreach (var threads in new[] { 2, 3, 8 })
        {
            var several = await problem.FitAsync(threads);
            Assert.Equal(one.State.ToBytes(), several.State.ToBytes());
            Assert.Equal(one.Rules, several.Rules);
        }
    }

    [Fact]
    public void The_order_of_the_rows_changes_nothing() => Property.Holds(60, seed =>
    {
        var problem = RandomProblem.Create(seed);
        var order = new DeterministicRandom((ulong)seed ^ 77).Permutation(problem.Labels.Length);
        var sorted = problem.FitAsync().GetAwaiter().GetResult();
        var shuffled = problem.Reorder(order).FitAsync().GetAwaiter().GetResult();
        Assert.Equal(sorted.State.Ensemble.ToJson(), shuffled.State.Ensemble.ToJson());
        Assert.Equal(sorted.DescribeSplits(), shuffled.DescribeSplits());
        Assert.Equal(Array.ConvertAll(order, row => sorted.TestProbabilities[row]), shuffled.TestProbabilities);
    });

    [Fact]
    public void Margins_of_training_are_those_of_prediction_from_raw_values_to_the_bit() => Property.Holds(60, seed =>
    {
        var problem = RandomProblem.Create(seed, earlyStopping: seed % 2 == 0);
        var result = problem.FitAsync().GetAwaiter().GetResult();
        var predicted = result.State.Ensemble.PredictMargins(
            problem.Labels.Length,
            (source, record, row) => result.Rules[source][record].GoesLeft(problem.Parties[source].Table[result.Rules[source][record].Feature], row));
        Assert.Equal(result.State.Margins.ToArray(), predicted);
    });

    [Fact]
    public void Early_stopping_keeps_the_trees_up_to_the_first_best_one()
    {
        var truncated = 0;
        Property.Holds(40, seed =>
        {
            var problem = RandomProblem.Create(seed, earlyStopping: true);
            var state = problem.FitAsync().GetAwaiter().GetResult().State;
            var losses = state.ValidationLosses;
            var best = losses.ToList().IndexOf(losses.Min()) + 1;
            Assert.Equal(best, state.Ensemble.Trees.Count);
            Assert.True(losses.Count == problem.Parameters.Trees || losses.Count == best + problem.Parameters.EarlyStoppingRounds);
            truncated += losses.Count > best ? 1 : 0;
        });
        Assert.True(truncated > 10, $"Early stopping dropped trees in only {truncated} runs.");
    }

    [Fact]
    public void Validation_labels_do_not_influence_the_trees() => Property.Holds(20, seed =>
    {
        // With all rounds allowed the trees are the same whatever the validation rows say; only the loss and the best count change.
        var problem = RandomProblem.Create(seed, earlyStopping: true);
        problem = problem with { Parameters = problem.Parameters with { Trees = 4, EarlyStoppingRounds = 4, ScalePosWeight = 1 } };
        var flipped = problem with
        {
            Labels = [.. problem.Labels.Select((label, row) => Sampling.IsValidationRow(problem.Parameters, problem.RowIdentities[row]) ? (byte)(1 - label) : label)],
        };
        Assert.NotEqual(problem.Labels, flipped.Labels);
        Assert.Equal(LastStateOf(problem).Ensemble.ToJson(), LastStateOf(flipped).Ensemble.ToJson());
    });

    [Fact]
    public async Task Sampling_takes_about_its_share_and_another_one_for_each_tree()
    {
        var problem = RandomProblem.Create(11, rows: 4000);
        problem = problem with { Parameters = problem.Parameters with { Trees = 3, Subsample = 0.3 } };
        var recorder = new RecordingSource(problem.Sources()[0]);
        await new BoostingTrainer(problem.Parameters).FitAsync(problem.Problem, [recorder], null, null, Token);
        Assert.All(recorder.Trees, tree => Assert.InRange(tree.Hessians.ToArray().Count(h => h > 0), 1100, 1300));
        Assert.Equal(3, recorder.Trees.Select(tree => Convert.ToHexString(Array.ConvertAll(tree.Hessians.ToArray(), h => h > 0 ? (byte)1 : (byte)0))).Distinct().Count());
    }

    [Fact]
    public async Task Labels_of_one_class_are_refused_in_one_sentence()
    {
        var problem = RandomProblem.Create(1) with { };
        var labels = new byte[problem.Labels.Length];
        var error = await Assert.ThrowsAsync<LearningException>(() =>
            new BoostingTrainer(problem.Parameters).FitAsync(new BoostingProblem(labels, problem.RowIdentities), problem.Sources(), null, null, Token));
        Assert.Equal($"All {labels.Length} training rows have the label 0; a model needs rows of both classes.", error.Message);
        labels[3] = 2;
        error = await Assert.ThrowsAsync<LearningException>(() =>
            new BoostingTrainer(problem.Parameters).FitAsync(new BoostingProblem(labels, problem.RowIdentities), problem.Sources(), null, null, Token));
        Assert.Contains("row 3 is 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_party_without_features_can_train_on_another_partys()
    {
        var problem = RandomProblem.Create(21);
        var labelsOnly = new PooledParty("labels", Table.WithoutColumns(problem.Labels.Length), 10);
        var with = await (problem with { Parties = [labelsOnly, .. problem.Parties] }).FitAsync();
        var without = await problem.FitAsync();
        Assert.Equal(without.TestProbabilities, with.TestProbabilities);
    }

    private static BoostingState LastStateOf(RandomProblem problem)
    {
        BoostingState? last = null;
        new BoostingTrainer(problem.Parameters).FitAsync(problem.Problem, problem.Sources(), null, (state, _) =>
        {
            last = state;
            return ValueTask.CompletedTask;
        }, Token).GetAwaiter().GetResult();
        return last!;
    }
}
