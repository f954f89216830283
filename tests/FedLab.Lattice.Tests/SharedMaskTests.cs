using System.Buffers;

namespace FedLab.Lattice.Tests;

/// <summary>Several messages under one mask: each decrypts with its own secret, and the mask is computed on and sent once.</summary>
public sealed class SharedMaskTests
{
    private const int ScaleBits = 58;
    private const int AnswerBits = 50;

    private static readonly LatticeContext Context = new(LatticeParameters.Create(4096, 2, 48));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public void Inner_products_of_all_messages_are_exact(int messages)
    {
        using var key = SecretKey.Generate(Context, messages);
        var received = OverTheWire(PublicKey.Generate(key));
        const int blocks = 3;
        const int rowsPerBlock = 1024;
        int[] coefficients = [.. Enumerable.Range(1, 4096 / rowsPerBlock).Select(j => j * rowsPerBlock - 1)];
        using var sum = new ProductAccumulator(Context, messages);
        var expected = new long[messages * coefficients.Length];
        var plaintext = new double[Context.PolynomialLength];
        for (var block = 0; block < blocks; block++)
        {
            var values = Enumerable.Range(0, messages).Select(message => (ReadOnlyMemory<long>)Enumerable.Range(0, rowsPerBlock)
                .Select(row => (long)(row * 7919 + block * 104_729 + message * 31) % 4_000_037 - 2_000_018).ToArray()).ToArray();
            var bits = new double[4096];
            for (var candidate = 0; candidate < coefficients.Length; candidate++)
            {
                for (var row = 0; row < rowsPerBlock; row++)
                {
                    if ((row * 31 + candidate * 17 + block) % 3 == 0) continue;
                    bits[candidate * rowsPerBlock + rowsPerBlock - 1 - row] = 1;
                    for (var message = 0; message < messages; message++) expected[message * coefficients.Length + candidate] += values[message].Span[row];
                }
            }
            Context.TransformSmall(bits, plaintext);
            using var ciphertext = OverTheWire(new SymmetricEncryptor(key).EncryptTogether(values, ScaleBits)).Expand();
            ProductAccumulator.MultiplyAccumulate(plaintext, [ciphertext], [sum]);
        }

        var answer = new FunctionPrivateResponder(received).Respond(sum, NoiseBound.SubsetSum(blocks * 4096L), coefficients, AnswerBits);
        var decrypted = new long[expected.Length];
        new AnswerDecryptor(key).Decrypt(answer, coefficients, ScaleBits, decrypted);

        Assert.Equal(expected, decrypted);
    }

    [Fact]
    public void A_message_says_nothing_under_the_secret_of_another()
    {
        using var key = SecretKey.Generate(Context, 2);
        long[] first = [.. Enumerable.Range(0, 4096).Select(i => (long)i)];
        using var ciphertext = new SymmetricEncryptor(key).EncryptTogether([first, first], ScaleBits).Expand();
        var length = Context.PolynomialLength;

        // The same message under the same mask: without secrets of their own the two would be equal but for the errors.
        var difference = new double[length];
        for (var i = 0; i < length; i++) difference[i] = ciphertext.First[i] - ciphertext.First[length + i];
        Context.Reduce(difference);
        Context.Inverse(difference);

        var small = difference.AsSpan(0, 4096).ToArray().Count(value => Math.Abs(value) < Math.ScaleB(1, 40));

        // One uniform residue in 128 is so small: 32 are expected, and more than 100 come with a chance of 10^-21; under one secret all 4096 would be.
        Assert.InRange(small, 0, 100);
    }

    [Fact]
    public void More_messages_than_secrets_are_refused_everywhere()
    {
        using var key = SecretKey.Generate(Context, 2);
        using var three = new ProductAccumulator(Context, 3);
        using var two = new Ciphertext(Context, 2);

        Assert.Throws<ArgumentException>(() => new SymmetricEncryptor(key).EncryptTogether([new long[1], new long[1], new long[1]], 1));
        Assert.Throws<ArgumentException>(() => new SymmetricEncryptor(key).EncryptTogether([], 1));
        Assert.Throws<ArgumentException>(() => new FunctionPrivateResponder(PublicKey.Generate(key)).Respond(three, 1, [0], AnswerBits));
        Assert.Throws<ArgumentException>(() => ProductAccumulator.MultiplyAccumulate(new double[Context.PolynomialLength], [two], [three]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SecretKey.Generate(Context, SecretKey.MaximumMessages + 1));
        Assert.Throws<LatticeFormatException>(() => SeededCiphertext.Read(new ReadOnlySequence<byte>(new byte[SeededCiphertext.SerializedSize(Context, 2)]), Context, 3));
    }

    private static SeededCiphertext OverTheWire(SeededCiphertext ciphertext)
    {
        var writer = new ArrayBufferWriter<byte>();
        ciphertext.Write(writer);
        Assert.Equal(SeededCiphertext.SerializedSize(Context, ciphertext.Messages), writer.WrittenCount);
        return SeededCiphertext.Read(new ReadOnlySequence<byte>(writer.WrittenMemory), Context, ciphertext.Messages);
    }

    private static PublicKey OverTheWire(PublicKey key)
    {
        var writer = new ArrayBufferWriter<byte>();
        key.Write(writer);
        return PublicKey.Read(new ReadOnlySequence<byte>(writer.WrittenMemory), Context, key.Messages);
    }
}
