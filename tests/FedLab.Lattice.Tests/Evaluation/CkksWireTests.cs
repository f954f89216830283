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

    public void Dispose() => _key.Dispose();

    private static KeySwitchKey Key(GaloisKeys keys, int element) => keys.TryGet(element, out var key) ? key : throw new InvalidOperationException();

    private static byte[] Written(Action<IBufferWriter<byte>> write)
    {
        var writer = new ArrayBufferWriter<byte>();
        write(writer);
        return writer.WrittenSpan.ToArray();
    }
}
