using System.Buffers;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Interop;

namespace FedLab.Lattice.Tests.Interop;

/// <summary>Microsoft SEAL reads what FedLab wrote and the reverse: parameters, keys, plaintexts, ciphertexts, whole and seeded.</summary>
[Collection(SealOracle.Collection)]
public class SealObjectTests(SealOracle oracle)
{
    public static TheoryData<int> Degrees => SealRings.Degrees;

    [Theory]
    [MemberData(nameof(Degrees))]
    public void Parameters_are_SEALs_own_bytes(int degree)
    {
        using var samples = SealRings.Samples(degree);
        using var session = SealRings.Open(oracle, samples);
        Assert.Equal(SealSamples.Bytes(writer => SealFormat.Write(samples.Lattice.Parameters, writer)), session.Parameters());
        foreach (var compression in new[] { "none", "zlib" })
            Assert.Equal(samples.Lattice.Parameters.Primes, SealFormat.ReadParameters(SealSamples.Sequence(session.Parameters(compression))).Primes);
    }

    /// <summary>CoeffModulus::BFVDefault for 128 bits by the table of 2018, which allows 109, 218 and 438 bits.</summary>
    public static TheoryData<int, ulong[]> Defaults => new()
    {
        { 4096, [0xffffee001, 0xffffc4001, 0x1ffffe0001] },
        { 8192, [0x7fffffd8001, 0x7fffffc8001, 0xfffffffc001, 0xffffff6c001, 0xfffffebc001] },
        { 16384, [0xfffffffd8001, 0xfffffffa0001, 0xfffffff00001, 0x1fffffff68001, 0x1fffffff50001, 0x1ffffffee8001, 0x1ffffffea0001, 0x1ffffffe88001, 0x1ffffffe48001] },
    };

    [Theory]
    [MemberData(nameof(Defaults))]
    public void SEALs_default_chains_are_beyond_the_table_and_read_by_these_tests_only(int degree, ulong[] primes)
    {
        var context = new CkksContext(LatticeParameters.CreateForInterop(degree, primes));
        using var session = oracle.Open(SealSamples.Bytes(writer => SealFormat.Write(context.Lattice.Parameters, writer)));
        Assert.Throws<LatticeFormatException>(() => SealFormat.ReadParameters(SealSamples.Sequence(session.Parameters())));
        AssertSamePolynomials(session, context);
    }

    [Fact]
    public void A_ring_of_one_prime_is_SEALs_too()
    {
        using var samples = new SealSamples(2048, 50);
        using var session = SealRings.Open(oracle, samples);
        AssertSamePolynomials(session, samples.Context);
        session.Put("secret", "secret", SealSamples.Bytes(writer => SealFormat.Write(samples.Secret, writer)));
        using var message = samples.Plaintext(0, 1 << 30, 66);
        using var ciphertext = samples.Encrypt(message);
        session.Put("ciphertext", "encrypted", SealSamples.Bytes(writer => SealFormat.Write(ciphertext, writer)));
        session.Decrypt("encrypted", "decrypted");
        using var decrypted = new CkksPlaintext(samples.Context);
        new CkksDecryptor(samples.Context, samples.Secret).Decrypt(ciphertext, decrypted);
        SealSamples.AssertSame(session.Get("decrypted"), SealSamples.Bytes(writer => SealFormat.Write(decrypted, writer)));
    }

    [Fact]
    public void Seeds_for_SHAKE256_expand_to_what_SEAL_makes_of_them()
    {
        Assert.SkipUnless(System.Security.Cryptography.Shake256.IsSupported, "The platform's library has no SHAKE256.");
        using var samples = SealRings.Samples(4096);
        using var session = SealRings.Open(oracle, samples);
        using var message = samples.Plaintext(1, 1 << 20, 67);
        var bytes = SealSamples.Bytes(writer => SealFormat.WriteSeeded(message, samples.Secret, writer));
        bytes[^65] = (byte)SealGenerator.Shake256;
        session.Put("ciphertext", "whole", bytes);
        using var ciphertext = SealFormat.ReadCiphertext(SealSamples.Sequence(bytes), samples.Context);
        SealSamples.AssertSame(session.Get("whole"), SealSamples.Bytes(writer => SealFormat.Write(ciphertext, writer)));
        bytes[^65] = 3;
        Assert.Throws<SealException>(() => session.Put("ciphertext", "whole", bytes));
        Assert.Contains(" 3", Assert.Throws<LatticeFormatException>(() => SealFormat.ReadCiphertext(SealSamples.Sequence(bytes), samples.Context)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Degrees))]
    public void SEAL_decrypts_what_FedLab_encrypted(int degree)
    {
        using var samples = SealRings.Samples(degree);
        var context = samples.Context;
        using var session = SealRings.OpenWithKeys(oracle, samples);
        var values = SealRings.Values(context, 61);
        session.Encode("message", values, SealRings.Scale(degree));
        session.Evaluate("low", "modulusSwitchPlain", "message");
        foreach (var name in new[] { "message", "low" })
        {
            using var message = SealFormat.ReadPlaintext(SealSamples.Sequence(session.Get(name)), context);
            using var ciphertext = new CkksCiphertext(context);
            foreach (var encryptor in new[] { new CkksEncryptor(context, samples.Public), new CkksEncryptor(context, samples.Secret) })
            {
                encryptor.Encrypt(message, ciphertext);
                AssertDecrypts(SealSamples.Bytes(writer => SealFormat.Write(ciphertext, writer)));
            }

            AssertDecrypts(SealSamples.Bytes(writer => SealFormat.WriteSeeded(message, samples.Secret, writer)));
        }

        void AssertDecrypts(byte[] bytes)
        {
            session.Put("ciphertext", "encrypted", bytes);
            session.Decrypt("encrypted", "decrypted");
            SealRings.AssertClose(values, session.Decode("decrypted"), SealRings.Tolerance(degree));
        }
    }

    [Theory]
    [MemberData(nameof(Degrees))]
    public void FedLab_decrypts_what_SEAL_encrypted_to_the_same_polynomial(int degree)
    {
        using var samples = SealRings.Samples(degree);
        var context = samples.Context;
        using var session = SealRings.Open(oracle, samples);
        session.Generate([1]);
        session.Encode("message", SealRings.Values(context, 62), SealRings.Scale(degree));
        using var secret = SealFormat.ReadSecretKey(SealSamples.Sequence(session.Get("secret")), samples.Lattice);
        var decryptor = new CkksDecryptor(context, secret);
        using var decrypted = new CkksPlaintext(context);
        foreach (var how in new[] { "public", "secret" })
        {
            session.Encrypt("message", "encrypted", how);
            session.Evaluate("squared", "multiply", "encrypted", "encrypted");
            foreach (var name in new[] { "encrypted", "squared" })
            {
                using var ciphertext = SealFormat.ReadCiphertext(SealSamples.Sequence(session.Get(name)), context);
                decryptor.Decrypt(ciphertext, decrypted);
                session.Decrypt(name, "decrypted");
                SealSamples.AssertSame(session.Get("decrypted"), SealSamples.Bytes(writer => SealFormat.Write(decrypted, writer)));
            }
        }

        session.Encrypt("message", "seeded", "seeded");
        using var seeded = SealFormat.ReadCiphertext(SealSamples.Sequence(session.Get("seeded")), context);
        decryptor.Decrypt(seeded, decrypted);
        session.Put("plaintext", "decrypted", SealSamples.Bytes(writer => SealFormat.Write(decrypted, writer)));
        SealRings.AssertClose(session.Decode("message"), session.Decode("decrypted"), SealRings.Tolerance(degree));
    }

    [Theory]
    [MemberData(nameof(Degrees))]
    public void What_SEAL_wrote_is_written_again_byte_for_byte(int degree)
    {
        using var samples = SealRings.Samples(degree);
        var context = samples.Context;
        using var session = SealRings.Open(oracle, samples);
        session.Generate([1, 0]);
        session.Encode("message", SealRings.Values(context, 63), SealRings.Scale(degree));
        session.Encrypt("message", "encrypted");
        session.Evaluate("squared", "multiply", "encrypted", "encrypted");
        session.Evaluate("rescaled", "rescale", "squared");
        foreach (var (name, rewrite) in Rewriters(samples))
        {
            var bytes = session.Get(name);
            SealSamples.AssertSame(bytes, rewrite(bytes));
            if (degree > 4096)
                continue; // Packing is slow in SEAL and the same at every degree.
            SealSamples.AssertSame(bytes, rewrite(session.Get(name, "zlib")));
            Assert.Contains("zstd", Assert.Throws<LatticeFormatException>(() => rewrite(session.Get(name, "zstd"))).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Degrees))]
    public void Seeds_of_SEAL_expand_to_what_SEAL_makes_of_them(int degree)
    {
        using var samples = SealRings.Samples(degree);
        using var session = SealRings.Open(oracle, samples);
        session.Generate([1]);
        session.Encode("message", SealRings.Values(samples.Context, 64), SealRings.Scale(degree));
        session.Encrypt("message", "encrypted", "seeded");
        session.Generate([1, 0], seeded: true);
        AssertSameExpansion(samples, session, name => session.Get(name, degree == 4096 ? "zlib" : "none"));
    }

    [Theory]
    [MemberData(nameof(Degrees))]
    public void Seeds_of_FedLab_expand_in_SEAL_to_what_FedLab_means(int degree)
    {
        using var samples = SealRings.Samples(degree);
        using var session = SealRings.Open(oracle, samples);
        using var message = samples.Plaintext(0, SealRings.Scale(degree), 65);
        AssertSameExpansion(samples, session, name => SealSamples.Bytes(writer =>
        {
            switch (name)
            {
                case "encrypted":
                    SealFormat.WriteSeeded(message, samples.Secret, writer);
                    break;
                case "public":
                    SealFormat.WriteSeededPublicKey(samples.Secret, writer);
                    break;
                case "relinearisation":
                    SealFormat.WriteSeededRelinearisationKey(samples.Context, samples.Secret, writer);
                    break;
                default:
                    SealFormat.WriteSeededGaloisKeys(samples.Context, samples.Secret, samples.Galois.Elements, writer);
                    break;
            }
        }));
    }

    /// <summary>SEAL makes keys and encrypts; FedLab reads both and decrypts to the very polynomial that SEAL does.</summary>
    private static void AssertSamePolynomials(SealSession session, CkksContext context)
    {
        session.Generate([1]);
        session.Encode("message", [1.5, -2.25], 1 << 30);
        session.Encrypt("message", "encrypted");
        session.Decrypt("encrypted", "decrypted");
        using var secret = SealFormat.ReadSecretKey(SealSamples.Sequence(session.Get("secret")), context.Lattice);
        using var ciphertext = SealFormat.ReadCiphertext(SealSamples.Sequence(session.Get("encrypted")), context);
        using var decrypted = new CkksPlaintext(context);
        new CkksDecryptor(context, secret).Decrypt(ciphertext, decrypted);
        SealSamples.AssertSame(session.Get("decrypted"), SealSamples.Bytes(writer => SealFormat.Write(decrypted, writer)));
    }

    /// <summary>Both sides read the same seeded bytes; FedLab's whole form is SEAL's.</summary>
    private static void AssertSameExpansion(SealSamples samples, SealSession session, Func<string, byte[]> seeded)
    {
        foreach (var (name, rewrite) in Rewriters(samples).Where(entry => entry.Name is "encrypted" or "public" or "relinearisation" or "galois"))
        {
            var bytes = seeded(name);
            session.Put(name == "encrypted" ? "ciphertext" : name, "whole", bytes);
            var whole = session.Get("whole");
            Assert.InRange(bytes.Length, 1, whole.Length * 6 / 10);
            SealSamples.AssertSame(whole, rewrite(bytes));
        }
    }

    private static IEnumerable<(string Name, Func<byte[], byte[]> Rewrite)> Rewriters(SealSamples samples)
    {
        yield return ("secret", bytes => Rewrite(bytes, source => SealFormat.ReadSecretKey(source, samples.Lattice), SealFormat.Write));
        yield return ("public", bytes => SealSamples.Bytes(writer => SealFormat.Write(SealFormat.ReadPublicKey(SealSamples.Sequence(bytes), samples.Lattice), writer)));
        yield return ("relinearisation", bytes => SealSamples.Bytes(writer => SealFormat.Write(SealFormat.ReadRelinearisationKey(SealSamples.Sequence(bytes), samples.Context), writer)));
        yield return ("galois", bytes => SealSamples.Bytes(writer => SealFormat.Write(SealFormat.ReadGaloisKeys(SealSamples.Sequence(bytes), samples.Context), writer)));
        yield return ("message", bytes => Rewrite(bytes, source => SealFormat.ReadPlaintext(source, samples.Context), SealFormat.Write));
        foreach (var name in new[] { "encrypted", "squared", "rescaled" })
            yield return (name, bytes => Rewrite(bytes, source => SealFormat.ReadCiphertext(source, samples.Context), SealFormat.Write));
    }

    private static byte[] Rewrite<T>(byte[] bytes, Func<ReadOnlySequence<byte>, T> read, Action<T, IBufferWriter<byte>> write)
        where T : IDisposable
    {
        using var value = read(SealSamples.Sequence(bytes));
        return SealSamples.Bytes(writer => write(value, writer));
    }
}
