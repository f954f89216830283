using System.Security.Cryptography;

namespace FedLab.Curve25519.Tests;

public sealed class PointBatchTests
{
    private const int Size = PointBatch.PointSize;

    /// <summary>Around every edge of a group: none, one, a lane short, whole vectors, several groups.</summary>
    private static readonly int[] Counts = [0, 1, 3, 4, 5, 7, 8, 9, 31, 33, 255, 256, 257, 300];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
            var mapped = new byte[Size];
            PointBatch.HashToCurve(path, BigEndian(u), mapped);
            Assert.Equal(BigEndian(q), mapped);

            using var eight = BlindingScalar.FromBytes([8, .. new byte[31]]);
            var cleared = new byte[Size];
            PointBatch.Multiply(path, eight, mapped, cleared, Cancellation);
            Assert.Equal(BigEndian(p), cleared);
        }
    }

    [Theory]
    [InlineData("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4", "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c", "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")]
    [InlineData("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a", "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")]
    public void Every_lane_gives_the_vectors_of_RFC_7748(string scalar, string point, string product)
    {
        var clamped = Convert.FromHexString(scalar);
        clamped[0] &= 0xf8;
        clamped[31] = (byte)(clamped[31] & 0x7f | 0x40);
        using var secret = BlindingScalar.FromBytes(clamped);
        foreach (var path in LanePaths.Supported)
        {
            for (var position = 0; position < 9; position++)
            {
                var points = RandomPoints(9);
                Convert.FromHexString(point).CopyTo(points, position * Size);
                var products = new byte[points.Length];
                PointBatch.Multiply(path, secret, points, products, Cancellation);
                Assert.Equal(product, Convert.ToHexStringLower(products.AsSpan(position * Size, Size)));
            }
        }
    }

    [Fact]
    public void Every_width_gives_the_bytes_of_the_scalar_path()
    {
        foreach (var count in Counts)
        {
            var digests = RandomNumberGenerator.GetBytes(count * Size);
            using var scalar = BlindingScalar.Generate();
            var points = new byte[count * Size];
            var products = new byte[count * Size];
            PointBatch.HashToCurve(LanePath.Scalar, digests, points);
            PointBatch.Multiply(LanePath.Scalar, scalar, points, products, Cancellation);
            foreach (var path in LanePaths.Supported)
            {
                var wide = new byte[count * Size];
                PointBatch.HashToCurve(path, digests, wide);
                Assert.Equal(points, wide);
                PointBatch.Multiply(path, scalar, points, wide, Cancellation);
                Assert.Equal(products, wide);
            }

            var chosen = new byte[count * Size];
            PointBatch.HashToCurve(digests, chosen);
            PointBatch.Multiply(scalar, chosen, chosen, Cancellation);
            Assert.Equal(products, chosen);
        }
    }

    [Fact]
    public void Extreme_coordinates_and_scalars_give_the_same_bytes_at_every_width()
    {
        // 2, 3, p − 2, p − 3, 2^254, and all bits below p but the lowest ones; no scalar may hit the neutral element.
        byte[] points =
        [
            .. Filled(0x02, 0x00, 0x00), .. Filled(0x03, 0x00, 0x00), .. Filled(0xeb, 0xff, 0x7f), .. Filled(0xea, 0xff, 0x7f),
            .. Filled(0x00, 0x00, 0x40), .. Filled(0x00, 0xff, 0x7f), .. Filled(0xff, 0xff, 0x3f), .. Filled(0x09, 0x00, 0x00), .. Filled(0x55, 0xaa, 0x55),
        ];
        // 8, 16, 8(L − 1), and 8(2^252 − 1).
        foreach (var hex in (string[])
        [
            "0800000000000000000000000000000000000000000000000000000000000000",
            "1000000000000000000000000000000000000000000000000000000000000000",
            "609faee7d21893c0b2e6bc17f5cef7a600000000000000000000000000000080",
            "f8ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ])
        {
            using var scalar = BlindingScalar.FromBytes(Convert.FromHexString(hex));
            var expected = new byte[points.Length];
            PointBatch.Multiply(LanePath.Scalar, scalar, points, expected, Cancellation);
            foreach (var path in LanePaths.Supported)
            {
                var products = new byte[points.Length];
                PointBatch.Multiply(path, scalar, points, products, Cancellation);
                Assert.Equal(expected, products);
            }
        }

        static byte[] Filled(byte first, byte middle, byte last) => [first, .. Enumerable.Repeat(middle, 30), last];
    }

    [Fact]
    public void Blinding_twice_does_not_depend_on_the_order()
    {
        foreach (var path in LanePaths.Supported)
        {
            using var a = BlindingScalar.Generate();
            using var b = BlindingScalar.Generate();
            var points = RandomPoints(20);
            Assert.Equal(Twice(path, a, b, points), Twice(path, b, a, points));
            Assert.NotEqual(Twice(path, a, a, points), Twice(path, b, b, points));
        }

        static byte[] Twice(LanePath path, BlindingScalar first, BlindingScalar second, byte[] points)
        {
            var result = (byte[])points.Clone();
            PointBatch.Multiply(path, first, result, result, Cancellation);
            PointBatch.Multiply(path, second, result, result, Cancellation);
            return result;
        }
    }

    [Fact]
    public void One_changed_point_changes_its_own_product_only()
    {
        using var scalar = BlindingScalar.Generate();
        foreach (var path in LanePaths.Supported)
        {
            const int count = 17;
            var points = RandomPoints(count);
            var before = new byte[points.Length];
            PointBatch.Multiply(path, scalar, points, before, Cancellation);
            for (var changed = 0; changed < count; changed++)
            {
                var others = (byte[])points.Clone();
                RandomPoints(1).CopyTo(others, changed * Size);
                var after = new byte[points.Length];
                PointBatch.Multiply(path, scalar, others, after, Cancellation);
                for (var i = 0; i < count; i++)
                {
                    var same = before.AsSpan(i * Size, Size).SequenceEqual(after.AsSpan(i * Size, Size));
                    Assert.Equal(i != changed, same);
                }
            }
        }
    }

    [Fact]
    public void Only_the_low_255_bits_of_a_digest_count_and_modulo_p()
    {
        foreach (var path in LanePaths.Supported)
        {
            byte[] five = [5, .. new byte[31]];
            byte[] fiveWithTopBit = [5, .. new byte[30], 0x80];
            byte[] fivePlusP = [0xf2, .. Enumerable.Repeat((byte)0xff, 30), 0x7f];
            var expected = new byte[Size];
            PointBatch.HashToCurve(path, five, expected);
            foreach (var digest in (byte[][])[fiveWithTopBit, fivePlusP])
            {
                var point = new byte[Size];
                PointBatch.HashToCurve(path, digest, point);
                Assert.Equal(expected, point);
            }
        }
    }

    [Fact]
    public void A_digest_of_zero_maps_to_a_point_that_is_refused()
    {
        using var scalar = BlindingScalar.Generate();
        foreach (var path in LanePaths.Supported)
        {
            var points = RandomPoints(3);
            PointBatch.HashToCurve(path, new byte[Size], points.AsSpan(Size, Size));
            Assert.Equal(new byte[Size], points[Size..(2 * Size)]);
            var error = Assert.Throws<InvalidPointException>(() => PointBatch.Multiply(path, scalar, points, new byte[points.Length], Cancellation));
            Assert.Equal(1, error.Index);
        }
    }

    [Theory]
    [MemberData(nameof(SmallOrderPoints.CanonicalEncodings), MemberType = typeof(SmallOrderPoints))]
    public void A_point_of_small_order_is_refused_by_its_index_and_nothing_is_left_behind(string point)
    {
        using var scalar = BlindingScalar.Generate();
        foreach (var path in LanePaths.Supported)
        {
            foreach (var index in (int[])[0, 7, 8, 31, 32, 255, 256, 300])
            {
                var points = RandomPoints(301);
                Convert.FromHexString(point).CopyTo(points, index * Size);
                Convert.FromHexString(point).CopyTo(points, 300 * Size);
                var result = RandomNumberGenerator.GetBytes(points.Length);
                var error = Assert.Throws<InvalidPointException>(() => PointBatch.Multiply(path, scalar, points, result, Cancellation));
                Assert.Equal(index, error.Index);
                Assert.Equal(new byte[points.Length], result);
            }
        }
    }

    [Fact]
    public void The_first_of_several_small_points_in_different_lanes_is_named()
    {
        using var scalar = BlindingScalar.Generate();
        foreach (var path in LanePaths.Supported)
        {
            var points = RandomPoints(64);
            foreach (var index in (int[])[25, 30, 48]) points.AsSpan(index * Size, Size).Clear();
            var error = Assert.Throws<InvalidPointException>(() => PointBatch.Multiply(path, scalar, points, new byte[points.Length], Cancellation));
            Assert.Equal(25, error.Index);
        }
    }

    [Theory]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // p
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("0900000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void A_coordinate_that_is_not_canonical_is_refused_by_its_index(string point)
    {
        using var scalar = BlindingScalar.Generate();
        var points = RandomPoints(12);
        Convert.FromHexString(point).CopyTo(points, 9 * Size);
        var result = RandomNumberGenerator.GetBytes(points.Length);
        var error = Assert.Throws<InvalidPointException>(() => PointBatch.Multiply(scalar, points, result, Cancellation));
        Assert.Equal(9, error.Index);
        Assert.Equal(new byte[points.Length], result);
    }

    [Fact]
    public void Wrong_lengths_and_partly_shared_memory_are_programming_errors()
    {
        using var scalar = BlindingScalar.Generate();
        Assert.Throws<ArgumentException>(() => PointBatch.Multiply(scalar, new byte[33], new byte[33], Cancellation));
        Assert.Throws<ArgumentException>(() => PointBatch.Multiply(scalar, new byte[64], new byte[32], Cancellation));
        Assert.Throws<ArgumentException>(() => PointBatch.HashToCurve(new byte[31], new byte[31]));
        Assert.Throws<ArgumentException>(() => PointBatch.HashToCurve(new byte[32], new byte[64]));
        var shared = new byte[96];
        Assert.Throws<ArgumentException>(() => PointBatch.Multiply(scalar, shared.AsSpan(0, 64), shared.AsSpan(32, 64), Cancellation));
        Assert.Throws<ArgumentNullException>(() => PointBatch.Multiply(null!, shared, shared, Cancellation));
    }

    [Fact]
    public void A_cancelled_batch_leaves_nothing_behind()
    {
        using var scalar = BlindingScalar.Generate();
        using var source = new CancellationTokenSource();
        source.Cancel();
        var result = RandomNumberGenerator.GetBytes(Size);
        Assert.Throws<OperationCanceledException>(() => PointBatch.Multiply(scalar, RandomPoints(1), result, source.Token));
        Assert.Equal(new byte[Size], result);
    }

    [Fact]
    public void The_benchmark_measures_every_path()
    {
        var rates = CurveBenchmarks.Measure(64, Cancellation);
        Assert.Equal(LanePaths.Supported.Select(p => p.ToString()), rates.Select(r => r.Path));
        Assert.All(rates, r => Assert.True(r.MicrosecondsPerMultiplication > 0 && r.MicrosecondsPerHash > 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => CurveBenchmarks.Measure(0, Cancellation));
    }

    private static byte[] RandomPoints(int count)
    {
        var points = new byte[count * Size];
        PointBatch.HashToCurve(RandomNumberGenerator.GetBytes(count * Size), points);
        return points;
    }

    private static byte[] BigEndian(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Array.Reverse(bytes);
        return bytes;
    }
}
