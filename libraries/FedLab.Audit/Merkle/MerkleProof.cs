using System.Numerics;

namespace FedLab.Audit;

/// <summary>Verification of proofs of RFC 9162, sections 2.1.3.2 and 2.1.4.2. Any input is allowed; what does not prove is <see langword="false"/>.</summary>
public static class MerkleProof
{
    /// <summary>Hashes in the longest proof that any tree of up to 2^63 leaves can need.</summary>
    public const int MaximumLength = 64;

    /// <summary>Whether <paramref name="proof"/> leads from the leaf at <paramref name="index"/> to the root of a tree of <paramref name="size"/> leaves.</summary>
    public static bool VerifyInclusion(long index, long size, Sha256Hash leafHash, IReadOnlyList<Sha256Hash> proof, Sha256Hash root)
    {
        ArgumentNullException.ThrowIfNull(proof);
        if (index < 0 || index >= size || proof.Count > MaximumLength) return false;
        long node = index;
        long last = size - 1;
        Sha256Hash computed = leafHash;
        foreach (Sha256Hash sibling in proof)
        {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last)
            {
                computed = MerkleHasher.HashNode(sibling, computed);
                SkipLevelsWithoutSibling(ref node, ref last);
            }
            else
            {
                computed = MerkleHasher.HashNode(computed, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && computed == root;
    }

    /// <summary>
    /// Whether <paramref name="proof"/> shows that the tree of <paramref name="newSize"/> leaves keeps the first
    /// <paramref name="oldSize"/> leaves of the old one. Equal sizes and an empty old tree need an empty proof.
    /// </summary>
    public static bool VerifyConsistency(long oldSize, long newSize, Sha256Hash oldRoot, Sha256Hash newRoot, IReadOnlyList<Sha256Hash> proof)
    {
        ArgumentNullException.ThrowIfNull(proof);
        if (oldSize < 0 || oldSize > newSize || proof.Count > MaximumLength) return false;
        if (oldSize == 0 && oldRoot != MerkleHasher.EmptyRoot) return false;
        if (newSize == 0 && newRoot != MerkleHasher.EmptyRoot) return false;
        if (oldSize == newSize) return proof.Count == 0 && oldRoot == newRoot;
        if (oldSize == 0) return proof.Count == 0;

        long node = oldSize - 1;
        long last = newSize - 1;
        int trailing = BitOperations.TrailingZeroCount(~node);
        node >>= trailing;
        last >>= trailing;

        // A complete old tree is itself the first component and is left out of the proof.
        bool startsAtOldRoot = BitOperations.IsPow2(oldSize);
        if (!startsAtOldRoot && proof.Count == 0) return false;
        Sha256Hash oldComputed = startsAtOldRoot ? oldRoot : proof[0];
        Sha256Hash newComputed = oldComputed;
        for (int i = startsAtOldRoot ? 0 : 1; i < proof.Count; i++)
        {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last)
            {
                oldComputed = MerkleHasher.HashNode(proof[i], oldComputed);
                newComputed = MerkleHasher.HashNode(proof[i], newComputed);
                SkipLevelsWithoutSibling(ref node, ref last);
            }
            else
            {
                newComputed = MerkleHasher.HashNode(newComputed, proof[i]);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && oldComputed == oldRoot && newComputed == newRoot;
    }

    /// <summary>The last node of a level that has no sibling rises unchanged until it is somebody's right child.</summary>
    private static void SkipLevelsWithoutSibling(ref long node, ref long last)
    {
        while (node != 0 && (node & 1) == 0)
        {
            node >>= 1;
            last >>= 1;
        }
    }
}
