using FedLab.Federation.Scan;
using FedLab.Lattice;
using FedLab.Learning;

namespace FedLab.Federation.Tests;

public sealed class ScanPlanTests
{
    [Theory]
    [InlineData(1, 100e6)]
    [InlineData(24_000, 100e6)]
    [InlineData(24_000, 1e6)]
    [InlineData(65_537, 1e9)]
    [InlineData(65_537, 10e6)]
    [InlineData(1_000_000, 100e6)]
    [InlineData(1_000_000, 1e6)]
    [InlineData(4_000_000, 100e6)]
    public void A_plan_for_any_supported_number_of_rows_holds_sums_noise_and_flood(int rows, double bitsPerSecond)
    {
        var quantizer = GradientQuantizer.For(rows, 1);

        var plan = ScanPlan.Find(rows, quantizer.MaximumGradientSum, 4, 50, [300], bitsPerSecond);

        var modulus = Math.Pow(2, plan.Parameters.ModulusBits);
        var error = plan.NoiseBound + NoiseBound.EncryptionOfZero(plan.Parameters.Degree) + NoiseBound.Flood(plan.NoiseBound, plan.Parameters.Degree, ScanPlan.StatisticalBits)
            + (plan.Packing is null ? 0 : AnswerPacker.Noise(plan.Packing, plan.CandidatesPerAnswer));
        var scale = Math.ScaleB(1, plan.ScaleBits);
        Assert.True(plan.NoiseBound >= NoiseBound.SubsetSum((long)rows * plan.CandidatesPerAnswer) * 0.99);
        Assert.True((quantizer.MaximumGradientSum * scale) + error < modulus / 2);
        var rounding = NoiseBound.ModulusSwitch(plan.Parameters.Degree, plan.Parameters.Primes.Count) * modulus / Math.ScaleB(1, plan.AnswerBits);
        Assert.True(error + rounding <= scale / 2);
    }

    [Fact]
    public void Larger_sums_than_any_parameters_hold_are_refused_with_what_to_do()
    {
        var error = Assert.Throws<ProtocolException>(() => ScanPlan.Find(1_000_000, 1L << 48, 4, 50, [300], 100e6));

        Assert.Contains("use fewer rows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Slow_lines_get_packed_answers_and_fast_ones_do_not()
    {
        // The shape of default_credit: 23,934 rows, ten features of about ten candidates.
        var sum = GradientQuantizer.For(23_934, 1).MaximumGradientSum;

        Assert.NotNull(ScanPlan.Find(23_934, sum, 4, 50, [98], 10e6).Packing);
        Assert.Null(ScanPlan.Find(23_934, sum, 4, 50, [98], 10e9).Packing);
        Assert.Contains("packed by key switching", ScanPlan.Find(23_934, sum, 4, 50, [98], 10e6).Describe(4, [98], 10e6), StringComparison.Ordinal);
    }
}
