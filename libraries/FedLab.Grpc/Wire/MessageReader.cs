using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>What one read found on the stream.</summary>
internal enum ReadOutcome
{
    /// <summary>A whole message.</summary>
    Message,

    /// <summary>The end of the stream, between two messages.</summary>
    End,

    /// <summary>The end of the stream inside a message.</summary>
    Truncated,
}

/// <summary>
/// Reads length-prefixed messages: one flag byte, a big-endian 32-bit length, the message. The length is checked against
/// the limit before anything is buffered, and the message is parsed in the transport's own memory.
/// </summary>
/// <typeparam name="T">The message.</typeparam>
internal sealed class MessageReader<T>
{
    public const int HeaderSize = 5;

    private readonly PipeReader _pipe;
    private readonly Marshaller<T> _marshaller;
    private readonly long _limit;
    private readonly string? _encoding;
    private readonly StatusCode _unsupportedEncoding;
    private readonly PayloadContext _context = new();

    /// <summary>Reads from a pipe.</summary>
    /// <param name="pipe">The body.</param>
    /// <param name="marshaller">Parses messages.</param>
    /// <param name="limit">The longest message in bytes, or null.</param>
    /// <param name="encoding">The value of <c>grpc-encoding</c>, or null.</param>
    /// <param name="unsupportedEncoding">The code for a compressed message: Unimplemented on a server, Internal on a client (<c>doc/compression.md</c>).</param>
    public MessageReader(PipeReader pipe, Marshaller<T> marshaller, int? limit, string? encoding, StatusCode unsupportedEncoding)
    {
        _pipe = pipe;
        _marshaller = marshaller;
        _limit = limit ?? Array.MaxLength;
        _encoding = encoding;
        _unsupportedEncoding = unsupportedEncoding;
    }

    /// <summary>The message that the last successful read brought.</summary>
    public T Current { get; private set; } = default!;

    public PipeReader Pipe => _pipe;

    /// <summary>Reads the next message.</summary>
    /// <exception cref="RpcException">The message is too long, compressed, malformed or not parseable.</exception>
    public async ValueTask<ReadOutcome> ReadAsync(CancellationToken cancellationToken)
    {
        Current = default!;
        var result = await _pipe.ReadAtLeastAsync(HeaderSize, cancellationToken).ConfigureAwait(false);
        if (result.IsCanceled) throw new OperationCanceledException("The read was cancelled.");
        if (result.Buffer.Length < HeaderSize)
        {
            var outcome = result.Buffer.IsEmpty ? ReadOutcome.End : ReadOutcome.Truncated;
            _pipe.AdvanceTo(result.Buffer.End);
            return outcome;
        }

        var length = ReadLength(result.Buffer);
        var total = HeaderSize + length;
        if (result.Buffer.Length < total)
        {
            // Wait for the whole message rather than being woken for every network read.
            _pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await _pipe.ReadAtLeastAsync(checked((int)total), cancellationToken).ConfigureAwait(false);
            if (result.IsCanceled) throw new OperationCanceledException("The read was cancelled.");
            if (result.Buffer.Length < total)
            {
                _pipe.AdvanceTo(result.Buffer.End);
                return ReadOutcome.Truncated;
            }
        }

        var payload = result.Buffer.Slice(HeaderSize, length);
        try
        {
            _context.Payload = payload;
            Current = _marshaller.ContextualDeserializer(_context);
        }
        catch (Exception e)
        {
            throw new RpcException(new Status(StatusCode.Internal, "The message cannot be parsed.", e));
        }
        finally
        {
            _context.Payload = default;
            _pipe.AdvanceTo(payload.End);
        }
        if (Current is null) throw new RpcException(new Status(StatusCode.Internal, "The message cannot be parsed."));
        return ReadOutcome.Message;
    }

    private long ReadLength(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        buffer.Slice(0, HeaderSize).CopyTo(header);
        if (header[0] > 1) throw new RpcException(new Status(StatusCode.Internal, $"The compressed flag of a message is {header[0]}; it must be 0 or 1."));
        if (header[0] == 1)
        {
            throw _encoding is null or ProtocolNames.IdentityEncoding
                ? new RpcException(new Status(StatusCode.Internal, "A message has the compressed flag set although grpc-encoding names no compression."))
                : new RpcException(new Status(_unsupportedEncoding, $"A message is compressed with '{_encoding}'; the only supported encoding is identity."));
        }
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (length > _limit) throw new RpcException(new Status(StatusCode.ResourceExhausted, $"A received message of {length} bytes is over the limit of {_limit} bytes (MaxReceiveMessageSize)."));
        return length;
    }

    private sealed class PayloadContext : DeserializationContext
    {
        public ReadOnlySequence<byte> Payload { get; set; }

        public override int PayloadLength => (int)Payload.Length;

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => Payload;
    }
}
