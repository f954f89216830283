using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

/// <summary>Measured noise stays within the predicted bounds, and the bounds are not so loose that they would hide a mistake.</summary>
public class NoiseTests
{
    /// <summary>
    /// The bounds keep 8.8 standard deviations (2^-40 over a polynomial) where the largest of a few thousand coefficients reaches about 4, and take every
    /// ternary coefficient as nonzero (√1.5): a bound more than five times the measured maximum is a mistake. Half of the variance of a sum over every other row is
    /// in a part that neighbours share, so its largest coefficient is below a quarter of the bound (2.2 deviations) once in some ten thousand sums, and below a fifth
    /// with a chance of 10^-20.
    /// </summary>
    private const double Looseness = 5;

    private static readonly LatticeContext Context = new(LatticeParameters.Create(4096, 2, 50));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(300, 2)]
    [InlineData(2048, 10)]
    public void The_noise_of_a_subset_sum_is_bounded(int onesPerBlock, int blocks)
    {
        using var key = SecretKey.Generate(Context);
        var encryptor = new SymmetricEncryptor(key);
        using var sum = new ProductAccumulator(Context);
        var plaintext = new double[Context.PolynomialLength];

        // Scattered ones: under a run of ones neighbouring coefficients share nearly all errors, and a few samples have no extremes.
        var vectors = new TestVectors(71);
        for (var block = 0; block < blocks; block++)
        {
            using var ciphertext = encryptor.Encrypt([], 0).Expand();
            var bits = new double[4096];
            for (var left = onesPerBlock; left > 0;)
            {
                var position = vectors.Below(4096);
                left -= bits[position] == 0 ? 1 : 0;
                bits[position] = 1;
            }

            Context.TransformSmall(bits, plaintext);
            ProductAccumulator.MultiplyAccumulate(plaintext, [ciphertext], [sum]);
        }

        var length = Context.PolynomialLength;
        var largest = Largest(WhiteBox.Phase(key, sum.Sums[..length], sum.Sums[length..]));
        var bound = NoiseBound.SubsetSum((long)onesPerBlock * blocks);
        Assert.InRange(bound, largest, Looseness * largest);
    }

    [Fact]
    public unsafe void The_noise_of_an_encryption_of_zero_is_bounded()
    {
        using var key = SecretKey.Generate(Context);
        var publicKey = PublicKey.Generate(key);
        var length = Context.PolynomialLength;
        double largest = 0;
        for (var round = 0; round < 3; round++)
        {
            double[] zero = new double[2 * length], ternary = new double[length], errors = new double[8192], pair = new double[2 * length];
            using (var stream = KeyedStream.CreateRandom())
            {
                TernarySampler.Fill(stream, ternary.AsSpan(0, 4096));
                GaussianSampler.Fill(stream, errors);
            }

            ternary.AsSpan(0, 4096).CopyTo(ternary.AsSpan(4096));
            Context.Forward(ternary);
            fixed (double* sums = zero, u = ternary, b = publicKey.B, a = publicKey.A, result = pair)
            {
                FunctionPrivateResponder.AddEncryptionOfZero(Context, sums, u, b, result);
                FunctionPrivateResponder.AddEncryptionOfZero(Context, sums, u, a, result + length);
            }
            for (var i = 0; i < length; i++)
            {
                pair[i] += errors[i % 4096];
                pair[length + i] += errors[4096 + i % 4096];
            }

            Context.Forward(pair.AsSpan(0, length));
            Context.Forward(pair.AsSpan(length));
            largest = Math.Max(largest, Largest(WhiteBox.Phase(key, pair.AsSpan(0, length), pair.AsSpan(length))));
        }

        Assert.InRange(NoiseBound.EncryptionOfZero(4096), largest, Looseness * largest);
    }

    [Fact]
    public void The_noise_of_the_modulus_switch_is_bounded()
    {
        // Flood and errors are 2^-7 of a unit after a switch from 2^100 to 2^40: what remains is rounding. Its bound takes each
        // rounding at its worst (√3 over uniform) on top of the other margins.
        using var key = SecretKey.Generate(Context);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key));
        using var sum = new ProductAccumulator(Context);
        var positions = Enumerable.Range(0, 4096).ToArray();
        var values = new long[4096];
        var noise = new double[4096];
        new AnswerDecryptor(key).Decrypt(responder.Respond(sum, 1, positions, 40), positions, 90, values, noise);
        Assert.All(values, value => Assert.Equal(0, value));
        var largest = noise.Max(Math.Abs);
        Assert.InRange(NoiseBound.ModulusSwitch(4096, 2), largest, Looseness * Math.Sqrt(3) * largest);
    }

    [Fact]
    public void The_flood_dominates_the_noise_of_an_answer_and_is_bounded()
    {
        using var key = SecretKey.Generate(Context);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key), statisticalBits: 45);
        using var sum = new ProductAccumulator(Context);
        var positions = Enumerable.Range(0, 4096).ToArray();
        var values = new long[4096];
        var noise = new double[4096];
        var noiseBound = NoiseBound.SubsetSum(100_000);
        new AnswerDecryptor(key).Decrypt(responder.Respond(sum, noiseBound, positions, 52), positions, 62, values, noise);
        Assert.All(values, value => Assert.Equal(0, value));
        var unit = (double)Context.Parameters.Modulus / Math.ScaleB(1, 52);
        var flood = NoiseBound.Flood(noiseBound, 4096, 45) / unit;
        var bound = flood + (noiseBound + NoiseBound.EncryptionOfZero(4096)) / unit + NoiseBound.ModulusSwitch(4096, 2);
        var largest = noise.Max(Math.Abs);
        Assert.InRange(largest, 0.99 * flood, bound);
    }

    [Fact]
    public void Bounds_grow_as_documented()
    {
        Assert.Equal(0, NoiseBound.SubsetSum(0));
        Assert.Equal(28.2, NoiseBound.SubsetSum(1), 0.1);
        Assert.Equal(2, NoiseBound.SubsetSum(400_000) / NoiseBound.SubsetSum(100_000), 1e-9);
        Assert.True(NoiseBound.Flood(1000, 4096, 40) >= Math.ScaleB(1000 + NoiseBound.EncryptionOfZero(4096), 40));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseBound.SubsetSum(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseBound.Flood(double.NaN, 4096, 40));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseBound.Flood(-1, 4096, 40));
    }

    private static double Largest(BigInteger[] noise) => (double)noise.Max(BigInteger.Abs);
}
