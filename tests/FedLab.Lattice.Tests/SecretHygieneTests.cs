using System.Numerics;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Multiparty;
using FedLab.Lattice.Ring;
using FedLab.Lattice.Tests.Multiparty;

namespace FedLab.Lattice.Tests;

/// <summary>What is left in memory when secrets are let go, seen from inside.</summary>
public class SecretHygieneTests
{
    private static LatticeParameters Parameters { get; } = LatticeParameters.Create(4096, 3, 35);

    [Fact]
    public void A_disposed_secret_key_is_zero_and_one_in_use_is_zeroed_by_its_last_user()
    {
        var key = SecretKey.Generate(new LatticeContext(Parameters), messages: 2);
        Assert.Contains(key.Evaluation.ToArray(), value => value != 0);
        var use = key.Use();
        key.Dispose();
        Assert.Contains(key.Evaluation.ToArray(), value => value != 0);
        use.Dispose();
        Assert.All(key.Evaluation.ToArray(), value => Assert.Equal(0, value));
        Assert.All(key.Rotations.ToArray(), value => Assert.Equal(0, value));
        Assert.Throws<ObjectDisposedException>(() => key.Use().Dispose());
    }

    [Fact]
    public void A_disposed_summand_mask_or_threshold_share_is_zero()
    {
        var context = new CkksContext(Parameters);
        var buffer = Filled(context.Lattice.Polynomials.Rent());
        var secret = new PartySecret(context.Lattice, buffer, 0, PartySet.All(2));
        var lease = secret.Use();
        secret.Dispose();
        Assert.DoesNotContain(0.0, buffer.Span.ToArray());
        lease.Dispose();
        AssertZero(buffer);

        var mask = new RelinearisationMask(context.Lattice);
        mask.Evaluation.Fill(1);
        mask.Dispose();
        Assert.All(mask.Evaluation.ToArray(), value => Assert.Equal(0, value));

        // The only buffer of a fresh ring's pool is the share's.
        var ring = new LatticeContext(Parameters);
        var share = new ThresholdSecretSharing(ring, 3, 2).AllocateSum(1);
        share.Evaluation.Fill(3);
        share.Dispose();
        AssertZero(ring.Polynomials.Rent());
    }

    [Fact]
    public void Rented_secrets_are_zero_when_they_are_back_whatever_happened()
    {
        var pool = new BufferPool(100);
        Assert.Throws<OverflowException>(() => UseAndFail(pool));
        var buffer = pool.Rent();
        AssertZero(buffer);
        pool.Return(Filled(buffer), wasSecret: true);
        AssertZero(pool.Rent());

        // Where the pool is full, buffers are dropped: zeroed all the same.
        for (var i = 0; i < 100; i++)
            pool.Return(new AlignedBuffer(100), wasSecret: false);
        pool.Return(Filled(buffer), wasSecret: true);
        AssertZero(buffer);
    }

    [Fact]
    public void Nothing_secret_stays_in_the_scratch_of_keys_encryptions_encodings_and_decryptions()
    {
        var context = new CkksContext(Parameters);
        using var key = SecretKey.Generate(context.Lattice);
        AssertClean(context, 0);
        _ = RelinearisationKey.Generate(context, key);
        _ = GaloisKeys.Generate(context, key, [3]);
        AssertClean(context, 0);
        using var plaintext = new CkksPlaintext(context);
        using var ciphertext = new CkksCiphertext(context);
        var encoder = new CkksEncoder(context);
        encoder.Encode([1.5, -2], plaintext, 1 << 20, 1);
        new CkksEncryptor(context, key).Encrypt(plaintext, ciphertext);
        new CkksDecryptor(context, key).Decrypt(ciphertext, plaintext);
        encoder.Decode(plaintext, new double[2]);
        AssertClean(context, 0);

        // A refusal in the middle.
        Assert.Throws<ArgumentException>(() => encoder.Encode([double.NaN], plaintext, 1 << 20, 1));
        AssertClean(context, 0);

        // Public polynomials may stay: the expansion of the key's seed and its b.
        var publicKey = PublicKey.Generate(key);
        AssertClean(context, 2);
        new CkksEncryptor(context, publicKey).Encrypt(plaintext, ciphertext);
        AssertClean(context, 0);
        _ = new SymmetricEncryptor(key).Encrypt([3, -4], 10);
        AssertClean(context, 1);
    }

    [Fact]
    public void Nothing_secret_stays_in_the_scratch_of_an_answer()
    {
        // Masks, errors, floods and the sum itself; what may stay is the c1 and the answers that are sent.
        var context = new CkksContext(LatticeParameters.Create(4096, 2, 50));
        using var key = SecretKey.Generate(context.Lattice);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key));
        AssertClean(context, 3);
        using (var sum = new ProductAccumulator(context.Lattice))
        {
            sum.Sums.Fill(1);
            _ = responder.Respond(sum, NoiseBound.SubsetSum(10), [0, 5, 77], 52);
        }

        AssertClean(context, 2);
        AssertZero(context.Lattice.Several(2).Rent());
    }

    [Fact]
    public void Nothing_secret_stays_in_the_scratch_of_collective_protocols()
    {
        var context = new CkksContext(LatticeParameters.Create(8192, 4, 50));
        using var federation = new LatticeFederation(context, 2);
        var publicKey = federation.PublicKey();
        AssertClean(context, 0);
        _ = federation.RelinearisationKey();
        _ = federation.GaloisKey(3);
        AssertClean(context, 0);
        using var ciphertext = federation.Encrypt(publicKey, new BigInteger[8192], 1);
        new Rerandomisation(context, publicKey, 2, 1000).Apply(ciphertext, 1000);
        AssertClean(context, 0);
        var protocol = new KeySwitchToPublicKeyProtocol(context, federation.Parties, publicKey, 2, 1000, 1);
        using (LatticeFederation.Run(protocol, federation.Secrets, (secret, share) => protocol.GenerateShare(secret, ciphertext, federation.Binding(secret.Party), share)))
        {
            // One row is the normalised public mask that the request hashes.
            AssertClean(context, 1);
        }

        federation.Share(2);
        AssertZero(context.Lattice.Several(1).Rent());
    }

    private static void UseAndFail(BufferPool pool)
    {
        using var secret = pool.RentSecret();
        secret.Span.Fill(7);
        _ = new double[checked((int)(secret.Span[0] * -1))];
    }

    private static AlignedBuffer Filled(AlignedBuffer buffer)
    {
        buffer.Span.Fill(5);
        return buffer;
    }

    private static void AssertZero(AlignedBuffer buffer) => Assert.All(buffer.Span.ToArray(), value => Assert.Equal(0, value));

    /// <summary>Takes every idle buffer of rows and polynomials; at most so many of them hold anything.</summary>
    private static void AssertClean(CkksContext context, int publicBuffers)
    {
        var used = 0;
        foreach (var pool in new[] { context.Lattice.Rows, context.Lattice.Polynomials })
        {
            while (pool.IdleCount > 0)
                used += pool.Rent().Span.ContainsAnyExcept(0.0) ? 1 : 0;
        }

        Assert.True(used <= publicBuffers, $"{used} buffers are not zero, where {publicBuffers} hold public values");
    }
}
