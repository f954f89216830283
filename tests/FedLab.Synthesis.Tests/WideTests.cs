namespace FedLab.Synthesis.Tests;

public sealed class WideTests
{
    [Fact]
    public async Task Bank_and_source_share_four_fifths_of_the_enterprises_in_different_orders()
    {
        var folder = Directory.CreateTempSubdirectory("fedlab-synthesis");
        try
        {
            var wide = SyntheticWide.Generate(20_000, 7);
            var bankPath = Path.Combine(folder.FullName, "bank.csv");
            var sourcePath = Path.Combine(folder.FullName, "source.csv");
            await wide.WriteBankAsync(bankPath, TestContext.Current.CancellationToken);
            await wide.WriteSourceAsync(sourcePath, TestContext.Current.CancellationToken);
            var bank = await File.ReadAllLinesAsync(bankPath, TestContext.Current.CancellationToken);
            var source = await File.ReadAllLinesAsync(sourcePath, TestContext.Current.CancellationToken);
            Assert.Equal("uscc,b1,b2,b3,b4,b5,default", bank[0]);
            Assert.Equal("uscc,s1,s2,s3,s4,s5,s6,s7", source[0]);
            Assert.All(source, line => Assert.Equal(8, line.Split(',').Length));
            var bankKeys = bank.Skip(1).Select(line => line[..18]).ToList();
            var sourceKeys = source.Skip(1).Select(line => line[..18]).ToList();
            var common = bankKeys.Intersect(sourceKeys).ToHashSet();
            Assert.Equal(.81, common.Count / 20_000.0, .01);
            Assert.NotEqual(bankKeys.Where(common.Contains), sourceKeys.Where(common.Contains));
            Assert.InRange(bank.Skip(1).Average(line => line[^1] - '0'), .08, .20);

            var again = await File.ReadAllBytesAsync(bankPath, TestContext.Current.CancellationToken);
            await wide.WriteBankAsync(bankPath, TestContext.Current.CancellationToken);
            Assert.Equal(again, await File.ReadAllBytesAsync(bankPath, TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(999, 5)]
    [InlineData(1_000, 0)]
    [InlineData(1_000, 1_001)]
    public void Sizes_outside_the_range_are_refused(int rows, int features) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SyntheticWide.Generate(rows, features));
}
