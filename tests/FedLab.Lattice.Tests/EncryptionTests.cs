using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

public class EncryptionTests
{
    private static readonly LatticeContext Context = new(LatticeParameters.Create(4096, 2, 50));

    [Fact]
    public void Integers_of_the_whole_range_come_back_with_a_fresh_error()
    {
        using var key = SecretKey.Generate(Context);
        var encryptor = new SymmetricEncryptor(key);
        var vectors = new TestVectors(51);
        foreach (var (scaleBits, largest) in new[] { (35, long.MaxValue), (10, long.MaxValue), (0, 1L << 40), (95, 7L), (60, 1L << 38) })
        {
            var message = new long[4096];
            for (var i = 0; i < message.Length; i++)
                message[i] = vectors.Within(largest);
            (message[0], message[1], message[2]) = (largest, -largest, 0);
            using var ciphertext = encryptor.Encrypt(message, scaleBits).Expand();
            var phase = WhiteBox.Phase(key, ciphertext.First, ciphertext.Second);
            var errors = new double[4096];
            for (var i = 0; i < message.Length; i++)
            {
                var error = phase[i] - (new BigInteger(message[i]) << scaleBits);
                Assert.True(BigInteger.Abs(error) <= GaussianSampler.TailCut);
                errors[i] = (double)error;
            }

            // Variance 10.24 with a standard error of 10.24·√(2/4096): eight of them, which a right sampler exceeds with a chance of 3·10^-14
            // (a square's mean leans upwards: at six it would be 4·10^-9).
            Assert.InRange(errors.Average(error => error * error), 10.24 - 1.81, 10.24 + 1.81);
        }
    }

    [Fact]
    public void Coefficients_that_do_not_fit_are_refused()
    {
        using var key = SecretKey.Generate(Context);
        var encryptor = new SymmetricEncryptor(key);
        Assert.Throws<ArgumentException>(() => encryptor.Encrypt(new long[4097], 0));
        Assert.Throws<ArgumentException>(() => encryptor.Encrypt([long.MinValue], 36));
        Assert.Throws<ArgumentException>(() => encryptor.Encrypt([1], 99));
        Assert.Throws<ArgumentException>(() => encryptor.Encrypt([1], int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => encryptor.Encrypt([1], -1));
        encryptor.Encrypt([-1], 97);
    }

    [Fact]
    public void Two_encryptions_never_share_a_seed_or_an_error()
    {
        using var key = SecretKey.Generate(Context);
        var encryptor = new SymmetricEncryptor(key);
        var forms = Enumerable.Range(0, 300).Select(_ => WireTests.Bytes(encryptor.Encrypt([1, 2, 3], 20).Write)).ToArray();
        Assert.Equal(forms.Length, forms.Select(form => Convert.ToHexString(form.AsSpan(0, 32))).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(forms.Length, forms.Select(form => Convert.ToHexString(form.AsSpan(32, 64))).Distinct(StringComparer.Ordinal).Count());
        var publicKeys = Enumerable.Range(0, 10).Select(_ => Convert.ToHexString(WireTests.Bytes(PublicKey.Generate(key).Write).AsSpan(0, 32))).ToArray();
        Assert.Equal(publicKeys.Length, publicKeys.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Ciphertexts_of_equal_messages_look_uniform()
    {
        // Without the key c0 is as uniform as c1: 64 cells of the residues of one prime.
        using var key = SecretKey.Generate(Context);
        var encryptor = new SymmetricEncryptor(key);
        var counts = new double[64];
        const int ciphertexts = 40;
        for (var i = 0; i < ciphertexts; i++)
        {
            using var ciphertext = encryptor.Encrypt([], 0).Expand();
            foreach (var residue in ciphertext.First[..4096])
                counts[(int)((UInt128)(ulong)residue * 64 / Context.Parameters.Primes[0])]++;
        }

        ChiSquare.AssertUniform(counts);
    }

    [Fact]
    public void A_disposed_key_is_zero_and_refuses_work()
    {
        var key = SecretKey.Generate(Context);
        var encryptor = new SymmetricEncryptor(key);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key));
        using var sum = new ProductAccumulator(Context);
        var answer = responder.Respond(sum, 1, [0], 40);
        var evaluation = key.Evaluation;
        var rotations = key.Rotations;
        Assert.Contains(1L, rotations.ToArray());
        Assert.Contains(-1L, rotations.ToArray());
        Assert.True(evaluation.ContainsAnyExcept(0.0));

        using (key.Use())
        {
            key.Dispose();
            Assert.Throws<ObjectDisposedException>(() => encryptor.Encrypt([1], 0));

            // An operation under way keeps the key intact: zeroed halfway it would send the message in the clear.
            Assert.True(evaluation.ContainsAnyExcept(0.0));
        }

        Assert.False(evaluation.ContainsAnyExcept(0.0));
        Assert.False(rotations.ContainsAnyExcept(0L));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => encryptor.Encrypt([1], 0));
        Assert.Throws<ObjectDisposedException>(() => PublicKey.Generate(key));
        Assert.Throws<ObjectDisposedException>(() => new AnswerDecryptor(key).Decrypt(answer, [0], 0, new long[1]));
        Assert.Throws<ObjectDisposedException>(() => key.Use());
    }

    [Fact]
    public void A_public_key_encrypts_zero_under_its_secret()
    {
        using var key = SecretKey.Generate(Context);
        var publicKey = PublicKey.Generate(key);
        var phase = WhiteBox.Phase(key, publicKey.B, publicKey.A);
        Assert.All(phase, error => Assert.True(BigInteger.Abs(error) <= GaussianSampler.TailCut));
        Assert.Contains(phase, error => !error.IsZero);
        using var other = SecretKey.Generate(Context);
        Assert.Contains(WhiteBox.Phase(other, publicKey.B, publicKey.A), error => BigInteger.Abs(error) > BigInteger.Pow(2, 90));
    }

    [Fact]
    public void Composition_is_the_Chinese_remainder_theorem()
    {
        var vectors = new TestVectors(52);
        var modulus = Context.Parameters.Modulus;
        for (var i = 0; i < 200; i++)
        {
            var value = (new BigInteger(vectors.Next()) << 40) + vectors.Next();
            value = (i % 2 == 0 ? value : -value) % (modulus / 2);
            Assert.Equal(value, Context.Compose([(double)(value % Context.Parameters.Primes[0]), (double)(value % Context.Parameters.Primes[1])]));
        }
    }
}
