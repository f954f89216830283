using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace FedLab.Curve25519.Tests;

public sealed class Ed25519Tests
{
    private const string PeterNeumann =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";

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

    [Theory]
    [InlineData("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "This is an example message.\n", "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=")]
    [InlineData("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", PeterNeumann, "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=")]
    public void Published_signed_notes_verify(string verifierKey, string text, string signature)
    {
        var (publicKey, keyId) = ReadVerifierKey(verifierKey);
        var bytes = Convert.FromBase64String(signature);
        Assert.Equal(keyId, bytes[..4]);
        Assert.True(publicKey.Verify(Encoding.UTF8.GetBytes(text), bytes.AsSpan(4)));
        Assert.False(publicKey.Verify(Encoding.UTF8.GetBytes(text[..^1]), bytes.AsSpan(4)));
    }

    [Theory]
    [InlineData(-1, "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop", PeterNeumann, "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=")]
    [InlineData(0x00, "fedlab.example/audit+c4efe459+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", "fedlab.example/audit\n5\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n", "xO/kWQw0a1uLL+bnnOB40zipsbnYu80xvhnwvHnjWF+4Zh53M1YvnI/U1Rb0K7qezewg22gbvVy5pXBYnljvc2N9mwA=")]
    public void Notes_sign_to_their_known_answers(int firstSeedByte, string verifierKey, string text, string signature)
    {
        // −1: a seed of 32 zero bytes; otherwise ascending bytes.
        var seed = new byte[32];
        for (var i = 0; firstSeedByte >= 0 && i < seed.Length; i++) seed[i] = (byte)(firstSeedByte + i);
        using var key = Ed25519PrivateKey.FromSeed(seed);
        var (publicKey, keyId) = ReadVerifierKey(verifierKey);
        Assert.Equal(publicKey, key.PublicKey);
        Assert.Equal(signature, Convert.ToBase64String([.. keyId, .. key.Sign(Encoding.UTF8.GetBytes(text))]));
    }

    [Fact]
    public void A_cosignature_signs_to_its_known_answer()
    {
        using var key = Ed25519PrivateKey.FromSeed([.. Enumerable.Range(0x20, 32).Select(i => (byte)i)]);
        var (publicKey, keyId) = ReadVerifierKey("witness.example/provider-b+b3868bc0+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X");
        Assert.Equal(publicKey, key.PublicKey);
        const string text = "cosignature/v1\ntime 1767225600\nfedlab.example/audit\n5\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n";
        var time = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, 1767225600);
        Assert.Equal(
            "s4aLwAAAAABpVbkAfxMP6UCaw6AdcVPcObj8EK+zZ2TID3tM0oATlQFsqK3gvCnB7utdjMFcsBwDWY5dtqgM+54CrOB8x5jOERCaAw==",
            Convert.ToBase64String([.. keyId, .. time, .. key.Sign(Encoding.UTF8.GetBytes(text))]));
    }

    [Fact]
    public void Every_changed_bit_spoils_a_signature()
    {
        using var key = Ed25519PrivateKey.Generate();
        var message = RandomNumberGenerator.GetBytes(50);
        var signature = key.Sign(message);
        Assert.True(key.PublicKey.Verify(message, signature));
        for (var bit = 0; bit < 512; bit++)
        {
            signature[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(key.PublicKey.Verify(message, signature));
            signature[bit / 8] ^= (byte)(1 << bit % 8);
        }

        for (var bit = 0; bit < 400; bit++)
        {
            message[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(key.PublicKey.Verify(message, signature));
            message[bit / 8] ^= (byte)(1 << bit % 8);
        }

        using var other = Ed25519PrivateKey.Generate();
        Assert.False(other.PublicKey.Verify(message, signature));
        Assert.True(key.PublicKey.Verify(message, signature));
    }

    [Fact]
    public void A_signature_with_S_not_below_L_is_refused()
    {
        // S + L satisfies the same equation: accepting it would let anyone alter a valid signature.
        var order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", CultureInfo.InvariantCulture);
        using var key = Ed25519PrivateKey.Generate();
        byte[] message = [1, 2, 3];
        var signature = key.Sign(message);
        var s = new BigInteger(signature.AsSpan(32), isUnsigned: true);
        for (var multiple = 1; multiple < 16; multiple++)
        {
            var altered = (byte[])signature.Clone();
            altered.AsSpan(32).Clear();
            if (!(s + multiple * order).TryWriteBytes(altered.AsSpan(32), out _, isUnsigned: true)) break;
            Assert.False(key.PublicKey.Verify(message, altered));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(65)]
    [InlineData(128)]
    public void A_signature_of_another_length_is_none(int length)
    {
        using var key = Ed25519PrivateKey.Generate();
        Assert.False(key.PublicKey.Verify([], new byte[length]));
    }

    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")] // order 1
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // order 2
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")] // order 4
    [InlineData("0000000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")] // order 8
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000080")] // x = 0 with the sign bit
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // y = p
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // y = p + 1
    [InlineData("f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // y = p + 3, a point if it were reduced
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000")] // no point
    public void Keys_that_are_no_point_not_canonical_or_of_small_order_are_refused(string publicKey)
    {
        var error = Assert.Throws<InvalidPointException>(() => Ed25519PublicKey.FromBytes(Convert.FromHexString(publicKey)));
        Assert.Equal(0, error.Index);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Keys_of_another_length_are_a_programming_error(int length)
    {
        Assert.Throws<ArgumentException>(() => Ed25519PublicKey.FromBytes(new byte[length]));
        Assert.Throws<ArgumentException>(() => Ed25519PrivateKey.FromSeed(new byte[length]));
    }

    [Fact]
    public void A_seed_exports_and_comes_back_as_the_same_key()
    {
        using var key = Ed25519PrivateKey.Generate();
        using var again = Ed25519PrivateKey.FromSeed(key.ExportSeed());
        Assert.Equal(key.PublicKey, again.PublicKey);
        Assert.Equal(key.PublicKey.GetHashCode(), again.PublicKey.GetHashCode());
        Assert.Equal(key.Sign([9]), again.Sign([9]));
        using var other = Ed25519PrivateKey.Generate();
        Assert.NotEqual(key.PublicKey, other.PublicKey);
    }

    [Fact]
    public void A_disposed_key_signs_nothing_but_its_public_key_still_verifies()
    {
        var key = Ed25519PrivateKey.Generate();
        var signature = key.Sign([1]);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign([1]));
        Assert.Throws<ObjectDisposedException>(key.ExportSeed);
        Assert.True(key.PublicKey.Verify([1], signature));
    }

    [Fact]
    public void Errors_are_written_in_Chinese_for_a_Chinese_reader()
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
            var chinese = Assert.Throws<InvalidPointException>(() => Ed25519PublicKey.FromBytes(new byte[32]));
            Assert.Contains("公钥", chinese.Message, StringComparison.Ordinal);
            CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
            var english = Assert.Throws<InvalidPointException>(() => Ed25519PublicKey.FromBytes(new byte[32]));
            Assert.Contains("small order", english.Message, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    /// <summary>name+hex key id+base64(type ‖ key), C2SP signed-note.</summary>
    private static (Ed25519PublicKey Key, byte[] KeyId) ReadVerifierKey(string text)
    {
        var parts = text.Split('+', 3);
        var typed = Convert.FromBase64String(parts[2]);
        var hash = SHA256.HashData([.. Encoding.UTF8.GetBytes(parts[0]), (byte)'\n', .. typed]);
        var keyId = Convert.FromHexString(parts[1]);
        Assert.Equal(hash[..4], keyId);
        return (Ed25519PublicKey.FromBytes(typed.AsSpan(1)), keyId);
    }
}
