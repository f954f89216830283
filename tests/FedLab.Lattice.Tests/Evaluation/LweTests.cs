using System.Numerics;
using FedLab.Lattice.Evaluation;

namespace FedLab.Lattice.Tests.Evaluation;

public class LweTests
{
    private static readonly CkksContext Context = new(LatticeParameters.Create(4096, 3, 35));

    /// <summary>8.8 deviations of a key switch's coefficient error, digits, rounding, and the doublings of the packing of k answers a ciphertext.</summary>
    private static double PackingNoise(int answersPerCiphertext)
    {
        double degree = Context.Degree;
        var keySwitch = Math.Sqrt((3.2 * 3.2 * degree * Context.DataPrimes / 3) + (degree / 18));
        return 8.8 * keySwitch * degree / answersPerCiphertext / Math.Sqrt(3);
    }

    [Fact]
    public void Every_coefficient_can_be_extracted()
    {
        using var key = SecretKey.Generate(Context.Lattice);
        using var plaintext = new CkksPlaintext(Context);
        using var ciphertext = new CkksCiphertext(Context);
        using var sample = new LweSample(Context);
        var extraction = new LweExtraction(Context);
        var message = CkksOracle.Small(new TestVectors(1), Context.Degree, 1L << 45);
        foreach (var level in new[] { 1, 0 })
        {
            var scale = level == 1 ? 1L << 20 : 1L << 5;
            var scaled = message.Select(value => value >> (level == 1 ? 0 : 15)).ToArray();
            CkksOracle.Write(plaintext, scaled, level, scale);
            new CkksEncryptor(Context, key).Encrypt(plaintext, ciphertext);
            foreach (var coefficient in new[] { 0, 1, 2, 2047, 2048, 4095 })
            {
                extraction.Extract(ciphertext, coefficient, sample);
                Assert.Equal((level, (double)scale), (sample.Level, sample.Scale));
                Assert.Equal((double)scaled[coefficient] / scale, sample.Decrypt(key), 29.5 / scale);
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => extraction.Extract(ciphertext, 4096, sample));
        using var other = SecretKey.Generate(new LatticeContext(Context.Lattice.Parameters));
        Assert.Throws<ArgumentException>(() => sample.Decrypt(other));
    }

    [Fact]
    public void The_sum_of_all_slots_is_one_sample()
    {
        using var key = SecretKey.Generate(Context.Lattice);
        using var plaintext = new CkksPlaintext(Context);
        using var ciphertext = new CkksCiphertext(Context);
        using var sample = new LweSample(Context);
        var slots = CkksEncoderTests.RandomSlots(new TestVectors(2), Context.SlotCount);
        var scale = Math.ScaleB(1, 45);
        new CkksEncoder(Context).Encode(slots, plaintext, scale, 1);
        new CkksEncryptor(Context, key).Encrypt(plaintext, ciphertext);
        new LweExtraction(Context).ExtractSum(ciphertext, sample);
        Assert.Equal(slots.Sum(slot => slot.Real), sample.Decrypt(key), 30 * Context.SlotCount / scale);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(16)]
    public void Samples_are_packed_at_even_distances_and_the_rest_cancels(int count)
    {
        using var key = SecretKey.Generate(Context.Lattice);
        var packing = new RingPacking(Context, GaloisKeys.Generate(Context, key, RingPacking.Elements(Context)));
        using var plaintext = new CkksPlaintext(Context);
        using var ciphertext = new CkksCiphertext(Context);
        using var packed = new CkksCiphertext(Context);
        var message = CkksOracle.Small(new TestVectors(3), Context.Degree, 1L << 60);
        CkksOracle.Write(plaintext, message, 1, 1L << 40);
        new CkksEncryptor(Context, PublicKey.Generate(key)).Encrypt(plaintext, ciphertext);
        var samples = Enumerable.Range(0, count).Select(_ => new LweSample(Context)).ToArray();
        for (var i = 0; i < count; i++)
            new LweExtraction(Context).Extract(ciphertext, (i * 977) % Context.Degree, samples[i]);
        packing.Pack(samples, packed);
        new CkksDecryptor(Context, key).Decrypt(packed, plaintext);
        var result = CkksOracle.Read(Context, plaintext.Polynomial);
        var expected = new BigInteger[Context.Degree];
        for (var i = 0; i < count; i++)
            expected[i * packing.Spacing(count)] = message[(i * 977) % Context.Degree];
        Assert.Equal(Context.Degree / (int)BitOperations.RoundUpToPowerOf2((uint)count), packing.Spacing(count));
        Assert.InRange(CkksOracle.Distance(expected, result), 1, PackingNoise(1));
        foreach (var sample in samples)
            sample.Dispose();
    }

    [Theory]
    [InlineData(4, 3)]
    [InlineData(16, 8)]
    [InlineData(1, 2)]
    public void Answers_of_the_integer_encoding_are_packed_several_a_ciphertext(int answers, int count)
    {
        // The scan's shape: answers at rows - 1, 2·rows - 1, … of each product, partial sums everywhere else; only data primes matter.
        using var key = SecretKey.Generate(Context.Lattice);
        var encryptor = new SymmetricEncryptor(key);
        const int scaleBits = 40;
        var rows = Context.Degree / answers;
        var vectors = new TestVectors(4);
        var values = Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, Context.Degree).Select(_ => vectors.Within(1 << 20)).ToArray()).ToArray();
        var ciphertexts = values.Select(value => encryptor.Encrypt(value, scaleBits).Expand()).ToArray();
        var packing = new RingPacking(Context, GaloisKeys.Generate(Context, key, RingPacking.Elements(Context, answers)), answers);
        using var packed = new CkksCiphertext(Context);
        packed.Shape(2, 1, Math.ScaleB(1, scaleBits));
        packing.Pack(
            count,
            rows - 1,
            1,
            (index, first, second) =>
            {
                ciphertexts[index].First[..first.Length].CopyTo(first);
                ciphertexts[index].Second[..second.Length].CopyTo(second);
            },
            packed.Polynomial(0),
            packed.Polynomial(1));
        using var plaintext = new CkksPlaintext(Context);
        new CkksDecryptor(Context, key).Decrypt(packed, plaintext);
        var result = CkksOracle.Read(Context, plaintext.Polynomial);
        var inputs = (int)BitOperations.RoundUpToPowerOf2((uint)count);
        var expected = new BigInteger[Context.Degree];
        for (var i = 0; i < count; i++)
        {
            for (var r = 0; r < answers; r++)
                expected[((r * inputs) + i) * packing.Spacing(count)] = (BigInteger)values[i][rows - 1 + (r * rows)] << scaleBits;
        }

        Assert.InRange(CkksOracle.Distance(expected, result), 1, PackingNoise(answers));
        foreach (var ciphertext in ciphertexts)
            ciphertext.Dispose();
    }

    [Fact]
    public void A_packing_says_what_it_misses()
    {
        using var key = SecretKey.Generate(Context.Lattice);
        var keys = GaloisKeys.Generate(Context, key, RingPacking.Elements(Context).Skip(1));
        Assert.Contains("element 3", Assert.Throws<ArgumentException>(() => new RingPacking(Context, keys)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RingPacking(Context, keys, 3));
        var packing = new RingPacking(Context, keys, 2);
        Assert.Equal(12 - 1, RingPacking.Elements(Context, 2).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => packing.Spacing(2049));
        using var sample = new LweSample(Context);
        using var target = new CkksCiphertext(Context);
        Assert.Throws<ArgumentException>(() => packing.Pack([sample], target));
    }
}
