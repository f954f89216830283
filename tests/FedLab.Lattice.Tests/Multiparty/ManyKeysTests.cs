using System.Numerics;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Multiparty;
using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Tests.Multiparty;

/// <summary>The noise that the protocols state, against what is measured over many keys.</summary>
public class ManyKeysTests
{
    private static readonly CkksContext Context = new(LatticeParameters.Create(4096, 3, 35));

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void The_noise_of_collective_keys_is_as_stated_over_many_keys(int parties)
    {
        var publicKeys = new List<BigInteger>();
        var relinearisationKeys = new List<BigInteger>();
        var zeros = new List<BigInteger>();
        for (var round = 0; round < 12; round++)
        {
            using var federation = new LatticeFederation(Context, parties);
            var publicKey = federation.PublicKey();
            publicKeys.AddRange(federation.Errors(publicKey.B, publicKey.A));
            using var ciphertext = new CkksCiphertext(Context);
            ciphertext.Shape(2, 1, 1);
            ciphertext.Polynomial(0).Clear();
            ciphertext.Polynomial(1).Clear();
            new Rerandomisation(Context, publicKey, parties).Apply(ciphertext, 0);
            zeros.AddRange(federation.Phase(federation.Collective, ciphertext));

            // The key is for s², whose gadget part is taken off with the secret that the test knows.
            var key = federation.RelinearisationKey().Key;
            var square = new double[Context.Lattice.PolynomialLength];
            RowArithmetic.AddProduct(Context.Lattice, federation.Collective.Evaluation, federation.Collective.Evaluation, square);
            var negated = square.Select(value => -value).ToArray();
            for (var digit = 0; digit < key.Digits; digit++)
            {
                var b = key.B(digit).ToArray();
                KeySwitchKey.AddGadget(Context, digit, negated, b);
                relinearisationKeys.AddRange(federation.Errors(b, key.A(digit)));
            }
        }

        AssertClose(MultipartyNoise.SumOfErrors(parties), publicKeys);
        AssertClose(MultipartyNoise.EncryptionOfZero(4096, parties, parties), zeros);
        AssertClose(MultipartyNoise.RelinearisationKey(4096, parties, parties), relinearisationKeys);
    }

    [Fact]
    public void The_errors_of_a_key_switch_to_a_public_key_are_as_stated_over_many_keys()
    {
        // A flood of the least width, so that the other part shows: it is subtracted as a difference of two switches' predictions.
        var context = new CkksContext(LatticeParameters.Create(8192, 4, 50));
        var noise = new List<BigInteger>();
        var added = default(NoiseEstimate);
        for (var round = 0; round < 4; round++)
        {
            using var federation = new LatticeFederation(context, 2);
            using var receiver = SecretKey.Generate(context.Lattice);
            var zero = new BigInteger[8192];
            using var ciphertext = federation.Encrypt(federation.PublicKey(), zero, 1);
            var before = federation.Phase(federation.Collective, ciphertext);
            var protocol = new KeySwitchToPublicKeyProtocol(context, federation.Parties, PublicKey.Generate(receiver), 2, 1000, 1);
            using var sum = LatticeFederation.Run(protocol, federation.Secrets, (secret, share) => protocol.GenerateShare(secret, ciphertext, federation.Binding(secret.Party), share));
            using var switched = new CkksCiphertext(context);
            protocol.Finish(ciphertext, sum, switched);
            noise.AddRange(federation.Phase(receiver, switched).Zip(before, (after, earlier) => after - earlier));
            added = protocol.Noise;
        }

        AssertClose(added, noise);
    }

    [Fact]
    public void Every_share_of_one_secret_for_one_input_is_fresh()
    {
        // No share is a function of the secret and public values: asked twice (past the ledger), almost no residue repeats.
        using var federation = new LatticeFederation(Context, 1);
        var secret = federation.Secrets[0];
        using var ciphertext = federation.Encrypt(federation.PublicKey(), new BigInteger[4096], 1);
        using var sample = new LweSample(Context);
        new LweExtraction(Context).Extract(ciphertext, 0, sample);
        var publicKeys = new CollectivePublicKeyProtocol(Context.Lattice, federation.Parties);
        var galois = new CollectiveGaloisKeyProtocol(Context, federation.Parties, 5);
        var first = new RelinearisationFirstRound(Context, federation.Parties);
        var second = new RelinearisationSecondRound(Context, first);
        var toPublic = new KeySwitchToPublicKeyProtocol(Context, federation.Parties, PublicKey.Generate(federation.Keys[0]), 1, 10, 1);
        var toSecret = new KeySwitchToSecretKeyProtocol(Context, federation.Parties, 1, 10, 1);
        var partial = new PartialDecryptionProtocol(Context, federation.Parties, 1, 1, 10, 1);
        var publicCommon = publicKeys.SampleCommonPolynomials(federation.Common);
        var galoisCommon = galois.SampleCommonPolynomials(federation.Common);
        var firstCommon = first.SampleCommonPolynomials(federation.Common);
        using var firstSum = first.AllocateShare();
        using var mask = first.AllocateMask();
        using var otherMask = first.AllocateMask();
        first.GenerateShare(secret, firstCommon, Binding(), firstSum, mask);
        AssertFresh(publicKeys, share => publicKeys.GenerateShare(secret, publicCommon, Binding(), share));
        AssertFresh(galois, share => galois.GenerateShare(secret, galoisCommon, Binding(), share));
        AssertFresh(first, share => first.GenerateShare(secret, firstCommon, Binding(), share, otherMask));
        AssertFresh(toPublic, share => toPublic.GenerateShare(secret, ciphertext, Binding(), share));
        AssertFresh(toSecret, share => toSecret.GenerateShare(secret, null, ciphertext, Binding(), share));
        AssertFresh(partial, share => partial.GenerateShare(secret, [sample], Binding(), share));

        // The second round takes its mask once.
        using var round = second.AllocateShare();
        second.GenerateShare(secret, mask, firstCommon, firstSum, Binding(), round);
        Assert.Throws<ObjectDisposedException>(() => second.GenerateShare(secret, mask, firstCommon, firstSum, Binding(), round));

        // A first round that the ledger refuses leaves the mask of the share that was given.
        var kept = Binding();
        using var refused = first.AllocateShare();
        first.GenerateShare(secret, firstCommon, kept, firstSum, mask);
        Assert.Throws<ShareAlreadyGivenException>(() => first.GenerateShare(secret, firstCommon, kept, refused, mask));
        second.GenerateShare(secret, mask, firstCommon, firstSum, Binding(), round);

        static ShareBinding Binding() => new(new MemoryShareLedger(TimeProvider.System), LatticeFederation.Transcript);
    }

    private static void AssertFresh(CollectiveProtocol protocol, Action<CollectiveShare> generate)
    {
        using var first = protocol.AllocateShare();
        using var second = protocol.AllocateShare();
        generate(first);
        generate(second);
        var same = 0;
        var total = 0;
        for (var i = 0; i < first.Residues.Length; i += first.Shape.Values < 8 ? 8 : 1)
            (same, total) = (same + (first.Residues[i] == second.Residues[i] ? 1 : 0), total + 1);
        Assert.InRange(same, 0, total / 1000);
    }

    /// <summary>Over many keys the deviation is known to a few percent.</summary>
    private static void AssertClose(NoiseEstimate estimate, List<BigInteger> noise)
    {
        Assert.True(Measured.Largest(noise) <= estimate.WorstCase);
        Assert.InRange(Measured.Deviation(noise), 0.95 * estimate.StandardDeviation, 1.05 * estimate.StandardDeviation);
    }
}
