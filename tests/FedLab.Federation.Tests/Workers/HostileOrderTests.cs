using System.Threading.Channels;
using FedLab.Federation.Channels;
using FedLab.Federation.Scan;
using FedLab.Federation.Scan.Workers;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Federation.Tests.Workers;

/// <summary>Nothing that a worker is told is trusted: sizes, ranges and the order of orders are checked before memory is taken.</summary>
public sealed class HostileOrderTests
{
    private const int Rows = 5000;

    private static readonly ScanPlan Plan = ScanPlan.Find(Rows, 1L << 32, 3, 10, [40], 1e9);
    private static readonly LatticeContext Lattice = new(Plan.Parameters);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_good_session_is_served()
    {
        var reports = await ServeAsync([Setup(), Chunk(0, 0, 1), .. Data(2 * WorkerProtocol.Rows(Plan, 0, 1)), .. Tree(), Vectors(0), .. VectorData(), new() { Collect = new() }]);

        Assert.Equal(WorkReport.BodyOneofCase.Ready, reports[0].BodyCase);
        Assert.Contains(reports, report => report.BodyCase == WorkReport.BodyOneofCase.Done);
        var sums = Assert.Single(reports, report => report.BodyCase == WorkReport.BodyOneofCase.Sums).Sums.Length;
        Assert.Equal(sums, reports.Where(report => report.BodyCase == WorkReport.BodyOneofCase.Data).Sum(report => report.Data.Length));
    }

    public static TheoryData<string, IReadOnlyList<WorkOrder>> Wrong()
    {
        var rows = WorkerProtocol.Rows(Plan, 0, 1);
        WorkOrder[] held = [Setup(), Chunk(0, 0, 1), .. Data(2 * rows)];
        return new()
        {
            { "no setup", [Chunk(0, 0, 1)] },
            { "a setup twice", [Setup(), Setup()] },
            { "a plan that is cut", [new() { Setup = new WorkSetup { Version = WorkerProtocol.Version, Rows = Rows, Plan = Setup().Setup.Plan.Memory[..20].ToArray() is var cut ? ByteString.CopyFrom(cut) : null, CodeCounts = { 4 } } }] },
            { "rows of another scan", [new() { Setup = new WorkSetup { Version = WorkerProtocol.Version, Rows = Rows + 1, Plan = Setup().Setup.Plan, CodeCounts = { 4 } } }] },
            { "too many codes", [new() { Setup = new WorkSetup { Version = WorkerProtocol.Version, Rows = Rows, Plan = Setup().Setup.Plan, CodeCounts = { 257 } } }] },
            { "a chunk behind the end", [Setup(), Chunk(0, Plan.Blocks, 1)] },
            { "a chunk before the begin", [Setup(), Chunk(0, -1, 1)] },
            { "a chunk whose end overflows", [Setup(), Chunk(0, 1, int.MaxValue)] },
            { "an empty chunk", [Setup(), Chunk(0, 0, 0)] },
            { "a chunk twice", [.. held, Chunk(0, 0, 1)] },
            { "more blocks than there are", [.. held, Chunk(1, 0, Plan.Blocks)] },
            { "a code that is none", [Setup(), Chunk(0, 0, 1), .. Data(2 * rows, 4)] },
            { "data without an order", [.. held, .. Data(1)] },
            { "more data than announced", [Setup(), Chunk(0, 0, 1), .. Data((2 * rows) + 1)] },
            { "an order within data", [Setup(), Chunk(0, 0, 1), .. Data(rows), Vectors(0)] },
            { "a tree too large", [.. held, new() { Tree = new WorkTree { Length = WorkerProtocol.MaximumTreeBytes + 1 } }] },
            { "a tree that is cut", [.. held, new() { Tree = new WorkTree { Length = 10 } }, .. Data(10, 1)] },
            { "vectors without candidates", [.. held, Vectors(0), .. VectorData()] },
            { "vectors of an unknown chunk", [.. held, .. Tree(), Vectors(1)] },
            { "too many nodes", [.. held, .. Tree(), new() { Vectors = new WorkVectors { Chunk = 0, Nodes = int.MaxValue } }] },
            { "a ciphertext that is none", [.. held, .. Tree(), Vectors(0), .. Data((int)EncryptedBlocks.Size(Plan, Lattice, 1, 1), 0xFF)] },
            { "sums of nothing", [.. held, .. Tree(), new() { Collect = new() }] },
            { "an empty order", [Setup(), new()] },
        };
    }

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task An_order_that_is_wrong_ends_the_call_with_a_sentence(string what, IReadOnlyList<WorkOrder> orders)
    {
        var error = await Record.ExceptionAsync(() => ServeAsync(orders));

        Assert.True(error is ProtocolException or LatticeFormatException, $"{what}: {error}");
    }

    [Fact]
    public async Task Another_version_is_refused()
    {
        var setup = Setup();
        setup.Setup.Version++;

        var error = await Assert.ThrowsAsync<RpcException>(() => ServeAsync([setup]));

        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
    }

    private static async Task<List<WorkReport>> ServeAsync(IEnumerable<WorkOrder> orders)
    {
        var reports = Channel.CreateUnbounded<WorkReport>();
        await WorkerSession.ServeAsync(new Orders(orders.GetEnumerator()), new Reports(reports.Writer), new TransformMemory(1 << 20), 1, Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
        reports.Writer.Complete();
        return await reports.Reader.ReadAllAsync(Token).ToListAsync(Token);
    }

    private static WorkOrder Setup()
    {
        using var plan = new PayloadBuffer();
        Plan.Write(new MessageWriter(plan));
        return new() { Setup = new WorkSetup { Version = WorkerProtocol.Version, Rows = Rows, Plan = ByteString.CopyFrom(plan.ToArray()), CodeCounts = { 4, 4 } } };
    }

    private static WorkOrder Chunk(int chunk, int first, int blocks) => new() { Chunk = new WorkChunk { Chunk = chunk, FirstBlock = first, Blocks = blocks } };

    private static WorkOrder Vectors(int chunk) => new() { Vectors = new WorkVectors { Chunk = chunk, Nodes = 1 } };

    /// <summary>One candidate: the first code of the second feature.</summary>
    private static WorkOrder[] Tree()
    {
        using var tree = new PayloadBuffer();
        var writer = new MessageWriter(tree);
        writer.Int32(0);
        writer.VarInt(1);
        writer.Int32(1);
        writer.Int32(4);
        writer.Bits([true, false, false, false]);
        writer.Int32(0);
        return [new() { Tree = new WorkTree { Length = tree.Length } }, new() { Data = ByteString.CopyFrom(tree.ToArray()) }];
    }

    private static WorkOrder[] VectorData()
    {
        using var secret = SecretKey.Generate(Lattice, 2);
        using var bytes = new PayloadBuffer();
        new SymmetricEncryptor(secret).EncryptTogether([new long[] { 1, 2, 3 }, new long[] { 4, 5, 6 }], Plan.ScaleBits).Write(bytes);
        return [.. Pieces(bytes.ToArray())];
    }

    private static WorkOrder[] Data(int length, byte value = 0) => [.. Pieces([.. Enumerable.Repeat(value, length)])];

    private static IEnumerable<WorkOrder> Pieces(byte[] bytes) => bytes.Chunk(1 << 17).Select(piece => new WorkOrder { Data = ByteString.CopyFrom(piece) });

    private sealed class Orders(IEnumerator<WorkOrder> orders) : IAsyncStreamReader<WorkOrder>
    {
        public WorkOrder Current => orders.Current;

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(orders.MoveNext());
    }

    private sealed class Reports(ChannelWriter<WorkReport> reports) : IServerStreamWriter<WorkReport>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(WorkReport message) => reports.WriteAsync(message.Clone()).AsTask();

        public Task WriteAsync(WorkReport message, CancellationToken cancellationToken) => WriteAsync(message);
    }
}
