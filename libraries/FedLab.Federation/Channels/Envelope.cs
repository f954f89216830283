namespace FedLab.Federation.Channels;

/// <summary>A signed message on its way. Whoever holds it disposes it.</summary>
/// <param name="Header">The signed header.</param>
/// <param name="Signature">ECDSA P-256 with SHA-256 over <see cref="EnvelopeHeader.SigningBytes"/>, IEEE P1363 form, 64 bytes.</param>
/// <param name="Payload">The body as it travels.</param>
public sealed record Envelope(EnvelopeHeader Header, byte[] Signature, PayloadBuffer Payload) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Payload.Dispose();
}

/// <summary>Carries envelopes between this party and the others: over gRPC through the coordinator, or in memory.</summary>
/// <remarks>A transport delivers every envelope once and in order for each pair of parties, or fails; it neither reads nor changes them.</remarks>
public interface IEnvelopeTransport
{
    /// <summary>Hands an envelope over; completes when the transport has taken it (backpressure), not when it has arrived.</summary>
    /// <param name="envelope">The envelope; the transport takes ownership.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask SendAsync(Envelope envelope, CancellationToken cancellationToken);

    /// <summary>Waits for the next envelope addressed to this party; the caller takes ownership.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Envelope> ReceiveAsync(CancellationToken cancellationToken);
}
