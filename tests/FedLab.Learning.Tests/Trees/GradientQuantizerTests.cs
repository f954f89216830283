namespace FedLab.Learning.Tests.Trees;

public sealed class GradientQuantizerTests
{
    [Theory]
    [InlineData(1, 1, 18)]
    [InlineData(1 << 20, 1, 18)]
    [InlineData((1 << 20) + 1, 1, 17)]
    [InlineData(10_000, 1000, 14)]
    [InlineData(50_000_000, 1, 12)]
    [InlineData(1000, 0.001, 18)]
    public void Fractional_bits_are_as_many_as_the_sums_allow(int rows, double weight, int bits)
    {
        var quantizer = GradientQuantizer.For(rows, weight);
        Assert.Equal(bits, quantizer.FractionalBits);
        Assert.InRange(quantizer.MaximumGradientSum, quantizer.MaximumHessianSum, 1L << 38);
        Assert.Equal(rows * quantizer.Quantize(-weight), -quantizer.MaximumGradientSum);
        Assert.Equal(rows * quantizer.Quantize(weight / 4), quantizer.MaximumHessianSum);
    }

    [Fact]
    public void Values_are_rounded_to_the_nearest_and_larger_ones_than_a_row_can_have_refused()
    {
        var quantizer = GradientQuantizer.For(10, 2);
        Property.Holds(200, seed =>
        {
            var value = (new DeterministicRandom((ulong)seed).NextDouble() * 4) - 2;
            Assert.InRange((quantizer.Quantize(value) * quantizer.Unit) - value, -quantizer.Unit / 2, quantizer.Unit / 2);
        });
        Assert.Throws<ArgumentOutOfRangeException>(() => quantizer.Quantize(2.001));
        Assert.Throws<ArgumentOutOfRangeException>(() => quantizer.Quantize(double.NaN));
    }

    [Fact]
    public void Too_many_rows_for_their_weight_are_refused()
    {
        Assert.Contains("scale-pos-weight", Assert.Throws<LearningException>(() => GradientQuantizer.For(2_000_000_000, 1000)).Message, StringComparison.Ordinal);
    }
}
