namespace FedLab.Learning.Tests.LogisticRegression;

/// <summary>A random problem with numbers of many scales, missing values and text, divided between holders.</summary>
internal sealed record LogisticData(Table Table, byte[] Labels)
{
    public FeatureDefinition[] Definitions => [.. Table.Columns.Select(column => new FeatureDefinition(column.Name, (column as CategoricalColumn)?.Categories))];

    public LogisticProblem Problem => new(Table, Labels);

    public static LogisticData Random(int seed, int rows)
    {
        var random = new DeterministicRandom((ulong)seed);
        var missing = random.Pick(0, 0.1);
        Column[] columns =
        [
            Numbers("income", rows, () => random.Chance(missing) ? double.NaN : 1e6 * Math.Exp(2 * Normal(random))),
            Numbers("age", rows, () => 20 + random.Next(60)),
            Numbers("year", rows, () => random.Chance(0.05) ? double.NaN : 2000 + random.Next(20)),
            Numbers("share", rows, () => 1e-9 * random.NextDouble()),
            new CategoricalColumn("grade", ["A", "B", "C"], [.. Enumerable.Range(0, rows).Select(_ => random.Chance(missing) ? -1 : random.Next(3))]),
        ];
        var table = new Table(columns);
        var age = ((NumericColumn)columns[1]).Values.Span;
        var labels = new byte[rows];
        for (var row = 0; row < rows; row++)
        {
            var margin = -1 + (0.03 * (age[row] - 50)) + (columns[0].IsMissing(row) ? 0.8 : 0) + (0.5 * ((CategoricalColumn)columns[4]).Codes.Span[row]);
            labels[row] = random.Chance(Logistic.Sigmoid(margin)) ? (byte)1 : (byte)0;
        }

        return new LogisticData(table, labels);
    }

    public LogisticData Take(int[] rows) => new(Table.TakeRows(rows), Array.ConvertAll(rows, row => Labels[row]));

    /// <summary>Rows dealt to holders at random; the last has none.</summary>
    public LogisticData[] Split(int holders, int seed)
    {
        var random = new DeterministicRandom((ulong)seed);
        var owner = Array.ConvertAll(Labels, _ => random.Next(holders - 1));
        return [.. Enumerable.Range(0, holders).Select(holder => Take([.. Enumerable.Range(0, Labels.Length).Where(row => owner[row] == holder)]))];
    }

    public LogisticData With(params Column[] columns) => this with { Table = new Table([.. Table.Columns, .. columns]) };

    public Task<LogisticFit> FitAsync(LogisticParameters? parameters = null, int threads = 1) =>
        new LogisticTrainer(parameters ?? new LogisticParameters()).FitAsync(
            Problem, Definitions, new OwnSums(), null, threads, TestContext.Current.CancellationToken);

    public static NumericColumn Numbers(string name, int rows, Func<double> next) => new(name, [.. Enumerable.Range(0, rows).Select(_ => next())]);

    /// <summary>Twelve uniform numbers, near enough to normal.</summary>
    public static double Normal(DeterministicRandom random) => Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6;
}
