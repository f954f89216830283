using System.Buffers.Binary;
using System.Security.Cryptography;
using FedLab.Lattice.Interop;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests.Interop;

public class SealSeedTests
{
    [Fact]
    public void Small_primes_expand_as_in_an_independent_implementation()
    {
        var context = new LatticeContext(LatticeParameters.Create(2048, [12289, 40961]));
        Assert.Equal("2f5fe1912916a2a218519e494a3588e9a93d12c8d36dc7060d398c25b994bf25", Digest(context, SealGenerator.Blake2Xb, 0));
    }

    [Fact]
    public void A_word_above_the_last_multiple_of_the_prime_is_drawn_again_after_all_others()
    {
        // Of words modulo this prime one in 16,900 is redrawn; with this seed it is the one at position 21,793.
        var context = new LatticeContext(LatticeParameters.Create(32768, [1124940713033729]));
        Assert.Equal("cfb8c1cebe2c45d30898ba02755fed988d6f858418b48ab66bb8688292644058", Digest(context, SealGenerator.Blake2Xb, 1));
        var polynomial = new double[32768];
        Seed(SealGenerator.Blake2Xb, 1).Expand(context, polynomial);
        Assert.Equal(598988276056456, polynomial[TransformTable.PositionOf(21793)]);
    }

    [Fact]
    public void The_other_generator_is_SHAKE256_of_the_seed_and_the_number_of_the_buffer()
    {
        Assert.SkipUnless(Shake256.IsSupported, "The platform's library has no SHAKE256.");
        var stream = new SealSeedStream(Seed(SealGenerator.Shake256, 0));
        var words = new ulong[514];
        stream.Fill(words);
        Assert.Equal([15857715503625380176, 4729289879645872902], words[..2]);
        var second = new byte[16];
        Shake256.HashData([.. Blake2bTests.Counting(64), 1, 0, 0, 0, 0, 0, 0, 0], second);
        Assert.Equal(BinaryPrimitives.ReadUInt64LittleEndian(second), words[512]);
        Assert.Equal(BinaryPrimitives.ReadUInt64LittleEndian(second.AsSpan(8)), words[513]);
    }

    private static SealSeed Seed(SealGenerator generator, int first) =>
        new(generator, [.. Enumerable.Range(first, 64).Select(i => (byte)i)]);

    /// <summary>SHA-256 of the residues as 64-bit words in SEAL's order.</summary>
    private static string Digest(LatticeContext context, SealGenerator generator, int first)
    {
        var polynomial = new double[context.PolynomialLength];
        Seed(generator, first).Expand(context, polynomial);
        var bytes = new byte[8 * polynomial.Length];
        var degree = context.Parameters.Degree;
        for (var i = 0; i < polynomial.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8 * i), (ulong)polynomial[i / degree * degree + TransformTable.PositionOf(i % degree)]);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}
