namespace FedLab.Learning;

/// <summary>
/// Sums over all holders of rows: what a learner sees of a horizontal federation. A learner is written once against it and runs
/// the same at every holder: over several banks under encryption, or alone, where the sums are one's own. All holders ask for
/// the same sums in the same order and get the same numbers, so that each reaches the same model.
/// <code>
///   own rows ─► integers in fixed point ─► SumAsync ─► the same sums at every holder ─► next step
/// </code>
/// </summary>
public interface ISummation
{
    /// <summary>The sum over all holders, element by element.</summary>
    /// <param name="round">Name of the round, the same at every holder, for logs and errors: <c>newton.3</c>.</param>
    /// <param name="count">Number of values, the same at every holder, at least 1.</param>
    /// <param name="own">
    /// Computes the own values: <paramref name="count"/> integers within ±2^<see cref="SumCapacity.MagnitudeBits"/> of the learner's capacity. Not called
    /// when the sum is known already, as after a restart.
    /// </param>
    /// <param name="ct">Ends the round.</param>
    /// <returns><paramref name="count"/> sums, exact.</returns>
    ValueTask<long[]> SumAsync(string round, int count, Func<CancellationToken, long[]> own, CancellationToken ct);
}

/// <summary>What a learner needs of its sums; the keys are chosen by it before the first one.</summary>
/// <param name="MagnitudeBits">Every holder's values lie within ±2^this, 1 to 57; with 32 holders a sum still fits 63 bits.</param>
/// <param name="Values">Number of values of the learner's usual round, by which the ring is chosen; others may have more or fewer.</param>
public sealed record SumCapacity(int MagnitudeBits, int Values);

/// <summary>The sums of one who holds all rows: the own values.</summary>
public sealed class OwnSums : ISummation
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The own values are not as many as announced.</exception>
    public ValueTask<long[]> SumAsync(string round, int count, Func<CancellationToken, long[]> own, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(own);
        var values = own(ct);
        return values.Length == count ? ValueTask.FromResult(values) : throw new ArgumentException($"Round '{round}' has {values.Length} values instead of {count}.", nameof(own));
    }
}
