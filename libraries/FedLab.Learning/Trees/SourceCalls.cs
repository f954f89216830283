using System.Runtime.ExceptionServices;

namespace FedLab.Learning;

/// <summary>Asks several sources at the same time.</summary>
internal static class SourceCalls
{
    /// <summary>
    /// The answers of all sources, by position. When one fails the others are cancelled, and the first failure is thrown once all have
    /// ended, so that no call outlives the tree.
    /// </summary>
    /// <param name="sources">The sources; only those for which <paramref name="isAsked"/> holds are called.</param>
    /// <param name="isAsked">Whether to call the source at a position.</param>
    /// <param name="call">The call; gets the position, the source and the token.</param>
    /// <param name="ct">Cancels all calls.</param>
    public static async Task<T?[]> AskAsync<T>(
        IReadOnlyList<ICandidateSource> sources, Func<int, bool> isAsked, Func<int, ICandidateSource, CancellationToken, ValueTask<T>> call, CancellationToken ct)
        where T : class
    {
        using var failure = CancellationTokenSource.CreateLinkedTokenSource(ct);
        ExceptionDispatchInfo? first = null;
        var answers = new T?[sources.Count];
        List<Task> running = [];

        // A local source works before it returns, so the others are sent their question first and work meanwhile.
        foreach (var position in Enumerable.Range(0, sources.Count).Where(isAsked).OrderBy(position => sources[position] is LocalCandidateSource))
            running.Add(AskOneAsync(position));
        await Task.WhenAll(running).ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
        first?.Throw();
        return answers;

        async Task AskOneAsync(int position)
        {
            try
            {
                answers[position] = await call(position, sources[position], failure.Token).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(exception), null);
                await failure.CancelAsync().ConfigureAwait(false);
            }
        }
    }
}
