namespace FedLab.Federation.Remote;

/// <summary>
/// The receiving half of a session: drops frames that came before, and acknowledges frames in order once there is room for
/// what they carried. Reading goes on meanwhile, so that acknowledgements of the other direction always get through.
/// </summary>
/// <param name="acknowledge">Called with the number up to which nothing is needed again.</param>
public sealed class FrameCounter(Action<ulong> acknowledge)
{
    private readonly Lock _gate = new();
    private readonly Queue<(ulong Sequence, Task Room)> _waiting = new();
    private int _epoch;
    private bool _isDraining;

    /// <summary>Number of the last frame that was taken in.</summary>
    public ulong Received { get; private set; }

    /// <summary>Judges a frame's number.</summary>
    /// <param name="sequence">Its number, from 1.</param>
    /// <returns>True when it is the next one; false when it came before.</returns>
    /// <exception cref="ProtocolException">A frame is missing before it.</exception>
    public bool Accept(ulong sequence)
    {
        lock (_gate)
        {
            if (sequence <= Received) return false;
            if (sequence != Received + 1) throw ProtocolErrors.FrameMissing(sequence, Received);
            Received = sequence;
            return true;
        }
    }

    /// <summary>The frame that was accepted last has taken effect.</summary>
    /// <param name="room">Completes when there is room for more.</param>
    public void Handled(Task room)
    {
        ArgumentNullException.ThrowIfNull(room);
        lock (_gate)
        {
            if (_waiting.Count > 0 || !room.IsCompleted)
            {
                _waiting.Enqueue((Received, room));
                // One at a time, also while the last one is about to find the queue empty: two would each take a frame for one room.
                if (!_isDraining)
                {
                    _isDraining = true;
                    _ = DrainAsync(_epoch);
                }
                return;
            }
            acknowledge(Received);
        }
    }

    /// <summary>Starts anew at frame 1: the other side is another process.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _epoch++;
            _isDraining = false;
            _waiting.Clear();
            Received = 0;
        }
    }

    private async Task DrainAsync(int epoch)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (epoch != _epoch) return;
                if (_waiting.Count == 0)
                {
                    _isDraining = false;
                    return;
                }
                room = _waiting.Peek().Room;
            }
            await room.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_gate)
            {
                if (epoch != _epoch) return;
                acknowledge(_waiting.Dequeue().Sequence);
            }
        }
    }
}
