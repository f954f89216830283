using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;

namespace Grpc.Tests.Support;

/// <summary>Sends whatever bytes and headers a test wants, over HTTP/2, and reads the answer as it came.</summary>
internal sealed class RawClient(Uri address) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false });

    public static byte[] Frame(ReadOnlySpan<byte> message, byte flag = 0, uint? length = null)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length ?? (uint)message.Length);
        message.CopyTo(frame.AsSpan(5));
        return frame;
    }

    public async Task<RawAnswer> PostAsync(string method, byte[] body, string contentType = "application/grpc", bool te = true, string path = "/fedlab.trial.Notes/", params (string Name, string Value)[] headers)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(address, path + method)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        message.Content = new ByteArrayContent(body);
        message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (te) message.Headers.TryAddWithoutValidation("te", "trailers");
        foreach (var (name, value) in headers) message.Headers.TryAddWithoutValidation(name, value);
        using var response = await _http.SendAsync(message, CancellationToken.None).WaitAsync(Wait.Limit);
        var bytes = await response.Content.ReadAsByteArrayAsync().WaitAsync(Wait.Limit);
        return new RawAnswer(response.StatusCode, Collect(response.Headers), Collect(response.TrailingHeaders), bytes);
    }

    public void Dispose() => _http.Dispose();

    private static Dictionary<string, string> Collect(HttpResponseHeaders headers) => headers.NonValidated.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
}

/// <summary>An answer as it came.</summary>
internal sealed record RawAnswer(HttpStatusCode Http, Dictionary<string, string> Headers, Dictionary<string, string> Trailers, byte[] Body)
{
    /// <summary>Whether the answer was headers alone.</summary>
    public bool IsTrailersOnly => Headers.ContainsKey("grpc-status");

    public StatusCode Status => (StatusCode)int.Parse((IsTrailersOnly ? Headers : Trailers)["grpc-status"], System.Globalization.CultureInfo.InvariantCulture);

    public string Message => (IsTrailersOnly ? Headers : Trailers).GetValueOrDefault("grpc-message", "");
}
