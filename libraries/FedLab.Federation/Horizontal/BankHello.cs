using System.Security.Cryptography;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;
using FedLab.Lattice.Multiparty;

namespace FedLab.Federation.Horizontal;

/// <summary>What a bank tells the others at the start of an attempt.</summary>
/// <param name="AgreementKey">Its ephemeral key-agreement key.</param>
/// <param name="Nonce">Its contribution to the common random string of the collective key.</param>
/// <param name="KnownSums">Number of sums in its log.</param>
/// <param name="Head">Head of its log.</param>
/// <param name="KeyIdentifier">Hash of the collective key that it keeps for t-out-of-n runs; empty when it keeps none.</param>
internal sealed record BankHello(byte[] AgreementKey, byte[] Nonce, int KnownSums, byte[] Head, byte[] KeyIdentifier)
{
    private const int MaximumKeyLength = 512;

    /// <summary>Exchanges hellos with every other bank of the attempt and agrees on the sealing keys.</summary>
    /// <returns>All hellos by bank, the own one included.</returns>
    public static async Task<IReadOnlyDictionary<string, BankHello>> ExchangeAsync(PartyChannel channel, SumLog log, byte[] keyIdentifier, CancellationToken cancellationToken)
    {
        var own = new BankHello(channel.AgreementKey, RandomNumberGenerator.GetBytes(CommonRandomString.Bytes), log.Count, log.Head, keyIdentifier);
        await channel.BroadcastAsync(Steps.BankHello, own.ToPayload(), cancellationToken).ConfigureAwait(false);
        var hellos = new Dictionary<string, BankHello>(StringComparer.Ordinal) { [channel.Self] = own };
        foreach (var peer in channel.Peers)
        {
            using var payload = await channel.ReceiveAsync(peer, Steps.BankHello, cancellationToken).ConfigureAwait(false);
            var hello = Read(payload, peer);
            channel.Agree(peer, hello.AgreementKey);
            hellos.Add(peer, hello);
        }
        return hellos;
    }

    private PayloadBuffer ToPayload()
    {
        var payload = new PayloadBuffer();
        var writer = new MessageWriter(payload);
        writer.Int32(Hello.ProtocolVersion);
        writer.Bytes(AgreementKey);
        writer.Bytes(Nonce);
        writer.Int32(KnownSums);
        writer.Bytes(Head);
        writer.Bytes(KeyIdentifier);
        return payload;
    }

    private static BankHello Read(PayloadBuffer payload, string peer)
    {
        var reader = new MessageReader(payload.AsSequence(), LabMessages.MessageOf(Steps.BankHello.Name, peer));
        var version = reader.Int32();
        if (version != Hello.ProtocolVersion) throw ProtocolErrors.OtherPartyVersion(peer, version, Hello.ProtocolVersion);
        var hello = new BankHello(
            reader.Bytes(MaximumKeyLength, "key"),
            reader.Bytes(CommonRandomString.Bytes, "nonce"),
            reader.Int32(0, EncryptedValues.MaximumRounds, "known sums"),
            reader.Bytes(SHA256.HashSizeInBytes, "head"),
            reader.Bytes(SHA256.HashSizeInBytes, "key identifier"));
        reader.End();
        return hello.Nonce.Length == CommonRandomString.Bytes && hello.Head.Length == SHA256.HashSizeInBytes ? hello : throw ProtocolErrors.ContentTooShort(LabMessages.MessageOf(Steps.BankHello.Name, peer));
    }
}
