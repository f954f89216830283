using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller puts a message: either one array, or announced length, buffer writer, completion.</summary>
public abstract class SerializationContext
{
    /// <summary>Sends an array as the message; nothing may follow.</summary>
    /// <param name="payload">The message. It must not change afterwards.</param>
    public virtual void Complete(byte[] payload) => throw new NotSupportedException();

    /// <summary>Says that the message is wholly in the buffer writer.</summary>
    public virtual void Complete() => throw new NotSupportedException();

    /// <summary>Announces the length of the message, before the buffer writer is asked for.</summary>
    /// <param name="payloadLength">The length in bytes.</param>
    public virtual void SetPayloadLength(int payloadLength)
    {
        // Only a hint in general; a transport that needs it overrides this.
    }

    /// <summary>The place to write the message to.</summary>
    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotSupportedException();
}
