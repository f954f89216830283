using System.Security.Cryptography;
using System.Text;

namespace FedLab.Audit.Tests.Merkle;

/// <summary>The golden log in the test data of transparency-dev/tessera: roots of all sizes, two signed checkpoints, the tile.</summary>
public sealed class GoldenLogTests
{
    private const string Key = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
    private static readonly string[] Entries = ["one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten", "ileven", "twelf", "threeten", "fourten", "fivten"];

    private static readonly string[] Roots =
    [
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=", "T1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4=",
        "Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=", "zY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co=", "gy5gl3aksFyiCO95a/1vLXz88A3dRq+0l9Sxte8ZqZQ=",
        "a6sWvsc2eEzmj72vah7mZ5dwFltivehh2b11qwlp5Jg=", "IrSXADBqJ7EQoUODSDKROySgNveeL6CFhik2w/+fS7U=", "bC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY=",
        "CvhHViE3S9E3htHLR+25mapWoGCJ3WckMq1UtC3VmEY=", "y8/gZsZCtitsMan09tY+k8I7Qpr7Y5fbO2tLi9GQnfU=", "Yok1cS5VdokGLBy73BC2I16b3atss6KBN9jnIi6Fz/A=",
        "uZo6M+IhVna+CLgWCrJs0xBPUHbozHkYTQASduHSLME=", "av0kLH0VkkVDrTuZzBGIx7d9z5G1l/GlKz/nAV/8woQ=", "SvCd38yNade7xEPY1a/aAc1M3A2AHYVF8lIiUnsH1ao=",
        "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=",
    ];

    [Theory]
    [InlineData(3, "M9e0lvAQRtH832pk2RTbeSeZMkp4FZSdJYFBUjO5SKxuRbywPUF3cx+HUrb50kjd3rUWW/fj53Wj1dwcwh9bGQnqVAg=")]
    [InlineData(15, "M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=")]
    public void Signed_checkpoints_of_the_golden_log_verify_and_have_the_roots_of_its_entries(int size, string signature)
    {
        MerkleTree tree = Tree();
        string note = $"example.com/log/testdata\n{size}\n{Roots[size]}\n\n— example.com/log/testdata {signature}\n";
        SignedCheckpoint checkpoint = SignedCheckpoint.Parse(Encoding.UTF8.GetBytes(note));
        Assert.True(checkpoint.Note.Verify(VerifierKey.Parse(Key)).IsVerified);
        Assert.Equal(size, checkpoint.Checkpoint.Size);
        Assert.Equal(tree.RootAt(size), checkpoint.Checkpoint.Root);
        Assert.Equal(note, Encoding.UTF8.GetString(checkpoint.ToBytes()));
    }

    [Fact]
    public void Roots_and_the_tile_of_leaf_hashes_are_those_of_the_golden_log()
    {
        MerkleTree tree = Tree();
        for (int size = 0; size < Roots.Length; size++) Assert.Equal(Roots[size], tree.RootAt(size).ToBase64());
        byte[] tile = [.. Enumerable.Range(0, Entries.Length).SelectMany(i => tree.LeafHash(i).ToArray())];
        Assert.Equal(480, tile.Length);
        Assert.Equal("93593af14d2cce39867d2e73fe4ca400a38581605c5c4501a03e752d9b51a130", Convert.ToHexStringLower(SHA256.HashData(tile)));
    }

    private static MerkleTree Tree()
    {
        var tree = new MerkleTree();
        foreach (string entry in Entries) tree.Append(MerkleHasher.HashLeaf(Encoding.UTF8.GetBytes(entry)));
        return tree;
    }
}
