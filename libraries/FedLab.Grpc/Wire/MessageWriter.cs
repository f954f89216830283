using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>
/// Writes length-prefixed messages straight into the memory of a pipe. A marshaller that announces the length needs no
/// buffer in between; one that does not is collected first, because the length comes before the message.
/// </summary>
/// <typeparam name="T">The message.</typeparam>
internal sealed class MessageWriter<T> : SerializationContext, IBufferWriter<byte>
{
    private const long Unknown = -1;

    private readonly PipeWriter _pipe;
    private readonly Marshaller<T> _marshaller;
    private readonly long _limit;
    private ArrayBufferWriter<byte>? _collected;
    private long _announced = Unknown;
    private long _written;
    private bool _complete;

    public MessageWriter(PipeWriter pipe, Marshaller<T> marshaller, int? limit)
    {
        _pipe = pipe;
        _marshaller = marshaller;
        _limit = limit ?? int.MaxValue;
    }

    /// <summary>Whether a message stands half in the pipe, so that nothing sensible can follow it.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Puts one message with its header into the pipe, without flushing it.</summary>
    /// <exception cref="RpcException">The message is over the limit, or the marshaller failed.</exception>
    public void Write(T message)
    {
        (_announced, _written, _complete, _collected) = (Unknown, 0, false, null);
        try
        {
            _marshaller.ContextualSerializer(message, this);
            if (!_complete) throw new InvalidOperationException("The marshaller did not complete the message.");
        }
        catch (Exception e)
        {
            IsBroken = _announced != Unknown;
            if (e is RpcException) throw;
            throw new RpcException(new Status(StatusCode.Internal, "The message cannot be serialized.", e));
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        if (_announced != Unknown || _collected is not null || _complete) throw new InvalidOperationException("The length must be announced once, before the message.");
        WriteHeader(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_complete) throw new InvalidOperationException("The message is complete.");
        if (_announced != Unknown) return this;
        return _collected ??= new ArrayBufferWriter<byte>();
    }

    public override void Complete()
    {
        if (_complete) throw new InvalidOperationException("The message is complete.");
        if (_announced == Unknown)
        {
            var payload = _collected is null ? default : _collected.WrittenSpan;
            WriteHeader(payload.Length);
            _pipe.Write(payload);
        }
        else if (_written != _announced)
        {
            throw new InvalidOperationException($"The marshaller announced {_announced} bytes and wrote {_written}.");
        }
        _complete = true;
    }

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        if (_complete || _announced != Unknown || _collected is not null) throw new InvalidOperationException("The message was begun in another way.");
        WriteHeader(payload.Length);
        _pipe.Write(payload);
        _complete = true;
    }

    void IBufferWriter<byte>.Advance(int count)
    {
        _pipe.Advance(count);
        _written += count;
    }

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint) => _pipe.GetMemory(sizeHint);

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => _pipe.GetSpan(sizeHint);

    private void WriteHeader(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > _limit) throw new RpcException(new Status(StatusCode.ResourceExhausted, $"A message of {length} bytes to send is over the limit of {_limit} bytes (MaxSendMessageSize)."));
        var header = _pipe.GetSpan(MessageReader<T>.HeaderSize);
        header[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(header[1..], (uint)length);
        _pipe.Advance(MessageReader<T>.HeaderSize);
        _announced = length;
    }
}
