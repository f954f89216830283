using System.Diagnostics;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Lattice.Multiparty;
using FedLab.Learning;

namespace FedLab.Federation.Horizontal;

/// <summary>Where the time of a bank's sums went: what a learner would take alone, and what the federation adds.</summary>
internal sealed class SummationClock
{
    /// <summary>Computing the own values.</summary>
    public TimeSpan Own { get; set; }

    /// <summary>Encrypting, adding and decrypting.</summary>
    public TimeSpan Cryptography { get; set; }

    /// <summary>Sending and waiting for the others.</summary>
    public TimeSpan Network { get; set; }
}

/// <summary>
/// Sums over the banks of an attempt, of which nobody sees a part: the federation's <see cref="ISummation"/>.
/// <code>
///   own values ─► encrypt ── sum.part ──► all banks          coordinator: adds, announces the hash ── sum.total ──►
///                                            │
///         each bank: adds all parts, compares with the announcement; equal ─► share of the decryption ── sum.share (sealed) ──► the other banks
///                                            │                       differs ─► nothing is decrypted, the coordinator is named
///         each bank: all shares ─► the sum ─► log ─► learner
/// </code>
/// </summary>
internal sealed class SecureSummation : ISummation, IDisposable
{
    private readonly PartyRunContext _context;
    private readonly PartyChannel _channel;
    private readonly CollectiveSumPlan _plan;
    private readonly CollectiveKeys _keys;
    private readonly SumEncryptor _encryptor;
    private readonly SumLog _log;
    private readonly uint _banks;
    private readonly Dictionary<int, SumDecryptionProtocol> _protocols = [];
    private int _next;

    private SecureSummation(PartyRunContext context, PartyChannel channel, CollectiveSumPlan plan, CollectiveKeys keys, SumLog log)
    {
        (_context, _channel, _plan, _keys, _log) = (context, channel, plan, keys, log);
        _encryptor = new SumEncryptor(keys.Context, plan, keys.PublicKey);
        var names = context.Spec.Parties.Select(party => party.Name).ToList();
        _banks = context.Parties.Aggregate(0u, (mask, name) => mask | (1u << names.IndexOf(name)));
        Restored = log.Count;
    }

    /// <summary>Number of sums that were known at the start of the attempt.</summary>
    public int Restored { get; }

    /// <summary>Number of sums so far.</summary>
    public int Rounds => _next;

    /// <summary>Where the time went.</summary>
    public SummationClock Clock { get; } = new();

    /// <summary>For each bank that has left the run, by name, the number of sums that it took part in.</summary>
    public IReadOnlyDictionary<string, int> RoundsOfAbsent
    {
        get
        {
            var masks = _log.Banks.ToList();
            var names = _context.Spec.Parties.Select(party => party.Name).ToList();
            return new SortedDictionary<string, int>(_context.Absent.ToDictionary(name => name, name => masks.Count(mask => (mask >> names.IndexOf(name) & 1) != 0), StringComparer.Ordinal), StringComparer.Ordinal);
        }
    }

    /// <summary>Greets the other banks, brings all logs to the same length, and agrees on the collective key.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="channel">The network.</param>
    /// <param name="threshold">t of t-out-of-n keys; the number of banks for n-out-of-n.</param>
    /// <param name="cancellationToken">Ends the protocol.</param>
    /// <exception cref="ProtocolException">Another bank breaks the protocol, or the own data have changed since the attempt before.</exception>
    public static async Task<SecureSummation> OpenAsync(PartyRunContext context, PartyChannel channel, int threshold, CancellationToken cancellationToken)
    {
        var plan = SumPlanning.PlanOf(context.Spec);
        var log = await SumLog.OpenAsync(context, cancellationToken).ConfigureAwait(false);
        var stored = threshold < context.Spec.Parties.Count ? StoredKeys.Load(context) : null;
        var hellos = await BankHello.ExchangeAsync(channel, log, stored?.Identifier ?? [], cancellationToken).ConfigureAwait(false);
        await ShareKnownSumsAsync(context, channel, log, hellos, cancellationToken).ConfigureAwait(false);
        var lattice = new LatticeContext(plan.Parameters);
        var keys = await CollectiveKeys.AgreeAsync(context, channel, lattice, threshold, stored, hellos, cancellationToken).ConfigureAwait(false);
        return new SecureSummation(context, channel, plan, keys, log);
    }

    /// <summary>The calculation of the ring, for the run's log.</summary>
    public string Describe() => _plan.Describe();

    /// <inheritdoc/>
    /// <exception cref="ProtocolException">A contribution or the coordinator's announcement breaks the protocol; the message names who.</exception>
    public async ValueTask<long[]> SumAsync(string round, int count, Func<CancellationToken, long[]> own, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(own);
        var index = _next++;
        if (index < _log.Count)
        {
            var known = _log[index];
            return known.Round == round && known.Values.Length == count ? known.Values : throw ProtocolErrors.KnownSumOther(round, count, known.Round, known.Values.Length);
        }
        var watch = Stopwatch.StartNew();
        var values = own(ct);
        Clock.Own += watch.Elapsed;
        if (values.Length != count) throw new InvalidOperationException($"Round '{round}' has {values.Length} values instead of {count}.");
        var bound = 1L << _plan.MagnitudeBits;
        if (values.Any(value => value > bound || value < -bound)) throw ProtocolErrors.SumValueTooLarge(round, _plan.MagnitudeBits);

        using var total = await CollectAsync(round, index, values, ct).ConfigureAwait(false);
        var sums = await DecryptAsync(round, index, total, ct).ConfigureAwait(false);
        await _log.AppendAsync(new KnownSum(round, _banks, sums), ct).ConfigureAwait(false);
        return sums;
    }

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();

    /// <summary>Whoever knows the most sums gives the others what they lack.</summary>
    private static async Task ShareKnownSumsAsync(PartyRunContext context, PartyChannel channel, SumLog log, IReadOnlyDictionary<string, BankHello> hellos, CancellationToken cancellationToken)
    {
        var most = hellos.Values.Max(hello => hello.KnownSums);
        var leader = context.Parties.First(name => hellos[name].KnownSums == most);
        if (leader == channel.Self)
        {
            foreach (var peer in channel.Peers)
            {
                if (!hellos[peer].Head.AsSpan().SequenceEqual(log.HeadAt(hellos[peer].KnownSums))) throw ProtocolErrors.KnownSumsDiffer(peer);
                if (hellos[peer].KnownSums < most) await channel.SendAsync(peer, Steps.SumKnown, log.ToPayload(hellos[peer].KnownSums), cancellationToken).ConfigureAwait(false);
            }
        }
        else if (log.Count < most)
        {
            using var payload = await channel.ReceiveAsync(leader, Steps.SumKnown, cancellationToken).ConfigureAwait(false);
            await log.TakeAsync(payload, leader, hellos[leader].Head, cancellationToken).ConfigureAwait(false);
        }
        else if (!log.Head.AsSpan().SequenceEqual(hellos[leader].Head))
        {
            throw ProtocolErrors.KnownSumsDiffer(leader);
        }
    }

    /// <summary>Sends the own part, takes all others', and holds their sum against the coordinator's announcement.</summary>
    private async Task<EncryptedValues> CollectAsync(string round, int index, long[] values, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        var total = EncryptedValues.Encrypt(index, values, _encryptor, _plan.ValuesPerCiphertext);
        try
        {
            var part = total.ToPayload();
            Clock.Cryptography += Lap(watch);
            await _channel.BroadcastAsync(Steps.SumPart, part, ct).ConfigureAwait(false);
            var coordinator = _channel.Coordinator ?? throw new InvalidOperationException("A horizontal run needs a coordinator.");
            using var announcement = await _channel.ReceiveAsync(coordinator, Steps.SumTotal, ct).ConfigureAwait(false);
            Clock.Network += Lap(watch);
            foreach (var peer in _channel.Peers)
            {
                // The coordinator announces a sum after it has passed on every part of it. A share in the part's place, of a bank that was not lied to, shows the same.
                using var payload = _channel.TryReceive(peer, Steps.SumPart) ?? throw Refuse(ProtocolErrors.SumPartWithheld(coordinator, peer, round), "sum-part-withheld");
                using var other = EncryptedValues.Read(payload.AsSequence(), peer, _keys.Context);
                if (other.Round != index || other.Count != values.Length) throw ProtocolErrors.SumPartOutOfTurn(peer, other.Round, other.Count);
                total.Add(other);
            }
            if (!announcement.ToArray().AsSpan().SequenceEqual(total.Announcement(_context.Run, _context.Attempt))) throw Refuse(ProtocolErrors.SumDiffers(coordinator, round), "sum-differs");
            Clock.Cryptography += Lap(watch);
            return total;
        }
        catch
        {
            total.Dispose();
            throw;
        }
    }

    private async Task<long[]> DecryptAsync(string round, int index, EncryptedValues total, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        var binding = _keys.Binding(_context, index);
        var shares = total.Ciphertexts.Select(ciphertext => ProtocolFor(ciphertext.Values).AllocateShare()).ToArray();
        var sums = total.Ciphertexts.Select(ciphertext => ProtocolFor(ciphertext.Values).AllocateShare()).ToArray();
        try
        {
            for (var i = 0; i < shares.Length; i++)
            {
                var protocol = ProtocolFor(total.Ciphertexts[i].Values);
                protocol.GenerateShare(_keys.Secret, total.Ciphertexts[i], binding, shares[i]);
                protocol.Aggregate(shares[i], sums[i]);
            }
            using (var message = WriteShares(index, shares))
            {
                Clock.Cryptography += Lap(watch);
                foreach (var peer in _channel.Peers) await _channel.SendAsync(peer, Steps.SumShare, message.Share(), ct).ConfigureAwait(false);
            }
            foreach (var peer in _channel.Peers)
            {
                using var payload = await _channel.ReceiveAsync(peer, Steps.SumShare, ct).ConfigureAwait(false);
                Clock.Network += Lap(watch);
                AddShares(payload, peer, index, total, shares, sums);
                Clock.Cryptography += Lap(watch);
            }
            var values = new long[total.Count];
            for (var i = 0; i < sums.Length; i++)
            {
                var start = i * _plan.ValuesPerCiphertext;
                if (!ProtocolFor(total.Ciphertexts[i].Values).TryFinish(total.Ciphertexts[i], sums[i], values.AsSpan(start, total.Ciphertexts[i].Values))) throw ProtocolErrors.SumUnreadable(round);
            }
            Clock.Cryptography += Lap(watch);
            return values;
        }
        finally
        {
            foreach (var share in shares.Concat(sums)) share.Dispose();
        }
    }

    private static PayloadBuffer WriteShares(int index, CollectiveShare[] shares)
    {
        var payload = new PayloadBuffer();
        new MessageWriter(payload).Int32(index);
        foreach (var share in shares) share.Write(payload);
        return payload;
    }

    private void AddShares(PayloadBuffer payload, string peer, int index, EncryptedValues total, CollectiveShare[] scratch, CollectiveShare[] sums)
    {
        var reader = new MessageReader(payload.AsSequence(), LabMessages.MessageOf(Steps.SumShare.Name, peer));
        reader.Int32(index, index, "round");
        for (var i = 0; i < sums.Length; i++)
        {
            var protocol = ProtocolFor(total.Ciphertexts[i].Values);
            try
            {
                protocol.ReadShare(reader.Slice(protocol.ShareBytes), scratch[i]);
                protocol.Aggregate(scratch[i], sums[i]);
            }
            catch (Exception e) when (e is LatticeFormatException or ArgumentException)
            {
                throw ProtocolErrors.SumShareMalformed(peer, e.Message, e);
            }
        }
        reader.End();
    }

    /// <summary>A breach by the coordinator goes into this bank's audit log before it ends the run.</summary>
    private ProtocolException Refuse(ProtocolException breach, string rule)
    {
        _context.Journal.Record("policy.denied", new Dictionary<string, object> { ["party"] = _channel.Coordinator!, ["rule"] = rule, ["step"] = Steps.SumTotal.Name });
        return breach;
    }

    private SumDecryptionProtocol ProtocolFor(int values)
    {
        if (!_protocols.TryGetValue(values, out var protocol)) _protocols.Add(values, protocol = new SumDecryptionProtocol(_keys.Context, _plan, _keys.Secret.Parties, values));
        return protocol;
    }

    private static TimeSpan Lap(Stopwatch watch)
    {
        var elapsed = watch.Elapsed;
        watch.Restart();
        return elapsed;
    }
}
