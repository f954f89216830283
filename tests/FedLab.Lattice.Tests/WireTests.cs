using System.Buffers;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

public class WireTests
{
    private static readonly LatticeContext Context = new(LatticeParameters.Create(4096, NttPrimes.Largest(4096, 1, 50).Concat(NttPrimes.Largest(4096, 1, 37)).ToArray()));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(37)]
    [InlineData(50)]
    [InlineData(51)]
    [InlineData(52)]
    public void Packed_integers_are_the_documented_bit_string(int bits)
    {
        var vectors = new TestVectors(41);
        foreach (var count in new[] { 1, 2, 3, 8, 9, 61, 200 })
        {
            var values = new double[count];
            for (var i = 0; i < count; i++)
                values[i] = vectors.Next() >> (64 - bits);
            values[^1] = (1UL << bits) - 1;
            var split = vectors.Below(count + 1);
            var bytes = new byte[BitWriter.ByteCount(count, bits)];
            var writer = new BitWriter(bytes);
            writer.Write(values.AsSpan(0, split), bits);
            writer.Write(values.AsSpan(split), bits);

            var expected = new byte[(count * bits + 7) / 8];
            for (var bit = 0; bit < count * bits; bit++)
                expected[bit / 8] |= (byte)((((ulong)values[bit / bits] >> (bit % bits)) & 1) << (bit % 8));
            Assert.Equal(expected, bytes);

            var back = new double[count - split];
            Assert.True(BitReader.Read(bytes, (long)split * bits, bits, 1UL << bits, back));
            Assert.Equal(values.Skip(split), back);
            var integers = new long[count];
            BitReader.Read(bytes, 0, bits, integers);
            Assert.Equal(values.Select(value => (long)value), integers);
            Assert.True(BitReader.AreBelow(bytes, 0, bits, 1UL << bits, count));
            Assert.False(BitReader.AreBelow(bytes, 0, bits, (1UL << bits) - 1, count));
            Assert.True(BitReader.IsZeroFrom(bytes, (long)count * bits));
        }
    }

    [Fact]
    public void Ciphertexts_keys_and_answers_round_trip_in_one_or_many_segments()
    {
        using var key = SecretKey.Generate(Context);
        var publicKey = PublicKey.Generate(key);
        var ciphertext = new SymmetricEncryptor(key).Encrypt([1, -2, 3], 20);
        using var sum = new ProductAccumulator(Context);
        var answer = new FunctionPrivateResponder(publicKey).Respond(sum, 0, [5, 17, 0], 45);

        Assert.Equal(32 + 4096 * (50 + 37) / 8, SeededCiphertext.SerializedSize(Context));
        Assert.Equal(SeededCiphertext.SerializedSize(Context), PublicKey.SerializedSize(Context));
        Assert.Equal((4099 * 45 + 7) / 8, ScanAnswer.SerializedSize(4096, 3, 45));
        var ciphertextBytes = Bytes(ciphertext.Write);
        var publicKeyBytes = Bytes(publicKey.Write);
        var answerBytes = Bytes(answer.Write);
        Assert.Equal(SeededCiphertext.SerializedSize(Context), ciphertextBytes.Length);
        Assert.Equal(ScanAnswer.SerializedSize(4096, 3, 45), answerBytes.Length);
        foreach (var cut in new[] { 0, 1, 33, 1000 })
        {
            Assert.Equal(ciphertextBytes, Bytes(SeededCiphertext.Read(Segments(ciphertextBytes, cut), Context).Write));
            Assert.Equal(publicKeyBytes, Bytes(PublicKey.Read(Segments(publicKeyBytes, cut), Context).Write));
            Assert.Equal(answerBytes, Bytes(ScanAnswer.Read(Segments(answerBytes, cut), 4096, 3, 45).Write));
        }

        using var expanded = SeededCiphertext.Read(Segments(ciphertextBytes, 0), Context).Expand();
        var phase = WhiteBox.Phase(key, expanded.First, expanded.Second);
        Assert.Equal([1, -2, 3, 0], phase.Take(4).Select(value => (long)Math.Round((double)value / (1 << 20))));
        var read = PublicKey.Read(Segments(publicKeyBytes, 0), Context);
        TransformTests.AssertSameBits(publicKey.A, read.A);
        TransformTests.AssertSameBits(publicKey.B, read.B);
    }

    [Fact]
    public void A_residue_equal_to_its_prime_is_refused_and_one_below_is_not()
    {
        using var key = SecretKey.Generate(Context);
        var bytes = Bytes(new SymmetricEncryptor(key).Encrypt([], 0).Write);
        for (var prime = 0; prime < 2; prime++)
        {
            foreach (var position in new[] { 0, 1, 4095 })
            {
                var start = prime == 0 ? 32 : 32 + 4096 * 50 / 8;
                var bits = prime == 0 ? 50 : 37;
                var largest = SetBits(bytes, start * 8L + (long)position * bits, bits, Context.Parameters.Primes[prime] - 1);
                SeededCiphertext.Read(new(largest), Context).Expand().Dispose();
                var outside = SetBits(bytes, start * 8L + (long)position * bits, bits, Context.Parameters.Primes[prime]);
                Assert.Throws<LatticeFormatException>(() => SeededCiphertext.Read(new(outside), Context));
                Assert.Throws<LatticeFormatException>(() => PublicKey.Read(new(outside), Context));
                var most = SetBits(bytes, start * 8L + (long)position * bits, bits, (1UL << bits) - 1);
                Assert.Throws<LatticeFormatException>(() => SeededCiphertext.Read(new(most), Context));
            }
        }
    }

    [Fact]
    public void Mutated_cut_and_stretched_bytes_give_the_documented_exception_or_a_valid_object()
    {
        using var key = SecretKey.Generate(Context);
        var publicKey = PublicKey.Generate(key);
        var decryptor = new AnswerDecryptor(key);
        using var sum = new ProductAccumulator(Context);
        var positions = new[] { 5, 17, 0 };
        var ciphertextBytes = Bytes(new SymmetricEncryptor(key).Encrypt([1, 2, 3], 20).Write);
        var publicKeyBytes = Bytes(publicKey.Write);
        var answerBytes = Bytes(new FunctionPrivateResponder(publicKey).Respond(sum, 0, positions, 45).Write);
        var vectors = new TestVectors(42);
        var values = new long[3];
        var accepted = new int[3];
        for (var round = 0; round < 600; round++)
        {
            var kind = round % 3;
            var bytes = Mutate(kind == 0 ? ciphertextBytes : kind == 1 ? publicKeyBytes : answerBytes, vectors);
            var source = Segments(bytes, vectors.Below(100));
            try
            {
                switch (kind)
                {
                    case 0:
                        using (var expanded = SeededCiphertext.Read(source, Context).Expand())
                            AssertCanonical(expanded.First);
                        break;
                    case 1:
                        var read = PublicKey.Read(source, Context);
                        AssertCanonical(read.B);
                        Assert.Equal(bytes, Bytes(read.Write));
                        break;
                    default:
                        var answer = ScanAnswer.Read(source, 4096, 3, 45);
                        decryptor.Decrypt(answer, positions, 10, values);
                        Assert.Equal(bytes, Bytes(answer.Write));
                        break;
                }

                accepted[kind]++;
            }
            catch (LatticeFormatException)
            {
                // The documented refusal.
            }
        }

        Assert.All(accepted, count => Assert.InRange(count, 1, 199));
    }

    [Fact]
    public void Shapes_that_nobody_agreed_on_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ScanAnswer.SerializedSize(4096, 0, 45));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScanAnswer.SerializedSize(4096, 4097, 45));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScanAnswer.SerializedSize(4096, 8, 53));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScanAnswer.SerializedSize(4096, 8, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScanAnswer.SerializedSize(int.MaxValue, 8, 45));
    }

    internal static byte[] Bytes(Action<IBufferWriter<byte>> write)
    {
        var writer = new ArrayBufferWriter<byte>();
        write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static void AssertCanonical(ReadOnlySpan<double> polynomial)
    {
        for (var i = 0; i < polynomial.Length; i++)
            Assert.InRange(polynomial[i], 0, Context.Parameters.Primes[i / 4096] - 1);
    }

    private static byte[] Mutate(byte[] original, TestVectors vectors)
    {
        var bytes = (byte[])original.Clone();
        switch (vectors.Below(4))
        {
            case 0:
                return bytes[..vectors.Below(bytes.Length)];
            case 1:
                return [.. bytes, (byte)vectors.Next()];
            default:
                for (var i = 1 + vectors.Below(3); i > 0; i--)
                    bytes[vectors.Below(bytes.Length)] ^= (byte)(1 << vectors.Below(8));
                if (vectors.Below(4) == 0)
                    bytes[^1] = 0xFF;
                return bytes;
        }
    }

    private static byte[] SetBits(byte[] original, long first, int bits, ulong value)
    {
        var bytes = (byte[])original.Clone();
        for (var i = 0; i < bits; i++)
        {
            var bit = first + i;
            bytes[bit / 8] = (byte)((bytes[bit / 8] & ~(1 << (int)(bit % 8))) | (int)((value >> i) & 1) << (int)(bit % 8));
        }

        return bytes;
    }

    internal static ReadOnlySequence<byte> Segments(byte[] bytes, int cut)
    {
        if (cut <= 0 || cut >= bytes.Length)
            return new ReadOnlySequence<byte>(bytes);
        var first = new Segment(bytes.AsMemory(0, cut), 0);
        return new ReadOnlySequence<byte>(first, 0, first.Append(bytes.AsMemory(cut)), bytes.Length - cut);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
