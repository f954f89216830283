using System.Buffers;
using System.Globalization;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Interop;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests.Interop;

public sealed class SealFormatTests : IDisposable
{
    private const double Scale = 1 << 20;
    private readonly SealSamples _samples = new(4096, 36, 35, 35);

    [Fact]
    public void Parameters_are_the_documented_bytes()
    {
        var bytes = SealSamples.Bytes(writer => SealFormat.Write(LatticeParameters.Create(4096, 2, 50), writer));
        const string expected =
            "5ea11004010000006900000000000000" + "02" + "0010000000000000" + "0200000000000000"
            + "5ea11004010000001800000000000000" + "01c0ffffffff0300"
            + "5ea11004010000001800000000000000" + "01c0fcffffff0300"
            + "5ea11004010000001800000000000000" + "0000000000000000";
        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
        Assert.Equal([1125899906826241, 1125899906629633], SealFormat.ReadParameters(SealSamples.Sequence(bytes)).Primes);
    }

    [Fact]
    public void Levels_have_the_names_that_SEAL_gives_them()
    {
        var parameters = LatticeParameters.Create(4096, 2, 50);
        var identifier = new byte[32];
        SealChain.Identify(parameters, 2, identifier);
        Assert.Equal("b15a45fbaed8cc4261769db4e143c91963150127d87eed973689edc76988757a", Convert.ToHexStringLower(identifier));
        Assert.Equal(2, SealChain.Find(parameters, 2, identifier));
        Assert.Equal(0, SealChain.Find(parameters, 1, identifier));
        SealChain.Identify(parameters, 1, identifier);
        Assert.Equal("cae27df3e725fe845a4026147fef44d63bbbf2a74f6d4068dd8b57b594fc48e7", Convert.ToHexStringLower(identifier));
        Assert.Equal(1, SealChain.Find(parameters, 2, identifier));
    }

    [Fact]
    public void Keys_plaintexts_and_ciphertexts_round_trip_whole_packed_and_in_pieces()
    {
        using var plaintext = _samples.Plaintext(1, Scale, 51);
        using var low = _samples.Plaintext(0, Scale, 52);
        using var ciphertext = _samples.Encrypt(plaintext);
        using var product = new CkksCiphertext(_samples.Context, capacity: 3);
        new CkksEvaluator(_samples.Context).Multiply(ciphertext, ciphertext, product);
        RoundTrip(writer => SealFormat.Write(_samples.Lattice.Parameters, writer), (source, writer) => SealFormat.Write(SealFormat.ReadParameters(source), writer));
        RoundTrip(writer => SealFormat.Write(_samples.Secret, writer), (source, writer) => Rewrite(SealFormat.ReadSecretKey(source, _samples.Lattice), SealFormat.Write, writer));
        RoundTrip(writer => SealFormat.Write(_samples.Public, writer), (source, writer) => SealFormat.Write(SealFormat.ReadPublicKey(source, _samples.Lattice), writer));
        RoundTrip(writer => SealFormat.Write(_samples.Relinearisation, writer), (source, writer) => SealFormat.Write(SealFormat.ReadRelinearisationKey(source, _samples.Context), writer));
        RoundTrip(writer => SealFormat.Write(_samples.Galois, writer), (source, writer) => SealFormat.Write(SealFormat.ReadGaloisKeys(source, _samples.Context), writer));
        foreach (var message in new[] { plaintext, low })
            RoundTrip(writer => SealFormat.Write(message, writer), (source, writer) => Rewrite(SealFormat.ReadPlaintext(source, _samples.Context), SealFormat.Write, writer));
        foreach (var encrypted in new[] { ciphertext, product })
            RoundTrip(writer => SealFormat.Write(encrypted, writer), (source, writer) => Rewrite(SealFormat.ReadCiphertext(source, _samples.Context), SealFormat.Write, writer));
    }

    [Fact]
    public void What_was_read_works_as_what_was_written()
    {
        using var secret = SealFormat.ReadSecretKey(SealSamples.Sequence(SealSamples.Bytes(writer => SealFormat.Write(_samples.Secret, writer))), _samples.Lattice);
        Assert.Equal(WhiteBox.Secret(_samples.Secret), WhiteBox.Secret(secret));
        var publicKey = SealFormat.ReadPublicKey(SealSamples.Sequence(SealSamples.Bytes(writer => SealFormat.Write(_samples.Public, writer))), _samples.Lattice);
        using var plaintext = _samples.Plaintext(1, Scale, 53);
        using var ciphertext = new CkksCiphertext(_samples.Context);
        new CkksEncryptor(_samples.Context, publicKey).Encrypt(plaintext, ciphertext);
        AssertDecrypts(ciphertext, plaintext, secret);
        Assert.Throws<InvalidOperationException>(() => publicKey.Write(new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void Seeded_objects_are_half_as_long_and_hold_the_same()
    {
        foreach (var level in new[] { 0, 1 })
        {
            using var plaintext = _samples.Plaintext(level, Scale, 54);
            var bytes = SealSamples.Bytes(writer => SealFormat.WriteSeeded(plaintext, _samples.Secret, writer));
            Assert.Equal(16 + 32 + 1 + 40 + 24 + (level + 1) * 8 * 4096 + 81, bytes.Length);
            using var ciphertext = SealFormat.ReadCiphertext(SealSamples.Sequence(bytes), _samples.Context);
            Assert.Equal((level, Scale), (ciphertext.Level, ciphertext.Scale));
            AssertDecrypts(ciphertext, plaintext, _samples.Secret);
        }

        var publicKey = SealFormat.ReadPublicKey(SealSamples.Sequence(SealSamples.Bytes(writer => SealFormat.WriteSeededPublicKey(_samples.Secret, writer))), _samples.Lattice);
        AssertZero(publicKey.B, publicKey.A);
        var relinearisation = SealFormat.ReadRelinearisationKey(SealSamples.Sequence(SealSamples.Bytes(writer => SealFormat.WriteSeededRelinearisationKey(_samples.Context, _samples.Secret, writer))), _samples.Context);
        AssertSameGadget(_samples.Relinearisation.Key, relinearisation.Key);
        var galois = SealFormat.ReadGaloisKeys(SealSamples.Sequence(SealSamples.Bytes(writer => SealFormat.WriteSeededGaloisKeys(_samples.Context, _samples.Secret, _samples.Galois.Elements, writer))), _samples.Context);
        Assert.Equal(_samples.Galois.Elements.Order(), galois.Elements.Order());
        foreach (var element in galois.Elements)
            AssertSameGadget(_samples.Galois.Get(element), galois.Get(element));
    }

    [Fact]
    public void Parameters_beyond_the_security_table_are_refused_and_an_internal_reader_shows_them()
    {
        // SEAL's default chain at 4096: 109 bits.
        ulong[] primes = [68719403009, 68719230977, 137438822401];
        var parameters = LatticeParameters.CreateForInterop(4096, primes);
        var bytes = SealSamples.Bytes(writer => SealFormat.Write(parameters, writer));
        var error = Assert.Throws<LatticeFormatException>(() => SealFormat.ReadParameters(SealSamples.Sequence(bytes)));
        Assert.Contains("128-bit", error.Message, StringComparison.Ordinal);
        var (degree, read) = SealFormat.ReadDegreeAndPrimes(SealSamples.Sequence(bytes));
        Assert.Equal(4096, degree);
        Assert.Equal(primes, read);
    }

    [Fact]
    public void Every_refusal_says_what_is_wrong_in_both_languages()
    {
        using var plaintext = _samples.Plaintext(1, Scale, 55);
        using var ciphertext = _samples.Encrypt(plaintext);
        var bytes = SealSamples.Bytes(writer => SealFormat.Write(ciphertext, writer));
        var words = bytes.Length - 2 * 2 * 8 * 4096;
        Refused("5E A1 10", [.. bytes[..2], 17, .. bytes[3..]]);
        Refused("5E A1 10", bytes[..15]);
        Refused("3.7", [.. bytes[..3], 3, 7, .. bytes[5..]]);
        Refused("4.9", [.. bytes[..4], 9, .. bytes[5..]]);
        Refused("zstd", [.. bytes[..5], 2, .. bytes[6..]]);
        Refused("zlib", [.. bytes[..5], 77, .. bytes[6..]]);
        Refused($"{bytes.Length - 1}", bytes[..^1]);
        Refused("131096", SealSamples.With(bytes[..^1], 8, (ulong)bytes.Length - 1));
        Refused(" 3 ", SealSamples.With([.. bytes, 1, 2, 3], 8, (ulong)bytes.Length + 3));
        Refused("parms_id", SealSamples.With(bytes, 16, 0));
        Refused("is_ntt_form", [.. bytes[..48], 0, .. bytes[49..]]);
        Refused("size", SealSamples.With(bytes, 49, 4));
        Refused("size", SealSamples.With(bytes, 49, ulong.MaxValue));
        Refused("poly_modulus_degree", SealSamples.With(bytes, 57, 8192));
        Refused("coeff_modulus_size", SealSamples.With(bytes, 65, 1));
        foreach (var scale in new[] { 0, -1, double.NaN, double.PositiveInfinity, double.Epsilon, Math.ScaleB(1, 71) })
            Refused("scale", SealSamples.With(bytes, 73, BitConverter.DoubleToUInt64Bits(scale)));
        Refused("correction_factor", SealSamples.With(bytes, 81, 2));
        Refused("data", SealSamples.With(bytes, 105, 1));
        Refused($"{_samples.Lattice.Parameters.Primes[0]}", SealSamples.With(bytes, words, _samples.Lattice.Parameters.Primes[0]));
        Refused($"{_samples.Lattice.Parameters.Primes[1]}", SealSamples.With(bytes, bytes.Length - 8, ulong.MaxValue));
        SealFormat.ReadCiphertext(SealSamples.Sequence(SealSamples.With(bytes, words, _samples.Lattice.Parameters.Primes[0] - 1)), _samples.Context).Dispose();

        void Refused(string expected, byte[] changed)
        {
            foreach (var culture in new[] { "en", "zh-CN" })
            {
                CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(culture);
                var error = Assert.Throws<LatticeFormatException>(() => SealFormat.ReadCiphertext(SealSamples.Sequence(changed), _samples.Context));
                Assert.Contains(expected, error.Message, StringComparison.Ordinal);
                Assert.Contains(nameof(CkksCiphertext), error.Message, StringComparison.Ordinal);
                Assert.Equal(culture == "zh-CN", error.Message.Any(letter => letter is >= '\u4E00' and <= '\u9FFF'));
            }

            CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        }
    }

    [Fact]
    public void A_secret_that_is_not_ternary_or_not_one_polynomial_is_refused()
    {
        var bytes = SealSamples.Bytes(writer => SealFormat.Write(_samples.Secret, writer));
        var words = bytes.Length - 3 * 8 * 4096;
        foreach (var position in new[] { words, words + 8 * 4096, bytes.Length - 8 })
        {
            var changed = SealSamples.With(bytes, position, BitConverter.ToUInt64(bytes, position) ^ 1);
            Assert.Throws<LatticeFormatException>(() => SealFormat.ReadSecretKey(SealSamples.Sequence(changed), _samples.Lattice));
        }
    }

    [Fact]
    public void A_small_stream_that_unpacks_to_much_is_refused_before_it_is_held()
    {
        var bomb = SealSamples.Pack(new byte[64 << 20], System.IO.Compression.CompressionLevel.SmallestSize);
        bomb = [0x5E, 0xA1, 16, 4, 1, 1, .. bomb[6..]];
        foreach (var read in new Action<ReadOnlySequence<byte>>[]
        {
            source => SealFormat.ReadParameters(source),
            source => SealFormat.ReadCiphertext(source, _samples.Context),
            source => SealFormat.ReadPlaintext(source, _samples.Context),
            source => SealFormat.ReadSecretKey(source, _samples.Lattice),
            source => SealFormat.ReadPublicKey(source, _samples.Lattice),
            source => SealFormat.ReadRelinearisationKey(source, _samples.Context),
            source => SealFormat.ReadGaloisKeys(source, _samples.Context),
        })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<LatticeFormatException>(() => read(SealSamples.Sequence(bomb)));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        }
    }

    [Fact]
    public void Keys_of_several_secrets_and_rings_without_a_special_prime_are_refused()
    {
        using var several = SecretKey.Generate(_samples.Lattice, 2);
        var writer = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentException>(() => SealFormat.Write(several, writer));
        Assert.Throws<ArgumentException>(() => SealFormat.Write(PublicKey.Generate(several), writer));
        Assert.Throws<ArgumentException>(() => SealFormat.WriteSeededPublicKey(several, writer));
        Assert.Equal(0, writer.WrittenCount);
        var single = new CkksContext(LatticeParameters.Create(2048, 1, 50));
        var bytes = SealSamples.Bytes(target => SealFormat.Write(_samples.Relinearisation, target));
        Assert.Contains("single prime", Assert.Throws<LatticeFormatException>(() => SealFormat.ReadRelinearisationKey(SealSamples.Sequence(bytes), single)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _samples.Dispose();

    private static void RoundTrip(Action<IBufferWriter<byte>> write, Action<ReadOnlySequence<byte>, IBufferWriter<byte>> rewrite)
    {
        var bytes = SealSamples.Bytes(write);
        foreach (var cut in new[] { 0, 1, 16, 100, bytes.Length - 5 })
            SealSamples.AssertSame(bytes, SealSamples.Bytes(writer => rewrite(WireTests.Segments(bytes, cut), writer)));
        SealSamples.AssertSame(bytes, SealSamples.Bytes(writer => rewrite(SealSamples.Sequence(SealSamples.Pack(bytes)), writer)));
    }

    private static void Rewrite<T>(T value, Action<T, IBufferWriter<byte>> write, IBufferWriter<byte> writer)
        where T : IDisposable
    {
        using (value)
            write(value, writer);
    }

    /// <summary>Decryption minus message stays within what one encryption adds.</summary>
    private void AssertDecrypts(CkksCiphertext ciphertext, CkksPlaintext message, SecretKey key)
    {
        using var decrypted = new CkksPlaintext(_samples.Context);
        new CkksDecryptor(_samples.Context, key).Decrypt(ciphertext, decrypted);
        Assert.InRange(Largest(Difference(decrypted.Polynomial, message.Polynomial), ciphertext.Level + 1), 1, 400);
    }

    private void AssertZero(ReadOnlySpan<double> b, ReadOnlySpan<double> a)
    {
        var noise = WhiteBox.Phase(_samples.Secret, b, a);
        Assert.InRange((double)noise.Max(System.Numerics.BigInteger.Abs), 1, GaussianSampler.TailCut);
    }

    /// <summary>Two keys of one secret encrypt the same: their phases differ by no more than two errors.</summary>
    private void AssertSameGadget(KeySwitchKey expected, KeySwitchKey actual)
    {
        for (var digit = 0; digit < expected.Digits; digit++)
        {
            Assert.NotEqual(expected.A(digit).ToArray(), actual.A(digit).ToArray());
            var difference = WhiteBox.Phase(_samples.Secret, expected.B(digit), expected.A(digit))
                .Zip(WhiteBox.Phase(_samples.Secret, actual.B(digit), actual.A(digit)), (left, right) => left - right);
            Assert.InRange((double)difference.Max(System.Numerics.BigInteger.Abs), 1, 2 * GaussianSampler.TailCut);
        }
    }

    private static double[] Difference(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var difference = left.ToArray();
        for (var i = 0; i < difference.Length; i++)
            difference[i] -= right[i];
        return difference;
    }

    /// <summary>The largest coefficient of a polynomial of small ones, given by its evaluation form modulo the first primes.</summary>
    private double Largest(double[] rows, int primes)
    {
        var polynomial = new double[_samples.Lattice.PolynomialLength];
        rows.CopyTo(polynomial.AsSpan());
        _samples.Lattice.Inverse(polynomial);
        var largest = polynomial.Take(4096).Max(Math.Abs);
        for (var prime = 1; prime < primes; prime++)
            Assert.Equal(polynomial.Take(4096), polynomial.Skip(prime * 4096).Take(4096));
        return largest;
    }
}
