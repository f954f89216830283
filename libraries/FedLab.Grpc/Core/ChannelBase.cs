namespace Grpc.Core;

/// <summary>A way to one server, over which calls are made.</summary>
public abstract class ChannelBase
{
    /// <summary>Creates a channel.</summary>
    /// <param name="target">The server's address, for people.</param>
    protected ChannelBase(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Target = target;
    }

    /// <summary>The server's address, for people.</summary>
    public string Target { get; }

    /// <summary>Creates an invoker that starts calls on this channel.</summary>
    public abstract CallInvoker CreateCallInvoker();

    /// <summary>Ends the channel and cancels the calls that still run.</summary>
    public Task ShutdownAsync() => ShutdownAsyncCore();

    /// <summary>Ends the channel and cancels the calls that still run.</summary>
    protected virtual Task ShutdownAsyncCore() => Task.CompletedTask;
}
