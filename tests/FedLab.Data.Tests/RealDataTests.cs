using FedLab.Learning;

namespace FedLab.Data.Tests;

/// <summary>The public credit sets, where the folder with them is present (FEDLAB_DATA or shared/data beside the repository).</summary>
public sealed class RealDataTests
{
    public static TheoryData<string, string, int, int, int, int, string[]> Sets => new()
    {
        { "default_credit", "default_next_month", 30_000, 6_636, 6_066, 24_270, [] },
        { "give_me_some_credit", "SeriousDlqin2yrs", 150_000, 10_026, 30_018, 121_300, [] },
        { "german_credit", "bad_customer", 1_000, 300, 192, 803, [] },
        { "sba_small_business", "charged_off", 22_308, 4_693, 4_390, 18_034, ["NaicsSector"] },
    };

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Rows_labels_test_rows_and_partial_overlap_have_the_published_sizes(
        string set, string label, int rows, int positives, int testRows, int overlap, string[] categorical)
    {
        var folder = Find(set);
        var bank = await ReadAsync(folder, "bank.csv.gz", label, []);
        var source = await ReadAsync(folder, "source.csv.gz", null, categorical);
        Assert.Equal((rows, rows), (bank.RowCount, source.RowCount));
        Assert.Equal(positives, bank.Labels!.Count(y => y == 1));
        Assert.Empty(bank.Report.Rejected);
        Assert.Equal(testRows, bank.Keys.Count(key => TestFold.IsInFold(key, 0, 5)));
        Assert.Equal(bank.Keys.Order(StringComparer.Ordinal), source.Keys.Order(StringComparer.Ordinal));
        Assert.NotEqual(bank.Keys, source.Keys);
        var kept = bank.Keys.Where(key => TestFold.Of("bank|" + key, 10) != 0).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(overlap, source.Keys.Count(key => TestFold.Of("src|" + key, 10) != 0 && kept.Contains(key)));
    }

    [Fact]
    public async Task The_horizontal_split_of_default_credit_has_the_published_sizes()
    {
        var bank = await ReadAsync(Find("default_credit"), "bank.csv.gz", "default_next_month", []);
        var folds = bank.Keys.CountBy(key => TestFold.Of(key, 5)).ToDictionary();
        Assert.Equal([11_878, 5_973, 6_083], [folds[1] + folds[2], folds[3], folds[4]]);
    }

    [Fact]
    public async Task Missing_values_and_text_columns_are_those_of_the_description()
    {
        var income = await ReadAsync(Find("give_me_some_credit"), "source.csv.gz", null, []);
        Assert.Equal(29_731, Math.Round(150_000 * income.Report.Missing.Single(m => m.Column == "MonthlyIncome").Share));
        var german = await ReadAsync(Find("german_credit"), "pooled.csv.gz", "bad_customer", []);
        Assert.Equal(13, german.Table.Columns.OfType<CategoricalColumn>().Count());
        var sba = await ReadAsync(Find("sba_small_business"), "pooled.csv.gz", "charged_off", ["NaicsSector"]);
        Assert.Equal(4, sba.Table.Columns.OfType<CategoricalColumn>().Count());
        Assert.Equal([4_128, 4_026, 40, 1], new[] { "RevLineCr", "NaicsSector", "NewBusiness", "LowDoc" }
            .Select(name => (int)Math.Round(22_308 * sba.Report.Missing.Single(m => m.Column == name).Share)));
    }

    private static Task<DataSet> ReadAsync(string folder, string file, string? label, string[] categorical) => DataSetReader.ReadAsync(
        new DataSourceOptions { Path = Path.Combine(folder, file), KeyColumn = "id", LabelColumn = label, CategoricalColumns = categorical },
        cancellationToken: TestContext.Current.CancellationToken);

    private static string Find(string set)
    {
        var given = Environment.GetEnvironmentVariable("FEDLAB_DATA");
        if (given is not null && Directory.Exists(Path.Combine(given, set))) return Path.Combine(given, set);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "data", set);
            if (Directory.Exists(candidate)) return candidate;
        }

        Assert.Skip($"The data set {set} is not on this machine; set FEDLAB_DATA to the folder that holds it.");
        return "";
    }
}
