using FedLab.Lattice;

namespace FedLab.Federation.Scan;

/// <summary>One ciphertext of a scan's answer: what it holds and where it stands.</summary>
/// <param name="FirstVector">The first of its vectors: gradient of node 0, Hessian of node 0, gradient of node 1, ….</param>
/// <param name="Messages">How many vectors: all of a mask, or one where answers are packed.</param>
/// <param name="FirstGroup">The first of its groups of candidates.</param>
/// <param name="Groups">How many groups: one, or those that are packed together.</param>
/// <param name="Start">Its first byte among the ciphertexts of the answer.</param>
/// <param name="Size">Its bytes.</param>
internal sealed record AnswerPart(int FirstVector, int Messages, int FirstGroup, int Groups, long Start, int Size);

/// <summary>The order of the ciphertexts in a scan's answer: mask by mask; unpacked group by group, packed pack by pack and vector by vector.</summary>
internal static class AnswerParts
{
    /// <summary>The ciphertexts of an answer about so many nodes and candidates.</summary>
    public static List<AnswerPart> Of(ScanPlan plan, int nodes, int candidates)
    {
        var parts = new List<AnswerPart>();
        var (vector, start) = (0, 0L);
        foreach (var mask in plan.Masks(nodes))
        {
            var group = 0;
            foreach (var groups in plan.Packs(candidates))
            {
                var messages = plan.Packing is null ? 2 * mask : 1;
                var size = ScanAnswer.SerializedSize(plan.Parameters.Degree, messages * groups * plan.CandidatesPerAnswer, plan.AnswerBits);
                for (var first = vector; first < vector + (2 * mask); first += messages)
                {
                    parts.Add(new AnswerPart(first, messages, group, groups, start, size));
                    start += size;
                }
                group += groups;
            }
            vector += 2 * mask;
        }
        return parts;
    }
}
