using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using FedLab.Kernel.Messages;
using FedLab.Kernel.Session;
using FedLab.Kernel.Zmtp;

namespace FedLab.Kernel.Serving;

/// <summary>
/// A Jupyter kernel (protocol 5.3): five sockets around one C# session.
/// </summary>
/// <remarks>
/// <code>
///  shell   ROUTER ─▶ queue ─▶ one request at a time ─▶ CellExecutor ─▶ a thread for each cell
///                                     └────────────▶ Answers (completion, inspection, history, …)
///  control ROUTER ─▶ at once: interrupt, shutdown
///  stdin   ROUTER ◀▶ Questions
///  iopub   PUB    ◀─ status, output of cells (CellOutput)
///  hb      REP    ─▶ echo
/// </code>
/// Nothing that a cell does holds up control, heartbeat or the connections.
/// </remarks>
internal sealed class JupyterKernel : IAsyncDisposable
{
    // More cells than a notebook has; a front end that sends more is read on when some are done.
    private const int QueuedRequests = 4096;

    private readonly MessageFactory _messages;
    private readonly MessageSigner _signer;
    private readonly PublisherSocket _iopub;
    private readonly Questions _questions;
    private readonly EchoSocket _heartbeat;
    private readonly RouterSocket _control;
    private readonly RouterSocket _shell;
    private readonly CellExecutor _executor;
    private readonly Answers _answers;
    private readonly Channel<Request> _queue = Channel.CreateBounded<Request>(QueuedRequests);
    private readonly TaskCompletionSource _shutdown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _received;
    private long _givenUp;

    /// <summary>Binds the sockets and begins to take requests.</summary>
    /// <param name="connection">Where and with which key.</param>
    /// <param name="session">The C# session, once it is ready; until then everything else is answered.</param>
    /// <param name="history">The history, once it is read.</param>
    /// <param name="culture">The language at first.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="System.Net.Sockets.SocketException">A port is taken.</exception>
    public JupyterKernel(ConnectionFile connection, Task<CSharpSession> session, Task<HistoryStore> history, CultureInfo culture, TimeProvider time)
    {
        var language = new NotebookLanguage(culture);
        _messages = new MessageFactory(time);
        _signer = new MessageSigner(connection.Key);
        _iopub = new PublisherSocket(At(connection.IopubPort), ZmtpLimits.Small);
        _heartbeat = new EchoSocket(At(connection.HeartbeatPort), ZmtpLimits.Small);
        _questions = new Questions(At(connection.StdinPort), _messages, _signer);
        _executor = new CellExecutor(session, history, Publish, _questions, language, time);
        _answers = new Answers(session, history, language);
        _control = new RouterSocket(At(connection.ControlPort), new ZmtpLimits { MessageBytes = 1 << 20, IncomingBytes = 8 << 20 }, ControlAsync);
        _shell = new RouterSocket(At(connection.ShellPort), new ZmtpLimits(), EnqueueAsync);

        IPEndPoint At(int port) => new(connection.Address, port);
    }

    /// <summary>Ports of shell, control, stdin, output and heartbeat, as they were bound.</summary>
    public (int Shell, int Control, int Stdin, int Iopub, int Heartbeat) Ports => (_shell.Port, _control.Port, _questions.Port, _iopub.Port, _heartbeat.Port);

    /// <summary>Serves until a front end asks for the end.</summary>
    /// <param name="cancellationToken">Ends it too.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Publish(null, "status", State("starting"));
        var serving = ServeAsync(end.Token);
        try
        {
            await (await Task.WhenAny(_shutdown.Task.WaitAsync(cancellationToken), serving).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked from outside: by a signal, or by the parent's end.
        }
        finally
        {
            _executor.Interrupt();
            await end.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Interrupts the cell that runs, if one does.</summary>
    public void Interrupt() => _executor.Interrupt();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // The queue stays open: a request that still comes finds its place, and nobody who takes it.
        await Task.WhenAll(new IAsyncDisposable[] { _shell, _control, _questions, _iopub, _heartbeat }.Select(socket => socket.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        await foreach (var request in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) await AnswerAsync(request).ConfigureAwait(false);
    }

    private async ValueTask EnqueueAsync(ZmtpPeer peer, IReadOnlyList<byte[]> frames, CancellationToken cancellationToken)
    {
        if (!JupyterMessage.TryDecode(frames, _signer, out var message)) return;
        // Frames of a DEALER come without its name: the answer goes back on its connection, and the name finds its stdin connection.
        await _queue.Writer.WriteAsync(new(peer, message with { Identities = [peer.Identity, .. message.Identities] }, Interlocked.Increment(ref _received)), cancellationToken).ConfigureAwait(false);
    }

    private async Task AnswerAsync(Request request)
    {
        var message = request.Message;
        Publish(message, "status", State("busy"));
        try
        {
            await HandleAsync(request).ConfigureAwait(false);
        }
        catch (Exception exception) when (message.Type.EndsWith("_request", StringComparison.Ordinal))
        {
            // A fault of the kernel or of the compiler, not of the cell: it must not take the notebook with it, and is said in full.
            var fault = new FailureReport(exception.GetType().Name, exception.Message, exception.ToString().Split('\n'));
            if (message.Type == "execute_request") Publish(message, "error", CellExecutor.Error(fault));
            var content = CellExecutor.Error(fault);
            content["status"] = "error";
            Reply(request.Peer, message, ReplyType(message), content);
        }
        Publish(message, "status", State("idle"));
    }

    private async Task HandleAsync(Request request)
    {
        var message = request.Message;
        switch (message.Type)
        {
            case "execute_request":
                var (content, stop) = request.Number <= _givenUp ? (new JsonObject { ["status"] = "aborted" }, false) : await _executor.ExecuteAsync(message).ConfigureAwait(false);
                // What had arrived when a cell failed was meant to go on from what it did not do.
                if (stop) _givenUp = Interlocked.Read(ref _received);
                Reply(request.Peer, message, "execute_reply", content);
                break;
            case "shutdown_request":
                Shutdown(request.Peer, message);
                break;
            case "comm_open":
                // The protocol asks that a comm for a target that nobody serves be closed.
                Publish(message, "comm_close", new() { ["comm_id"] = message.Content.Text("comm_id"), ["data"] = new JsonObject() });
                break;
            default:
                if (await _answers.AnswerAsync(message).ConfigureAwait(false) is { } answer) Reply(request.Peer, message, ReplyType(message), answer);
                break;
        }
    }

    private async ValueTask ControlAsync(ZmtpPeer peer, IReadOnlyList<byte[]> frames, CancellationToken cancellationToken)
    {
        if (!JupyterMessage.TryDecode(frames, _signer, out var message)) return;
        message = message with { Identities = [peer.Identity, .. message.Identities] };
        Publish(message, "status", State("busy"));
        switch (message.Type)
        {
            case "interrupt_request":
                _executor.Interrupt();
                Reply(peer, message, "interrupt_reply", new() { ["status"] = "ok" });
                break;
            case "shutdown_request":
                Shutdown(peer, message);
                break;
            case "kernel_info_request":
                if (await _answers.AnswerAsync(message).ConfigureAwait(false) is { } content) Reply(peer, message, "kernel_info_reply", content);
                break;
        }
        Publish(message, "status", State("idle"));
    }

    private void Shutdown(ZmtpPeer peer, JupyterMessage message)
    {
        JsonObject Content() => new() { ["status"] = "ok", ["restart"] = message.Content.Flag("restart", otherwise: false) };
        Reply(peer, message, "shutdown_reply", Content());
        Publish(message, "shutdown_reply", Content());
        _executor.Interrupt();
        _shutdown.TrySetResult();
    }

    private void Reply(ZmtpPeer peer, JupyterMessage request, string type, JsonObject content)
    {
        var reply = _messages.Reply(request, type, content);
        RouterSocket.Send(peer, (reply with { Identities = [.. reply.Identities.Skip(1)] }).Encode(_signer));
    }

    private void Publish(JupyterMessage? request, string type, JsonObject content) => _iopub.Publish(_messages.Output(request, type, content).Encode(_signer));

    private static JsonObject State(string state) => new() { ["execution_state"] = state };

    private static string ReplyType(JupyterMessage message) => message.Type.Replace("_request", "_reply", StringComparison.Ordinal);

    private sealed record Request(ZmtpPeer Peer, JupyterMessage Message, long Number);
}
