using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace FedLab.Lattice.Ring;

/// <summary>A stream of 64-bit words from AES-256 in counter mode, keyed by 32 bytes.</summary>
/// <remarks>
/// Block i is AES-256(key, i as 8 little-endian bytes ‖ domain as 4 little-endian bytes ‖ 4 zero bytes); words are the blocks' bytes
/// read little-endian. Under a fresh random key the stream is indistinguishable from random (the counter never repeats), and
/// with a public key it is the expansion format of public polynomials, the same on every machine. AES runs by
/// the processor's instructions, in the platform's library where they are others than x86's; both take the same time for every key.
/// </remarks>
internal sealed class KeyedStream : IDisposable
{
    /// <summary>Bytes of a key or seed.</summary>
    public const int KeyBytes = 32;

    /// <summary>Words that samplers ask for at a time: 8 KiB amortise the call and stay in the first-level cache.</summary>
    public const int BatchWords = 1024;

    private readonly StreamPool? _pool;
    private readonly Vector128<byte>[] _roundKeys = GC.AllocateArray<Vector128<byte>>(AesBlocks.RoundKeys, pinned: true);
    private Aes? _cipher;
    private ulong _domain;
    private ulong _block;

    /// <summary>The stream of a given key, for public expansions.</summary>
    public KeyedStream(ReadOnlySpan<byte> key, uint domain)
        : this(pool: null) => Start(key, domain);

    /// <summary>A stream that is not keyed yet and returns to a pool on disposal.</summary>
    internal KeyedStream(StreamPool? pool) => _pool = pool;

    /// <summary>A stream under a fresh key of the operating system's generator: for secrets, errors and masks.</summary>
    public static KeyedStream CreateRandom()
    {
        var stream = new KeyedStream(pool: null);
        stream.StartRandom();
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

        if (AesBlocks.IsSupported)
        {
            AesBlocks.Encrypt(_roundKeys, MemoryMarshal.Cast<ulong, Vector128<byte>>(words));
            return;
        }

        var bytes = MemoryMarshal.AsBytes(words);
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(words, words);
        _cipher!.EncryptEcb(bytes, bytes, PaddingMode.None);
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(words, words);
    }

    /// <summary>Forgets the key.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_roundKeys.AsSpan()));
        _cipher?.Dispose();
        _cipher = null;
        _pool?.Return(this);
    }

    internal void Start(ReadOnlySpan<byte> key, uint domain)
    {
        if (key.Length != KeyBytes)
            throw new ArgumentException($"The key must have {KeyBytes} bytes.", nameof(key));
        (_domain, _block) = (domain, 0);
        if (AesBlocks.IsSupported)
        {
            AesBlocks.ExpandKey(key, _roundKeys);
            return;
        }

        _cipher = Aes.Create();
        _cipher.SetKey(key);
    }

    internal void StartRandom()
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        RandomNumberGenerator.Fill(key);
        Start(key, 0);
        CryptographicOperations.ZeroMemory(key);
    }
}

/// <summary>Keeps disposed streams, whose keys are zeroed, for the next use.</summary>
internal sealed class StreamPool
{
    private const int MaximumIdle = 64;

    private readonly ConcurrentQueue<KeyedStream> _idle = new();

    /// <summary>As <see cref="KeyedStream.CreateRandom"/>.</summary>
    public KeyedStream RentRandom()
    {
        var stream = Rent();
        stream.StartRandom();
        return stream;
    }

    /// <summary>The stream of a given key, for public expansions.</summary>
    public KeyedStream Rent(ReadOnlySpan<byte> key, uint domain)
    {
        var stream = Rent();
        stream.Start(key, domain);
        return stream;
    }

    internal void Return(KeyedStream stream)
    {
        if (_idle.Count < MaximumIdle)
            _idle.Enqueue(stream);
    }

    private KeyedStream Rent() => _idle.TryDequeue(out var stream) ? stream : new KeyedStream(this);
}
