using Microsoft.AspNetCore.Http.Features;

namespace FedLab.Coordinator.Services;

/// <summary>What those may do who show no certificate: two methods, a few at a time, with small messages and not for long.</summary>
internal sealed class StrangerGate(TimeProvider time) : IDisposable
{
    private const int MaximumCalls = 16;
    private const long MaximumBodyBytes = 64 * 1024;
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _calls = new(MaximumCalls);

    /// <summary>Whether strangers may call a method.</summary>
    /// <param name="path">The request's path.</param>
    public static bool IsOpen(PathString path) => path == "/fedlab.v1.Admission/GetAuthority" || path == "/fedlab.v1.Admission/Enrol";

    /// <summary>Lets a call pass.</summary>
    /// <param name="http">The call.</param>
    /// <param name="next">What answers it.</param>
    /// <returns>False when too many are under way; then nothing was done.</returns>
    public async Task<bool> PassAsync(HttpContext http, RequestDelegate next)
    {
        if (!await _calls.WaitAsync(TimeSpan.Zero, http.RequestAborted)) return false;
        var limit = time.CreateTimer(_ => http.Abort(), state: null, LongestCall, Timeout.InfiniteTimeSpan);
        await using (limit)
        {
            try
            {
                if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body) body.MaxRequestBodySize = MaximumBodyBytes;
                await next(http);
                return true;
            }
            finally
            {
                _calls.Release();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _calls.Dispose();
}
