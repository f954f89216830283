using System.Security.Cryptography;

namespace FedLab.Curve25519.Tests;

public sealed class PointBatchTests
{
    /// <summary>Around every edge of a group: none, one, a lane short, whole vectors, several groups.</summary>
    private static readonly int[] Counts = [0, 1, 3, 4, 5, 7, 8, 9, 31, 33, 255, 256, 257, 300];

    [Theory]
    [InlineData("608d892b641f0328523802a6603427c26e55e6f27e71a91a478148d45b5093cd", "51125222da5e763d97f3c10fcc92ea6860b9ccbbd2eb1285728f566721c1e65b", "1bb913f0c9daefa0b3375378ffa534bda5526c97391952a7789eb976edfe4d08")]
    [InlineData("46f5b22494bfeaa7f232cc8d054be68561af50230234d7d1d63d1d9abeca8da5", "7d56d1e08cb0ccb92baf069c18c49bb5a0dcd927eff8dcf75ca921ef7f3e6eeb", "7c22950b7d900fa866334262fcaea47a441a578df43b894b4625c9b450f9a026")]
    [InlineData("235fe40c443766ce7e18111c33862d66c3b33267efa50d50f9e8e5d252a40aaa", "3fbe66b9c9883d79e8407150e7c2a1c8680bee496c62fabe4619a72b3cabe90f", "31ad08a8b0deeb2a4d8b0206ca25f567ab4e042746f792f4b7973f3ae2096c52")]
    [InlineData("001e92a544463bda9bd04ddbe3d6eed248f82de32f522669efc5ddce95f46f5b", "227e0bb89de700385d19ec40e857db6e6a3e634b1c32962f370d26f84ff19683", "027877759d155b1997d0d84683a313eb78bdb493271d935b622900459d52ceaa")]
    [InlineData("1a68a1af9f663592291af987203393f707305c7bac9c8d63d6a729bdc553dc19", "3bcd651ee54d5f7b6013898aab251ee8ecc0688166fce6e9548d38472f6bd196", "5fd892c0958d1a75f54c3182a18d286efab784e774d1e017ba2fb252998b5dc1")]
    public void The_map_gives_the_vectors_of_RFC_9380_appendix_J_4_2_and_eight_times_them_the_cleared_points(string u, string q, string p)
    {
        foreach (var path in LanePaths.Supported)
        {
            var mapped = new byte[32];
            PointBatch.HashToCurve(path, BigEndian(u), mapped);
            Assert.Equal(BigEndian(q), mapped);

            using var eight = BlindingScalar.FromBytes([8, .. new byte[31]]);
            var cleared = new byte[32];
            PointBatch.Multiply(path, eight, mapped, cleared, TestContext.Current.CancellationToken);
            Assert.Equal(BigEndian(p), cleared);
        }
    }

    [Fact]
    public void Every_width_gives_the_bytes_of_the_scalar_path()
    {
        foreach (var count in Counts)
        {
            var digests = RandomNumberGenerator.GetBytes(count * 32);
            using var scalar = BlindingScalar.Generate();
            var points = new byte[count * 32];
            var products = new byte[count * 32];
            PointBatch.HashToCurve(LanePath.Scalar, digests, points);
            PointBatch.Multiply(LanePath.Scalar, scalar, points, products, TestContext.Current.CancellationToken);
            foreach (var path in LanePaths.Supported)
            {
                var wide = new byte[count * 32];
                PointBatch.HashToCurve(path, digests, wide);
                Assert.Equal(points, wide);
                PointBatch.Multiply(path, scalar, points, wide, TestContext.Current.CancellationToken);
                Assert.Equal(products, wide);
            }
        }
    }

    private static byte[] BigEndian(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Array.Reverse(bytes);
        return bytes;
    }
}
