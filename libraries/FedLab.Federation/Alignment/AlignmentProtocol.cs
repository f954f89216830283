using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using FedLab.Curve25519;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;

namespace FedLab.Federation.Alignment;

/// <summary>
/// Private alignment by commutative blinding (Meadows 1986; design, section 8). With required sources R1…Rm in the order of
/// the specification and the active party A:
/// <code>
///   A's keys    A ─► R1 ─► … ─► Rm ─► A        each hop multiplies by its own secret scalar and keeps the order
///   Ri's keys   Ri ─► Ri+1 ─► … ─► Ri-1 ─► A   shuffled by Ri first; A multiplies last
/// </code>
/// Points that all have multiplied are equal exactly when the keys are, so A learns which of its rows <em>all</em> required
/// sources know, and nothing about the rows that only some of them know. An optional source then runs the same exchange with
/// those rows alone, under a scalar of its own. A tells each source the positions of its own rows in the common order.
/// </summary>
internal static class AlignmentProtocol
{
    /// <summary>The active party's side.</summary>
    public static async Task<AlignmentResult> RunActiveAsync(PartyRunContext context, IPartyChannel channel, CancellationToken cancellationToken)
    {
        var sources = context.Spec.Sources.ToArray();
        var required = sources.Where(source => source.Role == PartyRole.Required).Select(source => source.Name).ToArray();
        var optional = sources.Where(source => source.Role == PartyRole.Optional).Select(source => source.Name).ToArray();
        var threads = context.Settings.DegreeOfParallelism;
        var hashed = BlindedKeys.Hash(context.Data.Keys, Salt(context), threads, cancellationToken);

        // Rows that every required source knows, and where each source has them in its shuffled list.
        var rows = Enumerable.Range(0, context.Data.Keys.Count).ToArray();
        var indexes = sources.ToDictionary(source => source.Name, _ => Array.Empty<int>(), StringComparer.Ordinal);
        if (required.Length > 0)
        {
            var matches = await MatchAsync(hashed, required, required[0], required[^1], context, channel, cancellationToken).ConfigureAwait(false);
            rows = [.. rows.Where(row => matches.All(match => match.Value[row] >= 0))];
            foreach (var (source, match) in matches) indexes[source] = [.. rows.Select(row => match[row])];
        }
        if (rows.Length == 0)
        {
            throw ProtocolErrors.NoRowInCommon(context.Data.Keys.Count, channel.Self, string.Join(", ", required));
        }
        foreach (var source in optional)
        {
            var asked = new byte[rows.Length * BlindedKeys.PointSize];
            for (var i = 0; i < rows.Length; i++) hashed.AsSpan(rows[i] * BlindedKeys.PointSize, BlindedKeys.PointSize).CopyTo(asked.AsSpan(i * BlindedKeys.PointSize));
            indexes[source] = (await MatchAsync(asked, [source], source, source, context, channel, cancellationToken).ConfigureAwait(false))[source];
        }

        // The common order: training rows, then test rows, each shuffled, so that it tells nothing about the order in A's file.
        var test = context.Data.TestRows ?? (context.Spec.Kind == RunKind.Train ? RowIdentity.TestFold(context.Data.Keys, context.Spec.Test) : null);
        var order = BlindedKeys.RandomPermutation(rows.Length).OrderBy(i => test is not null && test[rows[i]]).ToArray();
        var trainingRows = order.Count(i => test is null || !test[rows[i]]);
        var identifier = RandomNumberGenerator.GetBytes(AlignmentResult.IdentifierLength);
        foreach (var source in sources)
        {
            var payload = new PayloadBuffer();
            new AlignmentResult(identifier, trainingRows, [.. order.Select(i => indexes[source.Name][i])]).Write(new MessageWriter(payload));
            await channel.SendAsync(source.Name, Steps.AlignmentOrder, payload, cancellationToken).ConfigureAwait(false);
        }
        return new AlignmentResult(identifier, trainingRows, [.. order.Select(i => rows[i])]);
    }

    /// <summary>A source's side.</summary>
    public static async Task<AlignmentResult> RunSourceAsync(PartyRunContext context, IPartyChannel channel, CancellationToken cancellationToken)
    {
        var active = context.Spec.Active;
        var self = channel.Self;
        var role = context.Spec.Parties.Single(party => party.Name == self).Role;
        string[] ring = role == PartyRole.Required ? [.. context.Spec.Sources.Where(source => source.Role == PartyRole.Required).Select(source => source.Name)] : [self];
        var place = Array.IndexOf(ring, self);
        var next = ring[(place + 1) % ring.Length];
        var previous = ring[(place + ring.Length - 1) % ring.Length];
        var threads = context.Settings.DegreeOfParallelism;
        using var scalar = BlindingScalar.Generate();

        var points = BlindedKeys.Hash(context.Data.Keys, Salt(context), threads, cancellationToken);
        BlindedKeys.Blind(points, scalar, self, threads, cancellationToken);
        var (shuffled, origin) = BlindedKeys.Shuffle(points);
        await channel.SendAsync(ring.Length == 1 ? active : next, Steps.AlignmentPoints, BlindedKeys.ToPayload(self, shuffled), cancellationToken).ConfigureAwait(false);

        // The active party's list and those of the other required sources pass by, each once.
        var expected = ring.Where(name => name != self).Append(active).ToHashSet(StringComparer.Ordinal);
        while (expected.Count > 0)
        {
            // The active party enters the ring at its first source; everything else comes from the previous source.
            var from = place == 0 && expected.Contains(active) ? active : previous;
            var (owner, list) = BlindedKeys.FromPayload(await channel.ReceiveAsync(from, Steps.AlignmentPoints, cancellationToken).ConfigureAwait(false));
            if (!expected.Remove(owner)) throw ProtocolErrors.KeysUnexpected(owner);
            BlindedKeys.Blind(list, scalar, owner, threads, cancellationToken);
            var last = owner == active ? place == ring.Length - 1 : next == owner;
            await channel.SendAsync(last ? active : next, Steps.AlignmentPoints, BlindedKeys.ToPayload(owner, list), cancellationToken).ConfigureAwait(false);
        }

        using var order = await channel.ReceiveAsync(active, Steps.AlignmentOrder, cancellationToken).ConfigureAwait(false);
        var reader = new MessageReader(order.AsSequence(), LabMessages.MessageNamed(Steps.AlignmentOrder.Name));
        var result = AlignmentResult.Read(ref reader, context.Data.Keys.Count);
        reader.End();
        if (role == PartyRole.Required && result.OwnRows.Contains(-1)) throw ProtocolErrors.RequiredRowsLeftOut(self);
        return result with { OwnRows = [.. result.OwnRows.Select(index => index < 0 ? -1 : origin[index])] };
    }

    /// <summary>Sends the active party's points round a ring and takes in the ring's own lists.</summary>
    /// <returns>For each source and each point asked about: its index in the source's shuffled list, or -1.</returns>
    private static async Task<Dictionary<string, int[]>> MatchAsync(byte[] hashed, string[] ring, string first, string last, PartyRunContext context, IPartyChannel channel, CancellationToken cancellationToken)
    {
        var threads = context.Settings.DegreeOfParallelism;
        using var scalar = BlindingScalar.Generate();
        var (points, origin) = BlindedKeys.Shuffle(hashed);
        BlindedKeys.Blind(points, scalar, channel.Self, threads, cancellationToken);
        await channel.SendAsync(first, Steps.AlignmentPoints, BlindedKeys.ToPayload(channel.Self, points), cancellationToken).ConfigureAwait(false);

        var lists = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        byte[]? own = null;
        // Each list comes from the party that multiplied it last; a party sends its lists in the order in which it finished them.
        var pending = ring.Select((_, i) => ring[(i + ring.Length - 1) % ring.Length]).Append(last).ToArray();
        foreach (var from in pending)
        {
            var (owner, list) = BlindedKeys.FromPayload(await channel.ReceiveAsync(from, Steps.AlignmentPoints, cancellationToken).ConfigureAwait(false));
            if (owner == channel.Self)
            {
                if (own is not null || list.Length != points.Length) throw ProtocolErrors.KeyCountChanged(from);
                own = list;
                continue;
            }
            if (!ring.Contains(owner) || lists.ContainsKey(owner)) throw ProtocolErrors.KeysUnexpected(owner);
            BlindedKeys.Blind(list, scalar, owner, threads, cancellationToken);
            lists.Add(owner, list);
        }
        if (own is null) throw ProtocolErrors.KeysNotReturned(last, channel.Self);

        var result = new Dictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var (source, list) in lists)
        {
            var positions = new Dictionary<PointKey, int>(list.Length / BlindedKeys.PointSize);
            var keys = MemoryMarshal.Cast<byte, PointKey>(list);
            for (var i = 0; i < keys.Length; i++)
            {
                if (!positions.TryAdd(keys[i], i)) throw ProtocolErrors.BlindedKeysRepeated(source);
            }
            var matches = new int[origin.Length];
            var asked = MemoryMarshal.Cast<byte, PointKey>(own);
            for (var i = 0; i < asked.Length; i++) matches[origin[i]] = positions.GetValueOrDefault(asked[i], -1);
            result.Add(source, matches);
        }
        return result;
    }

    private static byte[] Salt(PartyRunContext context) => SHA256.HashData(Encoding.UTF8.GetBytes($"fedlab alignment v1\n{context.Run}\n{context.Attempt}\n"));

    /// <summary>A point as a dictionary key: uniformly distributed, so its first bytes are its hash.</summary>
    private readonly record struct PointKey(ulong A, ulong B, ulong C, ulong D)
    {
        public override int GetHashCode() => A.GetHashCode();
    }
}
