using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;
using Sse2 = System.Runtime.Intrinsics.X86.Sse2;

namespace FedLab.Lattice.Ring;

/// <summary>AES-256 (FIPS 197) of whole blocks by the processor's instructions, which take the same time for every key and block.</summary>
/// <remarks>The platform's library allocates a cipher object a call; encryption draws several streams for every ciphertext and must not.</remarks>
internal static unsafe class AesBlocks
{
    public const int RoundKeys = 15;
    private const int Parallel = 8;

    public static bool IsSupported => AesInstructions.IsSupported;

    /// <summary>The key schedule of 32 bytes.</summary>
    [SkipLocalsInit]
    public static void ExpandKey(ReadOnlySpan<byte> key, Span<Vector128<byte>> roundKeys)
    {
        var low = Vector128.Create(key[..16]);
        var high = Vector128.Create(key.Slice(16, 16));
        roundKeys[0] = low;
        roundKeys[1] = high;
        Next(ref low, ref high, AesInstructions.KeygenAssist(high, 0x01), roundKeys, 2);
        Next(ref low, ref high, AesInstructions.KeygenAssist(high, 0x02), roundKeys, 4);
        Next(ref low, ref high, AesInstructions.KeygenAssist(high, 0x04), roundKeys, 6);
        Next(ref low, ref high, AesInstructions.KeygenAssist(high, 0x08), roundKeys, 8);
        Next(ref low, ref high, AesInstructions.KeygenAssist(high, 0x10), roundKeys, 10);
        Next(ref low, ref high, AesInstructions.KeygenAssist(high, 0x20), roundKeys, 12);
        low = Spread(low) ^ Sse2.Shuffle(AesInstructions.KeygenAssist(high, 0x40).AsInt32(), 0xFF).AsByte();
        roundKeys[14] = low;
    }

    /// <summary>Encrypts blocks in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encrypt(ReadOnlySpan<Vector128<byte>> roundKeys, Span<Vector128<byte>> blocks)
    {
        fixed (Vector128<byte>* keys = roundKeys, data = blocks)
        {
            var position = 0;
            for (; position + Parallel <= blocks.Length; position += Parallel)
            {
                var block = data + position;
                var key = keys[0];
                var b0 = block[0] ^ key;
                var b1 = block[1] ^ key;
                var b2 = block[2] ^ key;
                var b3 = block[3] ^ key;
                var b4 = block[4] ^ key;
                var b5 = block[5] ^ key;
                var b6 = block[6] ^ key;
                var b7 = block[7] ^ key;
                for (var round = 1; round < RoundKeys - 1; round++)
                {
                    key = keys[round];
                    b0 = AesInstructions.Encrypt(b0, key);
                    b1 = AesInstructions.Encrypt(b1, key);
                    b2 = AesInstructions.Encrypt(b2, key);
                    b3 = AesInstructions.Encrypt(b3, key);
                    b4 = AesInstructions.Encrypt(b4, key);
                    b5 = AesInstructions.Encrypt(b5, key);
                    b6 = AesInstructions.Encrypt(b6, key);
                    b7 = AesInstructions.Encrypt(b7, key);
                }

                key = keys[RoundKeys - 1];
                block[0] = AesInstructions.EncryptLast(b0, key);
                block[1] = AesInstructions.EncryptLast(b1, key);
                block[2] = AesInstructions.EncryptLast(b2, key);
                block[3] = AesInstructions.EncryptLast(b3, key);
                block[4] = AesInstructions.EncryptLast(b4, key);
                block[5] = AesInstructions.EncryptLast(b5, key);
                block[6] = AesInstructions.EncryptLast(b6, key);
                block[7] = AesInstructions.EncryptLast(b7, key);
            }

            for (; position < blocks.Length; position++)
            {
                var single = data[position] ^ keys[0];
                for (var round = 1; round < RoundKeys - 1; round++)
                    single = AesInstructions.Encrypt(single, keys[round]);
                data[position] = AesInstructions.EncryptLast(single, keys[RoundKeys - 1]);
            }
        }
    }

    private static void Next(ref Vector128<byte> low, ref Vector128<byte> high, Vector128<byte> assist, Span<Vector128<byte>> roundKeys, int index)
    {
        low = Spread(low) ^ Sse2.Shuffle(assist.AsInt32(), 0xFF).AsByte();
        high = Spread(high) ^ Sse2.Shuffle(AesInstructions.KeygenAssist(low, 0).AsInt32(), 0xAA).AsByte();
        roundKeys[index] = low;
        roundKeys[index + 1] = high;
    }

    /// <summary>Each word with all words before it added: w0, w0^w1, w0^w1^w2, ….</summary>
    private static Vector128<byte> Spread(Vector128<byte> words)
    {
        words ^= Sse2.ShiftLeftLogical128BitLane(words, 4);
        words ^= Sse2.ShiftLeftLogical128BitLane(words, 8);
        return words;
    }
}
