using System.Numerics;

namespace FedLab.Audit;

/// <summary>
/// An append-only Merkle tree (RFC 6962, section 2.1) held in memory with every complete subtree, about 64 bytes a
/// leaf, so that roots of all earlier sizes and proofs cost a logarithmic number of hashes. Not thread-safe.
/// </summary>
/// <remarks>
/// <c>level[k][i]</c> is the root of the leaves [i·2^k, (i+1)·2^k):
/// <code>
/// level 2        h0123
///              /       \
/// level 1    h01       h23       h45
///           /   \     /   \     /   \
/// level 0  h0   h1   h2   h3   h4   h5   h6
/// </code>
/// The root of 7 leaves is node(h0123, node(h45, h6)).
/// </remarks>
public sealed class MerkleTree
{
    private readonly List<List<Sha256Hash>> _levels = [[]];

    /// <summary>The number of leaves.</summary>
    public long Size => _levels[0].Count;

    /// <summary>The root over all leaves.</summary>
    public Sha256Hash Root => RootAt(Size);

    /// <summary>The hash of one leaf.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such leaf.</exception>
    public Sha256Hash LeafHash(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Size);
        return _levels[0][(int)index];
    }

    /// <summary>Adds the hash of the next leaf.</summary>
    public void Append(Sha256Hash leafHash)
    {
        _levels[0].Add(leafHash);
        for (int level = 0; _levels[level].Count % 2 == 0; level++)
        {
            List<Sha256Hash> children = _levels[level];
            if (_levels.Count == level + 1) _levels.Add([]);
            _levels[level + 1].Add(MerkleHasher.HashNode(children[^2], children[^1]));
        }
    }

    /// <summary>The root that the tree had at an earlier size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree has never had that size.</exception>
    public Sha256Hash RootAt(long size)
    {
        ThrowIfNotASize(size, nameof(size));
        return size == 0 ? MerkleHasher.EmptyRoot : Subtree(0, size);
    }

    /// <summary>The audit path of a leaf in the tree of <paramref name="size"/> leaves (RFC 9162, section 2.1.3.1), leaf to root.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree never had that size, or the leaf is not in it.</exception>
    public IReadOnlyList<Sha256Hash> InclusionProof(long index, long size)
    {
        ThrowIfNotASize(size, nameof(size));
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<Sha256Hash>();
        AddPath(index, 0, size, path);
        return path;
    }

    /// <summary>The proof that the tree of <paramref name="newSize"/> leaves extends the one of <paramref name="oldSize"/> (RFC 9162, section 2.1.4.1). Empty for equal sizes and from an empty tree.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree never had one of the sizes, or the old one is the larger.</exception>
    public IReadOnlyList<Sha256Hash> ConsistencyProof(long oldSize, long newSize)
    {
        ThrowIfNotASize(newSize, nameof(newSize));
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        var proof = new List<Sha256Hash>();
        if (oldSize > 0) AddSubproof(oldSize, 0, newSize, isWholeOldTree: true, proof);
        return proof;
    }

    private void AddPath(long index, long begin, long end, List<Sha256Hash> path)
    {
        if (end - begin == 1) return;
        long middle = begin + LargestPowerBelow(end - begin);
        if (index < middle)
        {
            AddPath(index, begin, middle, path);
            path.Add(Subtree(middle, end));
        }
        else
        {
            AddPath(index, middle, end, path);
            path.Add(Subtree(begin, middle));
        }
    }

    private void AddSubproof(long oldEnd, long begin, long end, bool isWholeOldTree, List<Sha256Hash> proof)
    {
        if (oldEnd == end)
        {
            // The verifier already holds the root of the whole old tree; any other subtree must be named.
            if (!isWholeOldTree) proof.Add(Subtree(begin, end));
            return;
        }

        long middle = begin + LargestPowerBelow(end - begin);
        if (oldEnd <= middle)
        {
            AddSubproof(oldEnd, begin, middle, isWholeOldTree, proof);
            proof.Add(Subtree(middle, end));
        }
        else
        {
            AddSubproof(oldEnd, middle, end, isWholeOldTree: false, proof);
            proof.Add(Subtree(begin, middle));
        }
    }

    private Sha256Hash Subtree(long begin, long end)
    {
        long width = end - begin;
        if (BitOperations.IsPow2(width))
        {
            int level = BitOperations.Log2((ulong)width);
            return _levels[level][(int)(begin >> level)];
        }

        long middle = begin + LargestPowerBelow(width);
        return MerkleHasher.HashNode(Subtree(begin, middle), Subtree(middle, end));
    }

    /// <summary>The largest power of two smaller than <paramref name="width"/> (which is at least 2).</summary>
    private static long LargestPowerBelow(long width) => 1L << BitOperations.Log2((ulong)(width - 1));

    private void ThrowIfNotASize(long size, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size, name);
    }
}
