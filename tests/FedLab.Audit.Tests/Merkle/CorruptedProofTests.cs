namespace FedLab.Audit.Tests.Merkle;

/// <summary>The classes of broken proofs in the test data of transparency-dev/merkle, over every tree of up to 20 leaves.</summary>
public sealed class CorruptedProofTests
{
    private const int Largest = 20;
    private static readonly Sha256Hash Garbage = Sha256Hash.Of("garbage"u8);

    [Fact]
    public void Broken_inclusion_proofs_never_verify()
    {
        MerkleTree tree = MerkleTreeTests.ByteTree(2 * Largest);
        for (int size = 1; size <= Largest; size++)
        {
            for (int index = 0; index < size; index++)
            {
                IReadOnlyList<Sha256Hash> proof = tree.InclusionProof(index, size);
                Sha256Hash leaf = tree.LeafHash(index);
                Sha256Hash root = tree.RootAt(size);
                foreach (List<Sha256Hash> broken in Broken(proof, root)) Assert.False(MerkleProof.VerifyInclusion(index, size, leaf, broken, root));
                Assert.False(MerkleProof.VerifyInclusion(index - 1, size, leaf, proof, root));
                Assert.False(MerkleProof.VerifyInclusion(index + 1, size, leaf, proof, root));
                Assert.False(MerkleProof.VerifyInclusion(index ^ 2, size, leaf, proof, root));
                Assert.False(MerkleProof.VerifyInclusion(index, size, Garbage, proof, root));
                Assert.False(MerkleProof.VerifyInclusion(index, size, leaf, proof, Garbage));
                Assert.False(MerkleProof.VerifyInclusion(index, size, leaf, proof, MerkleHasher.EmptyRoot));
                Assert.False(MerkleProof.VerifyInclusion(index, 2 * size, leaf, proof, root));
                if (size > 1) Assert.False(MerkleProof.VerifyInclusion(index, size / 2, leaf, proof, root));
                if (size > 1) Assert.False(MerkleProof.VerifyInclusion(index, size, leaf, [], root));
            }
        }
    }

    [Fact]
    public void Broken_consistency_proofs_never_verify()
    {
        MerkleTree tree = MerkleTreeTests.ByteTree(2 * Largest);
        for (int newSize = 1; newSize <= Largest; newSize++)
        {
            for (int oldSize = 1; oldSize < newSize; oldSize++)
            {
                IReadOnlyList<Sha256Hash> proof = tree.ConsistencyProof(oldSize, newSize);
                Sha256Hash oldRoot = tree.RootAt(oldSize);
                Sha256Hash newRoot = tree.RootAt(newSize);
                foreach (List<Sha256Hash> broken in Broken(proof, newRoot)) Assert.False(MerkleProof.VerifyConsistency(oldSize, newSize, oldRoot, newRoot, broken));
                Assert.False(MerkleProof.VerifyConsistency(oldSize, newSize, newRoot, oldRoot, proof));
                Assert.False(MerkleProof.VerifyConsistency(newSize, oldSize, newRoot, oldRoot, proof));
                Assert.False(MerkleProof.VerifyConsistency(oldSize, newSize, Garbage, newRoot, proof));
                Assert.False(MerkleProof.VerifyConsistency(oldSize, newSize, oldRoot, Garbage, proof));
                Assert.False(MerkleProof.VerifyConsistency(oldSize, newSize, MerkleHasher.EmptyRoot, newRoot, proof));
                Assert.False(MerkleProof.VerifyConsistency(oldSize, newSize, oldRoot, newRoot, []));
                Assert.False(MerkleProof.VerifyConsistency(oldSize, 2 * newSize, oldRoot, newRoot, proof));
                Assert.False(MerkleProof.VerifyConsistency(0, newSize, oldRoot, newRoot, proof));
                Assert.False(MerkleProof.VerifyConsistency(-oldSize, newSize, oldRoot, newRoot, proof));
            }

            Sha256Hash root = tree.RootAt(newSize);
            Assert.True(MerkleProof.VerifyConsistency(newSize, newSize, root, root, []));
            Assert.False(MerkleProof.VerifyConsistency(newSize, newSize, root, root, [Garbage]));
            Assert.False(MerkleProof.VerifyConsistency(newSize, newSize, root, Garbage, []));
            Assert.True(MerkleProof.VerifyConsistency(0, newSize, MerkleHasher.EmptyRoot, root, []));
            Assert.False(MerkleProof.VerifyConsistency(0, newSize, MerkleHasher.EmptyRoot, root, [root]));
            Assert.False(MerkleProof.VerifyConsistency(0, newSize, root, root, []));
        }

        Assert.True(MerkleProof.VerifyConsistency(0, 0, MerkleHasher.EmptyRoot, MerkleHasher.EmptyRoot, []));
        Assert.False(MerkleProof.VerifyConsistency(0, 0, Garbage, Garbage, []));
    }

    [Fact]
    public void Sizes_at_the_edge_of_the_number_range_are_only_wrong()
    {
        Sha256Hash[] proof = [.. Enumerable.Repeat(Garbage, 63)];
        Assert.False(MerkleProof.VerifyInclusion(0, long.MaxValue, Garbage, proof, Garbage));
        Assert.False(MerkleProof.VerifyInclusion(long.MaxValue - 1, long.MaxValue, Garbage, proof, Garbage));
        Assert.False(MerkleProof.VerifyInclusion(long.MaxValue, long.MaxValue, Garbage, proof, Garbage));
        Assert.False(MerkleProof.VerifyInclusion(long.MinValue, long.MaxValue, Garbage, proof, Garbage));
        Assert.False(MerkleProof.VerifyConsistency(1L << 62, long.MaxValue, Garbage, Garbage, proof));
        Assert.False(MerkleProof.VerifyConsistency(long.MaxValue - 1, long.MaxValue, Garbage, Garbage, proof));
        Assert.False(MerkleProof.VerifyConsistency(1, long.MaxValue, Garbage, Garbage, [.. Enumerable.Repeat(Garbage, 1000)]));
    }

    private static IEnumerable<List<Sha256Hash>> Broken(IReadOnlyList<Sha256Hash> proof, Sha256Hash root)
    {
        for (int i = 0; i < proof.Count; i++)
        {
            byte[] flipped = proof[i].ToArray();
            flipped[(7 * i) % flipped.Length] ^= (byte)(1 << (i % 8));
            yield return [.. proof.Take(i), new Sha256Hash(flipped), .. proof.Skip(i + 1)];
            yield return [.. proof.Take(i), .. proof.Skip(i + 1)];
            yield return [.. proof.Take(i), Garbage, .. proof.Skip(i)];
        }

        yield return [Garbage, .. proof];
        yield return [.. proof, Garbage];
        yield return [root, .. proof];
        yield return [.. proof, root];
        yield return [.. proof, default];
    }
}
