using System.Collections.Concurrent;
using System.Threading.Channels;
using FedLab.Federation.Scan;
using FedLab.Federation.Scan.Workers;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Federation.Tests.Workers;

/// <summary>Scan workers in this process: the service's own code over queues in place of a network, whose messages are written and parsed.</summary>
internal sealed class MemoryWorkers : IScanWorkers
{
    private readonly List<MemoryWorker> _workers;

    public MemoryWorkers(int workers) => _workers = [.. Enumerable.Range(1, workers).Select(number => new MemoryWorker($"worker-{number}"))];

    public IReadOnlyList<MemoryWorker> Workers => _workers;

    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    public ConcurrentQueue<string> Seen { get; } = [];

    public ConcurrentQueue<(string Name, string Reason)> Gone { get; } = [];

    public int TimesAlone { get; private set; }

    public ValueTask<IReadOnlyList<ScanWorker>> FindAsync(CancellationToken cancellationToken) => new([.. _workers.Select(worker => new ScanWorker(worker.Name, worker))]);

    public void Found(string name) => Seen.Enqueue(name);

    public void Lost(string name, string reason) => Gone.Enqueue((name, reason));

    public void NoneLeft() => TimesAlone++;
}

/// <summary>A worker that can be made to fail.</summary>
internal sealed class MemoryWorker(string name) : CallInvoker
{
    private readonly TransformMemory _memory = new(1 << 26);

    public string Name => name;

    /// <summary>Calls so far.</summary>
    public int Calls { get; private set; }

    /// <summary>The service's side of the last call.</summary>
    public Task Serving { get; private set; } = Task.CompletedTask;

    /// <summary>Orders by kind, all calls together.</summary>
    public ConcurrentDictionary<WorkOrder.BodyOneofCase, int> Orders { get; } = [];

    /// <summary>Breaks the connection when this says so of an order on its way to the worker.</summary>
    public Func<WorkOrder, bool>? BreaksAt { get; set; }

    /// <summary>What becomes of a report on its way back; null swallows it.</summary>
    public Func<WorkReport, WorkReport?> Alter { get; set; } = report => report;

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        Calls++;
        var end = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken);
        var orders = Channel.CreateBounded<WorkOrder>(4);
        var reports = Channel.CreateUnbounded<WorkReport>();
        Serving = Task.Run(async () =>
        {
            try
            {
                await WorkerSession.ServeAsync(new Reader<WorkOrder>(orders.Reader), new Writer<WorkReport>(report =>
                {
                    if (Alter(Copy(report, WorkReport.Parser)) is { } altered) reports.Writer.TryWrite(altered);
                    return Task.CompletedTask;
                }), _memory, 1, end.Token);
                reports.Writer.TryComplete();
            }
            catch (Exception e)
            {
                reports.Writer.TryComplete(e is OperationCanceledException ? new RpcException(new Status(StatusCode.Unavailable, "broken")) : new RpcException(new Status(StatusCode.InvalidArgument, e.Message)));
            }
        });
        var writer = new Writer<WorkOrder>(async order =>
        {
            Orders.AddOrUpdate(order.BodyCase, 1, (_, count) => count + 1);
            if (BreaksAt?.Invoke(order) == true)
            {
                reports.Writer.TryComplete(new RpcException(new Status(StatusCode.Unavailable, "broken")));
                await end.CancelAsync();
            }
            if (end.IsCancellationRequested) throw new RpcException(new Status(StatusCode.Unavailable, "broken"));
            await orders.Writer.WriteAsync(Copy(order, WorkOrder.Parser), end.Token);
        });
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            (IClientStreamWriter<TRequest>)(object)writer,
            (IAsyncStreamReader<TResponse>)(object)new Reader<WorkReport>(reports.Reader),
            Task.FromResult(new Metadata()),
            () => Status.DefaultSuccess,
            () => [],
            end.Cancel);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    private static T Copy<T>(T message, MessageParser<T> parser)
        where T : IMessage<T>
    {
        var bytes = message.ToByteArray();
        Assert.InRange(bytes.Length, 0, WorkerProtocol.MaximumMessageBytes);
        return parser.ParseFrom(bytes);
    }

    private sealed class Reader<T>(ChannelReader<T> channel) : IAsyncStreamReader<T>
    {
        public T Current { get; private set; } = default!;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (!await channel.WaitToReadAsync(cancellationToken)) return false;
            Current = await channel.ReadAsync(cancellationToken);
            return true;
        }
    }

    private sealed class Writer<T>(Func<T, Task> write) : IClientStreamWriter<T>, IServerStreamWriter<T>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(T message) => write(message);

        public Task WriteAsync(T message, CancellationToken cancellationToken) => write(message).WaitAsync(cancellationToken);

        public Task CompleteAsync() => Task.CompletedTask;
    }
}
