using System.Collections.Concurrent;
using System.Net;
using FedLab.Kernel.Messages;
using FedLab.Kernel.Resources;
using FedLab.Kernel.Zmtp;

namespace FedLab.Kernel.Serving;

/// <summary>The channel on which the kernel asks and the front end answers: an <c>input_request</c> to the peer whose cell asks, and the answer that names it.</summary>
internal sealed class Questions : IQuestions, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _waiting = new(StringComparer.Ordinal);
    private readonly RouterSocket _socket;
    private readonly MessageFactory _messages;
    private readonly MessageSigner _signer;

    /// <summary>Binds.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="messages">Makes messages.</param>
    /// <param name="signer">Signs them.</param>
    public Questions(IPEndPoint endpoint, MessageFactory messages, MessageSigner signer)
    {
        (_messages, _signer) = (messages, signer);
        _socket = new RouterSocket(endpoint, new ZmtpLimits { MessageBytes = 4 << 20, IncomingBytes = 16 << 20 }, ReceiveAsync);
    }

    /// <summary>The port that it is bound to.</summary>
    public int Port => _socket.Port;

    /// <inheritdoc />
    public async Task<string> AskAsync(JupyterMessage request, string prompt, bool password, CancellationToken cancellationToken)
    {
        var question = _messages.Reply(request, "input_request", new() { ["prompt"] = prompt, ["password"] = password });
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[question.Id] = answer;
        try
        {
            // Front ends give their stdin connection the identity of their shell connection, the first that the request came with.
            if (request.Identities.Count == 0 || !_socket.SendTo(request.Identities[0], question.Encode(_signer))) throw new InvalidOperationException(Texts.NobodyToAsk);
            return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _waiting.TryRemove(question.Id, out _);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _socket.DisposeAsync();

    private ValueTask ReceiveAsync(ZmtpPeer peer, IReadOnlyList<byte[]> frames, CancellationToken cancellationToken)
    {
        if (!JupyterMessage.TryDecode(frames, _signer, out var message) || message.Type != "input_reply") return ValueTask.CompletedTask;
        // Some front ends leave the parent out; then the answer is to the only question there is.
        var waiting = _waiting.TryGetValue(message.Parent.Text("msg_id"), out var named) ? named : message.Parent.Count == 0 && _waiting.ToArray() is [var only] ? only.Value : null;
        waiting?.TrySetResult(message.Content.Text("value"));
        return ValueTask.CompletedTask;
    }
}
