using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using FedLab.Containers.Containers;

namespace FedLab.Containers.Wire;

/// <summary>What follows one another on a connection is not what the API says.</summary>
internal sealed class MalformedStreamException(string request) : Exception(request);

/// <summary>
/// The log of a container without a terminal, as the engine frames it: kind (1 standard output, 2 standard error), three zeros,
/// length as four bytes big endian, that many bytes. A frame ends anywhere in a line, so lines are put together by kind.
/// </summary>
internal static class LogReader
{
    /// <summary>A longer line is given in pieces of this length.</summary>
    public const int MaximumLineBytes = 16 << 10;

    private const int HeaderBytes = 8;
    private const int StandardError = 2;

    /// <summary>Reads lines until the stream ends; what is left without an end of line comes last.</summary>
    /// <param name="stream">The frames.</param>
    /// <param name="withTimes">Whether each line begins with its time.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MalformedStreamException">These are no frames.</exception>
    public static async IAsyncEnumerable<LogLine> ReadAsync(Stream stream, bool withTimes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        var buffer = new byte[MaximumLineBytes];
        var lines = new[] { new LineBuilder(isError: false, withTimes), new LineBuilder(isError: true, withTimes) };
        var ready = new List<LogLine>();
        while (await stream.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) is var got && got > 0)
        {
            if (got < HeaderBytes || header[0] > StandardError || header[1] != 0 || header[2] != 0 || header[3] != 0) throw new MalformedStreamException("GET /containers/logs");
            var line = lines[header[0] == StandardError ? 1 : 0];
            for (long left = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)); left > 0;)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken).ConfigureAwait(false);
                if (read == 0) break; // the engine went away within a frame; what came is told
                left -= read;
                line.Append(buffer.AsSpan(0, read), ready);
                foreach (var one in ready) yield return one;
                ready.Clear();
            }
        }
        foreach (var line in lines)
        {
            if (line.Rest() is { } rest) yield return rest;
        }
    }

    private sealed class LineBuilder(bool isError, bool withTimes)
    {
        private readonly byte[] _bytes = new byte[MaximumLineBytes];
        private int _length;
        private DateTimeOffset? _time;
        private bool _continues;

        public void Append(ReadOnlySpan<byte> bytes, List<LogLine> ready)
        {
            while (!bytes.IsEmpty)
            {
                var end = bytes.IndexOf((byte)'\n');
                var part = end < 0 ? bytes : bytes[..end];
                var fits = Math.Min(part.Length, MaximumLineBytes - _length);
                part[..fits].CopyTo(_bytes.AsSpan(_length));
                _length += fits;
                if (fits < part.Length)
                {
                    ready.Add(Take(continues: true));
                    bytes = bytes[fits..];
                    continue;
                }
                if (end < 0) return;
                ready.Add(Take(continues: false));
                bytes = bytes[(end + 1)..];
            }
        }

        public LogLine? Rest() => _length > 0 ? Take(continues: false) : null;

        private LogLine Take(bool continues)
        {
            var text = Encoding.UTF8.GetString(_bytes, 0, _length).TrimEnd('\r');
            if (withTimes && !_continues)
            {
                var space = text.IndexOf(' ', StringComparison.Ordinal);
                if (space > 0 && DateTimeOffset.TryParse(text.AsSpan(0, space), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
                {
                    _time = time;
                    text = text[(space + 1)..];
                }
                else
                {
                    _time = null;
                }
            }
            _length = 0;
            _continues = continues;
            return new LogLine(_time, isError, text);
        }
    }
}
