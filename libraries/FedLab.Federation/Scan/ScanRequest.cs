using System.Buffers;
using FedLab.Federation.Channels;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Learning;

namespace FedLab.Federation.Scan;

/// <summary>
/// The encrypted gradients and Hessians of the nodes of a level, as they travel: the tree, the number of nodes, then mask by mask
/// and block by block the ciphertexts, each of the gradients and Hessians of the nodes that share the mask.
/// </summary>
internal sealed class ScanRequest
{
    /// <summary>More nodes than any level that is scanned.</summary>
    public const int MaximumNodes = 1 << 12;

    private ScanRequest(int tree, EncryptedBlocks vectors) => (Tree, Vectors) = (tree, vectors);

    /// <summary>Number of the tree, from 0.</summary>
    public int Tree { get; }

    /// <summary>Number of nodes.</summary>
    public int Nodes => Vectors.Nodes;

    /// <summary>Number of masks.</summary>
    public int Masks => Vectors.Masks;

    /// <summary>The ciphertexts.</summary>
    public EncryptedBlocks Vectors { get; }

    /// <summary>Encrypts. Rows outside a node are zero, so that nobody learns who is in it.</summary>
    public static PayloadBuffer Encrypt(ScanPlan plan, SymmetricEncryptor encryptor, TreeGradients gradients, IReadOnlyList<ScanNode> nodes, int degreeOfParallelism, CancellationToken cancellationToken)
    {
        var masked = new long[2 * nodes.Count][];
        for (var vector = 0; vector < masked.Length; vector++)
        {
            var source = (vector % 2 == 0 ? gradients.Gradients : gradients.Hessians).Span;
            masked[vector] = new long[plan.Rows];
            foreach (var row in nodes[vector / 2].Rows.Span) masked[vector][row] = source[row];
        }
        var masks = plan.Masks(nodes.Count).ToArray();
        var ciphertexts = new SeededCiphertext[masks.Length * plan.Blocks];
        Parallel.For(0, ciphertexts.Length, new ParallelOptions { MaxDegreeOfParallelism = degreeOfParallelism, CancellationToken = cancellationToken }, index =>
        {
            var mask = index / plan.Blocks;
            var start = index % plan.Blocks * plan.RowsPerBlock;
            var length = Math.Min(plan.RowsPerBlock, plan.Rows - start);
            ciphertexts[index] = encryptor.EncryptTogether([.. masked.AsSpan(2 * mask * plan.NodesPerMask, 2 * masks[mask]).ToArray().Select(vector => (ReadOnlyMemory<long>)vector.AsMemory(start, length))], plan.ScaleBits);
        });
        var payload = new PayloadBuffer();
        var writer = new MessageWriter(payload);
        writer.Int32(gradients.Tree);
        writer.Int32(nodes.Count);
        foreach (var ciphertext in ciphertexts) ciphertext.Write(payload);
        return payload;
    }

    /// <summary>Reads a request, which must not outlive the payload.</summary>
    /// <exception cref="ProtocolException">A size is wrong.</exception>
    public static ScanRequest Read(ScanPlan plan, LatticeContext lattice, ReadOnlySequence<byte> payload)
    {
        var reader = new MessageReader(payload, LabMessages.MessageNamed(Steps.ScanRequest.Name));
        var tree = reader.Int32(0, int.MaxValue, "tree");
        var nodes = reader.Int32(1, MaximumNodes, "number of nodes");
        var expected = EncryptedBlocks.Size(plan, lattice, nodes, plan.Blocks);
        if (reader.Remaining != expected) throw ProtocolErrors.ScanRequestLength(nodes, reader.Remaining, expected);
        return new ScanRequest(tree, new EncryptedBlocks(plan, lattice, nodes, plan.Blocks, reader.Slice(expected)));
    }

    /// <summary>Checks and expands the ciphertexts of consecutive blocks.</summary>
    /// <exception cref="ProtocolException">A ciphertext is wrong.</exception>
    public ExpandedBlocks Expand(int first, int count, ParallelOptions options)
    {
        try
        {
            return Vectors.Expand(first, count, options);
        }
        catch (LatticeFormatException e)
        {
            throw ProtocolErrors.ScanRequestInvalid(e.Message, e);
        }
    }
}
