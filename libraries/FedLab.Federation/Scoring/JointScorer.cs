using FedLab.Federation.Channels;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Scoring;

/// <summary>
/// The active party scores rows with a joint model. All trees go down one level at a time: a source is asked only about the
/// rows that reach one of its nodes, as in training, and answers one bit for each.
/// </summary>
internal static class JointScorer
{
    /// <summary>Rows scored together: bounds the memory to rows × trees node numbers.</summary>
    private const int ChunkRows = 1 << 16;

    /// <summary>Scores every row and tells the sources that it is over.</summary>
    /// <returns>Probabilities by row.</returns>
    public static async Task<double[]> ScoreAsync(TreeEnsemble ensemble, IReadOnlyList<SplitRule> ownRules, Table ownRows, string[] sources, PartyChannel channel, RunMeter meter, CancellationToken cancellationToken)
    {
        var rows = ownRows.RowCount;
        var probabilities = new double[rows];
        for (var start = 0; start < rows; start += ChunkRows)
        {
            var length = Math.Min(ChunkRows, rows - start);
            await ScoreChunkAsync(ensemble, ownRules, ownRows, start, probabilities.AsMemory(start, length), sources, channel, cancellationToken).ConfigureAwait(false);
            meter.Report(start + length, rows);
        }
        foreach (var source in sources) await channel.SendAsync(source, Steps.ScoreRequest, ScoreMessages.Write([]), cancellationToken).ConfigureAwait(false);
        return probabilities;
    }

    private static async Task ScoreChunkAsync(TreeEnsemble ensemble, IReadOnlyList<SplitRule> ownRules, Table ownRows, int start, Memory<double> probabilities, string[] sources, PartyChannel channel, CancellationToken cancellationToken)
    {
        var trees = ensemble.Trees;
        var columns = ownRules.Select(rule => ownRows[rule.Feature]).ToArray();
        // For each tree the rows that stand at each of its nodes, ascending.
        var standing = trees.Select(_ => new Dictionary<int, int[]> { [0] = [.. Enumerable.Range(start, probabilities.Length)] }).ToArray();
        var margins = new double[trees.Count, probabilities.Length];
        while (true)
        {
            var pending = sources.Select(_ => new List<(int Tree, int Node, RecordQuestion Question)>()).ToArray();
            for (var tree = 0; tree < trees.Count; tree++) Descend(tree);
            if (pending.All(questions => questions.Count == 0)) break;
            await Task.WhenAll(sources.Select((source, i) => AskAsync(source, pending[i]))).ConfigureAwait(false);

            void Descend(int tree)
            {
                var work = new Queue<KeyValuePair<int, int[]>>(standing[tree]);
                standing[tree].Clear();
                while (work.TryDequeue(out var at))
                {
                    var node = trees[tree].Nodes[at.Key];
                    if (node.Source < 0)
                    {
                        foreach (var row in at.Value) margins[tree, row - start] = node.LeafWeight;
                    }
                    else if (node.Source == 0)
                    {
                        var (left, right) = Part(at.Value, i => ownRules[node.Record].GoesLeft(columns[node.Record], at.Value[i]));
                        if (left.Length > 0) work.Enqueue(new(node.Left, left));
                        if (right.Length > 0) work.Enqueue(new(node.Right, right));
                    }
                    else
                    {
                        pending[node.Source - 1].Add((tree, at.Key, new RecordQuestion(node.Record, at.Value)));
                    }
                }
            }
        }

        for (var row = 0; row < probabilities.Length; row++)
        {
            var margin = ensemble.BaseMargin;
            for (var tree = 0; tree < trees.Count; tree++) margin += margins[tree, row];
            probabilities.Span[row] = Logistic.Sigmoid(margin);
        }

        async Task AskAsync(string source, List<(int Tree, int Node, RecordQuestion Question)> questions)
        {
            if (questions.Count == 0) return;
            var asked = questions.ConvertAll(question => question.Question);
            await channel.SendAsync(source, Steps.ScoreRequest, ScoreMessages.Write(asked), cancellationToken).ConfigureAwait(false);
            using var payload = await channel.ReceiveAsync(source, Steps.ScoreAnswer, cancellationToken).ConfigureAwait(false);
            var answers = ScoreMessages.ReadAnswers(payload.AsSequence(), asked, source);
            lock (standing)
            {
                for (var i = 0; i < questions.Count; i++)
                {
                    var (tree, at, question) = questions[i];
                    var node = trees[tree].Nodes[at];
                    var answer = answers[i];
                    var (left, right) = Part(question.Rows, r => answer[r]);
                    if (left.Length > 0) standing[tree][node.Left] = left;
                    if (right.Length > 0) standing[tree][node.Right] = right;
                }
            }
        }
    }

    private static (int[] Left, int[] Right) Part(int[] rows, Func<int, bool> goesLeft)
    {
        var left = new List<int>();
        var right = new List<int>();
        for (var i = 0; i < rows.Length; i++) (goesLeft(i) ? left : right).Add(rows[i]);
        return ([.. left], [.. right]);
    }
}

/// <summary>A source's side of joint scoring.</summary>
internal static class ScoreResponder
{
    /// <summary>Answers until the active party says that it is over.</summary>
    public static async Task ServeAsync(IReadOnlyList<SplitRule> records, Table rows, string active, PartyChannel channel, CancellationToken cancellationToken)
    {
        var columns = records.Select(record => rows[record.Feature]).ToArray();
        while (true)
        {
            using var payload = await channel.ReceiveAsync(active, Steps.ScoreRequest, cancellationToken).ConfigureAwait(false);
            var questions = ScoreMessages.Read(payload.AsSequence(), records.Count, rows.RowCount);
            if (questions.Count == 0) return;
            var answers = questions.Select(question => Array.ConvertAll(question.Rows, row => records[question.Record].GoesLeft(columns[question.Record], row)));
            await channel.SendAsync(active, Steps.ScoreAnswer, ScoreMessages.WriteAnswers(answers), cancellationToken).ConfigureAwait(false);
        }
    }
}
