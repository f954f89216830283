using System.Buffers;
using System.Buffers.Text;
using System.Collections.Frozen;
using System.Text;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>
/// Metadata as HTTP/2 header fields: which names belong to the protocol and may not be used by applications, and the
/// base64 of <c>-bin</c> values (sent without padding, accepted with and without it, several joined by commas).
/// </summary>
internal static class MetadataText
{
    /// <summary>Names under grpc- that applications may set: the rich error model and tracing.</summary>
    private static readonly FrozenSet<string> Allowed = FrozenSet.ToFrozenSet(["grpc-status-details-bin", "grpc-trace-bin", "grpc-tags-bin"]);

    private static readonly FrozenSet<string> Reserved = FrozenSet.ToFrozenSet(
        ["te", "content-type", "content-length", "content-encoding", "host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "trailer", "user-agent"]);

    /// <summary>Names that are not shown as metadata although they may be received.</summary>
    private static readonly FrozenSet<string> Hidden = FrozenSet.ToFrozenSet(["te", "content-type", "content-length", "content-encoding", "host", "trailer", "transfer-encoding", "connection"]);

    /// <summary>Refuses metadata under a name that belongs to HTTP or gRPC.</summary>
    /// <exception cref="ArgumentException">A key is reserved.</exception>
    public static void Validate(Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            if (Reserved.Contains(entry.Key) || (IsProtocolName(entry.Key) && !Allowed.Contains(entry.Key)))
            {
                throw new ArgumentException($"The metadata key '{entry.Key}' is reserved for HTTP or gRPC.", nameof(metadata));
            }
        }
    }

    /// <summary>What a header field counts: its name, its value and 32 (RFC 9113, section 10.5.1).</summary>
    public static int FieldSize(string name, string? value) => name.Length + (value?.Length ?? 0) + 32;

    /// <summary>
    /// Refuses metadata that is too long to be sent. A peer that receives more header bytes than it allows closes the whole
    /// connection with every call on it, so the one call that asks too much fails here.
    /// </summary>
    /// <exception cref="RpcException">The metadata is over the limit.</exception>
    public static void CheckSize(Metadata metadata, int limit)
    {
        long size = 0;
        foreach (var entry in metadata) size += FieldSize(entry.Key, Encode(entry));
        if (size > limit) throw new RpcException(new Status(StatusCode.ResourceExhausted, $"Metadata of {size} bytes to send is over the limit of {limit} bytes (MaxSendMetadataSize)."));
    }

    /// <summary>The header value of an entry.</summary>
    public static string Encode(Metadata.Entry entry) => entry.IsBinary ? Convert.ToBase64String(entry.BinaryValue).TrimEnd('=') : entry.Value;

    /// <summary>Adds a received header field to metadata, unless it belongs to the protocol.</summary>
    /// <returns>False when a binary value is not base64.</returns>
    public static bool TryAdd(Metadata metadata, string name, string value)
    {
        // Names come in lower case over HTTP/2, but the framework's collections restore the case of names they know.
        var key = name.ToLowerInvariant();
        if (Hidden.Contains(key) || (IsProtocolName(key) && !Allowed.Contains(key)) || !IsKey(key)) return true;
        if (Metadata.Entry.HasBinaryHeaderSuffix(key))
        {
            foreach (var part in value.AsSpan().Split(','))
            {
                if (!TryDecode(value.AsSpan(part).Trim(' '), out var bytes)) return false;
                metadata.Add(key, bytes);
            }
            return true;
        }
        // The protocol asks not to fail on other characters that HTTP allows; an application could not echo them, so they go.
        if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~')) metadata.Add(key, value);
        return true;
    }

    private static bool IsProtocolName(string key) => key.StartsWith("grpc-", StringComparison.Ordinal);

    private static bool IsKey(string key)
    {
        foreach (var c in key)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('_' or '-' or '.')) return false;
        }
        return key.Length > 0;
    }

    private static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        var bare = text.TrimEnd('=');
        if (text.Length - bare.Length > 2 || bare.Length % 4 == 1 || (text.Length != bare.Length && text.Length % 4 != 0)) return false;
        var padded = ArrayPool<byte>.Shared.Rent(bare.Length + 3);
        try
        {
            if (!Ascii.IsValid(bare)) return false;
            var length = Encoding.ASCII.GetBytes(bare, padded);
            while (length % 4 != 0) padded[length++] = (byte)'=';
            var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(length)];
            if (padded.AsSpan(0, length).ContainsAny(" \t\r\n"u8)) return false;
            if (Base64.DecodeFromUtf8(padded.AsSpan(0, length), decoded, out var consumed, out var written) != OperationStatus.Done || consumed != length) return false;
            bytes = decoded[..written];
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(padded);
        }
    }
}
