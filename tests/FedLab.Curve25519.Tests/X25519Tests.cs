namespace FedLab.Curve25519.Tests;

public sealed class X25519Tests
{
    [Theory]
    [InlineData("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4", "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c", "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")]
    [InlineData("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d", "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493", "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")]
    public void Multiplication_gives_the_vectors_of_RFC_7748_section_5_2(string scalar, string point, string product)
    {
        var result = new byte[32];
        X25519.Multiply(Convert.FromHexString(scalar), Convert.FromHexString(point), result);
        Assert.Equal(product, Convert.ToHexStringLower(result));
    }

    [Theory]
    [InlineData(1, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")]
    [InlineData(1000, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51")]
    public void Iteration_gives_the_vectors_of_RFC_7748_section_5_2(int iterations, string expected)
    {
        var scalar = new byte[32];
        var point = new byte[32];
        scalar[0] = point[0] = 9;
        for (var i = 0; i < iterations; i++)
        {
            var product = new byte[32];
            X25519.Multiply(scalar, point, product);
            point = scalar;
            scalar = product;
        }

        Assert.Equal(expected, Convert.ToHexStringLower(scalar));
    }

    [Fact]
    public void Two_parties_share_the_secret_of_RFC_7748_section_6_1()
    {
        var alice = Convert.FromHexString("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        var bob = Convert.FromHexString("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        var alicePublic = new byte[32];
        var bobPublic = new byte[32];
        X25519.PublicKey(alice, alicePublic);
        X25519.PublicKey(bob, bobPublic);
        Assert.Equal("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", Convert.ToHexStringLower(alicePublic));
        Assert.Equal("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", Convert.ToHexStringLower(bobPublic));
        var ofAlice = new byte[32];
        var ofBob = new byte[32];
        X25519.Multiply(alice, bobPublic, ofAlice);
        X25519.Multiply(bob, alicePublic, ofBob);
        Assert.Equal("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", Convert.ToHexStringLower(ofAlice));
        Assert.Equal(ofAlice, ofBob);
    }

    [Theory]
    [MemberData(nameof(SmallOrderPoints.AllEncodings), MemberType = typeof(SmallOrderPoints))]
    public void A_point_of_small_order_gives_no_shared_secret(string point)
    {
        var scalar = new byte[32];
        scalar[5] = 77;
        var result = new byte[32];
        Assert.Throws<InvalidPointException>(() => X25519.Multiply(scalar, Convert.FromHexString(point), result));
        Assert.All(result, b => Assert.Equal(0, b));
    }

    [Theory]
    [InlineData(31, 32, 32)]
    [InlineData(32, 33, 32)]
    [InlineData(32, 32, 0)]
    public void A_wrong_length_is_a_programming_error(int scalar, int point, int result) =>
        Assert.Throws<ArgumentException>(() => X25519.Multiply(new byte[scalar], new byte[point], new byte[result]));
}
