using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Federation.Identity;

namespace FedLab.Federation.Tests.Identity;

/// <summary>The token, the signing request and the list of revoked certificates: what is read back, and what is not taken.</summary>
public sealed class EnrolmentTokenTests
{
    [Fact]
    public void A_token_is_read_back_whole_and_none_that_lost_or_changed_a_character_is()
    {
        using var authority = LabAuthority.Create("credit-2026");
        var token = EnrolmentToken.Create("credit-2026", new Uri("https://lab.example:7443"), LabFingerprint.Of(authority.Certificate));
        var text = token.ToText();
        var read = EnrolmentToken.Parse($"  {text}\n");
        Assert.Equal((token.Lab, token.Coordinator), (read.Lab, read.Coordinator));
        Assert.Equal(LabFingerprint.Of(authority.Certificate), read.Fingerprint);
        Assert.Equal(token.CopySecret(), read.CopySecret());
        Assert.Equal(SHA256.HashData(token.CopySecret()), read.Hash);
        Assert.Matches("^fedlab1\\.[A-Za-z0-9_-]+$", text);
        Assert.DoesNotContain(text[20..], $"{token}", StringComparison.Ordinal);
        Assert.NotEqual(text, EnrolmentToken.Create(token.Lab, token.Coordinator, [.. token.Fingerprint]).ToText());

        for (var length = 0; length < text.Length; length++) Assert.Throws<EnrolmentException>(() => EnrolmentToken.Parse(text[..length]));
        for (var i = 0; i < text.Length - 1; i++)
        {
            var changed = text[..i] + (text[i] == 'A' ? 'B' : 'A') + text[(i + 1)..];
            Assert.Throws<EnrolmentException>(() => EnrolmentToken.Parse(changed));
        }
        foreach (var hostile in (string[])["", "fedlab1.", "fedlab2." + text[8..], text + text, new string('A', 1 << 20), "fedlab1." + new string('A', 2000)]) Assert.Throws<EnrolmentException>(() => EnrolmentToken.Parse(hostile));
    }

    [Theory]
    [InlineData("http://lab.example:7443")]
    [InlineData("https://user@lab.example:7443")]
    [InlineData("https://lab.example:7443/path")]
    public void A_token_for_another_kind_of_address_is_not_made(string address) =>
        Assert.Throws<ArgumentException>(() => EnrolmentToken.Create("lab", new Uri(address), new byte[32]));

    [Fact]
    public void Only_a_request_that_its_own_P256_key_signed_is_taken()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = SigningRequest.Create(key, "bank");
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), SigningRequest.Read(request).ExportSubjectPublicKeyInfo());
        for (var i = 0; i < request.Length; i++)
        {
            var changed = request.ToArray();
            changed[i] ^= 0x10;
            // Nothing that was changed passes for the key that signed it.
            Assert.Throws<EnrolmentException>(() => SigningRequest.Read(changed));
        }
        foreach (var curve in (ECCurve[])[ECCurve.NamedCurves.nistP384, ECCurve.NamedCurves.brainpoolP256r1])
        {
            using var other = ECDsa.Create(curve);
            Assert.Throws<EnrolmentException>(() => SigningRequest.Read(SigningRequest.Create(other, "bank")));
        }
        Assert.Throws<EnrolmentException>(() => SigningRequest.Read(new byte[SigningRequest.MaximumBytes + 1]));
    }

    [Fact]
    public void A_revocation_list_is_the_authoritys_or_none()
    {
        using var authority = LabAuthority.Create("lab");
        using var other = LabAuthority.Create("lab");
        using var revoked = authority.Issue("bank", LabRole.Participant);
        using var good = authority.Issue("tax", LabRole.Participant);
        var now = TimeProvider.System.GetUtcNow();
        var bytes = authority.SignRevocations([(revoked, now)]);

        Assert.True(RevocationList.TryRead(bytes, authority.Certificate, out var list));
        Assert.Equal((1, true, false), (list.Count, list.Contains(revoked), list.Contains(good)));
        Assert.True(RevocationList.TryRead(authority.SignRevocations([]), authority.Certificate, out var empty));
        Assert.Equal(0, empty.Count);
        Assert.False(RevocationList.TryRead(bytes, other.Certificate, out _));
        Assert.False(RevocationList.TryRead(Array.Empty<byte>(), authority.Certificate, out _));
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] ^= 1;
            Assert.False(RevocationList.TryRead(changed, authority.Certificate, out _), $"byte {i}");
            Assert.False(RevocationList.TryRead(bytes.AsMemory(0, i), authority.Certificate, out _));
        }
    }

    [Fact]
    public void A_renewed_identity_signs_with_the_same_key_and_another_key_is_not_taken()
    {
        using var authority = LabAuthority.Create("lab");
        using var identity = new PartyIdentity("bank", authority.Issue("bank", LabRole.Participant));
        using var directory = new PartyDirectory([KeyValuePair.Create("bank", identity.Certificate)]);
        using var key = identity.Certificate.GetECDsaPrivateKey()!;
        using var later = authority.Certify("bank", LabRole.Participant, identity.Certificate.PublicKey);
        using var other = authority.Issue("bank", LabRole.Participant);

        identity.Renew(later.CopyWithPrivateKey(key));

        Assert.Equal(later.RawData, identity.Certificate.RawData);
        Assert.True(directory.Verify("bank", "x"u8, identity.Sign("x"u8)));
        Assert.Throws<ArgumentException>(() => identity.Renew(other));
        directory.Set("bank", other);
        Assert.False(directory.Verify("bank", "x"u8, identity.Sign("x"u8)));
        directory.Remove("bank");
        Assert.Empty(directory.Names);
    }
}
