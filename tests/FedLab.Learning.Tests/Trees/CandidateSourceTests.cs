namespace FedLab.Learning.Tests.Trees;

/// <summary>What the trainer asks of its sources, and what it accepts from them.</summary>
public sealed class CandidateSourceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<BoostingState> FitAsync(RandomProblem problem, params ICandidateSource[] sources) =>
        await new BoostingTrainer(problem.Parameters).FitAsync(problem.Problem, sources, null, null, Token);

    /// <summary>Two parties with enough signal that trees have several levels.</summary>
    private static RandomProblem TwoParties(int cohort = 0)
    {
        var random = new DeterministicRandom(5);
        Column Numbers(string name) => new NumericColumn(name, [.. Enumerable.Range(0, 400).Select(_ => (double)random.Next(50))]);
        var first = new Table([Numbers("a"), Numbers("b")]);
        var second = new Table([Numbers("c"), Numbers("d"), Numbers("e")]);
        var a = ((NumericColumn)first.Columns[0]).Values.ToArray();
        var c = ((NumericColumn)second.Columns[0]).Values.ToArray();
        return new RandomProblem(
            [new PooledParty("first", first, cohort), new PooledParty("second", second, cohort)],
            [.. a.Zip(c, (x, y) => (byte)(random.Chance(0.1 + (0.4 * (x > 30 ? 1 : 0)) + (0.4 * (y > 20 ? 1 : 0))) ? 1 : 0))],
            [.. Enumerable.Range(0, 400).Select(row => (ulong)row)],
            new TreeParameters { Trees = 3, MaxDepth = 4, MinimumCategoryCount = 1 });
    }

    [Fact]
    public async Task Every_source_is_asked_with_the_same_list_once_a_level_for_the_smaller_children_only()
    {
        var problem = TwoParties();
        var sources = problem.Sources().Select(source => new RecordingSource(source)).ToArray();
        var state = await FitAsync(problem, sources);

        Assert.Equal(sources[0].Scans.Count, sources[1].Scans.Count);
        Assert.All(sources[0].Scans.Zip(sources[1].Scans), pair => Assert.Same(pair.First, pair.Second));
        Assert.Equal(3 * problem.Parameters.MaxDepth, sources[0].Scans.Count);
        var tree = -1;
        foreach (var scan in sources[0].Scans)
        {
            Assert.All(scan, node => Assert.Equal(node.Rows.ToArray().Order().Distinct(), node.Rows.ToArray()));
            if (scan is [{ Node: 0 }])
            {
                Assert.Equal(400, scan[0].Rows.Length);
                tree++;
                continue;
            }

            foreach (var node in scan)
            {
                var parent = state.Ensemble.Trees[tree].Nodes.ToList().FindIndex(split => !split.IsLeaf && (split.Left == node.Node || split.Right == node.Node));
                var siblingRows = sources.SelectMany(source => source.RequestsOf(tree)).Single(request => request.Node == parent).Rows.Length - node.Rows.Length;
                var isLeft = state.Ensemble.Trees[tree].Nodes[parent].Left == node.Node;
                Assert.True(node.Rows.Length < siblingRows || (node.Rows.Length == siblingRows && isLeft));
            }
        }
    }

    [Fact]
    public async Task Of_children_with_equally_many_rows_the_left_one_is_scanned_and_a_refused_tie_ends_the_node()
    {
        // x halves the rows and y halves each half; the copies of y tie with it, and all go into one request.
        double[] x = [0, 0, 0, 0, 1, 1, 1, 1];
        double[] y = [0, 0, 1, 1, 0, 0, 1, 1];
        var table = new Table([new NumericColumn("x", x), new NumericColumn("y", y), new NumericColumn("z", y)]);
        var problem = new RandomProblem(
            [new PooledParty("only", table, 0)], [0, 0, 0, 1, 1, 0, 1, 1], [.. Enumerable.Range(0, 8).Select(row => (ulong)row)],
            new TreeParameters { Trees = 1, MaxDepth = 2, MinChildWeight = 0 });
        var source = new RecordingSource(problem.Sources()[0]);
        await FitAsync(problem, source);
        Assert.Equal([0, 1], source.Scans.Select(nodes => Assert.Single(nodes).Node));
        Assert.Equal([0, 1, 2, 3], source.Scans[1][0].Rows.ToArray());
        Assert.Equal([0, 1, 2], source.Splits[0][0].Candidates);
        Assert.Equal([1, 2], source.Splits[1][0].Candidates);

        var stubborn = new RecordingSource(problem.Sources()[0]) { ChangeAnswers = answers => [.. answers.Select(_ => (SplitAnswer?)null)] };
        var state = await FitAsync(problem, stubborn);
        Assert.Single(state.Ensemble.Trees[0].Nodes);
        Assert.Single(stubborn.Splits);
    }

    [Fact]
    public async Task Splits_of_a_level_are_asked_in_one_call_a_source()
    {
        var problem = TwoParties();
        var sources = problem.Sources().Select(source => new RecordingSource(source)).ToArray();
        var state = await FitAsync(problem, sources);
        var levels = problem.Parameters.MaxDepth * problem.Parameters.Trees;
        Assert.All(sources, source => Assert.InRange(source.Splits.Count, 1, levels));
        Assert.Equal(
            state.Ensemble.Trees.Sum(tree => tree.Nodes.Count(node => !node.IsLeaf)),
            sources.Sum(source => source.Splits.Sum(requests => requests.Count)));
    }

    [Fact]
    public async Task A_remote_source_works_while_the_local_one_does()
    {
        // The remote source answers only once the local one has been asked as well: with one after the other this would never end.
        var problem = TwoParties();
        var inner = problem.Sources();
        var localWasAsked = new TaskCompletionSource();
        var remoteWasAsked = false;
        var remote = new RecordingSource(inner[1])
        {
            Before = async ct =>
            {
                remoteWasAsked = true;
                await localWasAsked.Task.WaitAsync(ct);
            },
        };
        var local = new RecordingSource(inner[0])
        {
            Before = _ =>
            {
                localWasAsked.TrySetResult();
                return Task.CompletedTask;
            },
        };
        await FitAsync(problem, local, remote);
        Assert.True(remoteWasAsked);
    }

    [Fact]
    public async Task A_local_source_that_is_first_in_the_list_is_asked_last()
    {
        // A local source makes its records before its call returns, so at each call of the other one only earlier levels may show.
        var problem = TwoParties();
        var local = problem.Sources()[0];
        List<(int Tree, int Node, int Records)> calls = [];
        var remote = new RecordingSource(problem.Sources()[1]);
        remote = new RecordingSource(remote)
        {
            BeforeSplit = requests => calls.Add((remote.Trees[^1].Tree, requests[0].Node, local.Records.Count)),
        };
        var trees = (await FitAsync(problem, local, remote)).Ensemble.Trees;
        Assert.NotEmpty(calls);
        Assert.All(calls, call => Assert.Equal(
            trees.Take(call.Tree).Sum(tree => tree.Nodes.Count(node => node.Source == 0)) + LocalSplitsAbove(trees[call.Tree], Depth(trees[call.Tree], call.Node)),
            call.Records));
        Assert.Contains(calls, call => LocalSplitsAbove(trees[call.Tree], Depth(trees[call.Tree], call.Node) + 1) > LocalSplitsAbove(trees[call.Tree], Depth(trees[call.Tree], call.Node)));

        static int LocalSplitsAbove(Tree tree, int depth) => Enumerable.Range(0, tree.Nodes.Count).Count(i => tree.Nodes[i].Source == 0 && Depth(tree, i) < depth);

        static int Depth(Tree tree, int node) =>
            node == 0 ? 0 : 1 + Depth(tree, tree.Nodes.ToList().FindIndex(split => !split.IsLeaf && (split.Left == node || split.Right == node)));
    }

    [Fact]
    public async Task A_source_that_fails_stops_the_others_and_its_error_is_the_one_thrown()
    {
        var problem = TwoParties();
        var inner = problem.Sources();
        var wasCancelled = false;
        var waiting = new RecordingSource(inner[0])
        {
            Before = async ct =>
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, ct);
                }
                catch (OperationCanceledException)
                {
                    wasCancelled = true;
                    throw;
                }
            },
        };
        var failing = new RecordingSource(inner[1]) { Before = _ => throw new InvalidDataException("cable") };
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => FitAsync(problem, waiting, failing));
        Assert.Equal("cable", error.Message);
        Assert.True(wasCancelled);
    }

    [Fact]
    public async Task Cancelling_training_is_reported_as_such()
    {
        var problem = TwoParties();
        using var stop = new CancellationTokenSource();
        var source = new RecordingSource(problem.Sources()[0]) { Before = ct => stop.CancelAsync() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new BoostingTrainer(problem.Parameters).FitAsync(problem.Problem, [source], null, null, stop.Token));
    }

    [Fact]
    public async Task After_a_refusal_the_next_best_split_is_taken()
    {
        var problem = TwoParties();
        var refusals = 0;
        var stubborn = new RecordingSource(problem.Sources()[1])
        {
            ChangeAnswers = answers =>
            {
                refusals += answers.Count;
                return [.. answers.Select(_ => (SplitAnswer?)null)];
            },
        };
        var beside = problem.Sources()[0];
        var state = await FitAsync(problem, beside, stubborn);
        var alone = await (problem with { Parties = [problem.Parties[0]] }).FitAsync();
        Assert.True(refusals > 0);
        Assert.Equal(alone.DescribeSplits(), state.Ensemble.DescribeSplits(["first", "second"], [beside.Records, []]));
    }

    [Fact]
    public async Task A_minimum_cohort_holds_for_every_split()
    {
        var problem = TwoParties(cohort: 60);
        var sources = problem.Sources().Select(source => new RecordingSource(source)
        {
            ChangeAnswers = answers =>
            {
                Assert.All(answers.Where(answer => answer is not null), answer => Assert.InRange(answer!.Left.Count(left => left), 60, answer.Left.Length - 60));
                return answers;
            },
        }).ToArray();
        var state = await FitAsync(problem, sources);
        Assert.NotEqual((await FitAsync(TwoParties(), TwoParties().Sources())).Ensemble.ToJson(), state.Ensemble.ToJson());
    }

    public static TheoryData<string> Lies => new("fewer nodes", "no sums", "fewer candidates later", "negative Hessian", "too much Hessian", "too much gradient",
        "other sides", "fewer sides", "negative record", "fewer answers", "no sides");

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task An_answer_that_does_not_fit_the_question_stops_training(string lie)
    {
        var problem = TwoParties();
        var scans = 0;
        var liar = new RecordingSource(problem.Sources()[1])
        {
            ChangeSums = sums => (lie, ++scans) switch
            {
                ("fewer nodes", _) => [.. sums.Skip(1)],
                ("no sums", _) => [.. sums.Select(_ => (GradientPair[])null!)],
                ("fewer candidates later", > 1) => [.. sums.Select(node => node[1..])],
                ("negative Hessian", _) => [.. sums.Select(node => node.Append(new(0, -1)).ToArray())],
                ("too much Hessian", _) => [.. sums.Select(node => node.Append(new(0, long.MaxValue)).ToArray())],
                ("too much gradient", _) => [.. sums.Select(node => node.Append(new(long.MinValue, 1)).ToArray())],
                _ => sums,
            },
            ChangeAnswers = answers => lie switch
            {
                "other sides" => [.. answers.Select(answer => answer! with { Left = [.. answer.Left.Select((left, i) => i < 5 ? !left : left)] })],
                "fewer sides" => [.. answers.Select(answer => answer! with { Left = answer.Left[1..] })],
                "no sides" => [.. answers.Select(answer => answer! with { Left = null! })],
                "negative record" => [.. answers.Select(answer => answer! with { Record = -1 })],
                "fewer answers" => [.. answers.Skip(1)],
                _ => answers,
            },
        };
        var error = await Assert.ThrowsAsync<LearningException>(() => FitAsync(problem, problem.Sources()[0], liar));
        Assert.Contains("'second'", error.Message, StringComparison.Ordinal);
    }
}
