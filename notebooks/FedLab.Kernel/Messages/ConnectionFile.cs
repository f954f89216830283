using System.Net;
using System.Text;
using System.Text.Json;
using FedLab.Kernel.Resources;

namespace FedLab.Kernel.Messages;

/// <summary>What Jupyter tells a kernel: where to listen and the key that signs every message.</summary>
internal sealed record ConnectionFile
{
    private const int MaximumBytes = 64 << 10;

    /// <summary>The address to listen on.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Port of the ROUTER for requests.</summary>
    public required int ShellPort { get; init; }

    /// <summary>Port of the ROUTER for interrupts and the like.</summary>
    public required int ControlPort { get; init; }

    /// <summary>Port of the ROUTER through which the kernel asks.</summary>
    public required int StdinPort { get; init; }

    /// <summary>Port of the PUB for output.</summary>
    public required int IopubPort { get; init; }

    /// <summary>Port of the heartbeat.</summary>
    public required int HeartbeatPort { get; init; }

    /// <summary>The key of the signatures, as bytes.</summary>
    public required byte[] Key { get; init; }

    /// <summary>Reads a connection file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="KernelException">It is missing, malformed or asks for what this kernel does not do.</exception>
    public static ConnectionFile Load(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaximumBytes) throw new KernelException(Texts.ConnectionMalformed(path, $"{stream.Length} bytes"));
            using var json = JsonDocument.Parse(stream, new() { AllowDuplicateProperties = false });
            return Read(path, json.RootElement);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KernelException(Texts.ConnectionUnreadable(path, exception.Message));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            throw new KernelException(Texts.ConnectionMalformed(path, exception.Message));
        }
    }

    private static ConnectionFile Read(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw new KernelException(Texts.ConnectionMalformed(path, root.ValueKind.ToString()));
        var transport = Text("transport", "tcp");
        if (transport != "tcp") throw new KernelException(Texts.TransportUnknown(path, transport));
        var scheme = Text("signature_scheme", "hmac-sha256");
        if (scheme != "hmac-sha256") throw new KernelException(Texts.SignatureUnknown(path, scheme));
        var key = Text("key", "");
        // Without a key anyone who reaches a port would run code as this user.
        if (key.Length == 0) throw new KernelException(Texts.KeyMissing(path));
        return new()
        {
            Address = ParseAddress(path, Text("ip", "127.0.0.1")),
            ShellPort = Port("shell_port"),
            ControlPort = Port("control_port"),
            StdinPort = Port("stdin_port"),
            IopubPort = Port("iopub_port"),
            HeartbeatPort = Port("hb_port"),
            Key = Encoding.UTF8.GetBytes(key),
        };

        string Text(string name, string otherwise) => root.TryGetProperty(name, out var value)
            ? value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new KernelException(Texts.ConnectionField(path, name))
            : otherwise;

        int Port(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var port) && port is >= 0 and <= IPEndPoint.MaxPort
            ? port
            : throw new KernelException(Texts.ConnectionField(path, name));
    }

    private static IPAddress ParseAddress(string path, string text) => text switch
    {
        "localhost" => IPAddress.Loopback,
        "*" => IPAddress.Any,
        _ => IPAddress.TryParse(text, out var address) ? address : throw new KernelException(Texts.ConnectionField(path, "ip")),
    };
}
