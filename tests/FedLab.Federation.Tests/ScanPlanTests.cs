using FedLab.Federation.Scan;
using FedLab.Lattice;
using FedLab.Learning;

namespace FedLab.Federation.Tests;

public sealed class ScanPlanTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(24_000)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(1_000_000)]
    [InlineData(4_000_000)]
    public void A_plan_for_any_supported_number_of_rows_holds_sums_noise_and_flood(int rows)
    {
        var quantizer = GradientQuantizer.For(rows, 1);

        var plan = ScanPlan.Find(rows, quantizer.MaximumGradientSum, 4, [300], 100e6);

        var modulus = Math.Pow(2, plan.Parameters.ModulusBits);
        var error = plan.NoiseBound + NoiseBound.EncryptionOfZero(plan.Parameters.Degree) + NoiseBound.Flood(plan.NoiseBound, plan.Parameters.Degree, ScanPlan.StatisticalBits);
        var scale = Math.ScaleB(1, plan.ScaleBits);
        Assert.True(plan.NoiseBound >= NoiseBound.SubsetSum((long)rows * plan.CandidatesPerAnswer) * 0.99);
        Assert.True((quantizer.MaximumGradientSum * scale) + error < modulus / 2);
        var rounding = NoiseBound.ModulusSwitch(plan.Parameters.Degree, plan.Parameters.Primes.Count) * modulus / Math.ScaleB(1, plan.AnswerBits);
        Assert.True(error + rounding <= scale / 2);
    }

    [Fact]
    public void Larger_sums_than_any_parameters_hold_are_refused_with_what_to_do()
    {
        var error = Assert.Throws<ProtocolException>(() => ScanPlan.Find(1_000_000, 1L << 48, 4, [300], 100e6));

        Assert.Contains("use fewer rows", error.Message, StringComparison.Ordinal);
    }
}
