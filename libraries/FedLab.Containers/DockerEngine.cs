using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FedLab.Containers.Wire;

namespace FedLab.Containers;

/// <summary>
/// A container engine that speaks the Docker Engine API over its unix socket, as far as a lab needs it: images, containers,
/// networks, events and swarm services. Every answer is read within limits; every failure is an <see cref="EngineException"/>
/// with one sentence. May be used from several threads.
/// </summary>
/// <remarks>
/// <code>
///   method ──► request (JSON) ──► unix socket ──► engine
///                                                  │ one JSON value          → AskAsync, at most 16 MiB
///                                                  │ log frames, kind+length → LogReader
///                                                  │ one value after another → JsonValues, at most 1 MiB each
///   EngineException ◄── status ≥ 400 {"message"} ◄─┘
/// </code>
/// Source: Docker Engine API v1.41, https://docs.docker.com/reference/api/engine/version/v1.41/.
/// </remarks>
public sealed partial class DockerEngine : IDisposable
{
    private const int MaximumAnswerBytes = 16 << 20;
    private const int MaximumErrorBytes = 64 << 10;
    private const int MaximumMessageLength = 500;

    private static readonly Version OldestVersion = new(1, 41); // Docker 20.10
    private static readonly Version NewestVersion = new(1, 47); // newer engines keep to what an older client asks for
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // an engine on a slow disk makes a container in seconds

    private readonly HttpClient _http;
    private readonly string _prefix;

    private DockerEngine(string socket, HttpClient http, Version version)
    {
        (Socket, _http, ApiVersion) = (socket, http, version);
        _prefix = $"/v{version}";
    }

    /// <summary>Path of the engine's socket.</summary>
    public string Socket { get; }

    /// <summary>The version of the Engine API that both sides speak.</summary>
    public Version ApiVersion { get; }

    /// <summary>Connects and settles on a version of the API.</summary>
    /// <param name="socket">Path of the engine's unix socket.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="EngineException">Nobody answers there, it may not be used, or it is no engine or too old.</exception>
    public static async Task<DockerEngine> ConnectAsync(string socket, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(socket);
        var http = new HttpClient(Handler(socket)) { BaseAddress = new Uri("http://engine"), Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            using var response = await SendAsync(http, socket, HttpMethod.Get, "/_ping", content: null, Patience, cancellationToken).ConfigureAwait(false);
            if (!response.Headers.TryGetValues("Api-Version", out var values) || !Version.TryParse(values.First(), out var offered)) throw new EngineException(EngineFailure.Malformed, Messages.NotAnEngine(socket));
            if (offered < OldestVersion) throw new EngineException(EngineFailure.Refused, Messages.EngineTooOld(socket, offered.ToString(), OldestVersion.ToString()));
            return new DockerEngine(socket, http, offered < NewestVersion ? offered : NewestVersion);
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler Handler(string socket) => new()
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(connection, ownsSocket: true);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        },
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        MaxResponseHeadersLength = 64,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
    };

    private static string Escaped(string text) => Uri.EscapeDataString(text);

    /// <summary>A filter as the API wants it: a JSON object of lists, as a part of the query.</summary>
    private static string Filter(IReadOnlyDictionary<string, string[]> filter) => Escaped(JsonSerializer.Serialize(filter, EngineJson.Default.IReadOnlyDictionaryStringStringArray));

    private static ByteArrayContent Json<T>(T body, JsonTypeInfo<T> type) => new(JsonSerializer.SerializeToUtf8Bytes(body, type)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    /// <summary>Sends a request and gives the answer's head; a refusal becomes an exception.</summary>
    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string socket, HttpMethod method, string path, HttpContent? content, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineException(EngineFailure.TooSlow, Messages.EngineTooSlow(socket, (int)patience.TotalSeconds), e);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(socket, e);
        }
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified) return response;
        using (response)
        {
            var text = await ReadErrorAsync(response, limit.Token).ConfigureAwait(false);
            throw Refusal(response.StatusCode, text);
        }
    }

    private static EngineException Unreachable(string socket, HttpRequestException e) => e switch
    {
        { InnerException: SocketException { SocketErrorCode: SocketError.AccessDenied } } => new EngineException(EngineFailure.NotAllowed, Messages.EngineNotAllowed(socket), e),
        { InnerException: SocketException } => new EngineException(EngineFailure.Absent, Messages.EngineAbsent(socket), e),
        { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } => new EngineException(EngineFailure.Malformed, Messages.NotAnEngine(socket), e),
        _ => new EngineException(EngineFailure.Absent, Messages.ConnectionBroken(socket, (e.InnerException ?? e).Message), e),
    };

    private static EngineException Refusal(HttpStatusCode status, string text) => new(
        status switch
        {
            HttpStatusCode.NotFound => EngineFailure.NotFound,
            HttpStatusCode.Conflict => EngineFailure.Conflict,
            _ => EngineFailure.Refused,
        },
        Messages.EngineRefused(text.Length > 0 ? text : ((int)status).ToString(CultureInfo.InvariantCulture)));

    /// <summary>The engine's own words: <c>{"message"}</c>, shortened; a body that is none is told as it is.</summary>
    private static async Task<string> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            using var body = new MemoryStream();
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var buffer = new byte[8192];
            for (int read; body.Length < MaximumErrorBytes && (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;) body.Write(buffer, 0, read);
            var bytes = body.ToArray();
            try
            {
                text = JsonSerializer.Deserialize(bytes, EngineJson.Default.WireError)?.Message ?? "";
            }
            catch (JsonException)
            {
                text = System.Text.Encoding.UTF8.GetString(bytes);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            return "";
        }
        var line = string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return line.Length <= MaximumMessageLength ? line : line[..MaximumMessageLength] + "…";
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken, TimeSpan? patience = null) =>
        SendAsync(_http, Socket, method, _prefix + path, content, patience ?? Patience, cancellationToken);

    /// <summary>Does something whose answer says no more than that it is done.</summary>
    private async Task DoAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        using var response = await SendAsync(method, path, content, cancellationToken, patience).ConfigureAwait(false);
    }

    /// <summary>Asks for one JSON value.</summary>
    private async Task<T> AskAsync<T>(HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancellationToken, TimeSpan? patience = null)
        where T : class
    {
        var request = $"{method} {path.Split('?')[0]}";
        using var response = await SendAsync(method, path, content, cancellationToken, patience).ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience ?? Patience);
        try
        {
            await using var stream = new LimitedStream(await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false), MaximumAnswerBytes);
            return await JsonSerializer.DeserializeAsync(stream, type, limit.Token).ConfigureAwait(false) ?? throw new EngineException(EngineFailure.Malformed, Messages.AnswerMalformed(Socket, request));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineException(EngineFailure.TooSlow, Messages.EngineTooSlow(Socket, (int)(patience ?? Patience).TotalSeconds), e);
        }
        catch (LimitExceededException e)
        {
            throw new EngineException(EngineFailure.Malformed, Messages.AnswerTooLarge(Socket, request, MaximumAnswerBytes), e);
        }
        catch (JsonException e)
        {
            throw new EngineException(EngineFailure.Malformed, Messages.AnswerMalformed(Socket, request), e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new EngineException(EngineFailure.Absent, Messages.ConnectionBroken(Socket, e.Message), e);
        }
    }

    private EngineException Malformed(string request) => new(EngineFailure.Malformed, Messages.AnswerMalformed(Socket, request));

    private EngineException Broken(Exception e) => e is MalformedStreamException
        ? new EngineException(EngineFailure.Malformed, Messages.AnswerMalformed(Socket, e.Message), e)
        : new EngineException(EngineFailure.Absent, Messages.ConnectionBroken(Socket, e.Message), e);
}
