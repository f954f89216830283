using Microsoft.Extensions.Logging;

namespace Grpc.Tests.Support;

/// <summary>Holds whoever logs until it is released.</summary>
internal sealed class HoldingLoggerProvider : ILoggerProvider, ILogger
{
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _release = new();

    /// <summary>Completes when somebody is held.</summary>
    public Task Held => _held.Task;

    public void Release() => _release.Set();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _held.TrySetResult();
        _release.Wait();
    }

    public void Dispose() => Release();
}
