using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace FedLab.Lattice.Ring;

/// <summary>A stream of 64-bit words from AES-256 in counter mode, keyed by 32 bytes.</summary>
/// <remarks>
/// Block i is AES-256(key, i as 8 little-endian bytes ‖ domain as 4 little-endian bytes ‖ 4 zero bytes); words are the blocks' bytes
/// read little-endian. Under a fresh random key the stream is indistinguishable from random (the counter never repeats), and
/// with a public key it is the expansion format of public polynomials, the same on every machine. AES runs in the
/// platform's library, whose instructions take the same time for every key.
/// </remarks>
internal sealed class KeyedStream : IDisposable
{
    /// <summary>Bytes of a key or seed.</summary>
    public const int KeyBytes = 32;

    /// <summary>Words that samplers ask for at a time: 8 KiB amortise the call and stay in the first-level cache.</summary>
    public const int BatchWords = 1024;

    private readonly Aes _cipher = Aes.Create();
    private readonly ulong _domain;
    private ulong _block;

    /// <summary>The stream of a given key, for public expansions.</summary>
    public KeyedStream(ReadOnlySpan<byte> key, uint domain)
    {
        if (key.Length != KeyBytes)
            throw new ArgumentException($"The key must have {KeyBytes} bytes.", nameof(key));
        _cipher.SetKey(key);
        _domain = domain;
    }

    /// <summary>A stream under a fresh key of the operating system's generator: for secrets, errors and masks.</summary>
    public static KeyedStream CreateRandom()
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        RandomNumberGenerator.Fill(key);
        var stream = new KeyedStream(key, 0);
        CryptographicOperations.ZeroMemory(key);
        return stream;
    }

    /// <summary>Writes the next words; the stream then goes on at the next whole block.</summary>
    /// <param name="words">An even number.</param>
    public void Fill(Span<ulong> words)
    {
        if (words.Length % 2 != 0)
            throw new ArgumentException("Blocks are two words.", nameof(words));
        for (var i = 0; i < words.Length; i += 2)
        {
            words[i] = _block++;
            words[i + 1] = _domain;
        }

        var bytes = MemoryMarshal.AsBytes(words);
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(words, words);
        _cipher.EncryptEcb(bytes, bytes, PaddingMode.None);
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(words, words);
    }

    /// <summary>Forgets the key.</summary>
    public void Dispose() => _cipher.Dispose();
}
