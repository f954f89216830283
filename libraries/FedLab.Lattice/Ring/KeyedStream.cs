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

    /// <summary>Most words that one call may ask for: a batch that amortises the call and stays in the first-level cache.</summary>
    public const int MaximumWords = 2048;

    private readonly Aes _cipher = Aes.Create();
    private readonly ulong[] _words = GC.AllocateUninitializedArray<ulong>(MaximumWords, pinned: true);
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

    /// <summary>The next words; the stream skips to a whole block behind them. The span is valid until the next call.</summary>
    public ReadOnlySpan<ulong> NextWords(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaximumWords);
        var words = _words.AsSpan(0, (count + 1) & ~1);
        for (var i = 0; i < words.Length; i += 2)
        {
            words[i] = _block++;
            words[i + 1] = _domain;
        }

        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(words, words);
        var bytes = MemoryMarshal.AsBytes(words);
        _cipher.EncryptEcb(bytes, bytes, PaddingMode.None);
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(words, words);
        return words[..count];
    }

    /// <summary>Zeroes the buffered words and the key.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_words.AsSpan()));
        _cipher.Dispose();
    }
}
