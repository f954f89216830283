namespace FedLab.Curve25519.Tests;

public sealed class Ed25519Tests
{
    [Theory]
    [MemberData(nameof(Rfc8032Vectors.All), MemberType = typeof(Rfc8032Vectors))]
    public void Signatures_are_those_of_RFC_8032_section_7_1(string seed, string publicKey, string message, string signature)
    {
        using var key = Ed25519PrivateKey.FromSeed(Convert.FromHexString(seed));
        var bytes = Convert.FromHexString(message);
        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey.ToBytes()));
        Assert.Equal(signature, Convert.ToHexStringLower(key.Sign(bytes)));
        Assert.True(Ed25519PublicKey.FromBytes(Convert.FromHexString(publicKey)).Verify(bytes, Convert.FromHexString(signature)));
    }
}
