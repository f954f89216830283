using System.Numerics;
using FedLab.Lattice.Encoding;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Ring;
using FsCheck.Fluent;

namespace FedLab.Lattice.Tests.Evaluation;

public class CkksEncoderTests
{
    private static readonly CkksContext Small = new(LatticeParameters.Create(2048, 1, 50));
    private static readonly CkksContext Large = new(LatticeParameters.Create(8192, 4, 50));

    [Fact]
    public void A_slot_is_the_value_at_zeta_to_the_power_of_three()
    {
        var encoder = new CkksEncoder(Small);
        var slots = RandomSlots(new TestVectors(1), 1024);
        using var plaintext = new CkksPlaintext(Small);
        encoder.Encode(slots, plaintext, 1L << 30, 0);
        var coefficients = CkksOracle.Read(Small, plaintext.Polynomial);
        var exponent = 1;
        for (var k = 0; k < 1024; k++)
        {
            if (k % 97 == 0)
            {
                var value = Complex.Zero;
                for (var j = 0; j < 2048; j++)
                    value += (double)coefficients[j] * Complex.Exp(new Complex(0, Math.PI * ((long)exponent * j % 4096) / 2048));
                Assert.True(Complex.Abs(value / (1L << 30) - slots[k]) < 1e-6);
            }

            exponent = exponent * 3 % 4096;
        }
    }

    [Fact]
    public void Roots_are_correct_to_the_last_bit_but_one()
    {
        var table = new EmbeddingTable(4096);
        for (var groups = 1; groups < 2048 / 8; groups *= 2)
        {
            for (var group = 0; group < groups; group++)
            {
                var angle = Math.PI / 4096 * (1024.0 / groups + 4096.0 / groups * TransformTable.ReverseBits(group, int.Log2(groups)));
                Assert.Equal(Math.Cos(angle), table.Real.Span[groups + group], 4e-16);
                Assert.Equal(Math.Sin(angle), table.Imaginary.Span[groups + group], 4e-16);
            }
        }
    }

    [Theory]
    [InlineData(20, 2)]
    [InlineData(40, 2)]
    [InlineData(60, 2)]
    [InlineData(90, 1)]
    [InlineData(46, 0)]
    public void Values_come_back_within_the_rounding_of_the_scale(int scaleBits, int level)
    {
        var encoder = new CkksEncoder(Large);
        var scale = Math.ScaleB(1, scaleBits);
        using var plaintext = new CkksPlaintext(Large);
        var slots = RandomSlots(new TestVectors(2), Large.SlotCount);
        encoder.Encode(slots, plaintext, scale, level);
        Assert.Equal((level, scale), (plaintext.Level, plaintext.Scale));
        var decoded = new Complex[Large.SlotCount];
        encoder.Decode(plaintext, decoded);

        // A slot sums N rounding errors of variance 1/12: 8.8 deviations, and the doubles' own error.
        var bound = 8.8 * Math.Sqrt(Large.Degree / 12.0) / scale + 1e-13;
        for (var k = 0; k < slots.Length; k++)
            Assert.InRange(Complex.Abs(slots[k] - decoded[k]), 0, bound);

        var real = slots[..100].Select(slot => slot.Real).ToArray();
        encoder.Encode(real, plaintext, scale, level);
        var values = new double[200];
        encoder.Decode(plaintext, values);
        for (var k = 0; k < 200; k++)
            Assert.Equal(k < 100 ? real[k] : 0, values[k], bound);
    }

    [Fact]
    public void Coefficients_beyond_53_bits_have_exact_residues()
    {
        // A constant polynomial: every slot c encodes c·scale in the constant coefficient, exactly where the transform is exact.
        var encoder = new CkksEncoder(Large);
        using var plaintext = new CkksPlaintext(Large);
        foreach (var (value, bits) in new[] { (3.0, 60), (-5.0, 80), (1.5, 97), (-1.0, 97), ((double)((1L << 53) - 1), 20), (1.0, 48), (-0.5, 48) })
        {
            encoder.Encode(Enumerable.Repeat(value, Large.SlotCount).ToArray(), plaintext, Math.ScaleB(1, bits), 2);
            var coefficients = CkksOracle.Read(Large, plaintext.Polynomial);
            Assert.Equal(new BigInteger(value * 2) * BigInteger.Pow(2, bits - 1), coefficients[0]);
            Assert.All(coefficients[1..], coefficient => Assert.True(coefficient.IsZero));
        }
    }

    [Fact]
    public void Coefficients_of_any_size_are_composed_to_the_nearest_double()
    {
        var encoder = new CkksEncoder(Large);
        using var plaintext = new CkksPlaintext(Large);
        var vectors = new TestVectors(3);
        foreach (var level in new[] { 0, 1, 2 })
        {
            var modulus = Large.LevelModuli[level];
            var coefficients = new BigInteger[Large.Degree];
            for (var i = 0; i < coefficients.Length; i++)
            {
                var bytes = new byte[24];
                for (var j = 0; j < bytes.Length; j++)
                    bytes[j] = (byte)vectors.Next();
                coefficients[i] = CkksOracle.Centred(new BigInteger(bytes) >> vectors.Below(190), modulus);
            }

            (coefficients[0], coefficients[1], coefficients[2], coefficients[3]) = (modulus / 2, -(modulus / 2), BigInteger.One, CkksOracle.Centred(Large.Tables[0].Prime / 2 + 1, modulus));
            CkksOracle.Write(plaintext, coefficients, level, 1);
            var composed = new double[Large.Degree];
            encoder.Coefficients(plaintext, composed);
            for (var i = 0; i < composed.Length; i++)
                Assert.True(Math.Abs(composed[i] - (double)coefficients[i]) <= Math.ScaleB(Math.Abs((double)coefficients[i]), -50), $"{level} {i} {composed[i]:R} {coefficients[i]}");
        }
    }

    [Fact]
    public void Values_that_do_not_fit_are_refused_and_nothing_is_written()
    {
        var encoder = new CkksEncoder(Large);
        using var plaintext = new CkksPlaintext(Large);
        encoder.Encode([1.0], plaintext, 1024, 1);
        Assert.Contains("2^49", Assert.Throws<ArgumentException>(() => encoder.Encode(Enumerable.Repeat(600.0, 4096).ToArray(), plaintext, 1L << 40, 0)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => encoder.Encode(Enumerable.Repeat(4.0, 4096).ToArray(), plaintext, Math.ScaleB(1, 97), 2));
        foreach (var bad in new[] { double.NaN, double.PositiveInfinity, double.MaxValue })
            Assert.Throws<ArgumentException>(() => encoder.Encode([1, bad], plaintext, 1L << 40, 2));
        Assert.Throws<ArgumentException>(() => encoder.Encode(new double[4097], plaintext, 1L << 40, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Encode([1.0], plaintext, 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Encode([1.0], plaintext, 1L << 40, 3));
        Assert.Equal((1, 1024.0), (plaintext.Level, plaintext.Scale));
    }

    [Fact]
    public void Every_path_encodes_and_decodes_the_same_bits()
    {
        Prop.ForAll(
            Gen.Choose(1, int.MaxValue).ToArbitrary(),
            seed =>
            {
                double[]? encoded = null;
                Complex[]? decoded = null;
                foreach (var degree in new[] { 2048, 4096 })
                {
                    (encoded, decoded) = (null, null);
                    foreach (var path in VectorPaths.Supported)
                    {
                        var context = new CkksContext(new LatticeContext(LatticeParameters.Create(degree, degree / 2048, 45), path));
                        var encoder = new CkksEncoder(context);
                        using var plaintext = new CkksPlaintext(context);
                        encoder.Encode(RandomSlots(new TestVectors((ulong)seed), degree / 2), plaintext, 1L << 35, 0);
                        var slots = new Complex[degree / 2];
                        encoder.Decode(plaintext, slots);
                        encoded ??= plaintext.Polynomial.ToArray();
                        decoded ??= slots;
                        TransformTests.AssertSameBits(encoded, plaintext.Polynomial);
                        Assert.Equal(decoded, slots);
                    }
                }
            }).Search(5);
    }

    internal static Complex[] RandomSlots(TestVectors vectors, int count)
    {
        var slots = new Complex[count];
        for (var k = 0; k < count; k++)
            slots[k] = new Complex(vectors.Within(1L << 40), vectors.Within(1L << 40)) / (1L << 40);
        return slots;
    }
}
