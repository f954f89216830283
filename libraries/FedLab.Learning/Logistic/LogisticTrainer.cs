namespace FedLab.Learning;

/// <summary>
/// Logistic regression over the rows of all holders, from sums alone.
/// <code>
///   counts ─► caps or bounds ─► means ─► deviations ─► gradient and Hessian, 5 to 8 times ─► coefficients, standard errors
/// </code>
/// The result is the pooled fit: rows enter as standardised doubles, sums in fixed point, and the last Newton step leaves the coefficients
/// closer to the optimum than a millionth of their standard errors.
/// <list type="bullet">
/// <item>A column that is constant, or a combination of columns before it, is left out and named, as R's glm does.</item>
/// <item>A category, or missing values, all of whose rows have one label has no finite coefficient; without a ridge it is left out and named, its rows count as the reference.</item>
/// <item>Other separation, complete or quasi-complete, ends training with a <see cref="LearningException"/> that names the columns.</item>
/// </list>
/// L-BFGS finds constant columns and separation, but looks for no combinations: of collinear columns it gives one of the equivalent fits.
/// </summary>
public sealed class LogisticTrainer
{
    /// <summary>Above it a Hessian of 125,000 sums a round is dearer than more rounds of gradients.</summary>
    private const int LargestNewtonOrder = 501;

    /// <summary>More columns are a text feature that is no category, as a name; the matrix of 100,000 rows would pass 1.6 GB.</summary>
    private const int LargestColumnCount = 2_000;

    /// <summary>Binary digits after the point of the intercept at which training starts: logarithms differ between platforms, holders must not.</summary>
    private const int StartBits = 10;

    private readonly LogisticParameters _parameters;

    /// <summary>A trainer with the given settings.</summary>
    /// <exception cref="LearningException">A setting is out of range.</exception>
    public LogisticTrainer(LogisticParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Validate();
        _parameters = parameters;
    }

    /// <summary>What the sums of <see cref="FitAsync"/> need; the rounds before the first gradient have other numbers of values.</summary>
    /// <param name="definitions">The data dictionary.</param>
    public SumCapacity CapacityFor(IReadOnlyList<FeatureDefinition> definitions)
    {
        ArgumentNullException.ThrowIfNull(definitions);

        // Without missing values a number is one column, text one less than it has categories.
        var order = 1 + definitions.Sum(definition => ColumnsOf(definition) - (definition.IsCategorical ? 1 : 0));
        return new SumCapacity(FixedPoint.MagnitudeBits, LogisticKernel.SumLength(order, SolverFor(order) == LogisticSolver.Newton));
    }

    /// <summary>Trains as one of the holders; all call it with the same dictionary and settings and get the same model.</summary>
    /// <param name="own">The own rows, of the dictionary's columns in its order; there may be none.</param>
    /// <param name="definitions">The data dictionary.</param>
    /// <param name="sums">The sums over all holders.</param>
    /// <param name="afterRound">Told of every round about gradients; its exceptions end training.</param>
    /// <param name="degreeOfParallelism">Greatest number of threads, at least 1; it does not change the result.</param>
    /// <param name="ct">Ends training.</param>
    /// <exception cref="ArgumentException">The rows are not of the dictionary, or not as many as the labels.</exception>
    /// <exception cref="LearningException">A label is neither 0 nor 1, there are more than 2,000 columns, all holders together have no row or one label only, the labels are separated, or training does not end.</exception>
    public async Task<LogisticFit> FitAsync(
        LogisticProblem own,
        IReadOnlyList<FeatureDefinition> definitions,
        ISummation sums,
        Func<LogisticRound, CancellationToken, ValueTask>? afterRound,
        int degreeOfParallelism,
        CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(definitions);
        ArgumentNullException.ThrowIfNull(sums);
        ArgumentOutOfRangeException.ThrowIfLessThan(degreeOfParallelism, 1);
        Check(own, definitions);

        var counted = new CountedSummation(sums);
        var counts = await FeatureCounts.SumAsync(own, definitions, counted, ct);
        if (counts.Rows == 0)
            throw Messages.NoTrainingRows();
        if (counts.Positives == 0 || counts.Positives == counts.Rows)
            throw Messages.OneClassOnly(counts.Rows, counts.Positives == 0 ? 0 : 1);

        var ranges = await RangeSearch.FindAsync(own, counts, definitions, _parameters.Winsorise, counted, ct);
        var moments = await FeatureMoments.SumAsync(own, counts, ranges, counted, ct);
        var columns = DesignColumns.Create(definitions, counts, ranges, moments, dropsSeparated: _parameters.Ridge == 0);
        DesignColumn[] estimated = [.. columns.Where(column => column.State == LogisticColumnState.Estimated)];

        var objective = new LogisticObjective(own, estimated, counts.Rows, counted, degreeOfParallelism);
        var names = new ColumnNames(definitions);
        var descent = new LogisticDescent(objective, _parameters, positions => names.Join(positions.Select(position => estimated[position - 1])), afterRound);
        var solver = SolverFor(objective.Order);
        var share = (double)counts.Positives / counts.Rows;
        IDescentDirection direction = solver == LogisticSolver.Newton
            ? new NewtonDirection(objective.Order, _parameters.Ridge, positions => Messages.SeparatedPartly(names.Join(positions.Select(position => estimated[position - 1]))))
            : new LimitedMemoryDirection(_parameters.HistoryLength, (counts.Rows * share * (1 - share)) + _parameters.Ridge);
        var start = Math.ScaleB(Math.Round(Math.ScaleB(Math.Log(share / (1 - share)), StartBits)), -StartBits);
        var optimum = await descent.DescendAsync(start, direction, ct);
        return LogisticReport.Create(definitions, columns, counts, optimum, solver, _parameters, counted.Rounds);
    }

    private static int ColumnsOf(FeatureDefinition definition) => definition.Categories is { } categories ? Math.Max(categories.Count, 1) : 1;

    private LogisticSolver SolverFor(int order) => _parameters.Solver != LogisticSolver.Automatic ? _parameters.Solver
        : order <= LargestNewtonOrder ? LogisticSolver.Newton
        : LogisticSolver.LimitedMemoryBfgs;

    private static void Check(LogisticProblem own, IReadOnlyList<FeatureDefinition> definitions)
    {
        if (own.Features.RowCount != own.Labels.Length)
            throw new ArgumentException($"There are {own.Labels.Length} labels for {own.Features.RowCount} rows.", nameof(own));
        if (own.Features.Columns.Count != definitions.Count)
            throw new ArgumentException($"The table has {own.Features.Columns.Count} columns, the dictionary {definitions.Count}.", nameof(own));
        for (var i = 0; i < definitions.Count; i++)
        {
            var column = own.Features.Columns[i];
            var categories = (column as CategoricalColumn)?.Categories;
            if (!column.Name.Equals(definitions[i].Name, StringComparison.Ordinal) || (categories is null) != (definitions[i].Categories is null)
                || (categories is not null && !categories.SequenceEqual(definitions[i].Categories!, StringComparer.Ordinal)))
            {
                throw new ArgumentException($"Column '{column.Name}' is not the dictionary's '{definitions[i].Name}'; conform the table first.", nameof(own));
            }
        }

        var columnCount = definitions.Sum(definition => (long)ColumnsOf(definition));
        if (columnCount > LargestColumnCount)
            throw Messages.TooManyColumns(columnCount, LargestColumnCount, definitions.MaxBy(ColumnsOf)!.Name);

        var row = own.Labels.Span.IndexOfAnyExcept((byte)0, (byte)1);
        if (row >= 0)
            throw Messages.LabelNotBinary(row, own.Labels.Span[row]);
    }

    /// <summary>Counts the rounds.</summary>
    private sealed class CountedSummation(ISummation sums) : ISummation
    {
        public int Rounds { get; private set; }

        public ValueTask<long[]> SumAsync(string round, int count, Func<CancellationToken, long[]> own, CancellationToken ct)
        {
            Rounds++;
            return sums.SumAsync(round, count, own, ct);
        }
    }
}
