using System.Buffers;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests.Evaluation;

public sealed class CkksWireTests : IDisposable
{
    private static readonly CkksContext Context = new(LatticeParameters.Create(4096, [.. NttPrimes.Largest(4096, 1, 37), .. NttPrimes.Largest(4096, 2, 33)]));
    private readonly SecretKey _key = SecretKey.Generate(Context.Lattice);

    [Fact]
    public void Keys_that_were_written_and_read_switch_to_the_same_bits()
    {
        var relinearisation = RelinearisationKey.Generate(Context, _key);
        var galois = GaloisKeys.Generate(Context, _key, [Context.ConjugationElement, 3]);
        var bytes = Written(relinearisation.Write);
        Assert.Equal(32 + (2 * 4096 * (37 + 33 + 33) / 8), bytes.Length);
        var relinearisationRead = RelinearisationKey.Read(new ReadOnlySequence<byte>(bytes), Context);
        var galoisBytes = Written(galois.Write);
        var galoisRead = GaloisKeys.Read(new ReadOnlySequence<byte>(galoisBytes), Context, [3, Context.ConjugationElement]);
        Assert.Equal([3, Context.ConjugationElement], galoisRead.Elements.Order());
        foreach (var (left, right) in new[] { (relinearisation.Key, relinearisationRead.Key), (Key(galois, 3), Key(galoisRead, 3)), (Key(galois, 8191), Key(galoisRead, 8191)) })
        {
            for (var digit = 0; digit < 2; digit++)
            {
                Assert.True(left.A(digit).SequenceEqual(right.A(digit)));
                Assert.True(left.B(digit).SequenceEqual(right.B(digit)));
            }

            Assert.False(left.A(0).SequenceEqual(left.A(1)));
        }

        Assert.Throws<LatticeFormatException>(() => RelinearisationKey.Read(new ReadOnlySequence<byte>(bytes.AsMemory(1)), Context));
        Assert.Throws<LatticeFormatException>(() => GaloisKeys.Read(new ReadOnlySequence<byte>(galoisBytes), Context, [3]));
        bytes.AsSpan(^40..).Fill(0xFF);
        Assert.Contains(Context.Tables[2].Prime.ToString(System.Globalization.CultureInfo.InvariantCulture), Assert.Throws<LatticeFormatException>(() => RelinearisationKey.Read(new ReadOnlySequence<byte>(bytes), Context)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new KeySwitchKey(Context).Write(new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void Ciphertexts_round_trip_and_damaged_ones_are_refused()
    {
        using var plaintext = new CkksPlaintext(Context);
        using var ciphertext = new CkksCiphertext(Context);
        using var product = new CkksCiphertext(Context, 3);
        new CkksEncoder(Context).Encode([1.5, -2], plaintext, 1L << 25, 1);
        new CkksEncryptor(Context, PublicKey.Generate(_key)).Encrypt(plaintext, ciphertext);
        new CkksEvaluator(Context).Multiply(ciphertext, ciphertext, product);
        foreach (var original in new[] { ciphertext, product })
        {
            var bytes = Written(original.Write);
            Assert.Equal(CkksCiphertext.SerializedSize(Context, original.Size, 1), bytes.Length);
            using var read = CkksCiphertext.Read(new ReadOnlySequence<byte>(bytes), Context);
            Assert.Equal((original.Size, original.Level, original.Scale), (read.Size, read.Level, read.Scale));
            for (var i = 0; i < original.Size; i++)
                Assert.True(original.Polynomial(i).SequenceEqual(read.Polynomial(i)));
            foreach (var (position, value) in new[] { (0, 1), (0, 4), (0, original.Size ^ 1), (1, 2), (1, 0), (9, 0x80), (9, 0x7F), (bytes.Length, 0) })
            {
                var damaged = (byte[])bytes.Clone();
                if (position == bytes.Length)
                    damaged.AsSpan(10, 8).Fill(0xFF);
                else
                    damaged[position] = (byte)value;
                if (position == 9)
                    damaged[8] = 0xF0;
                Assert.Throws<LatticeFormatException>(() => CkksCiphertext.Read(new ReadOnlySequence<byte>(damaged), Context));
            }

            foreach (var length in new[] { 0, 9, 10, bytes.Length - 1 })
                Assert.Throws<LatticeFormatException>(() => CkksCiphertext.Read(new ReadOnlySequence<byte>(bytes.AsMemory(0, length)), Context));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_seeded_ciphertext_travels_at_half_the_size(int level)
    {
        using var plaintext = new CkksPlaintext(Context);
        using var expanded = new CkksCiphertext(Context, 3);
        var encoder = new CkksEncoder(Context);
        encoder.Encode([1.5, -2], plaintext, 1L << 25, level);
        var bytes = Written(new CkksEncryptor(Context, _key).EncryptSeeded(plaintext).Write);
        Assert.Equal(41 + (4096 * (37 + (33 * level)) / 8), bytes.Length);
        Assert.Equal(SeededCkksCiphertext.SerializedSize(Context, level), bytes.Length);
        SeededCkksCiphertext.Read(new ReadOnlySequence<byte>(bytes), Context).Expand(expanded);
        Assert.Equal((2, level, (double)(1L << 25)), (expanded.Size, expanded.Level, expanded.Scale));
        new CkksDecryptor(Context, _key).Decrypt(expanded, plaintext);
        var slots = new double[2];
        encoder.Decode(plaintext, slots);
        Assert.Equal(1.5, slots[0], 1e-4);
        Assert.Equal(-2, slots[1], 1e-4);
        Assert.Throws<InvalidOperationException>(() => new CkksEncryptor(Context, PublicKey.Generate(_key)).EncryptSeeded(plaintext));
        foreach (var length in new[] { 0, 8, 9, bytes.Length - 1 })
            Assert.Throws<LatticeFormatException>(() => SeededCkksCiphertext.Read(new ReadOnlySequence<byte>(bytes.AsMemory(0, length)), Context));
        bytes.AsSpan(^20..).Fill(0xFF);
        Assert.Throws<LatticeFormatException>(() => SeededCkksCiphertext.Read(new ReadOnlySequence<byte>(bytes), Context));
        bytes[0] = 2;
        Assert.Throws<LatticeFormatException>(() => SeededCkksCiphertext.Read(new ReadOnlySequence<byte>(bytes), Context));
    }

    [Fact]
    public void Mutated_bytes_give_a_valid_object_or_the_documented_exception()
    {
        // Small objects, so that a hundred thousand cases fit: two primes, level 0.
        var context = new CkksContext(LatticeParameters.Create(2048, 2, 25));
        using var key = SecretKey.Generate(context.Lattice);
        using var ciphertext = new CkksCiphertext(context);
        using var plaintext = new CkksPlaintext(context);
        new CkksEncoder(context).Encode([1.0], plaintext, 1 << 10, 0);
        new CkksEncryptor(context, key).Encrypt(plaintext, ciphertext);
        var valid = Written(ciphertext.Write);
        var validKey = Written(RelinearisationKey.Generate(context, key).Write);
        var vectors = new TestVectors(61);
        var (accepted, refused) = (0, 0);
        for (var round = 0; round < 100_000; round++)
        {
            var isKey = round % 10 == 0;
            var bytes = Mutate(vectors, isKey ? validKey : valid);
            try
            {
                if (isKey)
                {
                    var read = RelinearisationKey.Read(new ReadOnlySequence<byte>(bytes), context).Key;
                    Assert.Equal(bytes, Written(read.Write));
                }
                else
                {
                    using var read = CkksCiphertext.Read(new ReadOnlySequence<byte>(bytes), context);
                    for (var i = 0; i < read.Size; i++)
                    {
                        var largest = 0.0;
                        foreach (var residue in read.Polynomial(i))
                            largest = Math.Max(largest, residue);
                        Assert.InRange(largest, 0, context.Tables[0].Modulus - 1);
                    }
                }

                accepted++;
            }
            catch (LatticeFormatException)
            {
                refused++;
            }
        }

        Assert.True(accepted > 1000 && refused > 1000, $"{accepted} accepted, {refused} refused");
    }

    public void Dispose() => _key.Dispose();

    private static KeySwitchKey Key(GaloisKeys keys, int element) => keys.TryGet(element, out var key) ? key : throw new InvalidOperationException();

    /// <summary>Bits flipped, bytes overwritten at the start, cut, extended or left as they are.</summary>
    private static byte[] Mutate(TestVectors vectors, byte[] valid)
    {
        var bytes = vectors.Below(8) switch
        {
            0 => valid[..vectors.Below(valid.Length)],
            1 => [.. valid, .. new byte[1 + vectors.Below(20)]],
            _ => (byte[])valid.Clone(),
        };
        for (var flips = vectors.Below(4); flips > 0 && bytes.Length > 0; flips--)
            bytes[vectors.Below(bytes.Length)] ^= (byte)(1 << vectors.Below(8));
        if (vectors.Below(4) == 0 && bytes.Length > 0)
            bytes[vectors.Below(Math.Min(10, bytes.Length))] = (byte)vectors.Next();
        return bytes;
    }

    private static byte[] Written(Action<IBufferWriter<byte>> write)
    {
        var writer = new ArrayBufferWriter<byte>();
        write(writer);
        return writer.WrittenSpan.ToArray();
    }
}
