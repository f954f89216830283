using FedLab.Federation.Alignment;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Wire;

namespace FedLab.Federation.Runs;

/// <summary>What a party tells the others at the start of an attempt.</summary>
/// <param name="AgreementKey">Its ephemeral key-agreement key.</param>
/// <param name="Alignment">Identifier of the alignment in its checkpoint; empty when there is none.</param>
/// <param name="StoredTrees">Number of trees in its checkpoint.</param>
internal sealed record Hello(byte[] AgreementKey, byte[] Alignment, int StoredTrees)
{
    /// <summary>Version of the protocol between parties; another version is refused.</summary>
    public const int ProtocolVersion = 1;

    private const int MaximumKeyLength = 512;

    /// <summary>Exchanges hellos with every other party and agrees on the sealing keys.</summary>
    public static async Task<IReadOnlyDictionary<string, Hello>> ExchangeAsync(PartyChannel channel, ExperimentSpec spec, byte[] alignment, int storedTrees, CancellationToken cancellationToken)
    {
        var peers = spec.Parties.Select(party => party.Name).Where(name => name != channel.Self).ToArray();
        foreach (var peer in peers)
        {
            var payload = new PayloadBuffer();
            var writer = new MessageWriter(payload);
            writer.Int32(ProtocolVersion);
            writer.Bytes(channel.AgreementKey);
            writer.Bytes(alignment);
            writer.Int32(storedTrees);
            await channel.SendAsync(peer, Steps.Hello, payload, cancellationToken).ConfigureAwait(false);
        }
        var hellos = new Dictionary<string, Hello>(StringComparer.Ordinal);
        foreach (var peer in peers)
        {
            using var payload = await channel.ReceiveAsync(peer, Steps.Hello, cancellationToken).ConfigureAwait(false);
            var hello = Read(payload, peer);
            channel.Agree(peer, hello.AgreementKey);
            hellos.Add(peer, hello);
        }
        return hellos;
    }

    private static Hello Read(PayloadBuffer payload, string peer)
    {
        var reader = new MessageReader(payload.AsSequence(), LabMessages.MessageOf(Steps.Hello.Name, peer));
        var version = reader.Int32();
        if (version != ProtocolVersion) throw ProtocolErrors.OtherPartyVersion(peer, version, ProtocolVersion);
        var hello = new Hello(reader.Bytes(MaximumKeyLength, "key"), reader.Bytes(AlignmentResult.IdentifierLength, "alignment"), reader.Int32(0, int.MaxValue, "stored trees"));
        reader.End();
        return hello;
    }
}

/// <summary>The active party's decision what all go on from.</summary>
/// <param name="Realign">True when the alignment must be made (again).</param>
/// <param name="Trees">Number of finished trees to go on from.</param>
/// <param name="Transcript">Transcript hash after those trees: every party compares it with its own checkpoint.</param>
internal sealed record Resume(bool Realign, int Trees, byte[] Transcript)
{
    public PayloadBuffer ToPayload()
    {
        var payload = new PayloadBuffer();
        var writer = new MessageWriter(payload);
        writer.Int32(Realign ? 1 : 0);
        writer.Int32(Trees);
        writer.Bytes(Transcript);
        return payload;
    }

    public static Resume FromPayload(PayloadBuffer payload)
    {
        using (payload)
        {
            var reader = new MessageReader(payload.AsSequence(), LabMessages.MessageNamed(Steps.Resume.Name));
            var resume = new Resume(reader.Int32(0, 1, "realign") == 1, reader.Int32(0, int.MaxValue, "trees"), reader.Bytes(32, "transcript"));
            reader.End();
            return resume;
        }
    }
}
