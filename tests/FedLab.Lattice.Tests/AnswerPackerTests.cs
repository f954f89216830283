using System.Buffers;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

/// <summary>Answers of many groups in one ciphertext: the same integers, a c1 for all of them, and nothing but the numbers.</summary>
public sealed class AnswerPackerTests
{
    private const int Degree = 8192;
    private const int ScaleBits = 57;
    private const int AnswerBits = 46;

    private static readonly ulong[] Primes = [.. NttPrimes.Largest(Degree, 2, 46), NttPrimes.Largest(Degree, 1, 50)[0]];
    private static readonly LatticeContext Data = new(LatticeParameters.Create(Degree, Primes[..2]));
    private static readonly CkksContext Ring = new(LatticeParameters.Create(Degree, Primes));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 5)]
    [InlineData(2, 16)]
    [InlineData(8, 11)]
    [InlineData(64, 128)]
    public void Packed_numbers_are_those_that_unpacked_answers_decrypt_to(int answersPerGroup, int groups)
    {
        using var secrets = SecretKey.Generate(Ring.Lattice, 2);
        using var key = secrets.Select(Data, 0, 2);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key));
        var packer = new AnswerPacker(Data, Ring, [Keys(secrets, 0, answersPerGroup), Keys(secrets, 1, answersPerGroup)], answersPerGroup);
        int[] coefficients = [.. Enumerable.Range(1, answersPerGroup).Select(j => (j * Degree / answersPerGroup) - 1)];
        var random = new TestVectors((ulong)groups);
        ReadOnlyMemory<long>[] messages = [.. Enumerable.Range(0, 2).Select(_ => (ReadOnlyMemory<long>)Enumerable.Range(0, Degree / answersPerGroup).Select(_ => random.Within(1 << 18)).ToArray())];
        using var ciphertext = new SymmetricEncryptor(key).EncryptTogether(messages, ScaleBits).Expand();
        var plaintext = new double[Data.PolynomialLength];
        var bound = NoiseBound.SubsetSum(Degree);
        var answers = new List<RandomisedAnswer>();
        var expected = new long[2, groups * answersPerGroup];
        for (var group = 0; group < groups; group++)
        {
            using var sum = new ProductAccumulator(Data, 2);
            Data.TransformSmall(random.Bits(Degree), plaintext);
            ProductAccumulator.MultiplyAccumulate(plaintext, [ciphertext], [sum]);
            var plain = new long[2 * answersPerGroup];
            new AnswerDecryptor(key).Decrypt(responder.Respond(sum, bound, coefficients, AnswerBits), coefficients, ScaleBits, plain);
            for (var i = 0; i < plain.Length; i++) expected[i / answersPerGroup, (group * answersPerGroup) + (i % answersPerGroup)] = plain[i];
            answers.Add(responder.Randomise(sum, 2, First(sum, coefficients), bound, coefficients));
        }

        var positions = AnswerPacker.Positions(Degree, answersPerGroup, groups);
        for (var message = 0; message < 2; message++)
        {
            var packed = packer.Pack(answers, message, AnswerBits);
            Assert.Equal(ScanAnswer.SerializedSize(Degree, positions.Length, AnswerBits), Bytes(packed).Length);
            using var own = secrets.Select(Data, message, 1);
            var values = new long[positions.Length];
            var noise = new double[positions.Length];
            new AnswerDecryptor(own).Decrypt(packed, positions, ScaleBits, values, noise);

            Assert.Equal(Enumerable.Range(0, values.Length).Select(i => expected[message, i]), values);
        }

        answers.ForEach(answer => answer.Dispose());
    }

    [Fact]
    public void Packing_adds_less_noise_than_it_says()
    {
        using var secrets = SecretKey.Generate(Ring.Lattice);
        using var key = secrets.Select(Data, 0, 1);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key));
        foreach (var (k, groups) in ((int, int)[])[(1, 32), (16, 64)])
        {
            var packer = new AnswerPacker(Data, Ring, [Keys(secrets, 0, k)], k);
            int[] coefficients = [.. Enumerable.Range(1, k).Select(j => (j * Degree / k) - 1)];
            using var empty = new ProductAccumulator(Data, 0);
            var answers = Enumerable.Range(0, groups).Select(_ => responder.Randomise(empty, 1, new long[2 * k], 1, coefficients)).ToList();
            var values = new long[groups * k];
            var packedNoise = new double[values.Length];
            // A scale so large that the noise is all there is: what differs from the unpacked answers is the packing's.
            var unit = (double)(Data.Parameters.Modulus >> ScanAnswer.MaximumModulusBits);
            new AnswerDecryptor(key).Decrypt(packer.Pack(answers, 0, ScanAnswer.MaximumModulusBits), AnswerPacker.Positions(Degree, k, groups), 90, values, packedNoise);
            var largest = 0.0;
            for (var group = 0; group < groups; group++)
            {
                var single = new long[k];
                var noise = new double[k];
                new AnswerDecryptor(key).Decrypt(answers[group].Switch(ScanAnswer.MaximumModulusBits), coefficients, 90, single, noise);
                for (var j = 0; j < k; j++) largest = Math.Max(largest, Math.Abs(packedNoise[(group * k) + j] - noise[j]) * unit);
            }

            var rounding = 2 * NoiseBound.ModulusSwitch(Degree, 2) * unit;
            Assert.InRange(largest, 0, AnswerPacker.Noise(Ring.Lattice.Parameters, k) + rounding);
            answers.ForEach(answer => answer.Dispose());
        }
    }

    [Fact]
    public void What_does_not_belong_together_is_refused()
    {
        using var secrets = SecretKey.Generate(Ring.Lattice, 2);
        using var key = secrets.Select(Data, 0, 2);
        var keys = Keys(secrets, 0, 2);
        var other = new LatticeContext(LatticeParameters.Create(Degree, [Primes[1], Primes[0]]));

        Assert.Throws<ArgumentException>(() => new AnswerPacker(other, Ring, [keys], 2));
        Assert.Throws<ArgumentException>(() => new AnswerPacker(Data, Ring, [keys], 1));
        Assert.Throws<ArgumentException>(() => secrets.Select(other, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => secrets.Select(Data, 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => AnswerPacker.Positions(Degree, 2, AnswerPacker.MaximumGroups + 1));
        var packer = new AnswerPacker(Data, Ring, [keys], 2);
        using var empty = new ProductAccumulator(Data, 0);
        using var answer = new FunctionPrivateResponder(PublicKey.Generate(key)).Randomise(empty, 1, new long[2], 1, [Degree - 1]);
        Assert.Throws<ArgumentException>(() => packer.Pack([answer], 0, AnswerBits));
        Assert.Throws<ArgumentOutOfRangeException>(() => packer.Pack([answer], 1, AnswerBits));
    }

    private static GaloisKeys Keys(SecretKey secrets, int secret, int answersPerGroup)
    {
        using var single = secrets.Select(Ring.Lattice, secret, 1);
        return GaloisKeys.Generate(Ring, single, RingPacking.Elements(Ring, answersPerGroup));
    }

    private static long[] First(ProductAccumulator sum, int[] coefficients)
    {
        var whole = sum.CopyCoefficients();
        var primes = Data.Tables.Length;
        var first = new long[2 * coefficients.Length * primes];
        for (var i = 0; i < first.Length; i++)
        {
            var (message, answer, prime) = (i / primes / coefficients.Length, i / primes % coefficients.Length, i % primes);
            first[i] = (long)whole[(message * Data.PolynomialLength) + (prime * Degree) + coefficients[answer]];
        }

        return first;
    }

    private static byte[] Bytes(ScanAnswer answer)
    {
        var writer = new ArrayBufferWriter<byte>();
        answer.Write(writer);
        return writer.WrittenSpan.ToArray();
    }
}
