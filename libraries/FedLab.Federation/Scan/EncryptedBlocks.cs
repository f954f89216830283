using System.Buffers;
using System.Runtime.ExceptionServices;
using FedLab.Lattice;

namespace FedLab.Federation.Scan;

/// <summary>
/// The ciphertexts of some blocks of rows as they travel: mask by mask and block by block the seeded ciphertext of the gradients and
/// Hessians of the nodes that share the mask.
/// </summary>
/// <param name="plan">The scan.</param>
/// <param name="lattice">Its ring.</param>
/// <param name="nodes">Number of nodes.</param>
/// <param name="blocks">Number of blocks.</param>
/// <param name="bytes">Exactly <see cref="Size"/> bytes, which must outlive this.</param>
internal sealed class EncryptedBlocks(ScanPlan plan, LatticeContext lattice, int nodes, int blocks, ReadOnlySequence<byte> bytes)
{
    // All masks but the last hold the same number of nodes.
    private readonly int[] _sizes = [.. plan.Masks(nodes).Select(mask => SeededCiphertext.SerializedSize(lattice, 2 * mask))];
    private readonly int[] _messages = [.. plan.Masks(nodes).Select(mask => 2 * mask)];

    /// <summary>Number of masks.</summary>
    public int Masks => _sizes.Length;

    /// <summary>Number of nodes.</summary>
    public int Nodes => nodes;

    /// <summary>Bytes of so many blocks.</summary>
    public static long Size(ScanPlan plan, LatticeContext lattice, int nodes, int blocks) =>
        plan.Masks(nodes).Sum(mask => (long)blocks * SeededCiphertext.SerializedSize(lattice, 2 * mask));

    /// <summary>The ciphertexts of consecutive blocks, mask by mask.</summary>
    public IEnumerable<ReadOnlySequence<byte>> Range(int first, int count) => Enumerable.Range(0, Masks).Select(mask => At(mask, first, count));

    /// <summary>Checks and expands consecutive blocks.</summary>
    /// <exception cref="LatticeFormatException">A ciphertext is wrong.</exception>
    public ExpandedBlocks Expand(int first, int count, ParallelOptions options)
    {
        var ciphertexts = Array.ConvertAll(_sizes, _ => new ScanCiphertext[count]);
        var expanded = new ExpandedBlocks(ciphertexts);
        try
        {
            Parallel.For(0, Masks * count, options, index =>
            {
                var (mask, block) = (index / count, index % count);
                ciphertexts[mask][block] = SeededCiphertext.Read(At(mask, first + block, 1), lattice, _messages[mask]).ExpandForScan();
            });
            return expanded;
        }
        catch (Exception e)
        {
            expanded.Dispose();
            if (e is AggregateException { InnerException: LatticeFormatException wrong }) ExceptionDispatchInfo.Throw(wrong);
            throw;
        }
    }

    private ReadOnlySequence<byte> At(int mask, int first, int count) => bytes.Slice(((long)mask * blocks * _sizes[0]) + ((long)first * _sizes[mask]), (long)count * _sizes[mask]);
}

/// <summary>Ciphertexts ready for a scan.</summary>
/// <param name="masks">Mask by mask, block by block.</param>
internal sealed class ExpandedBlocks(ScanCiphertext[][] masks) : IDisposable
{
    /// <summary>Number of masks.</summary>
    public int Masks => masks.Length;

    /// <summary>Number of blocks.</summary>
    public int Blocks => masks[0].Length;

    /// <summary>The ciphertexts of a mask; messages are gradient, Hessian, node by node.</summary>
    public IReadOnlyList<ScanCiphertext> Of(int mask) => masks[mask];

    /// <summary>Block by block the masks alone, of some of them.</summary>
    public Ciphertext[][] Products(int firstMask, int count)
    {
        var blocks = new Ciphertext[Blocks][];
        for (var block = 0; block < blocks.Length; block++)
        {
            blocks[block] = new Ciphertext[count];
            for (var mask = 0; mask < count; mask++) blocks[block][mask] = masks[firstMask + mask][block].Mask;
        }
        return blocks;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var mask in masks)
        {
            foreach (var ciphertext in mask) ciphertext?.Dispose();
        }
    }
}
