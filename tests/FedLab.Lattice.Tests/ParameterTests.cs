using System.Buffers;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

public class ParameterTests
{
    public static TheoryData<int, int[]> FullBudgets => new()
    {
        { 2048, [27, 26] },
        { 4096, [36, 35, 35] },
        { 8192, [50, 50, 50, 32, 32] },
        { 16384, [50, 50, 50, 50, 50, 50, 50, 40, 40] },
        { 32768, [50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 34, 34] },
    };

    [Theory]
    [MemberData(nameof(FullBudgets))]
    public void The_whole_budget_of_the_guideline_is_allowed_and_one_bit_more_is_refused(int degree, int[] bits)
    {
        Assert.Equal(LatticeParameters.MaximumModulusBits(degree), bits.Sum());
        var full = LatticeParameters.Create(degree, Primes(degree, bits));
        Assert.InRange(full.ModulusBits, LatticeParameters.MaximumModulusBits(degree) - 0.1, LatticeParameters.MaximumModulusBits(degree));
        bits[^1]++;
        var error = Assert.Throws<ArgumentException>(() => LatticeParameters.Create(degree, Primes(degree, bits)));
        Assert.Contains("128-bit", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_is_that_of_eprint_2024_463() =>
        Assert.Equal([53, 106, 214, 430, 868], new[] { 2048, 4096, 8192, 16384, 32768 }.Select(LatticeParameters.MaximumModulusBits));

    [Fact]
    public void Default_primes_are_the_largest_below_the_size_and_one_modulo_twice_the_degree()
    {
        var parameters = LatticeParameters.Create(4096, 2, 50);
        Assert.Equal([1125899906826241UL, 1125899906629633UL], parameters.Primes);
        Assert.InRange(parameters.ModulusBits, 99.99, 100);
    }

    [Fact]
    public void Unsuitable_parameters_are_refused_by_name()
    {
        var good = NttPrimes.Largest(4096, 3, 35);
        Assert.Throws<ArgumentOutOfRangeException>(() => LatticeParameters.Create(1024, 1, 25));
        Assert.Throws<ArgumentOutOfRangeException>(() => LatticeParameters.Create(65536, 1, 50));
        Assert.Throws<ArgumentOutOfRangeException>(() => LatticeParameters.Create(3000, 1, 50));
        Assert.Throws<ArgumentOutOfRangeException>(() => LatticeParameters.Create(4096, 1, 51));
        Assert.Throws<ArgumentOutOfRangeException>(() => LatticeParameters.Create(4096, 0, 50));
        Assert.Throws<ArgumentOutOfRangeException>(() => LatticeParameters.Create(4096, 1, 10));
        Assert.Throws<ArgumentException>(() => LatticeParameters.Create(4096, int.MaxValue, 50));
        Assert.Throws<ArgumentException>(() => LatticeParameters.Create(4096, []));
        Assert.Throws<ArgumentException>(() => LatticeParameters.Create(4096, [good[0], good[0]]));
        Assert.Throws<ArgumentException>(() => LatticeParameters.Create(4096, [(1UL << 50) + 1]));
        Assert.Throws<ArgumentException>(() => LatticeParameters.Create(4096, [good[0] + 2]));
        Assert.Throws<ArgumentException>(() => LatticeParameters.Create(4096, [8192UL * 2 + 1 + 8192UL * 2])); // 32769 = 3·10923
        Assert.Throws<ArgumentException>(() => LatticeParameters.Create(4096, [1]));
    }

    [Fact]
    public void Primality_agrees_with_trial_division_and_known_pseudoprimes()
    {
        for (ulong n = 0; n < 3000; n++)
        {
            var isPrime = n > 1;
            for (ulong d = 2; d * d <= n; d++)
                isPrime &= n % d != 0;
            Assert.Equal(isPrime, NttPrimes.IsPrime(n));
        }

        // Strong pseudoprimes to the first bases (Jaeschke 1993), a Carmichael number, and the largest primes of 50 and 61 bits.
        foreach (var composite in new ulong[] { 2047, 3215031751, 3474749660383, 341550071728321, 561, 1125899906842623 })
            Assert.False(NttPrimes.IsPrime(composite));
        Assert.True(NttPrimes.IsPrime(1125899906842597));
        Assert.True(NttPrimes.IsPrime(2305843009213693951));
    }

    [Fact]
    public void Parameters_round_trip_and_leave_the_reader_behind_them()
    {
        var parameters = LatticeParameters.Create(8192, Primes(8192, [50, 50, 41]));
        var writer = new ArrayBufferWriter<byte>();
        parameters.Write(writer);
        Assert.Equal([1, 13, 3], writer.WrittenSpan[..3].ToArray());
        writer.Write<byte>([0xAB]);
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(writer.WrittenMemory));
        var read = LatticeParameters.Read(ref reader);
        Assert.Equal(parameters.Degree, read.Degree);
        Assert.Equal(parameters.Primes, read.Primes);
        Assert.Equal(1, reader.Remaining);
        Assert.Equal(parameters.Primes, LatticeParameters.Read(writer.WrittenSpan[..^1]).Primes);
        Assert.Throws<LatticeFormatException>(() => LatticeParameters.Read(writer.WrittenSpan));
    }

    [Fact]
    public void Mutated_and_cut_parameters_give_the_documented_exception_or_valid_parameters()
    {
        var writer = new ArrayBufferWriter<byte>();
        LatticeParameters.Create(4096, 2, 50).Write(writer);
        var vectors = new TestVectors(31);
        var refused = 0;
        for (var round = 0; round < 3000; round++)
        {
            var bytes = writer.WrittenSpan.ToArray();
            if (round % 3 == 0)
                bytes = bytes[..vectors.Below(bytes.Length)];
            for (var i = vectors.Below(4); i > 0 && bytes.Length > 0; i--)
                bytes[vectors.Below(bytes.Length)] = (byte)vectors.Next();
            try
            {
                var parameters = LatticeParameters.Read(bytes);
                Assert.True(parameters.ModulusBits <= LatticeParameters.MaximumModulusBits(parameters.Degree));
                Assert.All(parameters.Primes, prime => Assert.True(NttPrimes.IsPrime(prime) && prime % (2 * (ulong)parameters.Degree) == 1));
            }
            catch (LatticeFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 2999);
    }

    [Fact]
    public void Refusals_are_read_in_Chinese_under_a_Chinese_culture()
    {
        var culture = System.Globalization.CultureInfo.CurrentUICulture;
        try
        {
            System.Globalization.CultureInfo.CurrentUICulture = new("zh-CN");
            Assert.Contains("加密参数", Assert.Throws<LatticeFormatException>(() => LatticeParameters.Read([1])).Message, StringComparison.Ordinal);
            System.Globalization.CultureInfo.CurrentUICulture = new("en");
            Assert.Contains("encryption parameters", Assert.Throws<LatticeFormatException>(() => LatticeParameters.Read([1])).Message, StringComparison.Ordinal);
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentUICulture = culture;
        }
    }

    /// <summary>Distinct primes of the given sizes.</summary>
    private static ulong[] Primes(int degree, int[] bits) =>
        [.. bits.GroupBy(size => size).SelectMany(group => NttPrimes.Largest(degree, group.Count(), group.Key))];
}
