using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FedLab.Containers.Wire;

/// <summary>JSON values one after another, with whatever white space between them, each within a limit and given as soon as it is whole.</summary>
internal static class JsonValues
{
    /// <summary>Largest value.</summary>
    public const int MaximumValueBytes = 1 << 20;

    /// <summary>Reads values until the stream ends.</summary>
    /// <typeparam name="T">What each of them is.</typeparam>
    /// <param name="stream">The values.</param>
    /// <param name="type">How to read one.</param>
    /// <param name="request">What was asked, for the message.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MalformedStreamException">It is no JSON, ends within a value, or a value is too large.</exception>
    public static async IAsyncEnumerable<T> ReadAsync<T>(Stream stream, JsonTypeInfo<T> type, string request, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var buffer = new byte[16 << 10];
        var (start, end) = (0, 0);
        while (true)
        {
            while (TryTake(buffer.AsSpan(start, end - start), type, request, out var value, out var consumed))
            {
                start += consumed;
                if (value is not null) yield return value;
            }
            if (start > 0)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
            }
            if (end == buffer.Length)
            {
                if (buffer.Length >= MaximumValueBytes) throw new MalformedStreamException(request);
                Array.Resize(ref buffer, buffer.Length * 2);
            }
            var read = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                if (buffer.AsSpan(0, end).IndexOfAnyExcept(" \t\r\n"u8) >= 0) throw new MalformedStreamException(request);
                yield break;
            }
            end += read;
        }
    }

    private static bool TryTake<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type, string request, out T? value, out int consumed)
        where T : class
    {
        (value, consumed) = (null, 0);
        var first = bytes.IndexOfAnyExcept(" \t\r\n"u8);
        if (first < 0)
        {
            consumed = bytes.Length;
            return consumed > 0;
        }
        try
        {
            // Only an object or a list shows its own end.
            if (bytes[first] is not ((byte)'{' or (byte)'[')) throw new MalformedStreamException(request);
            var reader = new Utf8JsonReader(bytes, isFinalBlock: false, state: default);
            if (!reader.Read() || !reader.TrySkip()) return false;
            consumed = (int)reader.BytesConsumed;
            value = JsonSerializer.Deserialize(bytes[..consumed], type);
            return true;
        }
        catch (JsonException)
        {
            throw new MalformedStreamException(request);
        }
    }
}
