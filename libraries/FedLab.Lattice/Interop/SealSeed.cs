using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Interop;

/// <summary>What stands in place of a polynomial in SEAL's seeded objects: a generator's name and its 64 bytes of seed.</summary>
/// <param name="generator">How the seed is expanded.</param>
/// <param name="bytes">The seed; public.</param>
internal readonly struct SealSeed(SealGenerator generator, byte[] bytes)
{
    /// <summary>Bytes of a seed.</summary>
    public const int SeedBytes = 64;

    /// <summary>A fresh seed for BLAKE2Xb, SEAL's own choice.</summary>
    public static SealSeed Create()
    {
        var seed = new byte[SeedBytes];
        RandomNumberGenerator.Fill(seed);
        return new SealSeed(SealGenerator.Blake2Xb, seed);
    }

    /// <summary>Whether seeds of a generator can be expanded here: SHAKE256 needs the platform's library.</summary>
    public static bool CanExpand(SealGenerator generator) =>
        generator == SealGenerator.Blake2Xb || (generator == SealGenerator.Shake256 && Shake256.IsSupported);

    public SealGenerator Generator { get; } = generator;

    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>
    /// The uniform polynomial of the seed over as many primes as the polynomial has rows, canonical residues in the library's order of the
    /// evaluation form: SEAL's sample_poly_uniform.
    /// </summary>
    /// <remarks>
    /// All rows·N words are drawn first. Then, prime by prime and in SEAL's order, a word at or above the largest multiple of
    /// q that is at most 2^64 - 2 is replaced by the next words of the stream until one is below; the residue is the word modulo q.
    /// </remarks>
    public void Expand(LatticeContext context, Span<double> polynomial)
    {
        var degree = context.Degree;
        var rows = polynomial.Length / degree;
        var stream = new SealSeedStream(this);
        var words = new ulong[polynomial.Length];
        stream.Fill(words);
        for (var row = 0; row < rows; row++)
        {
            var prime = context.Tables[row].Prime;
            var bound = ulong.MaxValue - ulong.MaxValue % prime - 1;
            var target = polynomial.Slice(row * degree, degree);
            for (var i = 0; i < degree; i++)
            {
                var word = words[row * degree + i];
                while (word >= bound)
                    word = stream.Next();
                target[TransformTable.PositionOf(i)] = word % prime;
            }
        }
    }
}

/// <summary>SEAL's prng_type.</summary>
internal enum SealGenerator : byte
{
    /// <summary>BLAKE2Xb, SEAL's default.</summary>
    Blake2Xb = 1,

    /// <summary>SHAKE256 (FIPS 202).</summary>
    Shake256 = 2,
}

/// <summary>The bytes of a seed as 64-bit little-endian words: buffers of 4096 bytes, numbered from 0, each a hash of seed and number.</summary>
internal ref struct SealSeedStream(SealSeed seed)
{
    private const int BufferBytes = 4096;
    private readonly ulong[] _buffer = new ulong[BufferBytes / sizeof(ulong)];
    private ulong _number;
    private int _position = BufferBytes / sizeof(ulong);

    public ulong Next()
    {
        if (_position == _buffer.Length)
            Refill();
        return _buffer[_position++];
    }

    public void Fill(Span<ulong> words)
    {
        for (var i = 0; i < words.Length; i++)
            words[i] = Next();
    }

    private void Refill()
    {
        var bytes = MemoryMarshal.AsBytes(_buffer.AsSpan());
        if (seed.Generator == SealGenerator.Shake256)
        {
            Span<byte> input = stackalloc byte[SealSeed.SeedBytes + sizeof(ulong)];
            seed.Bytes.CopyTo(input);
            BinaryPrimitives.WriteUInt64LittleEndian(input[SealSeed.SeedBytes..], _number);
            Shake256.HashData(input, bytes);
        }
        else
        {
            Span<byte> input = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(input, _number);
            Blake2Xb.Expand(input, seed.Bytes, bytes);
        }

        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(_buffer, _buffer);
        _number++;
        _position = 0;
    }
}

/// <summary>BLAKE2Xb, the extendable-output form of BLAKE2b (Aumasson and others, "BLAKE2X", 2016).</summary>
internal static class Blake2Xb
{
    /// <summary>Fills the output, whose length is part of the function.</summary>
    public static void Expand(ReadOnlySpan<byte> message, ReadOnlySpan<byte> key, Span<byte> output)
    {
        var length = (uint)output.Length;
        Span<byte> root = stackalloc byte[Blake2b.MaximumBytes];
        Blake2b.Hash(new Blake2b.Node(Blake2b.MaximumBytes, (byte)key.Length, Fanout: 1, Depth: 1, OutputBytes: length), message, key, root);
        for (uint offset = 0; !output.IsEmpty; offset++)
        {
            var block = output[..Math.Min(output.Length, Blake2b.MaximumBytes)];
            var node = new Blake2b.Node((byte)block.Length, LeafBytes: Blake2b.MaximumBytes, Offset: offset, OutputBytes: length, InnerBytes: Blake2b.MaximumBytes);
            Blake2b.Hash(node, root, [], block);
            output = output[block.Length..];
        }
    }
}
