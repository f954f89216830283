using System.Numerics;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Multiparty;
using FedLab.Lattice.Tests.Evaluation;

namespace FedLab.Lattice.Tests.Multiparty;

public class CollectiveKeyTests
{
    private static readonly CkksContext Small = new(LatticeParameters.Create(4096, 2, 50));
    private static readonly CkksContext Deep = new(LatticeParameters.Create(8192, 4, 50));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void The_joint_public_key_encrypts_for_the_sum_of_the_secrets(int parties)
    {
        using var federation = new LatticeFederation(Small, parties);
        var publicKey = federation.PublicKey();
        var message = CkksOracle.Small(new TestVectors(201), 4096, 1L << 30);
        using var ciphertext = federation.Encrypt(publicKey, message, 1 << 20);
        var noise = federation.Phase(federation.Collective, ciphertext).Zip(message, (phase, value) => phase - value).ToArray();

        // Divided by the special prime, only rounding is left: ½·(1 + ‖s‖) at most a few times.
        Assert.InRange(Measured.Largest(noise), 1, 8.8 * Math.Sqrt(4096 * parties / 12.0));
        Measured.AssertPredicted(new CollectivePublicKeyProtocol(Small.Lattice, federation.Parties).Noise, federation.Errors(publicKey.B, publicKey.A));
        if (parties > 1)
            Assert.True(Measured.Largest(federation.Phase(federation.Keys[0], ciphertext)) > 1L << 40);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_product_is_relinearised_with_the_joint_key(int parties)
    {
        using var federation = new LatticeFederation(Deep, parties);
        var publicKey = federation.PublicKey();
        var key = federation.RelinearisationKey();
        var left = CkksOracle.Small(new TestVectors(202), 8192, 1L << 30);
        (int Power, BigInteger Factor)[] terms = [(0, 3L << 30), (5, -(1L << 30)), (8191, 2L << 30)];
        var right = new BigInteger[8192];
        foreach (var (power, factor) in terms)
            right[power] = factor;
        using var first = federation.Encrypt(publicKey, left, 1L << 30);
        using var second = federation.Encrypt(publicKey, right, 1L << 30);
        using var product = new CkksCiphertext(Deep, 3);
        var evaluator = new CkksEvaluator(Deep);
        evaluator.Multiply(first, second, product);
        var before = federation.Phase(federation.Collective, product);
        evaluator.Relinearise(product, key, product);
        var after = federation.Phase(federation.Collective, product);

        // Each digit, uniform below its prime, times the key's noise, over P.
        var estimate = new RelinearisationSecondRound(Deep, new RelinearisationFirstRound(Deep, federation.Parties)).Noise;
        Assert.InRange(CkksOracle.Distance(before, after), 1, 8.8 * Math.Sqrt(8192 * 3) * estimate.StandardDeviation);
        Assert.InRange(CkksOracle.Distance(CkksOracle.MultiplySparse(left, terms), after), 1, Math.ScaleB(1, 55));
        for (var digit = 0; digit < key.Key.Digits; digit++)
            Measured.AssertPredicted(estimate, WithoutGadget(federation, key.Key, digit, Square(federation)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_joint_Galois_key_holds_the_turned_secret(int parties)
    {
        using var federation = new LatticeFederation(Deep, parties);
        foreach (var element in new[] { Deep.RotationElement(1), Deep.ConjugationElement })
        {
            var key = federation.GaloisKey(element);
            var turned = new double[Deep.Lattice.PolynomialLength];
            GaloisAutomorphism.Apply(Deep, element, federation.Collective.Evaluation, turned);
            for (var digit = 0; digit < key.Digits; digit++)
                Measured.AssertPredicted(new CollectiveGaloisKeyProtocol(Deep, federation.Parties, element).Noise, WithoutGadget(federation, key, digit, turned));
        }
    }

    [Fact]
    public void Two_shares_of_one_party_for_one_polynomial_share_nothing_but_the_secret()
    {
        // With the ledger in the way a party never gives two; without it, the shares of two keys of one label would differ by errors only.
        using var federation = new LatticeFederation(Small, 1);
        var protocol = new CollectivePublicKeyProtocol(Small.Lattice, federation.Parties);
        var common = protocol.SampleCommonPolynomials(federation.Common);
        var shares = Enumerable.Range(0, 2).Select(_ =>
        {
            var share = protocol.AllocateShare();
            protocol.GenerateShare(federation.Secrets[0], common, new ShareBinding(new MemoryShareLedger(TimeProvider.System), LatticeFederation.Transcript), share);
            return share;
        }).ToArray();
        Assert.NotEqual(shares[0].Residues.ToArray(), shares[1].Residues.ToArray());
        var difference = Difference(shares[0].Polynomial(0), shares[1].Polynomial(0));
        Assert.InRange(Measured.Largest(difference), 1, 58);
        Array.ForEach(shares, share => share.Dispose());
    }

    [Fact]
    public void Labels_keep_protocols_apart_because_a_shared_polynomial_reveals_the_secret()
    {
        using var federation = new LatticeFederation(Small, 1);
        var element = Small.RotationElement(1);
        var publicKeys = new CollectivePublicKeyProtocol(Small.Lattice, federation.Parties);
        var galois = new CollectiveGaloisKeyProtocol(Small, federation.Parties, element);
        var common = publicKeys.SampleCommonPolynomials(federation.Common);
        var others = galois.SampleCommonPolynomials(federation.Common);
        Assert.NotEqual(common.Polynomial(0).ToArray(), others.Polynomial(0).ToArray());
        Assert.Throws<ArgumentException>(() => galois.GenerateShare(federation.Secrets[0], common, federation.Binding(0), galois.AllocateShare()));

        // What a library without labels gives away: both shares over one a differ by P·φ(s) and two errors, modulo the digit's prime.
        using var first = publicKeys.AllocateShare();
        using var second = galois.AllocateShare();
        publicKeys.GenerateShare(federation.Secrets[0], common, federation.Binding(0), first);
        common.Polynomial(0).CopyTo(others.Polynomial(0));
        galois.GenerateShare(federation.Secrets[0], others, federation.Binding(0), second);
        var prime = Small.Tables[0].Prime;
        var difference = CkksOracle.Read(Small, Rows(second.Polynomial(0), first.Polynomial(0), 1));
        var special = Small.SpecialPrime!.Value;
        var secret = WhiteBox.Secret(federation.Keys[0]);
        for (var i = 0; i < 4096; i++)
        {
            var position = (int)((long)i * element % 8192);
            var expected = secret[i] * (position >= 4096 ? -1 : 1);
            var read = Enumerable.Range(-1, 3).MinBy(guess => BigInteger.Abs(CkksOracle.Centred(difference[position % 4096] - ((BigInteger)special * guess), prime)));
            Assert.Equal(expected, read);
        }
    }

    [Fact]
    public void The_common_polynomials_are_the_same_everywhere_and_never_twice()
    {
        var seed = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var label in new CommonLabel[]
                 {
                     new(CollectiveProtocolKind.PublicKey), new(CollectiveProtocolKind.PublicKey, Attempt: 1), new(CollectiveProtocolKind.GaloisKey, 5),
                     new(CollectiveProtocolKind.GaloisKey, 25), new(CollectiveProtocolKind.GaloisKey, 5, 1), new(CollectiveProtocolKind.RelinearisationFirstRound),
                 })
        {
            var here = new CommonPolynomials(Small.Lattice, new CommonRandomString(seed), label, 3);
            var there = new CommonPolynomials(Small.Lattice, new CommonRandomString(seed), label, 3);
            Assert.Equal(here.Seeds.ToArray(), there.Seeds.ToArray());
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(here.Polynomial(i).ToArray(), there.Polynomial(i).ToArray());
                Assert.True(seen.Add(Convert.ToHexString(here.Seeds.Slice(32 * i, 32))));
            }
        }

        Assert.True(seen.Add(Convert.ToHexString(new CommonPolynomials(Deep.Lattice, new CommonRandomString(seed), new CommonLabel(CollectiveProtocolKind.PublicKey), 1).Seeds)));

        // The derivation is a wire format: the value is Python's hmac for it.
        Assert.Equal("504D9FE3EE489AAEA0D60862DE6169EB651F885951BE30D3BAE0D8D19D4CE2E1", Convert.ToHexString(new CommonPolynomials(Small.Lattice, new CommonRandomString(seed), new CommonLabel(CollectiveProtocolKind.PublicKey), 1).Seeds));
        var joint = CommonRandomString.FromContributions([seed, new byte[32]]);
        Assert.Equal(joint.Seed.ToArray(), CommonRandomString.FromContributions([seed, new byte[32]]).Seed.ToArray());
        Assert.NotEqual(joint.Seed.ToArray(), CommonRandomString.FromContributions([new byte[32], seed]).Seed.ToArray());
        Assert.Throws<ArgumentException>(() => CommonRandomString.FromContributions([new byte[31]]));
        Assert.Throws<ArgumentException>(() => CommonRandomString.FromContributions([]));
        Assert.Throws<ArgumentException>(() => new CommonRandomString(new byte[33]));
    }

    [Fact]
    public void Mistakes_are_refused_before_anything_is_spent()
    {
        using var federation = new LatticeFederation(Small, 2);
        var protocol = new CollectivePublicKeyProtocol(Small.Lattice, federation.Parties);
        var common = protocol.SampleCommonPolynomials(federation.Common);
        using var first = protocol.AllocateShare();
        using var second = protocol.AllocateShare();
        using var sum = protocol.AllocateShare();
        using var alone = new PartySecret(federation.Keys[0], 0, PartySet.All(3));
        Assert.Throws<ArgumentException>(() => protocol.GenerateShare(alone, common, federation.Binding(0), first));
        Assert.Throws<ArgumentException>(() => protocol.GenerateShare(federation.Secrets[0], common, new ShareBinding(federation.Ledgers[0], new byte[31]), first));
        Assert.Throws<ArgumentException>(() => protocol.GenerateShare(federation.Secrets[0], common, new ShareBinding(null!, LatticeFederation.Transcript), first));
        Assert.Throws<ArgumentException>(() => protocol.Aggregate(first, sum));
        Assert.Throws<InvalidOperationException>(() => first.Write(new byte[first.SerializedSize]));
        protocol.GenerateShare(federation.Secrets[0], common, federation.Binding(0), first);
        protocol.Aggregate(first, sum);
        Assert.Contains("{0}", Assert.Throws<ArgumentException>(() => protocol.Aggregate(first, sum)).Message, StringComparison.Ordinal);
        Assert.Contains("{1}", Assert.Throws<ArgumentException>(() => protocol.Finish(sum, common)).Message, StringComparison.Ordinal);

        // Another transcript, another session.
        protocol.GenerateShare(federation.Secrets[1], common, new ShareBinding(federation.Ledgers[1], new byte[32]), second);
        Assert.Throws<ArgumentException>(() => protocol.Aggregate(second, sum));
        Assert.Throws<ArgumentException>(() => new PartySecret(federation.Keys[0], 2, federation.Parties));
        Assert.Throws<ArgumentException>(() => PartySet.Of(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PartySet.Of(64));
        Assert.Throws<ArgumentOutOfRangeException>(() => PartySet.All(0));
        Assert.Throws<ArgumentException>(() => new CollectivePublicKeyProtocol(Small.Lattice, default));
        Assert.Throws<ArgumentException>(() => new CollectiveGaloisKeyProtocol(new CkksContext(LatticeParameters.Create(4096, 1, 50)), federation.Parties, 5));
    }

    /// <summary>b + a·s - P·g·s' for a digit.</summary>
    private static BigInteger[] WithoutGadget(LatticeFederation federation, KeySwitchKey key, int digit, double[] source)
    {
        var context = federation.Context;
        var b = key.B(digit).ToArray();
        var negated = source.Select(value => -value).ToArray();
        KeySwitchKey.AddGadget(context, digit, negated, b);
        return federation.Errors(b, key.A(digit));
    }

    private static unsafe double[] Square(LatticeFederation federation)
    {
        var lattice = federation.Context.Lattice;
        var square = new double[lattice.PolynomialLength];
        fixed (double* s = federation.Collective.Evaluation, target = square)
        {
            for (var i = 0; i < lattice.Tables.Length; i++)
            {
                var row = i * lattice.Degree;
                lattice.Kernels.MultiplyModular(lattice.Tables[i].Modulus, lattice.Tables[i].Inverse, s + row, s + row, target + row, lattice.Degree);
            }
        }

        return square;
    }

    private static double[] Rows(ReadOnlySpan<double> left, ReadOnlySpan<double> right, int primes)
    {
        var difference = new double[primes * 4096];
        for (var i = 0; i < difference.Length; i++)
        {
            var value = left[i] - right[i];
            difference[i] = value < 0 ? value + Small.Tables[i / 4096].Modulus : value;
        }

        return difference;
    }

    private static BigInteger[] Difference(ReadOnlySpan<double> left, ReadOnlySpan<double> right) => CkksOracle.Read(Small, Rows(left, right, 1));
}
