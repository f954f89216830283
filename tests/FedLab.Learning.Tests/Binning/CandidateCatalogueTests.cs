namespace FedLab.Learning.Tests.Binning;

public sealed class CandidateCatalogueTests
{
    [Fact]
    public void A_code_and_the_raw_value_go_the_same_way_for_every_candidate_training_row_or_not() => Property.Holds(200, seed =>
    {
        var problem = RandomProblem.Create(seed);
        var training = problem.AllRows[..(problem.Labels.Length / 2)];
        foreach (var column in problem.Parties.SelectMany(party => party.Table.Columns))
        {
            var bins = FeatureBinner.Fit(column, training, problem.Parameters);
            var codes = bins.Encode(column).Codes.Span;
            foreach (var candidate in CandidateCatalogue.Enumerate([bins]))
            {
                var rule = candidate.ToRule(bins);
                for (var row = 0; row < column.RowCount; row++)
                    Assert.True(candidate.GoesLeft(codes[row]) == rule.GoesLeft(column, row), $"{rule}: row {row}");
            }
        }
    });

    [Fact]
    public void No_two_candidates_of_a_feature_part_the_rows_alike_and_each_has_rows_on_both_sides() => Property.Holds(200, seed =>
    {
        var problem = RandomProblem.Create(seed);
        foreach (var column in problem.Parties.SelectMany(party => party.Table.Columns))
        {
            var bins = FeatureBinner.Fit(column, problem.AllRows, problem.Parameters);
            var codes = bins.Encode(column).Codes.ToArray();
            var partitions = CandidateCatalogue.Enumerate([bins]).Select(candidate =>
            {
                var sides = codes.Select(candidate.GoesLeft).ToArray();
                Assert.Equal(2, sides.Distinct().Count());
                return string.Concat(sides.Select(side => side == sides[0] ? '0' : '1'));
            }).ToList();
            Assert.Equal(partitions.Count, partitions.Distinct().Count());
        }
    });

    [Fact]
    public void Numeric_candidates_come_by_threshold_missing_right_first_and_presence_last()
    {
        var bins = FeatureBinner.Fit(new NumericColumn("x", [1, 2, 3, double.NaN]), [0, 1, 2, 3], new TreeParameters());
        Assert.Equal(
            ["x <= 1.5", "x <= 1.5 or missing", "x <= 2.5", "x <= 2.5 or missing", "x present"],
            CandidateCatalogue.Enumerate([bins]).Select(candidate => candidate.ToRule(bins).ToString()));
        var complete = FeatureBinner.Fit(new NumericColumn("x", [1, 2, 3, double.NaN]), [0, 1, 2], new TreeParameters());
        Assert.Equal(["x <= 1.5", "x <= 2.5"], CandidateCatalogue.Enumerate([complete]).Select(candidate => candidate.ToRule(complete).ToString()));
    }

    [Fact]
    public void Categorical_candidates_are_each_against_the_rest_and_then_the_first_ones()
    {
        var column = new CategoricalColumn("c", ["1", "2", "3", "4"], [0, 1, 2, 3, -1]);
        var parameters = new TreeParameters { MinimumCategoryCount = 1 };
        var bins = FeatureBinner.Fit(column, [0, 1, 2, 3], parameters);
        Assert.Equal(
            ["c in {1}", "c in {2}", "c in {3}", "c in {4}", "c in {1, 2}"],
            CandidateCatalogue.Enumerate([bins]).Select(candidate => candidate.ToRule(bins).ToString()));
        var withMissing = FeatureBinner.Fit(column.TakeRows([0, 1, 4]), [0, 1, 2], parameters);
        Assert.Equal(
            ["c in {1}", "c not in {2}, or missing", "c in {1, 2}"],
            CandidateCatalogue.Enumerate([withMissing]).Select(candidate => candidate.ToRule(withMissing).ToString()));
    }
}
