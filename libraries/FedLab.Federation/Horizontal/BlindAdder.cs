using System.Buffers;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Lattice;

namespace FedLab.Federation.Horizontal;

/// <summary>
/// The coordinator's part in one attempt of a horizontal run: it adds the contributions that it passes on, without a key, and announces the hash of each sum.
/// <code>
///   bank ── sum.part ──► relay ──► every other bank          each bank adds the parts itself,
///                          └──► BlindAdder ── sum.total ──►  compares, and only then helps to decrypt
/// </code>
/// The hash says all: each bank has the same ciphertexts, and 32 bytes travel in place of the sum. Not thread-safe.
/// </summary>
public sealed class BlindAdder : IDisposable
{
    private readonly PartyIdentity _coordinator;
    private readonly string _run;
    private readonly int _attempt;
    private readonly HashSet<string> _banks;
    private readonly LatticeContext _context;
    private readonly HashSet<string> _added = new(StringComparer.Ordinal);
    private EncryptedValues? _sum;
    private int? _round;
    private long _sequence;

    /// <summary>Prepares an attempt.</summary>
    /// <param name="coordinator">Signs the announcements.</param>
    /// <param name="run">The run.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="spec">The specification, from which the ring follows.</param>
    /// <param name="banks">The banks of this attempt.</param>
    public BlindAdder(PartyIdentity coordinator, string run, int attempt, ExperimentSpec spec, IEnumerable<string> banks)
    {
        (_coordinator, _run, _attempt) = (coordinator, run, attempt);
        _banks = banks.ToHashSet(StringComparer.Ordinal);
        _context = new LatticeContext(SumPlanning.PlanOf(spec).Parameters);
    }

    /// <summary>Takes a contribution in passing.</summary>
    /// <param name="header">Its header, checked.</param>
    /// <param name="payload">Its content.</param>
    /// <returns>The announcement, once every bank has contributed; the caller sends it to all banks and disposes it. Null before.</returns>
    /// <exception cref="ProtocolException">The contribution is malformed, out of turn, or not of a bank of this attempt.</exception>
    public Envelope? Add(EnvelopeHeader header, ReadOnlySequence<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (!_banks.Contains(header.Sender)) throw ProtocolErrors.NotAPartyOfExperiment(header.Sender);
        var part = EncryptedValues.Read(payload, header.Sender, _context);
        if (!_added.Add(header.Sender) || (_sum is { } others && (part.Round != others.Round || part.Count != others.Count)) || (_sum is null && _round is { } last && part.Round != last + 1))
        {
            part.Dispose();
            throw ProtocolErrors.SumPartOutOfTurn(header.Sender, part.Round, part.Count);
        }
        if (_sum is null) _sum = part;
        else
        {
            using (part) _sum.Add(part);
        }
        if (_added.Count < _banks.Count) return null;
        var announcement = PayloadBuffer.Of(_sum.Announcement(_run, _attempt));
        _round = _sum.Round;
        _sum.Dispose();
        _sum = null;
        _added.Clear();
        var total = new EnvelopeHeader(_run, _attempt, Steps.SumTotal.Name, _sequence++, _coordinator.Name, EnvelopeHeader.Everyone, Steps.SumTotal.Class, announcement.Length, announcement.Hash());
        return new Envelope(total, _coordinator.Sign(total.SigningBytes()), announcement);
    }

    /// <inheritdoc/>
    public void Dispose() => _sum?.Dispose();
}
