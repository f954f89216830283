using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Grpc.Transport;

/// <summary>
/// Pinned blocks of 64 KiB for the server's pipes. The server's own pool hands out 4 KiB, which makes every TLS record, copy and
/// system call of a large message four to sixteen times smaller than it need be.
/// </summary>
/// <remarks>Blocks beyond <see cref="MaximumIdleBlocks"/> that nobody uses are left to the garbage collector.</remarks>
internal sealed class LargeBlockMemoryPool : MemoryPool<byte>
{
    /// <summary>Bytes of a block: four TLS records of the largest size.</summary>
    public const int BlockSize = 64 << 10;

    /// <summary>Idle blocks that are kept: 16 MiB, the connection window of <see cref="LongSessions"/>.</summary>
    public const int MaximumIdleBlocks = 256;

    private readonly ConcurrentQueue<byte[]> _idle = new();
    private bool _isDisposed;

    /// <inheritdoc/>
    public override int MaxBufferSize => BlockSize;

    /// <summary>Blocks that wait to be rented.</summary>
    public int IdleBlocks => _idle.Count;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        return new Block(this, _idle.TryDequeue(out var idle) ? idle : GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Volatile.Write(ref _isDisposed, true);
        _idle.Clear();
    }

    /// <summary>Takes a block back, also after the pool's disposal, when a connection outlives its listener for a moment.</summary>
    private void Return(byte[] block)
    {
        if (!Volatile.Read(ref _isDisposed) && _idle.Count < MaximumIdleBlocks)
            _idle.Enqueue(block);
    }

    private sealed class Block(LargeBlockMemoryPool pool, byte[] bytes) : IMemoryOwner<byte>
    {
        private byte[]? _bytes = bytes;

        public Memory<byte> Memory => _bytes ?? throw new ObjectDisposedException(nameof(Block));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is { } returned)
                pool.Return(returned);
        }
    }
}

/// <summary>Makes a <see cref="LargeBlockMemoryPool"/> for whoever in the server asks.</summary>
internal sealed class LargeBlockMemoryPoolFactory : IMemoryPoolFactory<byte>
{
    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new LargeBlockMemoryPool();
}
