using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using FedLab.Lattice.Multiparty;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

/// <summary>
/// Chi-square tests of every sampler; each test also shows that the statistic refuses a sampler that is slightly wrong. A million draws, or as many as
/// FEDLAB_SAMPLER_DRAWS says (ten millions for a release).
/// </summary>
public class SamplerDistributionTests(ITestOutputHelper output)
{
    private const int MaximumCells = 64;

    private static readonly int Draws = Rounded(Environment.GetEnvironmentVariable("FEDLAB_SAMPLER_DRAWS") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 1_000_000);

    private static readonly LatticeContext Context = new(LatticeParameters.Create(8192, 4, 50));

    [Fact]
    public void The_chance_of_a_statistic_is_computed_right()
    {
        // Closed forms: exp(-x/2) for two degrees of freedom, and its sums for an even number of them; 3.841 is the table's 5 % for one.
        Assert.Equal(Math.Exp(-3), ChiSquare.UpperGamma(1, 3), 1e-14);
        Assert.Equal(Math.Exp(-50) * (1 + 50 + (50 * 50 / 2.0)), ChiSquare.UpperGamma(3, 50), 1e-30);
        Assert.Equal(0.05, ChiSquare.UpperGamma(0.5, 3.841458820694124 / 2), 1e-9);
        Assert.Equal(0.05, ChiSquare.UpperGamma(50, 124.3421134 / 2), 1e-8);
        Assert.Equal(Math.Exp(-0.25), ChiSquare.UpperGamma(1, 0.25), 1e-14);
    }

    [Fact]
    public void Ternary_secrets_are_uniform_and_neighbours_independent()
    {
        var row = new double[Draws];
        using (var stream = KeyedStream.CreateRandom())
            TernarySampler.Fill(stream, row);
        Report("ternary", ChiSquare.AssertFits(Pairs(row), Enumerable.Repeat(1 / 9.0, 9), Draws / 2));

        // ⌊3b/64⌋ of six bits: 22, 21, 21 of 64.
        var bytes = RandomNumberGenerator.GetBytes(Draws);
        for (var i = 0; i < row.Length; i++)
            row[i] = (3 * (bytes[i] & 63) / 64) - 1;
        AssertRefused(Pairs(row), Enumerable.Repeat(1 / 9.0, 9), Draws / 2);

        static double[] Pairs(double[] trits)
        {
            var pairs = new double[9];
            for (var i = 0; i < trits.Length; i += 2)
                pairs[(int)((3 * (trits[i] + 1)) + trits[i + 1] + 1)]++;
            return pairs;
        }
    }

    [Fact]
    public void Gaussian_errors_follow_the_distribution()
    {
        // Errors up to here have a cell of their own, and what is beyond has one with 22 expected counts: cells with few have longer tails than
        // chi-square (with five, a right sampler was refused with a chance of 1.3·10^-9).
        const int Told = 13;
        var row = new double[Draws];
        using (var stream = KeyedStream.CreateRandom())
            GaussianSampler.Fill(stream, row);
        Assert.All(row, x => Assert.True(Math.Abs(x) <= GaussianSampler.TailCut));
        Report("Gaussian", ChiSquare.AssertFits(Counts(row), Probabilities(GaussianSampler.StandardDeviation), Draws));
        AssertRefused(Counts(row), Probabilities(3.25), Draws);

        // A centred binomial of nearly the same variance, as other libraries take: 42 bits, σ = 3.24.
        var words = new ulong[Draws];
        using (var stream = KeyedStream.CreateRandom())
            stream.Fill(words);
        for (var i = 0; i < row.Length; i++)
            row[i] = BitOperations.PopCount(words[i] & ((1 << 21) - 1)) - BitOperations.PopCount(words[i] >> 21 & ((1 << 21) - 1));
        AssertRefused(Counts(row), Probabilities(GaussianSampler.StandardDeviation), Draws);

        static double[] Counts(double[] errors)
        {
            var counts = new double[2 * Told + 2];
            foreach (var x in errors)
                counts[Math.Abs(x) <= Told ? (int)x + Told : counts.Length - 1]++;
            return counts;
        }

        static double[] Probabilities(double deviation)
        {
            var weights = Enumerable.Range(-60, 121).Select(x => Math.Exp(-x * x / (2 * deviation * deviation))).ToArray();
            var total = weights.Sum();
            var inner = weights[(60 - Told)..(61 + Told)].Select(weight => weight / total).ToArray();
            return [.. inner, 1 - inner.Sum()];
        }
    }

    [Theory]
    [InlineData(12289)]
    [InlineData(786433)]
    [InlineData(1125899906629633)]
    public void Uniform_residues_are_uniform(ulong prime)
    {
        var row = new double[Draws];
        UniformSampler.Fill(RandomNumberGenerator.GetBytes(32), 0, prime, row);
        Report(string.Create(CultureInfo.InvariantCulture, $"uniform modulo {prime}"), ChiSquare.AssertFits(Cells(row.Select(x => (BigInteger)x), prime), Shares(prime), Draws));

        // A word of the prime's length reduced, where nothing is rejected.
        var words = new ulong[Draws];
        using (var stream = KeyedStream.CreateRandom())
            stream.Fill(words);
        var mask = ulong.MaxValue >> BitOperations.LeadingZeroCount(prime);
        if (mask - prime > prime / 100)
            AssertRefused(Cells(words.Select(word => (BigInteger)((word & mask) % prime)), prime), Shares(prime), Draws);
    }

    [Theory]
    [InlineData(25L)]
    [InlineData((1L << 55) + 12345)]
    [InlineData(1L << 62)]
    public void Floods_are_uniform(long bound)
    {
        var row = new long[Draws];
        using (var stream = KeyedStream.CreateRandom())
            FloodSampler.Fill(stream, bound, row);
        var range = (2 * (BigInteger)bound) + 1;
        Report(string.Create(CultureInfo.InvariantCulture, $"flood of {bound}"), ChiSquare.AssertFits(Cells(row.Select(x => x + (BigInteger)bound), range), Shares(range), Draws));

        // The sum of two narrower floods has the same bound, and is a triangle.
        AssertRefused(Cells(row.Select((x, i) => ((x + (BigInteger)row[(i + 1) % row.Length]) / 2) + bound), range), Shares(range), Draws);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(63)]
    [InlineData(100)]
    public void Wide_floods_are_uniform_in_their_high_and_low_bits(int widthBits)
    {
        var (high, low, rows) = (new double[8192], new double[8192], new double[4 * 8192]);
        var range = BigInteger.One << (widthBits + 1);
        var floods = new List<BigInteger>();
        using (var stream = KeyedStream.CreateRandom())
        {
            // The composition of residues is slow; a fifth of the draws.
            while (floods.Count < Draws / 5)
            {
                WideFloodSampler.Fill(Context, stream, widthBits, 4, high, low, rows);
                floods.AddRange(WhiteBox.Compose(Context, rows).Select(value => value + (range / 2)));
            }
        }

        Assert.All(floods, value => Assert.True(value >= 0 && value < range));
        Report($"wide flood, high bits of {widthBits}", ChiSquare.AssertFits(Cells(floods, range), Shares(range), floods.Count));
        Report($"wide flood, low bits of {widthBits}", ChiSquare.AssertFits(Cells(floods.Select(value => value & 63), 64), Shares(64), floods.Count));

        // The middle, where the two parts meet.
        var middle = Math.Min(50, widthBits / 2) - 3;
        Report($"wide flood, middle bits of {widthBits}", ChiSquare.AssertFits(Cells(floods.Select(value => value >> middle & 63), 64), Shares(64), floods.Count));
        AssertRefused(Cells(floods.Select((value, i) => i % 10 == 0 ? value / 2 : value), range), Shares(range), floods.Count);
    }

    private static int Rounded(int draws) => draws / 16 * 16;

    private static int CellsOf(BigInteger range) => (int)BigInteger.Min(range, MaximumCells);

    private static double[] Cells(IEnumerable<BigInteger> values, BigInteger range)
    {
        var counts = new double[CellsOf(range)];
        foreach (var value in values)
            counts[(int)(value * counts.Length / range)]++;
        return counts;
    }

    /// <summary>The share of every cell in the integers below a range.</summary>
    private static IEnumerable<double> Shares(BigInteger range)
    {
        var cells = CellsOf(range);
        return Enumerable.Range(0, cells).Select(cell => (double)(Edge(cell + 1) - Edge(cell)) / (double)range);

        BigInteger Edge(int cell) => ((range * cell) + cells - 1) / cells;
    }

    private static void AssertRefused(IEnumerable<double> counts, IEnumerable<double> probabilities, double samples) =>
        Assert.True(ChiSquare.PValue([.. counts], [.. probabilities], samples) < ChiSquare.Significance);

    private void Report(string name, double value) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: p = {value:G4}"));
}
