using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Simulations;
using FedLab.Learning;

namespace FedLab.Client.Tests.Simulations;

public sealed class BankDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SimulationOptions _good;

    public BankDataTests() => _good = new SimulationOptions { Parties = ThreeBanks.Write(_folder), Keys = ["id"], Label = "default" };

    [Fact]
    public async Task The_dictionary_has_the_columns_of_the_first_file_and_the_categories_of_all()
    {
        var data = await ReadAsync(_good);
        Assert.Equal(["income", "sector", "flat", "code"], data.Features.Select(feature => feature.Name));
        Assert.Equal(["Works", "farm", "shop", "works"], data.Features[1].Categories!);
        Assert.Null(data.Features[0].Categories);
        // One value everywhere is a column all the same.
        Assert.Null(data.Features[2].Categories);
    }

    [Fact]
    public async Task What_is_text_at_one_bank_is_text_at_all()
    {
        var data = await ReadAsync(_good);
        Assert.Equal(["10", "2", "x1"], data.Features[3].Categories!);
        Assert.All(data.Sets, set => Assert.IsType<CategoricalColumn>(set.Table["code"]));
        // The participants are told to read it so, too.
        Assert.All(data.Plan.Parties, party => Assert.Equal(["sector", "code"], party.Source.CategoricalColumns));
        foreach (var set in data.Sets)
        {
            FeatureDefinition.Conform(set.Table, data.Features, out var unknown);
            Assert.Equal(0, unknown);
        }
    }

    [Fact]
    public async Task Named_codes_are_categories_although_they_look_like_numbers()
    {
        var data = await ReadAsync(_good with { Categorical = ["flat"] });
        Assert.Equal(["7"], data.Features[2].Categories!);
    }

    [Fact]
    public async Task Test_rows_come_from_a_column_that_every_bank_has()
    {
        foreach (var bank in (string[])["a", "b", "c"])
        {
            var lines = await File.ReadAllLinesAsync(_folder.File(bank + ".csv"), TestContext.Current.CancellationToken);
            _folder.Write(bank + ".csv", string.Concat(lines.Select((line, row) => $"{line},{(row == 0 ? "holdout" : row % 3 == 0 ? "1" : "0")}\n")));
        }
        var data = await ReadAsync(_good with { TestColumn = "holdout" });
        Assert.DoesNotContain("holdout", data.Features.Select(feature => feature.Name));
        Assert.Equal(ThreeBanks.Rows.Select(rows => rows / 3), data.IsTest.Select(mask => mask.Count(isTest => isTest)));
        Assert.Contains("must be 1 for test rows", (await Assert.ThrowsAsync<ClientException>(() => ReadAsync(_good with { TestColumn = "flat" }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_column_that_is_no_key_is_not_taken_for_one()
    {
        foreach (var bank in (string[])["a", "b", "c"])
        {
            var lines = await File.ReadAllLinesAsync(_folder.File(bank + ".csv"), TestContext.Current.CancellationToken);
            _folder.Write(bank + ".csv", string.Concat(lines.Select(line => string.Join(',', line.Split(',')[1..]) + "\n")));
        }
        var error = await Assert.ThrowsAsync<ClientException>(() => ReadAsync(_good with { Keys = [] }));
        Assert.True(error.IsUsage);
        Assert.Contains("'income'", error.Message, StringComparison.Ordinal);
        Assert.Contains("--key COLUMN", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_without_any_value_cannot_be_text()
    {
        foreach (var bank in (string[])["a", "b", "c"]) _folder.Write(bank + ".csv", (await File.ReadAllTextAsync(_folder.File(bank + ".csv"), TestContext.Current.CancellationToken)).Replace(",7,", ",,", StringComparison.Ordinal));
        Assert.Null((await ReadAsync(_good)).Features[2].Categories);
        Assert.Contains("flat", (await Assert.ThrowsAsync<FedLab.Federation.ProtocolException>(() => ReadAsync(_good with { Categorical = ["flat"] }))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static Task<BankData> ReadAsync(SimulationOptions options) => BankData.ReadAsync(BankPlan.Create(options), new Progress<LabProgress>(), TestContext.Current.CancellationToken);
}
