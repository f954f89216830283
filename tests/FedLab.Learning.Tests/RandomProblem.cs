using System.Globalization;

namespace FedLab.Learning.Tests;

/// <summary>A small random training problem: several parties, ties, missing values, categories, every setting in play.</summary>
internal sealed record RandomProblem(IReadOnlyList<PooledParty> Parties, byte[] Labels, ulong[] RowIdentities, TreeParameters Parameters)
{
    public BoostingProblem Problem => new(Labels, RowIdentities);

    public int[] AllRows => [.. Enumerable.Range(0, Labels.Length)];

    public static RandomProblem Create(int seed, bool earlyStopping = false, int? rows = null)
    {
        var random = new DeterministicRandom((ulong)seed);
        var count = rows ?? (30 + random.Next(120));
        var parties = Enumerable.Range(0, 1 + random.Next(3)).Select(p => new PooledParty(
            "party" + p.ToString(CultureInfo.InvariantCulture),
            RandomTable(random, count, p),
            random.Pick(0, 1, 5, 15))).ToArray();
        var labels = new byte[count];
        for (var row = 0; row < count; row++)
            labels[row] = (byte)(random.Chance(0.15 + (0.5 * Signal(parties[0].Table, row))) ? 1 : 0);
        var parameters = new TreeParameters
        {
            Trees = 1 + random.Next(4),
            MaxDepth = 1 + random.Next(4),
            LearningRate = random.Pick(0.1, 0.3, 1),
            MaxBin = random.Pick(2, 3, 8, 32),
            Lambda = random.Pick(0, 0.5, 1, 10),
            Gamma = random.Pick(0, 0, 0.05, 1),
            MinChildWeight = random.Pick(0, 0.5, 1, 5),
            Subsample = random.Pick(1, 1, 0.6),
            ColsampleByTree = random.Pick(1, 1, 0.5),
            ScalePosWeight = random.Pick(1, 1, 3.5),
            MinimumCategoryCount = random.Pick(1, 3, 10),
            Seed = random.NextBits(),
        };
        if (earlyStopping)
            parameters = parameters with { Trees = 25, EarlyStoppingRounds = 1 + random.Next(3), ValidationFraction = 0.4 };
        ulong[] identities = [.. Enumerable.Range(0, count).Select(_ => random.NextBits())];

        // Both classes among the rows that are trained on, whatever was drawn.
        var training = Enumerable.Range(0, count).Where(row => !earlyStopping || !Sampling.IsValidationRow(parameters, identities[row])).ToArray();
        (labels[training[0]], labels[training[1]]) = (0, 1);
        return new RandomProblem(parties, labels, identities, parameters);
    }

    /// <summary>Fresh sources over the training rows, which are all rows here.</summary>
    public LocalCandidateSource[] Sources(int threads = 1, IReadOnlyList<IReadOnlyList<SplitRule>>? records = null) =>
        [.. Parties.Select((party, p) => new LocalCandidateSource(
            party.Name, PooledTrainer.Bin(party.Table, AllRows, Parameters), Parameters, party.MinimumCohort, threads, records?[p]))];

    public Task<PooledResult> FitAsync(int threads = 1) =>
        PooledTrainer.FitAsync(Parties, Labels, RowIdentities, AllRows, AllRows, Parameters, threads, TestContext.Current.CancellationToken);

    /// <summary>The same rows in another order.</summary>
    public RandomProblem Reorder(int[] order) => this with
    {
        Parties = [.. Parties.Select(party => party with { Table = party.Table.TakeRows(order) })],
        Labels = Array.ConvertAll(order, row => Labels[row]),
        RowIdentities = Array.ConvertAll(order, row => RowIdentities[row]),
    };

    private static Table RandomTable(DeterministicRandom random, int rows, int party)
    {
        var columns = Enumerable.Range(0, 1 + random.Next(4)).Select(c => RandomColumn(random, rows, $"p{party}c{c}")).ToList();

        // A copy of a column ties with it everywhere.
        if (random.Chance(0.3) && columns[0] is NumericColumn first)
            columns.Add(new NumericColumn("copy", first.Values.ToArray()));
        return new Table(columns);
    }

    private static Column RandomColumn(DeterministicRandom random, int rows, string name)
    {
        var missing = random.Pick(0, 0, 0.1, 0.6);
        if (random.Chance(0.35))
        {
            var categories = random.Chance(0.4)
                ? Enumerable.Range(0, 6).Select(i => (9 - (i * 1.5)).ToString(CultureInfo.InvariantCulture)).ToArray()
                : ["甲", "B", "a", "Zz", "b c", "", "rare"];
            return new CategoricalColumn(name, categories, [.. Enumerable.Range(0, rows).Select(_ =>
                random.Chance(missing) ? -1 : Math.Min(random.Next(categories.Length), random.Next(categories.Length)))]);
        }

        var distinct = random.Pick(1, 2, 3, 7, 1000);
        var scale = random.Pick(1, 1e-9, 1e12, -3.7);
        return new NumericColumn(name, [.. Enumerable.Range(0, rows).Select(_ => random.Chance(missing) ? double.NaN : random.Next(distinct) * scale)]);
    }

    private static double Signal(Table table, int row) => table.Columns[0] switch
    {
        NumericColumn numeric => double.IsNaN(numeric.Values.Span[row]) ? 1 : Math.Abs(numeric.Values.Span[row]) % 3 / 3,
        var column => column.IsMissing(row) ? 0 : ((CategoricalColumn)column).Codes.Span[row] % 3 / 3.0,
    };
}
