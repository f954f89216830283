using System.Buffers;
using System.Numerics;
using FedLab.Lattice.Multiparty;

namespace FedLab.Lattice.Tests.Multiparty;

public class CollectiveSumTests
{
    private static readonly byte[] Transcript = LatticeFederation.Transcript;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 57, 8)]
    [InlineData(3, 57, 8192)]
    [InlineData(3, 40, 4001)]
    [InlineData(7, 20, 353)]
    [InlineData(32, 57, 9)]
    public void The_sum_of_all_parties_integers_is_exact_to_the_largest_magnitude(int parties, int magnitudeBits, int count)
    {
        using var group = new SumGroup(new CollectiveSumPlan(parties, magnitudeBits));
        var random = new TestVectors(401);
        var bound = 1L << magnitudeBits;
        var values = Enumerable.Range(0, parties).Select(_ => Enumerable.Range(0, count).Select(j => (j % 5) switch { 0 => bound, 1 => -bound, 2 => 0, _ => random.Within(bound) }).ToArray()).ToArray();
        using var total = group.Total(values);
        var sums = new long[count];
        Assert.True(group.Decrypt(total, sums));
        for (var j = 0; j < count; j++)
            Assert.Equal(values.Sum(own => own[j]), sums[j]);
    }

    [Fact]
    public void Every_plan_holds_its_sums_beside_noise_and_floods_and_is_within_the_security_table()
    {
        for (var parties = 1; parties <= CollectiveSumPlan.MaximumParties; parties++)
        {
            foreach (var bits in new[] { 1, 20, 40, 57 })
            {
                var plan = new CollectiveSumPlan(parties, bits);
                Assert.InRange(plan.Parameters.ModulusBits, 0, LatticeParameters.MaximumModulusBits(plan.Parameters.Degree));
                Assert.True(plan.NoiseBound < Math.ScaleB(1, plan.ScaleBits - 1));
                Assert.True(Math.Log2((double)plan.SumBound + 1) + plan.ScaleBits < plan.Parameters.ModulusBits - 1);
                Assert.True(plan.Flooding.Width >= Math.ScaleB(plan.ContributionNoise * plan.ValuesPerCiphertext, 40));
            }
        }
    }

    [Fact]
    public void The_noise_of_contributions_keeps_within_its_bound_and_the_floods_hide_it()
    {
        var plan = new CollectiveSumPlan(3, 40);
        using var group = new SumGroup(plan);
        using var total = group.Total([new long[8192], new long[8192], new long[8192]]);
        var noise = Phase(group, total);
        Assert.InRange((double)noise.Max(BigInteger.Abs), 100, plan.ContributionNoise);
        using var shares = group.Shares(total);
        var sum = total.First.ToArray();
        for (var j = 0; j < sum.Length; j++)
            sum[j] = (sum[j] + shares.Residues[j]) % plan.Parameters.Primes[j / 8192];
        var flooded = WhiteBox.Compose(group.Context, sum);
        var deviation = Math.Sqrt(flooded.Average(value => Math.Pow((double)value, 2)));

        // 8192 sums of three uniform floods: the deviation has a standard error of 0.7 %, of which five percent are seven (a chance of 10^-12).
        Assert.InRange(deviation / plan.Flooding.Total(3).StandardDeviation, 0.95, 1.05);
        Assert.InRange((double)flooded.Max(BigInteger.Abs), 0, plan.NoiseBound);
    }

    [Fact]
    public void Without_one_partys_share_nothing_can_be_read_and_a_contribution_under_another_key_is_noticed()
    {
        var plan = new CollectiveSumPlan(3, 40);
        using var group = new SumGroup(plan);
        using var other = new SumGroup(plan, group.Context);
        long[] values = [.. Enumerable.Range(0, 100)];
        using var good = group.Total([values, values, values]);
        var sums = new long[100];
        var protocol = group.Protocol(100);
        using (var partial = LatticeFederation.Run(protocol, group.Secrets.Take(2), (secret, share) => protocol.GenerateShare(secret, good, group.Binding(secret.Party), share)))
            Assert.Throws<ArgumentException>(() => protocol.TryFinish(good, partial, sums));

        using var bad = group.Total([values, values, values]);
        using var foreign = other.Encryptor.Encrypt(values);
        bad.Add(foreign);
        Assert.False(group.Decrypt(bad, sums));
        Assert.All(sums, value => Assert.Equal(0, value));
    }

    [Fact]
    public void The_shares_of_a_sum_do_not_open_a_part_of_it()
    {
        using var group = new SumGroup(new CollectiveSumPlan(3, 40));
        long[] values = [.. Enumerable.Range(0, 100)];
        using var part = group.Encryptor.Encrypt(values);
        using var total = group.Total([values, values]);
        total.Add(part);
        using var shares = group.Shares(total);
        var sums = new long[100];
        Assert.True(group.Protocol(100).TryFinish(total, shares, sums));
        Assert.False(group.Protocol(100).TryFinish(part, shares, sums));
    }

    [Fact]
    public void A_party_refuses_a_second_fresh_share_for_one_sum_and_sends_the_first_again()
    {
        using var group = new SumGroup(new CollectiveSumPlan(2, 30));
        using var total = group.Total([[1], [2]]);
        var protocol = group.Protocol(1);
        using var share = protocol.AllocateShare();
        protocol.GenerateShare(group.Secrets[0], total, group.Binding(0), share);
        using var again = protocol.AllocateShare();
        Assert.Throws<ShareAlreadyGivenException>(() => protocol.GenerateShare(group.Secrets[0], total, group.Binding(0), again));
        Assert.True(protocol.TryResendShare(total, group.Binding(0), again));
        Assert.Equal(share.Residues.ToArray(), again.Residues.ToArray());
    }

    [Fact]
    public void With_t_out_of_n_keys_those_who_act_read_the_sum_of_those_who_contributed()
    {
        var plan = new CollectiveSumPlan(4, 40);
        using var group = new SumGroup(plan);
        using var total = group.Total([[5, -7], [1, 1], [2, 3]]);
        var active = PartySet.Of(0, 1, 3);
        var secrets = group.Active(3, active);
        var protocol = new SumDecryptionProtocol(group.Context, plan, active, 2);
        using var sum = LatticeFederation.Run(protocol, secrets, (secret, share) => protocol.GenerateShare(secret, total, group.Binding(secret.Party), share));
        var sums = new long[2];
        Assert.True(protocol.TryFinish(total, sum, sums));
        Assert.Equal([8, -3], sums);
        foreach (var secret in secrets)
            secret.Dispose();
    }

    [Fact]
    public void Ciphertexts_of_equal_values_differ_and_are_read_back_as_they_were_written()
    {
        using var group = new SumGroup(new CollectiveSumPlan(3, 57));
        long[] values = [1, 2, 3, 4, 5];
        using var first = group.Encryptor.Encrypt(values);
        using var second = group.Encryptor.Encrypt(values);
        Assert.NotEqual(Bytes(first), Bytes(second));
        Assert.Equal(SumCiphertext.SerializedSize(group.Context, 5), Bytes(first).Length);
        using var read = SumCiphertext.Read(new ReadOnlySequence<byte>(Bytes(first)), group.Context, 5);
        Assert.Equal(Bytes(first), Bytes(read));
        foreach (var value in new[] { (1L << 57) + 1, -(1L << 57) - 1, long.MinValue })
            Assert.Throws<ArgumentOutOfRangeException>(() => group.Encryptor.Encrypt([value]));
    }

    [Fact]
    public void Ten_thousand_broken_ciphertexts_are_refused_or_read()
    {
        using var group = new SumGroup(new CollectiveSumPlan(2, 20));
        using var ciphertext = group.Encryptor.Encrypt([1, 2, 3]);
        var good = Bytes(ciphertext);
        var random = new TestVectors(402);
        var refused = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = (byte[])good.Clone();
            var length = good.Length;
            if (i % 10 == 0)
                length = (int)(random.Next() % (ulong)good.Length);
            else
                bytes[(int)(random.Next() % (ulong)(i % 2 == 0 ? 64 : good.Length))] ^= (byte)(1 + (random.Next() % 255));
            try
            {
                SumCiphertext.Read(new ReadOnlySequence<byte>(bytes, 0, length), group.Context, 3).Dispose();
            }
            catch (LatticeFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 9999);
    }

    private static byte[] Bytes(SumCiphertext ciphertext)
    {
        var output = new ArrayBufferWriter<byte>();
        ciphertext.Write(output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>c0 + c1·s with the sum of all secrets, which exists in a test alone.</summary>
    private static BigInteger[] Phase(SumGroup group, SumCiphertext total)
    {
        var product = WhiteBox.Phase(group.Collective, new double[total.Second.Length], total.Second);
        var first = WhiteBox.Compose(group.Context, total.First.ToArray());
        var modulus = group.Context.Parameters.Modulus;
        return [.. product.Zip(first, (left, right) =>
        {
            var sum = (((left + right) % modulus) + modulus) % modulus;
            return sum > modulus / 2 ? sum - modulus : sum;
        })];
    }

    /// <summary>Parties with a collective key in one process; every share goes over its wire form.</summary>
    private sealed class SumGroup : IDisposable
    {
        private readonly SecretKey[] _keys;
        private readonly IShareLedger[] _ledgers;
        private readonly CollectiveSumPlan _plan;
        private readonly PartySet _parties;

        public SumGroup(CollectiveSumPlan plan, LatticeContext? context = null)
        {
            (_plan, Context, _parties) = (plan, context ?? new LatticeContext(plan.Parameters), PartySet.All(plan.Parties));
            _keys = [.. Enumerable.Range(0, plan.Parties).Select(_ => SecretKey.Generate(Context))];
            _ledgers = [.. _keys.Select(_ => new MemoryShareLedger(TimeProvider.System))];
            Secrets = [.. _keys.Select((key, party) => new PartySecret(key, party, _parties))];
            var coefficients = new double[Context.Degree];
            foreach (var key in _keys)
            {
                var secret = WhiteBox.Secret(key);
                for (var i = 0; i < coefficients.Length; i++)
                    coefficients[i] += secret[i];
            }

            Collective = SecretKey.FromCoefficients(Context, coefficients);
            var protocol = new CollectivePublicKeyProtocol(Context, _parties);
            var common = protocol.SampleCommonPolynomials(CommonRandomString.Create());
            using var sum = LatticeFederation.Run(protocol, Secrets, (secret, share) => protocol.GenerateShare(secret, common, Binding(secret.Party), share));
            Encryptor = new SumEncryptor(Context, plan, protocol.Finish(sum, common));
        }

        public LatticeContext Context { get; }

        public IReadOnlyList<PartySecret> Secrets { get; }

        public SecretKey Collective { get; }

        public SumEncryptor Encryptor { get; }

        public ShareBinding Binding(int party) => new(_ledgers[party], Transcript);

        public SumDecryptionProtocol Protocol(int values) => new(Context, _plan, _parties, values);

        public SumCiphertext Total(long[][] values)
        {
            var total = new SumCiphertext(Context, values[0].Length);
            foreach (var own in values)
            {
                using var contribution = Encryptor.Encrypt(own);
                total.Add(contribution);
            }

            return total;
        }

        public CollectiveShare Shares(SumCiphertext total)
        {
            var protocol = Protocol(total.Values);
            return LatticeFederation.Run(protocol, Secrets, (secret, share) => protocol.GenerateShare(secret, total, Binding(secret.Party), share));
        }

        public bool Decrypt(SumCiphertext total, long[] sums)
        {
            using var shares = Shares(total);
            return Protocol(total.Values).TryFinish(total, shares, sums);
        }

        public IReadOnlyList<PartySecret> Active(int threshold, PartySet active)
        {
            var sharing = new ThresholdSecretSharing(Context, _plan.Parties, threshold);
            var sums = Enumerable.Range(0, _plan.Parties).Select(sharing.AllocateSum).ToArray();
            for (var dealer = 0; dealer < _plan.Parties; dealer++)
            {
                foreach (var share in sharing.Deal(_keys[dealer], dealer))
                {
                    using (share)
                        sharing.Aggregate(share, sums[share.Recipient]);
                }
            }

            return [.. active.Members().Select(party => sharing.ForActiveSet(sums[party], active))];
        }

        public void Dispose()
        {
            foreach (var key in _keys)
                key.Dispose();
            Collective.Dispose();
        }
    }
}
