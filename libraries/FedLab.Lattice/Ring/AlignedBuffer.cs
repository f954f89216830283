using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FedLab.Lattice.Ring;

/// <summary>Doubles that start on a cache line and never move: a 512-bit load that straddles two lines costs twice.</summary>
/// <remarks>On the pinned heap, so secrets are not copied about by the collector; garbage like any array, no finaliser.</remarks>
internal sealed class AlignedBuffer
{
    private const int LineBytes = 64;
    private const int LineDoubles = LineBytes / sizeof(double);

    private readonly double[] _storage;
    private readonly int _offset;

    public unsafe AlignedBuffer(int length)
    {
        _storage = GC.AllocateArray<double>(length + LineDoubles, pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_storage));
        _offset = (int)((LineBytes - (address % LineBytes)) % LineBytes / sizeof(double));
        Length = length;
    }

    public int Length { get; }

    public Span<double> Span => _storage.AsSpan(_offset, Length);

    public Memory<double> Memory => _storage.AsMemory(_offset, Length);
}

/// <summary>Keeps returned buffers of one length for the next renter. A rented buffer has one owner; one that is never returned is plain garbage.</summary>
internal sealed class BufferPool(int length)
{
    /// <summary>More than the buffers that the threads of one machine hold at a time; beyond it returned buffers are dropped.</summary>
    private const int MaximumIdle = 64;

    private readonly ConcurrentQueue<AlignedBuffer> _idle = new();

    /// <summary>Buffers that wait for a renter.</summary>
    public int IdleCount => _idle.Count;

    /// <summary>A buffer of the pool's length with unspecified (never secret) content.</summary>
    public AlignedBuffer Rent() => _idle.TryDequeue(out var buffer) ? buffer : new AlignedBuffer(length);

    /// <summary>A buffer that is zeroed when it is given back, also on the way of an exception.</summary>
    public SecretBuffer RentSecret() => new(this, Rent());

    /// <summary>Takes a buffer back; <paramref name="wasSecret"/> zeroes it first.</summary>
    public void Return(AlignedBuffer buffer, bool wasSecret)
    {
        if (wasSecret)
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(buffer.Span));
        if (_idle.Count < MaximumIdle)
            _idle.Enqueue(buffer);
    }
}

/// <summary>A rented buffer that holds secrets: zeroed on disposal.</summary>
internal readonly ref struct SecretBuffer(BufferPool pool, AlignedBuffer buffer) : IDisposable
{
    public Span<double> Span => buffer.Span;

    /// <summary>The same memory as 64-bit integers.</summary>
    public Span<long> Integers => MemoryMarshal.Cast<double, long>(buffer.Span);

    public void Dispose() => pool.Return(buffer, wasSecret: true);
}
