using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Federation.Remote;
using FedLab.Operation.Configuration;

namespace FedLab.Operation.Management;

/// <summary>
/// <c>PROGRAM health</c>: asks the program that is at work beside it, through its management port, whether it can do its work. For whatever watches
/// programs by starting others, such as a container engine: an image needs nothing but FedLab for it.
/// </summary>
public static class HealthCommand
{
    private const int LargestAnswerBytes = 64 << 10;

    /// <summary>A program whose processors are all at work on a scan takes a while to answer, and a swarm ends one that has not answered three times. Shorter than the images' limit.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>Runs the command.</summary>
    /// <param name="arguments">What stands behind <c>health</c>: <c>--home DIR</c> with <c>--set FIELD=VALUE</c> as the program itself has them, or <c>--management ADDRESS:PORT</c>.</param>
    /// <param name="configurationFile">Name of the program's configuration in its home folder.</param>
    /// <param name="output">Where the answer goes: one line, since watchers keep it.</param>
    /// <returns>The exit code: 0 when the program can do its work, 1 when it cannot or does not answer, 2 for a wrong command line or configuration.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, string configurationFile, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(output);
        try
        {
            if (arguments is ["--help"] or ["-h"])
            {
                await output.WriteLineAsync(Messages.HealthUsage).ConfigureAwait(false);
                return TerminalProgram.Ok;
            }
            var problem = await AskAsync(Address(arguments, configurationFile)).ConfigureAwait(false);
            await output.WriteLineAsync(problem ?? Messages.Ready).ConfigureAwait(false);
            return problem is null ? TerminalProgram.Ok : TerminalProgram.Failure;
        }
        catch (ConfigurationException e)
        {
            return TerminalProgram.Complain(e.Message, TerminalProgram.Usage);
        }
    }

    private static IPEndPoint Address(IReadOnlyList<string> arguments, string configurationFile)
    {
        if (arguments is ["--management", var management]) return IPEndPoint.TryParse(management, out var given) && given.Port > 0 ? Reached(given) : throw new ConfigurationException(Messages.HealthUsage);
        string? home = null;
        var settings = new List<string>();
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (i + 1 == arguments.Count || arguments[i] is not ("--home" or "--set")) throw new ConfigurationException(Messages.HealthUsage);
            if (arguments[i] == "--home") home = arguments[i + 1];
            else settings.Add(arguments[i + 1]);
        }
        if (home is null) throw new ConfigurationException(Messages.HealthUsage);
        var (options, source) = LayeredConfiguration.Read<ManagementPart>(Path.Combine(home, configurationFile), settings);
        options.Management.Check((field, problem) => new ConfigurationException(Messages.FieldInvalid(source, field, problem)));
        return options.Management.Port > 0
            ? Reached(new IPEndPoint(IPAddress.Parse(options.Management.Listen), options.Management.Port))
            : throw new ConfigurationException(Messages.FieldInvalid(source, "management.port", Messages.HealthNeedsPort));
    }

    /// <summary>Who listens on all addresses is reached on this machine's own.</summary>
    private static IPEndPoint Reached(IPEndPoint listens) =>
        listens.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listens.Port)
        : listens.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, listens.Port)
        : listens;

    /// <summary>
    /// What is wrong; null when nothing is. Without HttpClient: a watcher starts this program every few seconds, and making that client ready takes
    /// a tenth of a second of processor time, as much as the rest of the command.
    /// </summary>
    private static async Task<string?> AskAsync(IPEndPoint address)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var connection = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await connection.ConnectAsync(address, patience.Token).ConfigureAwait(false);
            // HTTP/1.0 (RFC 1945): the answer comes in one piece and ends with the connection.
            await connection.SendAsync(Encoding.ASCII.GetBytes($"GET /readyz HTTP/1.0\r\nHost: {address}\r\n\r\n"), patience.Token).ConfigureAwait(false);
            var answer = new byte[LargestAnswerBytes];
            var length = 0;
            while (length < answer.Length && await connection.ReceiveAsync(answer.AsMemory(length), patience.Token).ConfigureAwait(false) is var received and > 0) length += received;
            return StatusOf(answer.AsSpan(0, length)) switch
            {
                (int)HttpStatusCode.OK => null,
                (int)HttpStatusCode.ServiceUnavailable => Messages.NotReady(ReasonsOf(answer.AsMemory(0, length))),
                _ => Messages.NotOurs(address.ToString()),
            };
        }
        catch (SocketException e)
        {
            return Messages.NoAnswer(address.ToString(), e.Message);
        }
        catch (OperationCanceledException)
        {
            return Messages.NoAnswer(address.ToString(), Messages.NotWithin(Patience.TotalSeconds));
        }
    }

    /// <summary>The code in the first line, <c>HTTP/1.1 503 Service Unavailable</c>; 0 when it is no such line.</summary>
    private static int StatusOf(ReadOnlySpan<byte> answer) =>
        answer.StartsWith("HTTP/1."u8) && answer.Length > 12 && Utf8Parser.TryParse(answer[9..12], out int code, out var digits) && digits == 3 ? code : 0;

    private static string ReasonsOf(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using var body = JsonDocument.Parse(answer[(answer.Span.IndexOf("\r\n\r\n"u8) + 4)..]);
            return string.Join(", ", body.RootElement.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return "";
        }
    }

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    private sealed record ManagementPart
    {
        public ManagementOptions Management { get; init; } = new();
    }
}
