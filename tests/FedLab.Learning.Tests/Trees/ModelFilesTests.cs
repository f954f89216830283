using System.Text;

namespace FedLab.Learning.Tests.Trees;

/// <summary>The bytes of models and checkpoints: the same for the same, and refused when they are anything else.</summary>
public sealed class ModelFilesTests
{
    private const string Model = """{"baseMargin":-1.25,"trees":[{"nodes":[{"source":1,"record":4,"left":1,"right":2},{"weight":0.1},{"weight":-0.2}]},{"nodes":[{"weight":0}]}]}""";

    private static TreeEnsemble Parse(string json) => TreeEnsemble.FromJson(Encoding.UTF8.GetBytes(json));

    private static async Task<BoostingState> StateAsync(bool earlyStopping) => (await RandomProblem.Create(9, earlyStopping).FitAsync()).State;

    [Fact]
    public void The_JSON_form_is_fixed()
    {
        var model = Parse(Model);
        Assert.Equal(Model, Encoding.UTF8.GetString(model.ToJson()));
        Assert.Equal(-1.25, model.BaseMargin);
        Assert.Equal(new TreeNode(1, 4, 1, 2, 0), model.Trees[0].Nodes[0]);
        Assert.Equal((0, 5), (model.RecordCount(0), model.RecordCount(1)));
        Assert.Equal([-1.25 + 0.1, -1.25 - 0.2], model.PredictMargins(2, (source, record, row) => (source, record, row) == (1, 4, 0)));
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{", "not JSON")]
    [InlineData("null", "exactly 2 fields")]
    [InlineData("""{"baseMargin":0,"trees":[]} x""", "not JSON")]
    [InlineData("""{"baseMargin":0,"trees":[]}{}""", "not JSON")]
    [InlineData("""{"baseMargin":0,"trees":[],"more":1}""", "exactly 2 fields")]
    [InlineData("""{"baseMargin":1e999,"trees":[]}""", "'model.baseMargin' is not a finite number")]
    [InlineData("""{"baseMargin":0,"trees":{}}""", "'model.trees' is not a list")]
    [InlineData("""{"baseMargin":0,"trees":[{"nodes":[]}]}""", "1 to 8191 nodes")]
    [InlineData("""{"baseMargin":0,"trees":[{"nodes":[{"weight":"1"}]}]}""", "'trees[0].nodes[0].weight' is not a finite number")]
    [InlineData("""{"baseMargin":0,"trees":[{"nodes":[{"weight":1},{"weight":1}]}]}""", "node 1 is no split's child")]
    [InlineData("""{"baseMargin":0,"trees":[{"nodes":[{"source":0,"record":0,"left":0,"right":1}]}]}""", "children of split 0")]
    [InlineData("""{"baseMargin":0,"trees":[{"nodes":[{"source":0,"record":0,"left":1,"right":2},{"weight":1}]}]}""", "children of split 0")]
    [InlineData("""{"baseMargin":0,"trees":[{"nodes":[{"source":-1,"record":0,"left":1,"right":2},{"weight":1},{"weight":1}]}]}""", "'trees[0].nodes[0].source' is not a whole number")]
    [InlineData("""{"baseMargin":0,"trees":[{"nodes":[{"source":5000,"record":0,"left":1,"right":2},{"weight":1},{"weight":1}]}]}""", "split 0 has a source")]
    public void Malformed_models_are_refused_by_place(string json, string detail)
    {
        var message = Assert.Throws<LearningException>(() => Parse(json)).Message;
        Assert.StartsWith("The model file is malformed: ", message, StringComparison.Ordinal);
        Assert.Contains(detail, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_nested_without_end_is_refused() =>
        Assert.Throws<LearningException>(() => Parse(string.Concat(Enumerable.Repeat("""{"trees":[""", 100_000))));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_truncation_and_every_changed_byte_of_a_checkpoint_is_refused_or_harmless(bool earlyStopping)
    {
        var state = await StateAsync(earlyStopping);
        var (bytes, rows) = (state.ToBytes(), state.Margins.Length);
        Assert.Equal(bytes, BoostingState.FromBytes(bytes, rows).ToBytes());
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<LearningException>(() => BoostingState.FromBytes(bytes.AsSpan(0, length), rows));
        Assert.Throws<LearningException>(() => BoostingState.FromBytes([.. bytes, 0], rows));
        Assert.Throws<LearningException>(() => BoostingState.FromBytes(bytes, rows + 1));
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] ^= 0x81;
            try
            {
                // A changed digit of a number is not a malformed file; it must then come back as it was read.
                var read = BoostingState.FromBytes(changed, rows);
                Assert.Equal(read.ToBytes(), BoostingState.FromBytes(read.ToBytes(), rows).ToBytes());
            }
            catch (LearningException)
            {
            }
        }
    }

    [Fact]
    public async Task A_checkpoint_keeps_the_figures_of_the_splits_and_one_without_them_is_read_all_the_same()
    {
        var state = await StateAsync(earlyStopping: false);
        var (bytes, rows) = (state.ToBytes(), state.Margins.Length);
        var splits = state.Ensemble.Trees.Sum(tree => tree.Splits!.Count);
        Assert.True(splits > 3);
        Assert.Equal(state.Ensemble.Trees.Select(tree => tree.Splits!), BoostingState.FromBytes(bytes, rows).Ensemble.Trees.Select(tree => tree.Splits!));

        // As it was written before the figures were kept: they stood at the end, and the flags said nothing of them.
        byte[] before = [.. bytes.AsSpan(0, bytes.Length - (splits * 20))];
        before[8] &= 1;
        var read = BoostingState.FromBytes(before, rows);
        Assert.Equal(state.Ensemble.ToJson(), read.Ensemble.ToJson());
        Assert.All(read.Ensemble.Trees, tree => Assert.Null(tree.Splits));
        Assert.Equal(before, read.ToBytes());
    }

    [Theory]
    [InlineData(20, 0.0)] // the last split's gain
    [InlineData(12, -1.0)] // its cover
    [InlineData(4, null)] // its number of rows
    public async Task A_checkpoint_whose_figures_cannot_be_is_refused(int fromEnd, double? wrong)
    {
        var state = await StateAsync(earlyStopping: false);
        var bytes = state.ToBytes();
        var written = wrong is { } number ? BitConverter.GetBytes(number) : BitConverter.GetBytes(state.Margins.Length + 1);
        written.CopyTo(bytes, bytes.Length - fromEnd);
        Assert.Contains("figures of its splits", Assert.Throws<LearningException>(() => BoostingState.FromBytes(bytes, state.Margins.Length)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_of_another_run_is_refused()
    {
        var problem = RandomProblem.Create(9);
        var state = (await problem.FitAsync()).State;
        var flipped = problem with { Labels = [.. problem.Labels.Select((label, row) => row == 5 ? (byte)(1 - label) : label)] };
        var fewer = RandomProblem.Create(9, rows: problem.Labels.Length - 1);
        foreach (var (other, reason) in new[] { (flipped, "base rate"), (fewer, "training rows") })
        {
            var error = await Assert.ThrowsAsync<LearningException>(() => new BoostingTrainer(other.Parameters).FitAsync(
                other.Problem, other.Sources(), state, null, TestContext.Current.CancellationToken));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }
    }
}
