using System.Numerics;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Multiparty;
using FedLab.Lattice.Tests.Evaluation;

namespace FedLab.Lattice.Tests.Multiparty;

public class KeySwitchTests
{
    private const double MessageBound = 1L << 40;
    private static readonly CkksContext Context = new(LatticeParameters.Create(8192, 4, 50));

    /// <summary>Of fresh encryptions under a key of five parties: rounding of a division by the special prime.</summary>
    private static readonly double FreshNoise = 8.8 * Math.Sqrt(8192 * 5 / 12.0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Only_the_receiver_reads_what_was_switched_to_its_key(int parties)
    {
        using var federation = new LatticeFederation(Context, parties);
        using var receiver = SecretKey.Generate(Context.Lattice);
        var message = CkksOracle.Small(new TestVectors(211), 8192, (long)MessageBound);
        foreach (var level in new[] { 1, 2 })
        {
            using var ciphertext = federation.Encrypt(federation.PublicKey(attempt: level), message, 1, level);
            var protocol = new KeySwitchToPublicKeyProtocol(Context, federation.Parties, PublicKey.Generate(receiver), level, FreshNoise, MessageBound);
            using var sum = LatticeFederation.Run(protocol, federation.Secrets, (secret, share) => protocol.GenerateShare(secret, ciphertext, federation.Binding(secret.Party), share));
            using var switched = new CkksCiphertext(Context);
            protocol.Finish(ciphertext, sum, switched);
            Measured.AssertPredicted(protocol.Noise, Noise(federation, receiver, switched, message));

            // Nobody else, the holders of all the secrets together included, gets near it.
            Assert.True(Measured.Largest(Noise(federation, federation.Collective, switched, message)) > Math.ScaleB(1, (50 * (level + 1)) - 3));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_ciphertext_is_switched_to_another_shared_secret_or_decrypted(int parties)
    {
        using var federation = new LatticeFederation(Context, parties);
        using var others = new LatticeFederation(Context, parties);
        var message = CkksOracle.Small(new TestVectors(212), 8192, (long)MessageBound);
        var publicKey = federation.PublicKey();
        using var first = federation.Encrypt(publicKey, message, 1);
        using var second = federation.Encrypt(publicKey, message, 1);
        var protocol = new KeySwitchToSecretKeyProtocol(Context, federation.Parties, Context.MaximumLevel, FreshNoise, MessageBound);
        using (var sum = LatticeFederation.Run(protocol, federation.Secrets, (secret, share) => protocol.GenerateShare(secret, others.Keys[secret.Party], first, federation.Binding(secret.Party), share)))
        using (var switched = new CkksCiphertext(Context))
        {
            protocol.Finish(first, sum, switched);
            Measured.AssertPredicted(protocol.Noise, Noise(federation, others.Collective, switched, message));
        }

        using (var sum = LatticeFederation.Run(protocol, federation.Secrets, (secret, share) => protocol.GenerateShare(secret, null, second, federation.Binding(secret.Party), share)))
        using (var decrypted = new CkksPlaintext(Context))
        {
            protocol.Finish(second, sum, decrypted);
            Measured.AssertPredicted(protocol.Noise, [.. CkksOracle.Read(Context, decrypted.Polynomial).Zip(message, (value, expected) => value - expected)]);
        }
    }

    [Fact]
    public void A_party_gives_one_share_for_a_mask_whatever_the_protocol_level_or_first_polynomial()
    {
        using var federation = new LatticeFederation(Context, 2);
        var message = CkksOracle.Small(new TestVectors(213), 8192, 1000);
        using var ciphertext = federation.Encrypt(federation.PublicKey(), message, 1);
        var protocol = new KeySwitchToSecretKeyProtocol(Context, federation.Parties, 2, FreshNoise, 1000);
        using var share = protocol.AllocateShare();
        using var again = protocol.AllocateShare();
        Assert.False(protocol.TryResendShare(ciphertext, federation.Binding(0), share));
        protocol.GenerateShare(federation.Secrets[0], null, ciphertext, federation.Binding(0), share);
        Assert.Throws<ShareAlreadyGivenException>(() => protocol.GenerateShare(federation.Secrets[0], null, ciphertext, federation.Binding(0), again));
        Assert.True(protocol.TryResendShare(ciphertext, federation.Binding(0), again));
        Assert.Equal(share.Residues.ToArray(), again.Residues.ToArray());
        Assert.Equal(share.Session.ToArray(), again.Session.ToArray());

        // Another first polynomial, fewer primes, another protocol: the same c1.
        ciphertext.Polynomial(0)[5] = 0;
        Assert.Throws<ShareAlreadyGivenException>(() => protocol.GenerateShare(federation.Secrets[0], null, ciphertext, federation.Binding(0), again));
        using var lower = new CkksCiphertext(Context);
        lower.Shape(2, 1, 1);
        ciphertext.Polynomial(1)[..(2 * 8192)].CopyTo(lower.Polynomial(1));
        using var receiver = SecretKey.Generate(Context.Lattice);
        var other = new KeySwitchToPublicKeyProtocol(Context, federation.Parties, PublicKey.Generate(receiver), 1, FreshNoise, 1000);
        Assert.Throws<ShareAlreadyGivenException>(() => other.GenerateShare(federation.Secrets[0], lower, federation.Binding(0), other.AllocateShare()));
    }

    [Fact]
    public void A_rerandomised_ciphertext_is_a_new_one_of_the_same_message()
    {
        using var federation = new LatticeFederation(Context, 3);
        var publicKey = federation.PublicKey();
        var message = CkksOracle.Small(new TestVectors(214), 8192, 1000);
        using var ciphertext = federation.Encrypt(publicKey, message, 1);
        var protocol = new KeySwitchToSecretKeyProtocol(Context, federation.Parties, 2, Math.ScaleB(1, 20), 1000);
        protocol.GenerateShare(federation.Secrets[0], null, ciphertext, federation.Binding(0), protocol.AllocateShare());
        var before = ciphertext.Polynomial(1).ToArray();
        var phase = federation.Phase(federation.Collective, ciphertext);
        var plain = new Rerandomisation(Context, publicKey, 3);
        plain.Apply(ciphertext, 1000 + FreshNoise);
        var difference = federation.Phase(federation.Collective, ciphertext).Zip(phase, (after, earlier) => after - earlier).ToArray();
        Measured.AssertPredicted(plain.Noise, difference);
        Assert.True(before.Zip(ciphertext.Polynomial(1).ToArray()).Count(pair => pair.First == pair.Second) < 5);
        protocol.GenerateShare(federation.Secrets[0], null, ciphertext, federation.Binding(0), protocol.AllocateShare());

        var flooded = new Rerandomisation(Context, publicKey, 3, FreshNoise);
        phase = federation.Phase(federation.Collective, ciphertext);
        flooded.Apply(ciphertext, 1000 + FreshNoise + plain.Noise.WorstCase);
        Measured.AssertPredicted(flooded.Noise, [.. federation.Phase(federation.Collective, ciphertext).Zip(phase, (after, earlier) => after - earlier)]);
        Assert.Throws<ArgumentException>(() => flooded.Apply(ciphertext, Math.ScaleB(1, 149)));
    }

    [Fact]
    public void A_share_is_masked_where_the_ciphertext_has_no_noise_to_hide_behind()
    {
        // For a transparent ciphertext, c1 = 0, a bare s·c1 would be zero; every share carries its whole flood all the same.
        using var federation = new LatticeFederation(Context, 1);
        using var ciphertext = new CkksCiphertext(Context);
        ciphertext.Shape(2, 2, 1);
        ciphertext.Polynomial(0).Clear();
        ciphertext.Polynomial(1).Clear();
        var protocol = new KeySwitchToSecretKeyProtocol(Context, federation.Parties, 2, FreshNoise, 1);
        using var share = protocol.AllocateShare();
        protocol.GenerateShare(federation.Secrets[0], null, ciphertext, federation.Binding(0), share);
        Measured.AssertPredicted(protocol.Noise, CkksOracle.Read(Context, share.Polynomial(0)));
    }

    private static BigInteger[] Noise(LatticeFederation federation, SecretKey key, CkksCiphertext ciphertext, BigInteger[] message) =>
        [.. federation.Phase(key, ciphertext).Zip(message, (phase, value) => phase - value)];
}
