using Grpc.Core;

namespace Grpc.Tests.Support;

/// <summary>Waits that end, so that a lost signal is a failed test and not a hanging run.</summary>
internal static class Wait
{
    /// <summary>Far above anything a working test needs on a busy machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static DateTime Deadline(double seconds = 60) => TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(seconds);

    public static Task For(Task task) => task.WaitAsync(Limit);

    public static Task<T> For<T>(Task<T> task) => task.WaitAsync(Limit);

    /// <summary>The status that a call failed with.</summary>
    public static async Task<RpcException> Failure(Func<Task> call) => await Assert.ThrowsAsync<RpcException>(() => call().WaitAsync(Limit));
}
