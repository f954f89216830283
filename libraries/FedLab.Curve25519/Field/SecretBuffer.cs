using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace FedLab.Curve25519.Field;

/// <summary>
/// Working memory that tells about a secret: pinned, so that the collector leaves no copies, and overwritten when it is let go.
/// It starts on a cache line, so that no vector straddles two.
/// </summary>
internal readonly ref struct SecretBuffer<T> : IDisposable
    where T : unmanaged
{
    private const int CacheLine = 64;

    private readonly byte[] _memory;

    public SecretBuffer(int length)
    {
        var bytes = checked(length * Unsafe.SizeOf<T>());
        _memory = GC.AllocateArray<byte>(bytes + CacheLine, pinned: true);
        var address = (nuint)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
        var padding = (int)(CacheLine - address % CacheLine);
        Span = MemoryMarshal.Cast<byte, T>(_memory.AsSpan(padding, bytes));
    }

    public Span<T> Span { get; }

    public void Dispose() => CryptographicOperations.ZeroMemory(_memory);
}
