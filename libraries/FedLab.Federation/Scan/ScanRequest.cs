using System.Buffers;
using FedLab.Federation.Channels;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Learning;

namespace FedLab.Federation.Scan;

/// <summary>
/// The encrypted gradients and Hessians of the nodes of a level, as they travel: the tree, the number of nodes, then for each
/// node the ciphertexts of its gradients and those of its Hessians, block by block.
/// </summary>
internal sealed class ScanRequest : IDisposable
{
    /// <summary>More nodes than any level that is scanned.</summary>
    private const int MaximumNodes = 1 << 12;

    private readonly Ciphertext[][] _blocks;

    private ScanRequest(int tree, int nodes, Ciphertext[][] blocks) => (Tree, Nodes, _blocks) = (tree, nodes, blocks);

    /// <summary>Number of the tree, from 0.</summary>
    public int Tree { get; }

    /// <summary>Number of nodes.</summary>
    public int Nodes { get; }

    /// <summary>The ciphertexts of one block: for each node gradient, then Hessian.</summary>
    public ReadOnlySpan<Ciphertext> Block(int block) => _blocks[block];

    /// <summary>Encrypts. Rows outside a node are zero, so that nobody learns who is in it.</summary>
    public static PayloadBuffer Encrypt(ScanPlan plan, SymmetricEncryptor encryptor, TreeGradients gradients, IReadOnlyList<ScanNode> nodes, int degreeOfParallelism, CancellationToken cancellationToken)
    {
        var vectors = nodes.Count * 2;
        var masked = new long[vectors][];
        for (var vector = 0; vector < vectors; vector++)
        {
            var source = (vector % 2 == 0 ? gradients.Gradients : gradients.Hessians).Span;
            masked[vector] = new long[plan.Rows];
            foreach (var row in nodes[vector / 2].Rows.Span) masked[vector][row] = source[row];
        }
        var ciphertexts = new SeededCiphertext[vectors * plan.Blocks];
        Parallel.For(0, ciphertexts.Length, new ParallelOptions { MaxDegreeOfParallelism = degreeOfParallelism, CancellationToken = cancellationToken }, index =>
        {
            var start = index % plan.Blocks * plan.RowsPerBlock;
            ciphertexts[index] = encryptor.Encrypt(masked[index / plan.Blocks].AsSpan(start, Math.Min(plan.RowsPerBlock, plan.Rows - start)), plan.ScaleBits);
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
        var reader = new MessageReader(payload, "A scan request");
        var size = SeededCiphertext.SerializedSize(lattice);
        var tree = reader.Int32(0, int.MaxValue, "tree");
        var nodes = reader.Int32(1, MaximumNodes, "number of nodes");
        var vectors = 2 * nodes;
        var expected = (long)vectors * plan.Blocks * size;
        if (reader.Remaining != expected) throw new ProtocolException($"A scan request for {nodes} nodes has {reader.Remaining} bytes of ciphertexts; {expected} were expected.");
        var body = reader.Slice(expected);
        var blocks = new Ciphertext[plan.Blocks][];
        for (var block = 0; block < blocks.Length; block++) blocks[block] = new Ciphertext[vectors];
        try
        {
            Parallel.For(0, vectors * plan.Blocks, new ParallelOptions { MaxDegreeOfParallelism = degreeOfParallelism, CancellationToken = cancellationToken }, index =>
                blocks[index % plan.Blocks][index / plan.Blocks] = SeededCiphertext.Read(body.Slice((long)index * size, size), lattice).Expand());
        }
        catch (AggregateException e) when (e.InnerException is LatticeFormatException)
        {
            throw new ProtocolException($"A scan request holds something that is not a ciphertext: {e.InnerException.Message}", e);
        }
        return new ScanRequest(tree, nodes, blocks);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var block in _blocks)
        {
            foreach (var ciphertext in block) ciphertext?.Dispose();
        }
    }
}
