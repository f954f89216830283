using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace FedLab.Containers.Tests;

/// <summary>A server on a unix socket that answers requests with exactly the bytes it is told, right or wrong.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-engine-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, IEnumerable<byte[]>> _answer;
    private readonly Task _serving;

    /// <summary>Starts it.</summary>
    /// <param name="answer">Pieces of the answer to a request line such as <c>GET /v1.41/info</c>; the connection is closed after the last.</param>
    public FakeEngine(Func<string, IEnumerable<byte[]>> answer)
    {
        _answer = answer;
        SocketPath = Path.Combine(_folder, "engine.sock");
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
        _serving = ServeAsync();
    }

    public string SocketPath { get; }

    /// <summary>The bodies of the requests so far.</summary>
    public List<(string Line, string Body)> Requests { get; } = [];

    /// <summary>An engine of a version that answers everything else as told.</summary>
    public static FakeEngine Of(string version, Func<string, IEnumerable<byte[]>> answer) =>
        new(line => line.EndsWith("/_ping", StringComparison.Ordinal) ? [Head("200 OK", 2, $"Api-Version: {version}"), "OK"u8.ToArray()] : answer(line));

    /// <summary>The whole answer with a JSON body.</summary>
    public static byte[][] Json(string body, string status = "200 OK") => [Head(status, Encoding.UTF8.GetByteCount(body), "Content-Type: application/json"), Encoding.UTF8.GetBytes(body)];

    /// <summary>An answer of unknown length: it ends with the connection.</summary>
    public static byte[][] Stream(params byte[][] pieces) => [Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"), .. pieces];

    public static byte[] Head(string status, long length, string header) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status}\r\n{header}\r\nContent-Length: {length}\r\n\r\n"));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ServeAsync()
    {
        var all = new List<Task>();
        try
        {
            while (true) all.Add(AnswerAsync(await _listener.AcceptAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(all);
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await using var stream = new NetworkStream(socket);
                while (await ReadRequestAsync(stream) is { } line)
                {
                    var open = false;
                    foreach (var piece in _answer(line))
                    {
                        await stream.WriteAsync(piece, _stop.Token);
                        open = piece.AsSpan().IndexOf("Content-Length"u8) >= 0 || open;
                    }
                    if (!open) return;
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client has left.
            }
        }
    }

    private async Task<string?> ReadRequestAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!Encoding.ASCII.GetString([.. head]).EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0) return null;
            head.Add(one[0]);
        }
        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n");
        var length = lines.Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(line => int.Parse(line.AsSpan(15), CultureInfo.InvariantCulture)).FirstOrDefault();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, _stop.Token);
        var request = string.Join(' ', lines[0].Split(' ')[..2]);
        lock (Requests) Requests.Add((request, Encoding.UTF8.GetString(body)));
        return request;
    }
}
