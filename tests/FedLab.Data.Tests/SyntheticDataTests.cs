using FedLab.Learning;
using FedLab.Synthesis;

namespace FedLab.Data.Tests;

/// <summary>The planted faults of the synthetic population, found by the reader.</summary>
public sealed class SyntheticDataTests : TestFolder
{
    [Fact]
    public async Task Planted_identifier_faults_are_found_and_alignment_has_the_published_sizes()
    {
        var population = SyntheticPopulation.Generate();
        var bank = await ReadAsync(population, SyntheticInstitution.BankA, "default");
        var publicCredit = await ReadAsync(population, SyntheticInstitution.PublicCredit);
        var supplyChain = await ReadAsync(population, SyntheticInstitution.SupplyChain);

        Assert.All([bank, publicCredit, supplyChain], data => Assert.Equal(KeyFormat.UnifiedSocialCreditCode, data.KeyFormat));
        Assert.Equal((33_774, 2_143), (bank.RowCount, bank.Labels!.Count(y => y == 1)));
        Assert.Empty(bank.Report.Warnings);
        Assert.Equal(46_956 + 94, publicCredit.Report.RowsRead);
        Assert.Equal(156, publicCredit.Report.CountOf(RejectionReason.WrongCheckCharacter));
        Assert.Equal(94, publicCredit.Report.DuplicatesDropped);
        Assert.Equal(46_956 - 156, publicCredit.RowCount);
        Assert.Equal(88, supplyChain.Report.KeysTrimmed);
        Assert.Equal(20_939, supplyChain.RowCount);
        Assert.Equal(226, publicCredit.KeyWasNormalised.Count(changed => changed));

        var customers = bank.Keys.ToHashSet(StringComparer.Ordinal);
        var rows = Enumerable.Range(0, publicCredit.RowCount).Where(row => customers.Contains(publicCredit.Keys[row])).ToList();
        Assert.Equal(31_599, rows.Count);
        Assert.Equal(31_444, rows.Count(row => !publicCredit.KeyWasNormalised[row]));
        Assert.All(publicCredit.Table.Columns, column => Assert.IsType<NumericColumn>(column));
        Assert.Equal(.60, publicCredit.Report.Missing.Single(m => m.Column == "patents").Share, .01);
    }

    [Fact]
    public async Task A_date_column_is_a_fold_and_no_feature()
    {
        var path = At("bank-a.csv");
        await SyntheticPopulation.Generate(2_000).WriteCsvAsync(
            SyntheticInstitution.BankA, path, new SyntheticOptions { ObservationDate = true, ByteOrderMark = true }, Cancellation);
        var data = Load(new DataSourceOptions { Path = path, KeyColumn = "uscc", LabelColumn = "default", FoldColumn = "obs_date" });
        Assert.Equal(12, data.Table.Columns.Count);
        Assert.Equal(8, data.Folds!.Distinct().Count());
    }

    private async Task<DataSet> ReadAsync(SyntheticPopulation population, SyntheticInstitution institution, string? label = null)
    {
        var path = At(institution.Name + ".csv");
        await population.WriteCsvAsync(institution, path, cancellationToken: Cancellation);
        return await DataSetReader.ReadAsync(new DataSourceOptions { Path = path, KeyColumn = "uscc", LabelColumn = label }, cancellationToken: Cancellation);
    }
}
