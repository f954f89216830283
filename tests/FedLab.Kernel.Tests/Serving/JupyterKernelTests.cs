using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using FedLab.Kernel.Messages;
using FedLab.Kernel.Serving;
using FedLab.Kernel.Session;
using FedLab.Kernel.Tests.Zmtp;
using FedLab.Kernel.Zmtp;

namespace FedLab.Kernel.Tests.Serving;

/// <summary>A whole kernel in this process, asked by libzmq.</summary>
public sealed class JupyterKernelTests : IDisposable
{
    private static readonly byte[] Key = "the key"u8.ToArray();

    private readonly MessageFactory _messages = new(TimeProvider.System);
    private readonly MessageSigner _signer = new(Key);
    private readonly CancellationTokenSource _end = new();

    public void Dispose() => _end.Dispose();

    [Fact]
    public async Task A_compiler_that_does_not_come_to_life_is_said_and_the_kernel_goes_on()
    {
        Libzmq.Require();
        await using var kernel = Kernel(Task.FromException<CSharpSession>(new BadImageFormatException("torn")));
        var running = kernel.RunAsync(_end.Token);
        using var shell = new Libzmq(Libzmq.Dealer, kernel.Ports.Shell);
        foreach (var type in new[] { "execute", "complete", "inspect" })
        {
            var reply = Ask(shell, type + "_request", new() { ["code"] = "1 + 1", ["cursor_pos"] = 1 });
            Assert.Equal((type + "_reply", "error", "BadImageFormatException"), (reply.Type, reply.Content.Text("status"), reply.Content.Text("ename")));
        }
        Assert.Equal("ok", Ask(shell, "kernel_info_request", []).Content.Text("status"));
        await _end.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Strangers_are_not_answered_and_keep_nobody_from_being_answered()
    {
        Libzmq.Require();
        await using var kernel = Kernel(Task.FromResult(new CSharpSession(CellImports.Options(AppContext.BaseDirectory))));
        var running = kernel.RunAsync(_end.Token);
        using var stranger = new Libzmq(Libzmq.Dealer, kernel.Ports.Shell, timeout: 300);
        var wrong = new MessageSigner("another key"u8.ToArray());
        var run = _messages.Output(null, "execute_request", new() { ["code"] = $"System.IO.File.Delete(\"{Path.GetTempFileName()}\")" }) with { Identities = [] };
        stranger.Send([.. run.Encode(wrong)]);
        stranger.Send("<IDS|MSG>"u8.ToArray());
        stranger.Send([], [], [], [], [], [], [], []);
        stranger.Send([1, 2, 3]);
        for (var index = 0; index < 50; index++) stranger.Send(new byte[100_000]);
        Assert.Null(stranger.Receive());
        using var front = new Libzmq(Libzmq.Dealer, kernel.Ports.Shell);
        var reply = Ask(front, "execute_request", new() { ["code"] = "throw new Exception(\"x\");" });
        Assert.Equal(("execute_reply", "error", 1), (reply.Type, reply.Content.Text("status"), reply.Content.Number("execution_count", null)));
        // Fields of another type than the protocol's are as good as missing.
        Assert.Equal("ok", Ask(front, "execute_request", new() { ["code"] = 5, ["silent"] = "no", ["user_expressions"] = new JsonArray() }).Content.Text("status"));
        Assert.Equal("ok", Ask(front, "complete_request", new() { ["code"] = "Consol", ["cursor_pos"] = 1_000_000 }).Content.Text("status"));
        Assert.Equal("ok", Ask(front, "history_request", new() { ["hist_access_type"] = "range", ["session"] = int.MinValue, ["start"] = -1 }).Content.Text("status"));
        using var control = new Libzmq(Libzmq.Dealer, kernel.Ports.Control);
        Assert.Equal("interrupt_reply", Ask(control, "interrupt_request", []).Type);
        var ended = Ask(control, "shutdown_request", new() { ["restart"] = true });
        Assert.True(ended.Content.Flag("restart", otherwise: false));
        await running.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_a_cell_shows_is_in_no_file()
    {
        Libzmq.Require();
        var folder = Directory.CreateTempSubdirectory("fedlab-data-").FullName;
        try
        {
            var history = HistoryStore.OpenAsync(HistoryStore.DefaultPath(_ => folder), default);
            await using var kernel = Kernel(Task.FromResult(new CSharpSession(CellImports.Options(AppContext.BaseDirectory))), history);
            var running = kernel.RunAsync(_end.Token);
            using var shell = new Libzmq(Libzmq.Dealer, kernel.Ports.Shell);
            Assert.Equal("ok", Ask(shell, "execute_request", new() { ["code"] = "string.Concat(\"can\", \"ary\", 6 * 7)" }).Content.Text("status"));
            var remembered = Ask(shell, "history_request", new() { ["hist_access_type"] = "tail", ["output"] = true }).Content["history"]!.ToJsonString();
            Assert.Contains("canary42", remembered, StringComparison.Ordinal);
            await _end.CancelAsync();
            await running;
            var written = string.Concat(Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(File.ReadAllText));
            Assert.Contains("string.Concat", written, StringComparison.Ordinal);
            Assert.DoesNotContain("canary42", written, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_kernel_closes_without_a_fault_while_requests_still_come()
    {
        for (var round = 0; round < 10; round++)
        {
            var kernel = Kernel(Task.FromException<CSharpSession>(new BadImageFormatException("none")));
            using var shell = new TcpClient();
            await shell.ConnectAsync(IPAddress.Loopback, kernel.Ports.Shell, TestContext.Current.CancellationToken);
            var asking = AskOnAsync(shell.GetStream());
            await Task.Delay(round % 10, TestContext.Current.CancellationToken);
            await kernel.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
            await asking;
        }

        async Task AskOnAsync(NetworkStream stream)
        {
            try
            {
                await stream.WriteAsync(ZmtpWire.Greeting());
                await stream.WriteAsync(ZmtpWire.ReadyCommand("DEALER"));
                while (true) await stream.WriteAsync(FramingTests.Message((_messages.Output(null, "kernel_info_request", []) with { Identities = [] }).Encode(_signer)));
            }
            catch (IOException)
            {
                // Closed.
            }
        }
    }

    private static JupyterKernel Kernel(Task<CSharpSession> session, Task<HistoryStore>? history = null)
    {
        var connection = new ConnectionFile { Address = IPAddress.Loopback, ShellPort = 0, ControlPort = 0, StdinPort = 0, IopubPort = 0, HeartbeatPort = 0, Key = Key };
        return new(connection, session, history ?? HistoryStore.OpenAsync(null, default), CultureInfo.GetCultureInfo("en"), TimeProvider.System);
    }

    private JupyterMessage Ask(Libzmq socket, string type, JsonObject content)
    {
        socket.Send([.. (_messages.Output(null, type, content) with { Identities = [] }).Encode(_signer)]);
        var frames = socket.Receive();
        Assert.NotNull(frames);
        Assert.True(JupyterMessage.TryDecode(frames, _signer, out var reply));
        return reply;
    }
}
