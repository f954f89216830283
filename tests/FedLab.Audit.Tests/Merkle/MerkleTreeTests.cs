using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FedLab.Audit.Tests.Merkle;

/// <summary>RFC 6962 trees against the vectors of transparency-dev/merkle and digests over every small tree.</summary>
public sealed class MerkleTreeTests
{
    private static readonly string[] Leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] Roots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    private static readonly string[] LeafHashes =
    [
        Roots[1],
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
    ];

    private const string H23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
    private const string H45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
    private const string H67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
    private const string H47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
    private const string H456 = "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e";

    private static MerkleTree ReferenceTree()
    {
        var tree = new MerkleTree();
        foreach (string leaf in Leaves) tree.Append(MerkleHasher.HashLeaf(Convert.FromHexString(leaf)));
        return tree;
    }

    internal static MerkleTree ByteTree(int size)
    {
        var tree = new MerkleTree();
        for (int i = 0; i < size; i++) tree.Append(MerkleHasher.HashLeaf([(byte)i]));
        return tree;
    }

    [Fact]
    public void Roots_of_every_size_are_the_reference_ones_at_once_and_looking_back()
    {
        var growing = new MerkleTree();
        var range = new CompactRange();
        Assert.Equal(Roots[0], growing.Root.ToHex());
        Assert.Equal(Roots[0], range.Root().ToHex());
        for (int i = 0; i < Leaves.Length; i++)
        {
            Sha256Hash leaf = MerkleHasher.HashLeaf(Convert.FromHexString(Leaves[i]));
            Assert.Equal(LeafHashes[i], leaf.ToHex());
            growing.Append(leaf);
            range.Append(leaf);
            Assert.Equal(Roots[i + 1], growing.Root.ToHex());
            Assert.Equal(Roots[i + 1], range.Root().ToHex());
        }

        for (int size = 0; size <= Leaves.Length; size++) Assert.Equal(Roots[size], growing.RootAt(size).ToHex());
    }

    [Fact]
    public void Hasher_gives_the_reference_leaf_and_node()
    {
        Assert.Equal("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56", MerkleHasher.HashLeaf("L123456"u8).ToHex());
        byte[] node = SHA256.HashData([1, .. "N123"u8, .. "N456"u8]);
        Assert.Equal("aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb", Convert.ToHexStringLower(node));
        Sha256Hash left = MerkleHasher.HashLeaf([2]);
        Sha256Hash right = MerkleHasher.HashLeaf([3]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([1, .. left.ToArray(), .. right.ToArray()])), MerkleHasher.HashNode(left, right).ToHex());
        // A record of golang.org/x/mod/sumdb/tlog: the leaf hash of "hello world".
        Assert.Equal("TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=", MerkleHasher.HashLeaf("hello world"u8).ToBase64());
        byte[] large = new byte[5000];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([0, .. large])), MerkleHasher.HashLeaf(large).ToHex());
    }

    [Theory]
    [InlineData(0, 8, "L1,H23,H47")]
    [InlineData(5, 8, "L4,H67,R4")]
    [InlineData(2, 3, "R2")]
    [InlineData(1, 5, "L0,H23,L4")]
    public void Inclusion_proofs_are_the_reference_ones(long index, long size, string expected)
    {
        MerkleTree tree = ReferenceTree();
        IReadOnlyList<Sha256Hash> proof = tree.InclusionProof(index, size);
        Assert.Equal(Resolve(expected), proof.Select(hash => hash.ToHex()));
        Assert.True(MerkleProof.VerifyInclusion(index, size, tree.LeafHash(index), proof, tree.RootAt(size)));
    }

    [Theory]
    [InlineData(1, 8, "L1,H23,H47")]
    [InlineData(6, 8, "H45,H67,R4")]
    [InlineData(2, 5, "H23,L4")]
    [InlineData(6, 7, "H45,L6,R4")]
    [InlineData(3, 7, "L2,L3,R2,H456")]
    public void Consistency_proofs_are_the_reference_ones(long oldSize, long newSize, string expected)
    {
        MerkleTree tree = ReferenceTree();
        IReadOnlyList<Sha256Hash> proof = tree.ConsistencyProof(oldSize, newSize);
        Assert.Equal(Resolve(expected), proof.Select(hash => hash.ToHex()));
        Assert.True(MerkleProof.VerifyConsistency(oldSize, newSize, tree.RootAt(oldSize), tree.RootAt(newSize), proof));
    }

    [Fact]
    public void Every_root_and_proof_up_to_130_leaves_has_the_known_digest_and_verifies()
    {
        const int Largest = 130;
        MerkleTree tree = ByteTree(Largest);
        using var roots = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var inclusion = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var consistency = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int n = 0; n <= Largest; n++)
        {
            Add(roots, $"{n}", [tree.RootAt(n)]);
            for (int i = 0; i < n; i++)
            {
                IReadOnlyList<Sha256Hash> proof = tree.InclusionProof(i, n);
                Add(inclusion, $"{i} {n}", proof);
                Assert.True(MerkleProof.VerifyInclusion(i, n, tree.LeafHash(i), proof, tree.RootAt(n)));
            }

            for (int m = 1; m <= n; m++)
            {
                IReadOnlyList<Sha256Hash> proof = tree.ConsistencyProof(m, n);
                Add(consistency, $"{m} {n}", proof);
                Assert.True(MerkleProof.VerifyConsistency(m, n, tree.RootAt(m), tree.RootAt(n), proof));
            }
        }

        Assert.Equal("9c67f07f906103b6bf201842a50ff0b8c91fca9b3e211334a6b7aa3133165dec", Convert.ToHexStringLower(roots.GetHashAndReset()));
        Assert.Equal("893ce6eea61adc33c22c0e3a952498b76dfa3c282e78ac659f6fcc0ea44f9983", Convert.ToHexStringLower(inclusion.GetHashAndReset()));
        Assert.Equal("2498232e1aebe8d1aa8d339d897fc471f4495fe0b8a55ac08f7dae3d88bc4c2a", Convert.ToHexStringLower(consistency.GetHashAndReset()));
    }

    [Fact]
    public void Sizes_and_leaves_that_the_tree_never_had_are_refused()
    {
        MerkleTree tree = ByteTree(5);
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.RootAt(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.RootAt(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.LeafHash(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.InclusionProof(3, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.InclusionProof(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.ConsistencyProof(4, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.ConsistencyProof(3, long.MaxValue));
    }

    private static IEnumerable<string> Resolve(string names) => names.Split(',').Select(name => name switch
    {
        "H23" => H23,
        "H45" => H45,
        "H67" => H67,
        "H47" => H47,
        "H456" => H456,
        _ when name[0] == 'L' => LeafHashes[name[1] - '0'],
        _ => Roots[name[1] - '0'],
    });

    private static void Add(IncrementalHash hash, FormattableString head, IEnumerable<Sha256Hash> values) =>
        hash.AppendData(Encoding.ASCII.GetBytes(string.Join(' ', values.Select(value => value.ToHex()).Prepend(head.ToString(CultureInfo.InvariantCulture))) + "\n"));
}
