using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

public class SamplerTests
{
    [Fact]
    public void The_thresholds_are_those_of_the_discrete_Gaussian()
    {
        // exp(-k²/(2σ²)) = exp(-k²·25/512) in fixed point with 256 bits, from exp(-25/512) by its series.
        const int precision = 256;
        var one = BigInteger.One << precision;
        BigInteger term = one, root = one;
        for (var n = 1; n < 80; n++)
        {
            term = -term * 25 / 512 / n;
            root += term;
        }

        var densities = new BigInteger[200];
        for (var k = 0; k < densities.Length; k++)
        {
            var density = one;
            for (var i = 0; i < k * k && !density.IsZero; i++)
                density = density * root >> precision;
            densities[k] = density;
        }

        var total = densities.Aggregate(-densities[0], (sum, density) => sum + 2 * density);
        for (var k = 1; k <= GaussianSampler.TailCut + 1; k++)
        {
            var tail = densities.Skip(k).Aggregate(BigInteger.Zero, (sum, density) => sum + 2 * density);
            var threshold = ((tail << 64) / total + 1) >> 1;
            Assert.Equal(k <= GaussianSampler.TailCut ? GaussianSampler.Thresholds[k - 1] : 0, threshold);
        }

        Assert.Equal(GaussianSampler.TailCut, GaussianSampler.Thresholds.Length);
    }

    [Fact]
    public void The_stream_is_AES_256_of_counters_by_instructions_and_by_the_platform()
    {
        // FIPS 197, appendix C.3.
        var key = Convert.FromHexString("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        if (AesBlocks.IsSupported)
        {
            var roundKeys = new System.Runtime.Intrinsics.Vector128<byte>[AesBlocks.RoundKeys];
            AesBlocks.ExpandKey(key, roundKeys);
            var block = Convert.FromHexString("00112233445566778899aabbccddeeff");
            AesBlocks.Encrypt(roundKeys, MemoryMarshal.Cast<byte, System.Runtime.Intrinsics.Vector128<byte>>(block.AsSpan()));
            Assert.Equal("8EA2B7CA516745BFEAFC49904B496089", Convert.ToHexString(block));
        }

        RandomNumberGenerator.Fill(key);
        using var cipher = Aes.Create();
        cipher.SetKey(key);
        foreach (var words in new[] { 2, 14, 16, 18, 1024 })
        {
            using var stream = new KeyedStream(key, 77);
            var actual = new ulong[2 * words];
            stream.Fill(actual.AsSpan(0, words));
            stream.Fill(actual.AsSpan(words));
            var counters = new ulong[2 * words];
            for (var i = 0; i < words; i++)
                (counters[2 * i], counters[2 * i + 1]) = ((ulong)i, 77);
            Assert.Equal(cipher.EncryptEcb(MemoryMarshal.AsBytes(counters.AsSpan()), PaddingMode.None), MemoryMarshal.AsBytes(actual.AsSpan()).ToArray());
        }
    }

    [Fact]
    public void Uniform_residues_are_uniform_for_primes_of_any_size()
    {
        foreach (var prime in new[] { NttPrimes.Largest(2048, 1, 50)[0], 12289UL, NttPrimes.Largest(4096, 1, 33)[0], 40961UL })
        {
            const int samples = 1 << 18;
            const int cells = 64;
            var row = new double[samples];
            UniformSampler.Fill(RandomNumberGenerator.GetBytes(32), 0, prime, row);
            var counts = new double[cells];
            foreach (var residue in row)
            {
                Assert.InRange(residue, 0, prime - 1);
                counts[(int)((UInt128)(ulong)residue * cells / prime)]++;
            }

            ChiSquare.AssertFits(counts, Enumerable.Range(0, cells).Select(cell => (double)(Edge(cell + 1) - Edge(cell)) / prime), samples);

            // Smallest residue of a cell: ceil(cell·p/cells).
            UInt128 Edge(int cell) => ((UInt128)prime * (ulong)cell + cells - 1) / cells;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(FloodSampler.MaximumBound)]
    [InlineData((1L << 55) + 12345)]
    public void Floods_are_uniform_within_their_bound(long bound)
    {
        const int samples = 1 << 16;
        var row = new long[samples];
        using (var stream = KeyedStream.CreateRandom())
            FloodSampler.Fill(stream, bound, row);
        var cells = (int)Math.Min(2 * Math.Min(bound, 25) + 1, 51);
        var range = (UInt128)bound * 2 + 1;
        var counts = new double[cells];
        foreach (var flood in row)
        {
            Assert.InRange(flood, -bound, bound);
            counts[(int)((UInt128)(ulong)(flood + bound) * (ulong)cells / range)]++;
        }

        ChiSquare.AssertFits(counts, Enumerable.Range(0, cells).Select(cell => (double)(Edge(cell + 1) - Edge(cell)) / (double)range), samples);

        UInt128 Edge(int cell) => (range * (ulong)cell + (ulong)cells - 1) / (ulong)cells;
    }

    [Fact]
    public void Vectorised_samplers_equal_their_definitions()
    {
        var vectors = new TestVectors(21);
        var words = new ulong[1000];
        for (var i = 0; i < words.Length; i++)
            words[i] = vectors.Next();

        // Around every threshold, where an off-by-one would hide in a random stream.
        var position = 0;
        foreach (var threshold in GaussianSampler.Thresholds)
        {
            for (var delta = -1; delta <= 1; delta++)
                words[position++] = (threshold + (ulong)delta) << 1 | (uint)(position & 1);
        }

        words[position++] = 0;
        words[position] = ulong.MaxValue;
        var row = new double[words.Length];
        GaussianSampler.Convert(words, row);
        for (var i = 0; i < words.Length; i++)
        {
            var magnitude = 0;
            foreach (var threshold in GaussianSampler.Thresholds)
                magnitude += words[i] >> 1 < threshold ? 1 : 0;
            Assert.Equal((words[i] & 1) == 0 ? magnitude : -magnitude, row[i]);
        }

        // Ternary: around both thirds; a zero half drops its batch of eight words.
        words.AsSpan(0, 8).Clear();
        words[8] = 0x5555_5555_5555_5556;
        words[9] = 0xAAAA_AAAA_AAAA_AAAB;
        words[10] = 0x0000_0001_FFFF_FFFF;
        var expected = new List<double>();
        for (var batch = 0; batch < words.Length; batch += 8)
        {
            var halves = words.Skip(batch).Take(8).Select(w => (uint)w).Concat(words.Skip(batch).Take(8).Select(w => (uint)(w >> 32))).ToArray();
            if (!halves.Contains(0u))
                expected.AddRange(halves.Select(w => (double)((3UL * w) >> 32) - 1));
        }

        var trits = new double[2 * words.Length];
        var filled = TernarySampler.Convert(words, trits);
        Assert.Equal(expected, trits.Take(filled));

        // Uniform: a prime just above a power of two rejects half of the words.
        const ulong prime = 786433;
        var accepted = new double[words.Length];
        var count = UniformSampler.Accept(words, 0xFFFFF, prime, accepted);
        Assert.Equal(words.Select(w => w & 0xFFFFF).Where(w => w < prime).Select(w => (double)w), accepted.Take(count));
        var few = new double[13];
        Assert.Equal(13, UniformSampler.Accept(words, 0xFFFFF, prime, few));
        Assert.Equal(accepted.Take(13), few);
    }

    [Fact]
    public void The_expansion_of_a_seed_is_a_fixed_format()
    {
        // Recomputed from the documented layout with one AES block at a time, then held to a digest that OpenSSL and Python gave for it.
        var seed = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var prime = NttPrimes.Largest(4096, 2, 50)[1];
        var row = new double[4096];
        UniformSampler.Fill(seed, 1, prime, row);
        var expected = new List<double>();
        using (var aes = Aes.Create())
        {
            aes.SetKey(seed);
            for (ulong block = 0; expected.Count < row.Length; block++)
            {
                var input = new byte[16];
                BitConverter.TryWriteBytes(input, block);
                input[8] = 1;
                var output = aes.EncryptEcb(input, PaddingMode.None);
                foreach (var word in MemoryMarshal.Cast<byte, ulong>(output))
                {
                    if ((word & ((1UL << 50) - 1)) < prime)
                        expected.Add(word & ((1UL << 50) - 1));
                }
            }
        }

        Assert.Equal(expected.Take(row.Length), row);
        Assert.Equal("BCF493B873353998C2CCC14460C7D3BF058E9176D730C7353CEAE04002FB1FC9", Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(row.AsSpan()))));
    }

    [Fact]
    public void The_stream_is_AES_256_in_counter_mode()
    {
        // FIPS 197 appendix C.3: the key 00..1f maps 00112233445566778899aabbccddeeff to 8ea2b7ca516745bfeafc49904b496089; the stream's
        // blocks are other inputs, so its cipher is checked against the framework's on them, and the framework's on the vector.
        var key = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        using var aes = Aes.Create();
        aes.SetKey(key);
        Assert.Equal("8EA2B7CA516745BFEAFC49904B496089", Convert.ToHexString(aes.EncryptEcb(Convert.FromHexString("00112233445566778899AABBCCDDEEFF"), PaddingMode.None)));
        using var stream = new KeyedStream(key, 7);
        var words = new ulong[6];
        stream.Fill(words.AsSpan(0, 4));
        stream.Fill(words.AsSpan(4));
        Assert.Equal(
            Enumerable.Range(0, 3).SelectMany(i => MemoryMarshal.Cast<byte, ulong>(aes.EncryptEcb([(byte)i, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0], PaddingMode.None)).ToArray()),
            words);
    }
}
