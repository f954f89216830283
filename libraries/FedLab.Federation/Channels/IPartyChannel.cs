namespace FedLab.Federation.Channels;

/// <summary>
/// What a protocol role sees of the network: send to a party, receive from a party, by step.
/// <code>
///   role code ── SendAsync ─► PartyChannel: seal, hash, sign, journal ─► IEnvelopeTransport ─► coordinator (relay, log)
///   role code ◄─ ReceiveAsync ─ PartyChannel: limits, signature, class, sequence, hash, open, journal ◄─ IEnvelopeTransport
/// </code>
/// </summary>
public interface IPartyChannel
{
    /// <summary>This party's name.</summary>
    string Self { get; }

    /// <summary>Sends a message.</summary>
    /// <param name="receiver">Name of the receiving party.</param>
    /// <param name="step">Kind of message; decides the class.</param>
    /// <param name="payload">The content in the clear (or the ciphertext, for <see cref="MessageClass.Ciphertext"/>); the channel takes over the caller's hold.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask SendAsync(string receiver, Step step, PayloadBuffer payload, CancellationToken cancellationToken);

    /// <summary>Waits for the next message of a party, which must be of the step that the protocol expects.</summary>
    /// <param name="sender">Name of the sending party.</param>
    /// <param name="step">The step expected.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The content, opened; the caller disposes it.</returns>
    /// <exception cref="ProtocolException">The message is of another step, or breaks a rule of the channel.</exception>
    ValueTask<PayloadBuffer> ReceiveAsync(string sender, Step step, CancellationToken cancellationToken);
}
