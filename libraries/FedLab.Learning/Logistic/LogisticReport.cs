using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace FedLab.Learning;

/// <summary>From the standardised optimum to a model, a table and figures on the features' own scale.</summary>
internal static class LogisticReport
{
    /// <summary>Smaller parts of a combination, in standard deviations beside its largest, are rounding.</summary>
    private const double NamedShare = 1e-3;

    public static LogisticFit Create(
        IReadOnlyList<FeatureDefinition> definitions,
        DesignColumn[] columns,
        FeatureCounts counts,
        LogisticOptimum optimum,
        LogisticSolver solver,
        LogisticParameters parameters,
        int rounds)
    {
        var names = new ColumnNames(definitions);
        DesignColumn[] estimated = [.. columns.Where(column => column.State == LogisticColumnState.Estimated)];
        var aliased = optimum.Aliased.ToDictionary(
            alias => estimated[alias.Column - 1],
            alias => Partners(alias).Select(column => names.Of(estimated[column - 1])).ToArray());

        var covariance = Covariance.Of(optimum, parameters.Ridge);
        var slopes = new double[estimated.Length];
        var intercept = optimum.Coefficients[0];
        for (var i = 0; i < slopes.Length; i++)
        {
            slopes[i] = optimum.Coefficients[i + 1] / estimated[i].Deviation;
            intercept -= slopes[i] * estimated[i].Mean;
        }

        var quantile = Normal.InvCDF(0, 1, (1 + parameters.ConfidenceLevel) / 2);
        List<LogisticCoefficient> table =
        [
            Infer(new LogisticCoefficient { Feature = "", Kind = LogisticColumnKind.Intercept, State = LogisticColumnState.Estimated, Estimate = intercept },
                covariance?.ErrorOfIntercept(estimated), quantile),
        ];
        var position = 0;
        foreach (var column in columns)
        {
            var line = new LogisticCoefficient
            {
                Feature = definitions[column.Feature].Name,
                Kind = column.Kind,
                Category = names.CategoryOf(column),
                State = column.State,
                Estimate = 0,
            };
            if (column.State == LogisticColumnState.Estimated)
            {
                line = aliased.TryGetValue(column, out var partners)
                    ? line with { State = LogisticColumnState.Collinear, CollinearWith = partners }
                    : Infer(line with { Estimate = slopes[position] }, covariance?.ErrorOf(position, column), quantile);
                position++;
            }

            table.Add(line);
        }

        var deviance = 2 * optimum.Evaluation.Loss;
        double? parameterCount = covariance?.EffectiveParameters ?? (parameters.Ridge == 0 ? 1 + estimated.Length : null);
        return new LogisticFit
        {
            Model = new LogisticModel(intercept + 0.0, Terms(definitions, columns, table)),
            Coefficients = table,
            Deviance = deviance,
            NullDeviance = NullDeviance(counts),
            AkaikeInformationCriterion = deviance + (2 * parameterCount),
            Rounds = rounds,
            Iterations = optimum.Iterations,
            Rows = counts.Rows,
            Positives = counts.Positives,
            Solver = solver,
            Warnings = Warn(table, solver),
        };
    }

    private static IEnumerable<int> Partners(AliasedColumn alias)
    {
        var largest = alias.Combination.Max(part => Math.Abs(part.Coefficient));
        return alias.Combination.Where(part => part.Column > 0 && Math.Abs(part.Coefficient) >= NamedShare * largest).Select(part => part.Column);
    }

    private static LogisticCoefficient Infer(LogisticCoefficient line, double? error, double quantile)
    {
        if (error is not { } standardError)
            return line;
        var z = line.Estimate / standardError;
        return line with
        {
            StandardError = standardError,
            WaldZ = z,
            PValue = SpecialFunctions.Erfc(Math.Abs(z) / Constants.Sqrt2),
            Lower = line.Estimate - (quantile * standardError),
            Upper = line.Estimate + (quantile * standardError),
        };
    }

    /// <summary>A term for every feature of which something was estimated.</summary>
    private static List<LogisticTerm> Terms(IReadOnlyList<FeatureDefinition> definitions, DesignColumn[] columns, List<LogisticCoefficient> table)
    {
        List<LogisticTerm> terms = [];
        for (var start = 0; start < columns.Length;)
        {
            var end = start + 1;
            while (end < columns.Length && columns[end].Feature == columns[start].Feature)
                end++;

            // The table's first line is the intercept.
            var lines = table[(start + 1)..(end + 1)];
            if (lines.Exists(line => line.State == LogisticColumnState.Estimated))
                terms.Add(Term(definitions[columns[start].Feature], columns[start], lines));
            start = end;
        }

        return terms;
    }

    private static LogisticTerm Term(FeatureDefinition definition, DesignColumn first, List<LogisticCoefficient> lines)
    {
        var missing = lines.Find(line => line.Kind == LogisticColumnKind.Missing)?.Estimate ?? 0;
        if (definition.Categories is { } categories)
            return new CategoricalTerm(definition.Name, categories, [.. lines.Where(line => line.Kind == LogisticColumnKind.Category).Select(line => line.Estimate)], missing);
        var (low, high) = first.Range.IsCapped ? (first.Range.Low, first.Range.High) : default((double?, double?));
        return new NumericTerm(definition.Name, lines[0].Estimate, first.Mean, low, high, missing);
    }

    private static double NullDeviance(FeatureCounts counts)
    {
        double rows = counts.Rows, positives = counts.Positives;
        return -2 * ((positives * Math.Log(positives / rows)) + ((rows - positives) * Math.Log((rows - positives) / rows)));
    }

    private static List<string> Warn(List<LogisticCoefficient> table, LogisticSolver solver)
    {
        List<string> warnings = [];
        var constant = NamesIn(LogisticColumnState.Constant);
        if (constant.Count > 0)
            warnings.Add(Messages.ColumnsConstant(ColumnNames.JoinNames(constant)));
        foreach (var line in table.Where(line => line.State == LogisticColumnState.Collinear))
            warnings.Add(Messages.ColumnCollinear(line.Name, ColumnNames.JoinNames(line.CollinearWith)));
        var separated = NamesIn(LogisticColumnState.Separated);
        if (separated.Count > 0)
            warnings.Add(Messages.ColumnsSeparated(ColumnNames.JoinNames(separated)));
        if (solver == LogisticSolver.LimitedMemoryBfgs)
            warnings.Add(Messages.NoStandardErrors());
        return warnings;

        List<string> NamesIn(LogisticColumnState state) => [.. table.Where(line => line.State == state).Select(line => line.Name)];
    }
}
