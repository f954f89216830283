using System.Buffers;
using FedLab.Federation.Channels;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Lattice.Evaluation;

namespace FedLab.Federation.Scan;

/// <summary>What a source needs of the active party to answer scans: the plan, the key under which it re-randomises and, where answers are packed, the keys for that.</summary>
/// <param name="Plan">Parameters of the scan.</param>
/// <param name="Lattice">Transform tables of the ciphertexts' ring.</param>
/// <param name="PublicKey">The key for re-randomisation.</param>
/// <param name="Packer">Packs answers, or null.</param>
internal sealed record ScanSetup(ScanPlan Plan, LatticeContext Lattice, PublicKey PublicKey, AnswerPacker? Packer)
{
    /// <summary>Writes the public material of a scan.</summary>
    public static PayloadBuffer Write(GradientScan scan)
    {
        var payload = new PayloadBuffer();
        scan.Plan.Write(new MessageWriter(payload));
        scan.PublicKey.Write(payload);
        foreach (var keys in scan.PackingKeys) keys.Write(payload);
        return payload;
    }

    /// <summary>Reads it at a source, which checks the plan again.</summary>
    /// <exception cref="ProtocolException">A size, a parameter or a key is wrong.</exception>
    public static ScanSetup Read(ReadOnlySequence<byte> payload, int trainingRows)
    {
        var reader = new MessageReader(payload, "The scan's setup");
        var plan = ScanPlan.Read(ref reader, trainingRows);
        var lattice = new LatticeContext(plan.Parameters);
        var messages = 2 * plan.NodesPerMask;
        var ring = plan.Packing is null ? null : new CkksContext(plan.Packing);
        var elements = ring is null ? [] : RingPacking.Elements(ring, plan.CandidatesPerAnswer);
        var keyBytes = PublicKey.SerializedSize(lattice, messages);
        var packingBytes = ring is null ? 0 : GaloisKeys.SerializedSize(ring, elements.Count);
        var expected = keyBytes + (ring is null ? 0 : messages * packingBytes);
        if (reader.Remaining != expected) throw ProtocolErrors.ScanSetupLength(reader.Remaining, expected);
        try
        {
            var key = PublicKey.Read(reader.Slice(keyBytes), lattice, messages);
            if (ring is null) return new ScanSetup(plan, lattice, key, null);
            var packing = new GaloisKeys[messages];
            for (var message = 0; message < messages; message++) packing[message] = GaloisKeys.Read(reader.Slice(packingBytes), ring, elements);
            return new ScanSetup(plan, lattice, key, new AnswerPacker(lattice, ring, packing, plan.CandidatesPerAnswer));
        }
        catch (LatticeFormatException e)
        {
            throw ProtocolErrors.PublicKeyRefused(e.Message, e);
        }
    }
}
