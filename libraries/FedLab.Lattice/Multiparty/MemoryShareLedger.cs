using System.Buffers;

namespace FedLab.Lattice.Multiparty;

/// <summary>A ledger that lives as long as the process: enough for secrets that do too, such as those of a simulation. Thread-safe.</summary>
/// <param name="clock">Time of the records.</param>
public sealed class MemoryShareLedger(TimeProvider clock) : IShareLedger
{
    private readonly TimeProvider _clock = clock ?? throw new ArgumentNullException(nameof(clock));
    private readonly Lock _lock = new();
    private readonly ShareRecords _records = new();
    private readonly Dictionary<ShareHash, byte[]> _shares = [];

    /// <inheritdoc/>
    public void Reserve(ShareRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_lock)
        {
            _records.RefuseKnown(request);
            _records.Reserve(request, _clock.GetUtcNow());
        }
    }

    /// <inheritdoc/>
    public void Store(ShareRequest request, ReadOnlySpan<byte> share)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_lock)
        {
            _records.RequireOpen(request);
            _records.Complete(new ShareHash(request.Session), default);
            _shares[new ShareHash(request.Session)] = share.ToArray();
        }
    }

    /// <inheritdoc/>
    public bool TryRead(ShareRequest request, IBufferWriter<byte> share)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(share);
        lock (_lock)
        {
            if (!_shares.TryGetValue(new ShareHash(request.Session), out var bytes))
                return false;
            share.Write(bytes);
            return true;
        }
    }
}
