using System.Numerics;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Multiparty;
using FedLab.Lattice.Noise;
using FedLab.Lattice.Ring;
using FedLab.Lattice.Tests.Evaluation;

namespace FedLab.Lattice.Tests.Multiparty;

public class ThresholdTests
{
    private static readonly CkksContext Context = new(LatticeParameters.Create(8192, 4, 50));

    [Theory]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    [InlineData(5, 2)]
    [InlineData(3, 3)]
    public void Every_active_set_decrypts_what_the_joint_key_of_all_encrypts(int parties, int threshold)
    {
        using var federation = new LatticeFederation(Context, parties);
        federation.Share(threshold);
        var publicKey = federation.PublicKey();
        var message = CkksOracle.Small(new TestVectors(221), 8192, 1L << 40);
        foreach (var active in Subsets(parties).Where(set => set.Count >= threshold && set.Count <= threshold + 1))
        {
            using var ciphertext = federation.Encrypt(publicKey, message, 1);
            var protocol = new KeySwitchToSecretKeyProtocol(Context, active, 2, 1000, Math.ScaleB(1, 40));
            using var sum = LatticeFederation.Run(protocol, federation.Active(active), (secret, share) => protocol.GenerateShare(secret, null, ciphertext, federation.Binding(secret.Party), share));
            using var decrypted = new CkksPlaintext(Context);
            protocol.Finish(ciphertext, sum, decrypted);
            Measured.AssertPredicted(protocol.Noise, [.. CkksOracle.Read(Context, decrypted.Polynomial).Zip(message, (value, expected) => value - expected)]);
        }
    }

    [Fact]
    public void An_active_set_makes_the_keys_of_all_parties()
    {
        using var federation = new LatticeFederation(Context, 3);
        federation.Share(2);
        var secrets = federation.Active(PartySet.Of(0, 2));
        var publicKey = federation.PublicKey(secrets);
        Measured.AssertPredicted(MultipartyNoise.SumOfErrors(2), federation.Errors(publicKey.B, publicKey.A));
        var key = federation.RelinearisationKey(secrets);
        var message = CkksOracle.Small(new TestVectors(222), 8192, 1L << 30);
        var one = new BigInteger[8192];
        one[0] = 1L << 30;
        using var left = federation.Encrypt(publicKey, message, 1L << 30);
        using var right = federation.Encrypt(publicKey, one, 1L << 30);
        using var product = new CkksCiphertext(Context, 3);
        var evaluator = new CkksEvaluator(Context);
        evaluator.Multiply(left, right, product);
        evaluator.Relinearise(product, key, product);
        Assert.InRange(CkksOracle.Distance([.. message.Select(value => value << 30)], federation.Phase(federation.Collective, product)), 1, Math.ScaleB(1, 50));

        // And a rotation.
        var element = Context.RotationElement(3);
        var keys = CollectiveGaloisKeyProtocol.Collect(Context, [new(element, federation.GaloisKey(element, secrets))]);
        using var rotated = new CkksCiphertext(Context);
        evaluator.Rotate(left, 3, keys, rotated);
        var expected = new BigInteger[8192];
        for (var i = 0; i < 8192; i++)
        {
            var position = (int)((long)i * element % 16384);
            expected[position % 8192] = position >= 8192 ? -message[i] : message[i];
        }

        Assert.InRange(CkksOracle.Distance(expected, federation.Phase(federation.Collective, rotated)), 1, 8.8 * 3.2 * Math.Sqrt(2 * 3 * 8192) + 2000);
    }

    [Fact]
    public void Too_few_shares_are_uniform_and_do_not_depend_on_the_secret()
    {
        // The same secret dealt again gives unrelated shares; their residues fill the range; and two shares of a 3-out-of-3 sharing never give the secret.
        using var federation = new LatticeFederation(Context, 1);
        var sharing = new ThresholdSecretSharing(Context.Lattice, 3, 3);
        var counts = new double[64];
        for (var round = 0; round < 4; round++)
        {
            foreach (var share in sharing.Deal(federation.Keys[0], 0))
            {
                foreach (var residue in share.Evaluation[..8192])
                    counts[(int)((UInt128)(ulong)residue * 64 / Context.Tables[0].Prime)]++;
                share.Dispose();
            }
        }

        ChiSquare.AssertUniform(counts);
        var first = sharing.Deal(federation.Keys[0], 0);
        var second = sharing.Deal(federation.Keys[0], 0);
        for (var party = 0; party < 3; party++)
            Assert.True(first[party].Evaluation.ToArray().Zip(second[party].Evaluation.ToArray()).Count(pair => pair.First == pair.Second) < 5);
    }

    [Fact]
    public void Two_shares_with_small_Lagrange_ratios_reveal_low_bits_of_the_noise_through_any_flood()
    {
        // λ = 2 with parties 0 and 1, λ' = 3/2 with 0 and 2: 4·h' - 3·h = 4·e' - 3·e, an integer far below the modulus, is e modulo 4.
        using var federation = new LatticeFederation(Context, 3);
        federation.Share(2);
        using var ciphertext = federation.Encrypt(federation.PublicKey(), new BigInteger[8192], 1);
        var secrets = new[] { PartySet.Of(0, 1), PartySet.Of(0, 2) }.Select(active => federation.Active(active)[0]).ToArray();
        var shares = secrets.Select(secret => UnrecordedShare(secret, ciphertext)).ToArray();
        var bare = Product(secrets[0], ciphertext);
        var modulus = Context.LevelModuli[2];
        for (var i = 0; i < 8192; i++)
        {
            var flood = CkksOracle.Centred(shares[0][i] - bare[i], modulus);
            var combination = CkksOracle.Centred((4 * shares[1][i]) - (3 * shares[0][i]), modulus);
            Assert.Equal(CkksOracle.Canonical(flood, 4), CkksOracle.Canonical(combination, 4));
        }
    }

    [Fact]
    public void Two_shares_with_different_active_sets_reveal_the_share_of_the_secret_and_are_refused()
    {
        // Of 64 parties two halves act: the ratio of the Lagrange coefficients is a generic residue.
        const int party = 20;
        using var federation = new LatticeFederation(Context, 3);
        using var ciphertext = federation.Encrypt(federation.PublicKey(), new BigInteger[8192], 1);
        var share = new TestVectors(225).Residues(4 * 8192, Context.Tables[3].Prime);
        var actives = new[] { 1, 0 }.Select(parity => PartySet.Of([.. Enumerable.Range(0, 64).Where(i => i % 2 == parity || i == party)])).ToArray();
        var secrets = actives.Select(active => Weighted(share, active, party)).ToArray();
        var shares = secrets.Select(secret => UnrecordedShare(secret, ciphertext)).ToArray();

        // h = λ·x + e and h' = λ'·x + e' with x = (S·c1)[0]: h' - μ·h = e' - μ·e modulo Q, μ = λ'/λ, a closest vector problem in dimension two.
        var modulus = Context.LevelModuli[2];
        var lambda = actives.Select(active => Lagrange(active, party, modulus)).ToArray();
        var totient = Context.Tables[..3].Aggregate(BigInteger.One, (product, table) => product * (table.Prime - 1));
        var ratio = CkksOracle.Canonical(lambda[1] * BigInteger.ModPow(lambda[0], totient - 1, modulus), modulus);
        var expected = Product(secrets[0], ciphertext);
        for (var i = 0; i < 8; i++)
            Assert.Equal(expected[i], Bare(shares[1][i], i));

        // With the ledger the second is refused, and after a re-randomisation by several parties it is one for another polynomial.
        var binding = federation.Binding(0);
        var protocols = actives.Select(active => new KeySwitchToSecretKeyProtocol(Context, active, 2, Math.ScaleB(1, 20), 1)).ToArray();
        protocols[0].GenerateShare(secrets[0], null, ciphertext, binding, protocols[0].AllocateShare());
        Assert.Throws<ShareAlreadyGivenException>(() => protocols[1].GenerateShare(secrets[1], null, ciphertext, binding, protocols[1].AllocateShare()));
        var rerandomisation = new Rerandomisation(Context, federation.PublicKey(attempt: 1), 3);
        for (var round = 0; round < 2; round++)
            rerandomisation.Apply(ciphertext, 1000 + (round * rerandomisation.Noise.WorstCase));
        using var fresh = protocols[1].AllocateShare();
        protocols[1].GenerateShare(secrets[1], null, ciphertext, binding, fresh);
        var other = CkksOracle.Read(Context, fresh.Polynomial(0));
        for (var i = 0; i < 8; i++)
            Assert.NotEqual(expected[i], Bare(other[i], i));

        BigInteger Bare(BigInteger second, int i) =>
            CkksOracle.Centred(shares[0][i] - SolveShort(ratio, CkksOracle.Canonical(second - (ratio * shares[0][i]), modulus), modulus), modulus);
    }

    [Fact]
    public void Mistakes_with_shares_are_refused()
    {
        using var federation = new LatticeFederation(Context, 3);
        var sharing = new ThresholdSecretSharing(Context.Lattice, 3, 2);
        var shares = sharing.Deal(federation.Keys[0], 0);
        using var sum = sharing.AllocateSum(1);
        sharing.Aggregate(shares[1], sum);
        Assert.Throws<ArgumentException>(() => sharing.Aggregate(shares[1], sum));
        Assert.Throws<ArgumentException>(() => sharing.Aggregate(shares[2], sum));
        Assert.Contains("{1, 2}", Assert.Throws<ArgumentException>(() => sharing.ForActiveSet(sum, PartySet.Of(0, 1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ThresholdSecretSharing(Context.Lattice, 3, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ThresholdSecretSharing(Context.Lattice, 3, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => sharing.Deal(federation.Keys[0], 3));
        foreach (var dealer in new[] { 1, 2 })
            sharing.Aggregate(sharing.Deal(federation.Keys[dealer], dealer)[1], sum);
        Assert.Throws<InvalidOperationException>(() => sum.Write([]));
        Assert.Throws<ArgumentException>(() => shares[0].Write(new byte[5]));
        Assert.Throws<ArgumentException>(() => sharing.ForActiveSet(sum, PartySet.Of(1)));
        Assert.Throws<ArgumentException>(() => sharing.ForActiveSet(sum, PartySet.Of(0, 2)));
        Assert.Throws<ArgumentException>(() => sharing.ForActiveSet(sum, PartySet.Of(1, 3)));
        var secret = sharing.ForActiveSet(sum, PartySet.Of(0, 1));
        Span<double> evaluation;
        using (var lease = secret.Use())
        {
            secret.Dispose();
            evaluation = lease.Evaluation;
            Assert.True(evaluation.ContainsAnyExcept(0.0));
        }

        Assert.False(evaluation.ContainsAnyExcept(0.0));
        Assert.Throws<ObjectDisposedException>(() => secret.Use());
        var dealt = shares[0].Evaluation;
        shares[0].Dispose();
        Assert.False(dealt.ContainsAnyExcept(0.0));
    }

    private static IEnumerable<PartySet> Subsets(int parties) =>
        Enumerable.Range(1, (1 << parties) - 1).Select(mask => PartySet.Of([.. Enumerable.Range(0, parties).Where(party => (mask >> party & 1) != 0)]));

    /// <summary>A share past the ledger: a fresh ledger for each.</summary>
    private static BigInteger[] UnrecordedShare(PartySecret secret, CkksCiphertext ciphertext)
    {
        var protocol = new KeySwitchToSecretKeyProtocol(Context, secret.Parties, 2, 1000, 1);
        using var share = protocol.AllocateShare();
        protocol.GenerateShare(secret, null, ciphertext, new ShareBinding(new MemoryShareLedger(TimeProvider.System), LatticeFederation.Transcript), share);
        return CkksOracle.Read(Context, share.Polynomial(0));
    }

    /// <summary>λ·S for a given S.</summary>
    private static PartySecret Weighted(double[] share, PartySet active, int party)
    {
        var evaluation = Context.Lattice.Polynomials.Rent();
        var lambda = Context.Tables.Select(table => ThresholdSecretSharing.LagrangeCoefficient(active, party, table.Prime)).ToArray();
        for (var i = 0; i < share.Length; i++)
        {
            var prime = Context.Tables[i / 8192].Prime;
            var product = NttPrimes.Multiply((ulong)share[i] % prime, lambda[i / 8192], prime);
            evaluation.Span[i] = product > prime / 2 ? -(double)(prime - product) : product;
        }

        return new PartySecret(Context.Lattice, evaluation, party, active);
    }

    private static BigInteger Lagrange(PartySet active, int party, BigInteger modulus)
    {
        var result = BigInteger.Zero;
        for (var i = 0; i < 3; i++)
        {
            var prime = Context.Tables[i].Prime;
            var cofactor = modulus / prime;
            result += cofactor * NttPrimes.Inverse((ulong)(cofactor % prime), prime) * ThresholdSecretSharing.LagrangeCoefficient(active, party, prime);
        }

        return result % modulus;
    }

    /// <summary>λ·S·c1 as integers.</summary>
    private static BigInteger[] Product(PartySecret secret, CkksCiphertext ciphertext)
    {
        var rows = new double[3 * 8192];
        using (var lease = secret.Use())
            RowArithmetic.AddProduct(Context.Lattice, ciphertext.Polynomial(1), lease.Evaluation, rows);
        return CkksOracle.Read(Context, rows);
    }

    /// <summary>e of the shortest (e, e') with e' - ratio·e = difference modulo the modulus: Lagrange's reduction of {(x, y): y = ratio·x}, then Babai's rounding.</summary>
    private static BigInteger SolveShort(BigInteger ratio, BigInteger difference, BigInteger modulus)
    {
        var (a, b) = ((X: BigInteger.One, Y: ratio), (X: BigInteger.Zero, Y: modulus));
        while (true)
        {
            if (Dot(a, a) > Dot(b, b))
                (a, b) = (b, a);
            var quotient = Round(Dot(a, b), Dot(a, a));
            if (quotient.IsZero)
                break;
            b = (b.X - (quotient * a.X), b.Y - (quotient * a.Y));
        }

        // The point (0, difference) in the basis, both coordinates rounded.
        var volume = (a.X * b.Y) - (a.Y * b.X);
        var alongA = Round(-difference * b.X * volume.Sign, BigInteger.Abs(volume));
        var alongB = Round(difference * a.X * volume.Sign, BigInteger.Abs(volume));
        return -(alongA * a.X) - (alongB * b.X);

        static BigInteger Dot((BigInteger X, BigInteger Y) left, (BigInteger X, BigInteger Y) right) => (left.X * right.X) + (left.Y * right.Y);
        static BigInteger Round(BigInteger numerator, BigInteger denominator) => BigInteger.Divide((2 * numerator) + (numerator.Sign * denominator), 2 * denominator);
    }
}
