using System.Numerics;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Tests.Noise;

public class ParameterPlannerTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1024, 0, 20, 4096)]
    [InlineData(2048, 1, 8, 4096)]
    [InlineData(4096, 3, 15, 8192)]
    [InlineData(4096, 6, 20, 16384)]
    public void Chosen_parameters_keep_the_precision_that_was_asked_for(int slots, int depth, int precisionBits, int largestDegree)
    {
        var planned = ParameterPlanner.Choose(new CkksRequirements(slots, depth, precisionBits));
        output.WriteLine(planned.Describe());
        Assert.InRange(planned.Parameters.Degree, 2 * slots, largestDegree);
        Assert.True(planned.Parameters.Primes[^1] >= planned.Parameters.Primes.Take(planned.Level + 1).Max(), "the special prime is the largest");
        var context = new CkksContext(planned.Parameters);
        using var bench = new SlotBench(context, [context.RotationElement(1)]);
        var message = SlotBench.UnitCircle(context.SlotCount);
        using var ciphertext = new CkksCiphertext(context, 3);
        using (var fresh = bench.EncryptPublic(message, planned.Scale, planned.Level))
            bench.Evaluator.Copy(fresh, ciphertext);
        for (var product = 0; product < depth; product++)
        {
            bench.Evaluator.Multiply(ciphertext, ciphertext, ciphertext);
            bench.Evaluator.Relinearise(ciphertext, bench.RelinearisationKey, ciphertext);
            for (var prime = 0; prime < planned.PrimesPerMultiplication; prime++)
                bench.Evaluator.Rescale(ciphertext, ciphertext);
        }

        bench.Evaluator.Rotate(ciphertext, 1, bench.GaloisKeys, ciphertext);
        var errors = new SlotErrors();
        errors.Add(bench.Decrypt(ciphertext), k => Complex.Pow(message[(k + 1) % message.Length], 1 << depth));
        Assert.InRange(errors.Largest, 0, Math.ScaleB(1, -precisionBits));

        // One prime fewer is not enough.
        if (depth > 0)
            Assert.Throws<NoiseBudgetException>(() => ParameterPlanner.Judge(planned.Requirements, LatticeParameters.Create(planned.Parameters.Degree, [.. planned.Parameters.Primes.Skip(planned.PrimesPerMultiplication)]), planned.Scale, planned.PrimesPerMultiplication));
    }

    [Fact]
    public void Flooding_costs_its_bits_and_is_described()
    {
        var without = ParameterPlanner.Choose(new CkksRequirements(4096, 1, 12, Parties: 3));
        var with = ParameterPlanner.Choose(new CkksRequirements(4096, 1, 12, Parties: 3, FloodingBits: 40));
        output.WriteLine(with.Describe());
        Assert.True(with.Scale > without.Scale * Math.ScaleB(1, 40));
        Assert.Contains("switch to a public key", with.Describe(), StringComparison.Ordinal);
        Assert.Contains("that 128-bit security allows", with.Describe(), StringComparison.Ordinal);
        Assert.Throws<NoiseBudgetException>(() => ParameterPlanner.Choose(new CkksRequirements(4096, 30, 40)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ParameterPlanner.Choose(new CkksRequirements(4096, 1, 10, FloodingBits: 39)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ParameterPlanner.Choose(new CkksRequirements(1 << 20, 1, 10)));
        Assert.Throws<ArgumentException>(() => ParameterPlanner.Judge(new CkksRequirements(4096, 0, 10), LatticeParameters.Create(4096, 2, 50), 1 << 30));
    }
}
