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
internal sealed class ScanRequest : IDisposable
{
    /// <summary>More nodes than any level that is scanned.</summary>
    private const int MaximumNodes = 1 << 12;

    private readonly ScanCiphertext[][] _masks;

    private ScanRequest(int tree, int nodes, ScanCiphertext[][] masks) => (Tree, Nodes, _masks) = (tree, nodes, masks);

    /// <summary>Number of the tree, from 0.</summary>
    public int Tree { get; }

    /// <summary>Number of nodes.</summary>
    public int Nodes { get; }

    /// <summary>For each mask its ciphertexts, block by block; messages are gradient, Hessian, node by node.</summary>
    public IReadOnlyList<IReadOnlyList<ScanCiphertext>> Masks => _masks;

    /// <summary>The masks of one block.</summary>
    public Ciphertext[] Block(int block) => Array.ConvertAll(_masks, mask => mask[block].Mask);

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

    /// <summary>Reads and expands the ciphertexts.</summary>
    /// <exception cref="ProtocolException">A size or a ciphertext is wrong.</exception>
    public static ScanRequest Read(ScanPlan plan, LatticeContext lattice, ReadOnlySequence<byte> payload, int degreeOfParallelism, CancellationToken cancellationToken)
    {
        var reader = new MessageReader(payload, LabMessages.MessageNamed(Steps.ScanRequest.Name));
        var tree = reader.Int32(0, int.MaxValue, "tree");
        var nodes = reader.Int32(1, MaximumNodes, "number of nodes");
        var masks = plan.Masks(nodes).ToArray();
        var expected = masks.Sum(mask => (long)plan.Blocks * SeededCiphertext.SerializedSize(lattice, 2 * mask));
        if (reader.Remaining != expected) throw ProtocolErrors.ScanRequestLength(nodes, reader.Remaining, expected);
        var body = reader.Slice(expected);
        // All masks but the last hold the same number of nodes.
        var size = SeededCiphertext.SerializedSize(lattice, 2 * masks[0]);
        var ciphertexts = Array.ConvertAll(masks, _ => new ScanCiphertext[plan.Blocks]);
        try
        {
            Parallel.For(0, masks.Length * plan.Blocks, new ParallelOptions { MaxDegreeOfParallelism = degreeOfParallelism, CancellationToken = cancellationToken }, index =>
            {
                var (mask, block) = (index / plan.Blocks, index % plan.Blocks);
                var own = SeededCiphertext.SerializedSize(lattice, 2 * masks[mask]);
                ciphertexts[mask][block] = SeededCiphertext.Read(body.Slice((long)mask * plan.Blocks * size + (long)block * own, own), lattice, 2 * masks[mask]).ExpandForScan();
            });
        }
        catch (AggregateException e) when (e.InnerException is LatticeFormatException)
        {
            throw ProtocolErrors.ScanRequestInvalid(e.InnerException.Message, e);
        }
        return new ScanRequest(tree, nodes, ciphertexts);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var mask in _masks)
        {
            foreach (var ciphertext in mask) ciphertext?.Dispose();
        }
    }
}
