using System.Numerics;

namespace FedLab.Audit;

/// <summary>
/// The roots of the complete subtrees of a growing tree, left to right: all that is needed to add leaves and to name
/// the root, in memory that grows with the logarithm of the size. Not thread-safe.
/// </summary>
public sealed class CompactRange
{
    private readonly List<Sha256Hash> _subtrees = [];

    /// <summary>Leaves added so far.</summary>
    public long Size { get; private set; }

    /// <summary>Adds the hash of the next leaf.</summary>
    public void Append(Sha256Hash leafHash)
    {
        Sha256Hash node = leafHash;
        // Each trailing one-bit of the size is a complete subtree that the new leaf's subtree joins.
        for (int merges = BitOperations.TrailingZeroCount(~Size); merges > 0; merges--)
        {
            node = MerkleHasher.HashNode(_subtrees[^1], node);
            _subtrees.RemoveAt(_subtrees.Count - 1);
        }

        _subtrees.Add(node);
        Size++;
    }

    /// <summary>The root over all leaves added so far.</summary>
    public Sha256Hash Root()
    {
        if (_subtrees.Count == 0) return MerkleHasher.EmptyRoot;
        Sha256Hash root = _subtrees[^1];
        for (int i = _subtrees.Count - 2; i >= 0; i--) root = MerkleHasher.HashNode(_subtrees[i], root);
        return root;
    }
}
