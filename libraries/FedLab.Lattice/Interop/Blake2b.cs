using System.Buffers.Binary;
using System.Numerics;

namespace FedLab.Lattice.Interop;

/// <summary>BLAKE2b (RFC 7693) with the whole parameter block of the BLAKE2 specification, which BLAKE2X needs.</summary>
/// <remarks>SEAL names its parameters by a BLAKE2b digest and expands its seeds by BLAKE2Xb; nothing secret is hashed with it here.</remarks>
internal static class Blake2b
{
    /// <summary>Longest digest and longest key, in bytes.</summary>
    public const int MaximumBytes = 64;

    private const int BlockBytes = 128;
    private const int BlockWords = BlockBytes / sizeof(ulong);
    private const int StateWords = 8;
    private const int Rounds = 12;

    /// <summary>The first 64 bits of the fractional parts of the square roots of the first eight primes, as in SHA-512.</summary>
    private static ReadOnlySpan<ulong> InitialState =>
    [
        0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
        0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
    ];

    /// <summary>The order of the message words in each of the ten distinct rounds (RFC 7693, section 2.7).</summary>
    private static ReadOnlySpan<byte> Schedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    ];

    /// <summary>The sequential hash of RFC 7693.</summary>
    /// <param name="message">Any number of bytes.</param>
    /// <param name="key">At most 64 bytes; none for the plain hash.</param>
    /// <param name="digest">1 to 64 bytes; its length is part of the function.</param>
    public static void Hash(ReadOnlySpan<byte> message, ReadOnlySpan<byte> key, Span<byte> digest) =>
        Hash(new Node((byte)digest.Length, (byte)key.Length, Fanout: 1, Depth: 1), message, key, digest);

    /// <summary>One node of a BLAKE2 tree.</summary>
    public static void Hash(in Node node, ReadOnlySpan<byte> message, ReadOnlySpan<byte> key, Span<byte> digest)
    {
        if (digest.Length is < 1 or > MaximumBytes)
            throw new ArgumentException($"A digest has 1 to {MaximumBytes} bytes.", nameof(digest));
        if (key.Length > MaximumBytes)
            throw new ArgumentException($"A key has at most {MaximumBytes} bytes.", nameof(key));
        Span<ulong> state = stackalloc ulong[StateWords];
        InitialState.CopyTo(state);
        state[0] ^= node.DigestBytes | (ulong)node.KeyBytes << 8 | (ulong)node.Fanout << 16 | (ulong)node.Depth << 24 | (ulong)node.LeafBytes << 32;
        state[1] ^= node.Offset | (ulong)node.OutputBytes << 32;
        state[2] ^= (ulong)node.InnerBytes << 8;

        Span<byte> block = stackalloc byte[BlockBytes];
        var length = 0UL;
        if (key.Length > 0)
        {
            block.Clear();
            key.CopyTo(block);
            length += BlockBytes;
            Compress(state, block, length, isLast: message.IsEmpty);
        }

        while (message.Length > BlockBytes)
        {
            length += BlockBytes;
            Compress(state, message[..BlockBytes], length, isLast: false);
            message = message[BlockBytes..];
        }

        if (!message.IsEmpty || key.IsEmpty)
        {
            block.Clear();
            message.CopyTo(block);
            Compress(state, block, length + (ulong)message.Length, isLast: true);
        }

        Span<byte> whole = stackalloc byte[MaximumBytes];
        for (var i = 0; i < StateWords; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(whole[(i * sizeof(ulong))..], state[i]);
        whole[..digest.Length].CopyTo(digest);
    }

    private static void Compress(Span<ulong> state, ReadOnlySpan<byte> block, ulong length, bool isLast)
    {
        Span<ulong> message = stackalloc ulong[BlockWords];
        for (var i = 0; i < BlockWords; i++)
            message[i] = BinaryPrimitives.ReadUInt64LittleEndian(block[(i * sizeof(ulong))..]);
        Span<ulong> v = stackalloc ulong[2 * StateWords];
        state.CopyTo(v);
        InitialState.CopyTo(v[StateWords..]);
        v[12] ^= length;
        if (isLast)
            v[14] = ~v[14];
        for (var round = 0; round < Rounds; round++)
        {
            var order = Schedule.Slice(round % 10 * BlockWords, BlockWords);
            Mix(ref v[0], ref v[4], ref v[8], ref v[12], message[order[0]], message[order[1]]);
            Mix(ref v[1], ref v[5], ref v[9], ref v[13], message[order[2]], message[order[3]]);
            Mix(ref v[2], ref v[6], ref v[10], ref v[14], message[order[4]], message[order[5]]);
            Mix(ref v[3], ref v[7], ref v[11], ref v[15], message[order[6]], message[order[7]]);
            Mix(ref v[0], ref v[5], ref v[10], ref v[15], message[order[8]], message[order[9]]);
            Mix(ref v[1], ref v[6], ref v[11], ref v[12], message[order[10]], message[order[11]]);
            Mix(ref v[2], ref v[7], ref v[8], ref v[13], message[order[12]], message[order[13]]);
            Mix(ref v[3], ref v[4], ref v[9], ref v[14], message[order[14]], message[order[15]]);
        }

        for (var i = 0; i < StateWords; i++)
            state[i] ^= v[i] ^ v[i + StateWords];
    }

    private static void Mix(ref ulong a, ref ulong b, ref ulong c, ref ulong d, ulong x, ulong y)
    {
        a += b + x;
        d = BitOperations.RotateRight(d ^ a, 32);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 24);
        a += b + y;
        d = BitOperations.RotateRight(d ^ a, 16);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 63);
    }

    /// <summary>The parameter block (BLAKE2 specification, section 2.8, with BLAKE2X's output length in the upper half of the node offset); no salt.</summary>
    public readonly record struct Node(
        byte DigestBytes,
        byte KeyBytes = 0,
        byte Fanout = 0,
        byte Depth = 0,
        uint LeafBytes = 0,
        uint Offset = 0,
        uint OutputBytes = 0,
        byte InnerBytes = 0);
}
