namespace FedLab.Synthesis.Tests;

public sealed class RandomLayerTests
{
    private const ulong Seed = 20260101;

    [Theory]
    [InlineData(0, 1, 0x2c482c33d2ab04c6, 0.1729762674828344)]
    [InlineData(0, 2, 0xc0fa83c1251e50b4, 0.7538225504441638)]
    [InlineData(1, 1, 0xbe8dc098b8eb94e7, 0.7443504689080511)]
    [InlineData(49999, 309, 0x9f50508a0f0ab3b8, 0.6223192536408912)]
    public void Streams_have_the_published_bits(int enterprise, int stream, ulong raw, double uniform)
    {
        Assert.Equal(raw, RandomLayer.Raw(Seed, enterprise, stream));
        Assert.Equal(uniform, RandomLayer.Uniform(Seed, enterprise, stream), 1e-16);
    }

    [Theory]
    [InlineData(.975, 1.959963984540054)]
    [InlineData(.001, -3.090232306167813)]
    [InlineData(1e-10, -6.361340902404056)]
    public void Quantiles_have_the_published_values(double p, double quantile) =>
        Assert.Equal(quantile, NormalDistribution.Quantile(p), 2e-15 * Math.Abs(quantile) + 1e-15);

    [Fact]
    public void Quantile_and_cumulative_distribution_undo_each_other_over_the_whole_range()
    {
        // Two approximations from different papers: a wrong digit in either shows as a gap.
        for (var exponent = 1; exponent <= 250; exponent++)
        {
            var p = Math.Pow(10, -exponent);
            Assert.Equal(1, NormalDistribution.Cumulative(NormalDistribution.Quantile(p)) / p, 3e-12);
        }

        for (var i = 1; i < 10_000; i++)
        {
            var p = i / 10_000.0;
            Assert.Equal(p, NormalDistribution.Cumulative(NormalDistribution.Quantile(p)), 4e-16);
        }
    }
}
