using System.Security.Cryptography;
using FedLab.Lattice.Interop;

namespace FedLab.Lattice.Tests.Interop;

public class Blake2bTests
{
    [Fact]
    public void The_example_of_RFC_7693_appendix_A_holds()
    {
        var digest = new byte[64];
        Blake2b.Hash("abc"u8, [], digest);
        Assert.Equal(
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
            Convert.ToHexStringLower(digest));
    }

    [Fact]
    public void The_self_test_of_RFC_7693_appendix_E_holds_over_every_length_that_it_covers()
    {
        // The digest of all digests, plain and keyed, of generated inputs.
        var all = new List<byte>();
        foreach (var digestLength in new[] { 20, 32, 48, 64 })
        {
            foreach (var inputLength in new[] { 0, 3, 128, 129, 255, 1024 })
            {
                var input = Sequence(inputLength);
                var digest = new byte[digestLength];
                Blake2b.Hash(input, [], digest);
                all.AddRange(digest);
                Blake2b.Hash(input, Sequence(digestLength), digest);
                all.AddRange(digest);
            }
        }

        var whole = new byte[32];
        Blake2b.Hash(all.ToArray(), [], whole);
        Assert.Equal("c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475", Convert.ToHexStringLower(whole));
    }

    [Theory]
    [InlineData(0, "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568")]
    [InlineData(128, "72065ee4dd91c2d8509fa1fc28a37c7fc9fa7d5b3f8ad3d0d7a25626b57b1b44788d4caf806290425f9890a3a2a35a905ab4b37acfd0da6e4517b2525c9651e4")]
    [InlineData(255, "142709d62e28fcccd0af97fad0f8465b971e82201dc51070faa0372aa43e92484be1c1e73ba10906d5d1853db6a4106e0a7bf9800d373d6dee2d46d62ef2a461")]
    public void Keyed_digests_are_those_of_the_reference_implementation(int length, string expected)
    {
        var digest = new byte[64];
        Blake2b.Hash(Counting(length), Counting(64), digest);
        Assert.Equal(expected, Convert.ToHexStringLower(digest));
    }

    [Fact]
    public void Every_field_of_the_parameter_block_has_its_place()
    {
        // hashlib.blake2b(digest_size=33, key=…, fanout=2, depth=3, leaf_size=7, node_offset=9 | 11 << 32, inner_size=13) of Python.
        var digest = new byte[33];
        Blake2b.Hash(new Blake2b.Node(33, 5, 2, 3, 7, 9, 11, 13), Counting(200), Counting(5), digest);
        Assert.Equal("79851846f1ec4ee92f256a31cc3d8689d23e384b0c51c2476a0b3ddf6ee009f611", Convert.ToHexStringLower(digest));
    }

    [Theory]
    [InlineData(1, "f0")]
    [InlineData(2, "b5aa")]
    public void Extended_output_is_that_of_the_published_vectors(int length, string expected)
    {
        var output = new byte[length];
        Blake2Xb.Expand(Counting(256), [], output);
        Assert.Equal(expected, Convert.ToHexStringLower(output));
    }

    [Fact]
    public void Extended_output_of_many_blocks_is_that_of_an_independent_implementation()
    {
        var output = new byte[4096];
        var message = new byte[8];
        message[0] = 3;
        Blake2Xb.Expand(message, Counting(64), output);
        Assert.Equal("ebc086861c21107e623a0049f9765cba02dd2856306fe6431c4b3bf6c60ead89", Convert.ToHexStringLower(SHA256.HashData(output)));
        output = new byte[100];
        Blake2Xb.Expand(Counting(256), Counting(64), output);
        Assert.Equal("60c862f8e280bb1760fca749ba39ca6d2d740b3b267239fc057b0c6ed6919f62", Convert.ToHexStringLower(SHA256.HashData(output)));
    }

    internal static byte[] Counting(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)i)];

    /// <summary>selftest_seq of the RFC: a Fibonacci generator seeded by the length.</summary>
    private static byte[] Sequence(int length)
    {
        var (a, b) = (0xDEAD4BAD * (uint)length, 1U);
        var bytes = new byte[length];
        foreach (ref var value in bytes.AsSpan())
        {
            (a, b) = (b, a + b);
            value = (byte)(b >> 24);
        }

        return bytes;
    }
}
