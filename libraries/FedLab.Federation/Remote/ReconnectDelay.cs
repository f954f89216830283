using System.Security.Cryptography;

namespace FedLab.Federation.Remote;

/// <summary>How long to wait before the next dial: doubled each time up to a cap, half of it at random, so that the participants of a restarted coordinator do not all come at once.</summary>
/// <param name="first">The first wait at most.</param>
/// <param name="cap">The longest wait.</param>
internal sealed class ReconnectDelay(TimeSpan first, TimeSpan cap)
{
    private readonly TimeSpan _first = first;
    private TimeSpan _next = first;

    /// <summary>The next wait.</summary>
    public TimeSpan Next()
    {
        var whole = _next < cap ? _next : cap;
        _next = whole * 2;
        return whole * (0.5 + (RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 21)));
    }

    /// <summary>A connection was made: starts over.</summary>
    public void Reset() => _next = _first;
}
