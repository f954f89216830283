using System.Buffers;
using System.Security.Cryptography;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Lattice.Multiparty;

namespace FedLab.Federation.Horizontal;

/// <summary>The banks' collective key in one attempt: what this bank needs to contribute to sums and to help decrypt them. One owner, who disposes it.</summary>
/// <remarks>
/// <para>n-out-of-n, the rule: every attempt makes a fresh key whose secret is the sum of n secrets that never leave their banks' memory and end with the attempt.</para>
/// <para>t-out-of-n, where the experiment says so and every bank's policy allows it: the secrets are dealt in shares, once, and kept with the ledger of decryptions in files for their owner alone
/// (<see cref="StoredKeys"/>), so that an attempt without some banks can go on with the same key.</para>
/// </remarks>
internal sealed class CollectiveKeys : IDisposable
{
    private readonly SecretKey? _key;
    private readonly ThresholdShare? _sum;
    private readonly IDisposable? _ledger;

    private CollectiveKeys(LatticeContext context, PublicKey publicKey, PartySecret secret, IShareLedger ledger, SecretKey? key, ThresholdShare? sum)
    {
        (Context, PublicKey, Secret, Ledger, _key, _sum, _ledger) = (context, publicKey, secret, ledger, key, sum, ledger as IDisposable);
        Identifier = IdentifierOf(publicKey);
    }

    /// <summary>The ring.</summary>
    public LatticeContext Context { get; }

    /// <summary>The collective public key.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>SHA-256 of the public key.</summary>
    public byte[] Identifier { get; }

    /// <summary>This bank's summand of the secret among the banks of the attempt.</summary>
    public PartySecret Secret { get; }

    /// <summary>Where the shares that this bank gave are recorded.</summary>
    public IShareLedger Ledger { get; }

    /// <summary>Makes a key with the other banks, or goes on with the kept one.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="channel">The network.</param>
    /// <param name="lattice">The ring.</param>
    /// <param name="threshold">t; as many as there are banks for n-out-of-n.</param>
    /// <param name="stored">The keys that this bank keeps; null for none.</param>
    /// <param name="hellos">All banks' hellos.</param>
    /// <param name="cancellationToken">Ends the protocol.</param>
    /// <exception cref="ProtocolException">A bank of the attempt lacks its share of the kept key while others are absent, or sent a malformed share.</exception>
    public static async Task<CollectiveKeys> AgreeAsync(PartyRunContext context, PartyChannel channel, LatticeContext lattice, int threshold, StoredKeys? stored, IReadOnlyDictionary<string, BankHello> hellos, CancellationToken cancellationToken)
    {
        var banks = context.Spec.Parties.Select(party => party.Name).ToList();
        var self = banks.IndexOf(channel.Self);
        var active = PartySet.Of([.. context.Parties.Select(name => banks.IndexOf(name))]);
        if (threshold == banks.Count) return await MakeAsync(context, channel, lattice, self, active, hellos, cancellationToken).ConfigureAwait(false);
        if (stored is not null && hellos.Values.All(hello => hello.KeyIdentifier.AsSpan().SequenceEqual(stored.Identifier)))
        {
            // What the ledger cannot vouch for is not used again.
            return Open(context, lattice, new ThresholdSecretSharing(lattice, banks.Count, threshold), self, active, stored, isNew: false);
        }
        if (context.Absent.Count > 0) throw ProtocolErrors.KeysLost(string.Join(", ", hellos.Where(pair => pair.Value.KeyIdentifier.Length == 0).Select(pair => pair.Key)));
        return await DealAsync(context, channel, lattice, new ThresholdSecretSharing(lattice, banks.Count, threshold), self, active, hellos, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Hash of everything that a share for a sum is bound to beside the sum.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="round">Number of the round.</param>
    public ShareBinding Binding(PartyRunContext context, int round)
    {
        var transcript = new ArrayBufferWriter<byte>();
        var writer = new MessageWriter(transcript);
        writer.Text("fedlab sum share v1");
        writer.Text(context.Run);
        writer.Int32(context.Attempt);
        writer.Bytes(context.Spec.Hash());
        writer.Bytes(Identifier);
        writer.Int32(round);
        return new ShareBinding(Ledger, SHA256.HashData(transcript.WrittenSpan));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Secret.Dispose();
        _sum?.Dispose();
        _key?.Dispose();
        _ledger?.Dispose();
    }

    private static async Task<CollectiveKeys> MakeAsync(PartyRunContext context, PartyChannel channel, LatticeContext lattice, int self, PartySet active, IReadOnlyDictionary<string, BankHello> hellos, CancellationToken cancellationToken)
    {
        var key = SecretKey.Generate(lattice);
        var ledger = new MemoryShareLedger(context.Time);
        var secret = new PartySecret(key, self, active);
        try
        {
            var publicKey = await MakePublicKeyAsync(context, channel, lattice, secret, ledger, hellos, cancellationToken).ConfigureAwait(false);
            return new CollectiveKeys(lattice, publicKey, secret, ledger, key, sum: null);
        }
        catch
        {
            secret.Dispose();
            key.Dispose();
            throw;
        }
    }

    /// <summary>Every bank deals its secret to all, and keeps the sum of what it was dealt; the secret itself is forgotten.</summary>
    private static async Task<CollectiveKeys> DealAsync(PartyRunContext context, PartyChannel channel, LatticeContext lattice, ThresholdSecretSharing sharing, int self, PartySet active, IReadOnlyDictionary<string, BankHello> hellos, CancellationToken cancellationToken)
    {
        using var key = SecretKey.Generate(lattice);
        using var secret = new PartySecret(key, self, active);
        var publicKey = await MakePublicKeyAsync(context, channel, lattice, secret, new MemoryShareLedger(context.Time), hellos, cancellationToken).ConfigureAwait(false);
        var banks = context.Spec.Parties.Select(party => party.Name).ToList();
        var dealt = new byte[banks.Count][];
        foreach (var share in sharing.Deal(key, self))
        {
            using (share)
            {
                var bytes = new byte[sharing.ShareBytes];
                share.Write(bytes);
                if (share.Recipient == self) dealt[self] = bytes;
                else await channel.SendAsync(banks[share.Recipient], Steps.KeyDeal, PayloadBuffer.Of(bytes), cancellationToken).ConfigureAwait(false);
            }
        }
        foreach (var peer in channel.Peers)
        {
            using var payload = await channel.ReceiveAsync(peer, Steps.KeyDeal, cancellationToken).ConfigureAwait(false);
            var bytes = payload.ToArray();
            try
            {
                sharing.ReadShare(bytes, banks.IndexOf(peer), self).Dispose();
            }
            catch (LatticeFormatException e)
            {
                throw ProtocolErrors.KeyShareMalformed(peer, e.Message, e);
            }
            dealt[banks.IndexOf(peer)] = bytes;
        }
        var stored = StoredKeys.Save(context, publicKey, dealt);
        return Open(context, lattice, sharing, self, active, stored, isNew: true);
    }

    private static CollectiveKeys Open(PartyRunContext context, LatticeContext lattice, ThresholdSecretSharing sharing, int self, PartySet active, StoredKeys stored, bool isNew)
    {
        var ledger = stored.OpenLedger(context, isNew);
        ThresholdShare? sum = null;
        try
        {
            var publicKey = PublicKey.Read(new ReadOnlySequence<byte>(stored.PublicKey), lattice);
            sum = stored.OpenSum(sharing, self);
            return new CollectiveKeys(lattice, publicKey, sharing.ForActiveSet(sum, active), ledger, key: null, sum);
        }
        catch
        {
            sum?.Dispose();
            (ledger as IDisposable)?.Dispose();
            throw;
        }
    }

    private static async Task<PublicKey> MakePublicKeyAsync(PartyRunContext context, PartyChannel channel, LatticeContext lattice, PartySecret secret, IShareLedger ledger, IReadOnlyDictionary<string, BankHello> hellos, CancellationToken cancellationToken)
    {
        var protocol = new CollectivePublicKeyProtocol(lattice, secret.Parties);
        var common = protocol.SampleCommonPolynomials(CommonRandomString.FromContributions([.. context.Parties.Select(name => (ReadOnlyMemory<byte>)hellos[name].Nonce)]));
        using var sum = protocol.AllocateShare();
        using var share = protocol.AllocateShare();
        protocol.GenerateShare(secret, common, new ShareBinding(ledger, SHA256.HashData(context.Spec.ToBytes())), share);
        protocol.Aggregate(share, sum);
        var payload = new PayloadBuffer();
        share.Write(payload);
        await channel.BroadcastAsync(Steps.KeyShare, payload, cancellationToken).ConfigureAwait(false);
        foreach (var peer in channel.Peers)
        {
            using var received = await channel.ReceiveAsync(peer, Steps.KeyShare, cancellationToken).ConfigureAwait(false);
            try
            {
                protocol.ReadShare(received.AsSequence(), share);
                protocol.Aggregate(share, sum);
            }
            catch (Exception e) when (e is LatticeFormatException or ArgumentException)
            {
                throw ProtocolErrors.KeyShareMalformed(peer, e.Message, e);
            }
        }
        var publicKey = protocol.Finish(sum, common);
        context.Journal.Record("key.registered", new Dictionary<string, object> { ["purpose"] = "collective-public-key", ["sha256"] = Convert.ToHexStringLower(IdentifierOf(publicKey)) });
        return publicKey;
    }

    private static byte[] IdentifierOf(PublicKey publicKey)
    {
        var output = new ArrayBufferWriter<byte>();
        publicKey.Write(output);
        return SHA256.HashData(output.WrittenSpan);
    }
}
