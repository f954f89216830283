using System.Numerics;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Multiparty;
using FedLab.Lattice.Tests.Evaluation;

namespace FedLab.Lattice.Tests.Multiparty;

public class PartialDecryptionTests
{
    private const double Noise = 1000;
    private static readonly CkksContext Context = new(LatticeParameters.Create(8192, 4, 50));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void The_holder_of_samples_reads_their_messages_and_the_floods_are_as_wide_as_stated(int parties)
    {
        using var federation = new LatticeFederation(Context, parties);
        var message = CkksOracle.Small(new TestVectors(231), 8192, 1L << 40);
        var scaled = message.Select(value => value << 64).ToArray();
        var positions = Enumerable.Range(0, 1200).Select(j => j * 6).ToArray();
        using var ciphertext = federation.Encrypt(federation.PublicKey(), scaled, Math.ScaleB(1, 64));
        var samples = Extract(ciphertext, positions);
        var protocol = new PartialDecryptionProtocol(Context, federation.Parties, 2, samples.Length, Noise, Math.ScaleB(1, 105));
        using var sum = LatticeFederation.Run(protocol, federation.Secrets, (secret, share) => protocol.GenerateShare(secret, samples, federation.Binding(secret.Party), share));
        var values = new double[samples.Length];
        protocol.Finish(samples, sum, values);
        for (var j = 0; j < values.Length; j++)
            Assert.InRange(Math.Abs(values[j] - (double)message[positions[j]]), 0, Math.ScaleB(protocol.Noise.WorstCase + protocol.Precision, -64));

        // 1200 samples: the deviation of a sum of up to five uniform floods has a standard error of 1.9 %, of which the 15 % below are more than
        // seven (a chance of 10^-12; with 200 samples it would be one in 500).
        var floods = positions.Select((_, j) => Flood(federation, samples[j], sum, protocol, j)).ToArray();
        Measured.AssertPredicted(protocol.Noise, floods);
        Array.ForEach(samples, sample => sample.Dispose());
    }

    [Fact]
    public void Any_active_set_answers_for_a_sample_but_only_one_does()
    {
        using var federation = new LatticeFederation(Context, 3);
        federation.Share(2);
        var publicKey = federation.PublicKey();
        var message = CkksOracle.Small(new TestVectors(232), 8192, 1L << 60);
        using var ciphertext = federation.Encrypt(publicKey, message, Math.ScaleB(1, 20));
        var rerandomisation = new Rerandomisation(Context, publicKey, 3);
        PartySet? previous = null;
        foreach (var active in new[] { PartySet.Of(0, 1), PartySet.Of(0, 2), PartySet.Of(1, 2), PartySet.Of(0, 1, 2) })
        {
            var stale = Extract(ciphertext, [17]);
            var noise = Noise + (5 * rerandomisation.Noise.WorstCase);
            var protocol = new PartialDecryptionProtocol(Context, active, 2, 1, noise, Math.ScaleB(1, 61));
            if (previous is { } earlier)
            {
                var party = active.Members().First(earlier.Contains);
                Assert.Throws<ShareAlreadyGivenException>(() => protocol.GenerateShare(federation.Active(active)[active.Members().ToList().IndexOf(party)], stale, federation.Binding(party), protocol.AllocateShare()));
                rerandomisation.Apply(ciphertext, Math.ScaleB(1, 80));
            }

            var samples = Extract(ciphertext, [17]);
            using var sum = LatticeFederation.Run(protocol, federation.Active(active), (secret, share) => protocol.GenerateShare(secret, samples, federation.Binding(secret.Party), share));
            var values = new double[1];
            protocol.Finish(samples, sum, values);
            Assert.InRange(values[0] * Math.ScaleB(1, 20), (double)message[17] - (2 * protocol.Precision), (double)message[17] + (2 * protocol.Precision));
            previous = active;
            Assert.Equal(0, Math.IEEERemainder(values[0] * Math.ScaleB(1, 20), protocol.Precision));
        }
    }

    [Fact]
    public void Mistakes_are_refused()
    {
        using var federation = new LatticeFederation(Context, 2);
        using var ciphertext = federation.Encrypt(federation.PublicKey(), new BigInteger[8192], 1);
        var samples = Extract(ciphertext, [3, 3]);
        var protocol = new PartialDecryptionProtocol(Context, federation.Parties, 2, 2, Noise, 1);
        Assert.Throws<ArgumentException>(() => protocol.GenerateShare(federation.Secrets[0], samples, federation.Binding(0), protocol.AllocateShare()));
        Assert.Throws<ArgumentException>(() => protocol.GenerateShare(federation.Secrets[0], samples[..1], federation.Binding(0), protocol.AllocateShare()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PartialDecryptionProtocol(Context, federation.Parties, 2, 0, Noise, 1));
        Assert.Throws<ArgumentException>(() => new PartialDecryptionProtocol(Context, federation.Parties, 0, 2, Noise, 1 << 30));
        var lower = new PartialDecryptionProtocol(Context, federation.Parties, 1, 2, Noise, 1);
        Assert.Throws<ArgumentException>(() => lower.GenerateShare(federation.Secrets[0], samples, federation.Binding(0), lower.AllocateShare()));
        Array.ForEach(samples, sample => sample.Dispose());
    }

    private static LweSample[] Extract(CkksCiphertext ciphertext, int[] positions)
    {
        var extraction = new LweExtraction(Context);
        return [.. positions.Select(position =>
        {
            var sample = new LweSample(Context);
            extraction.Extract(ciphertext, position, sample);
            return sample;
        })];
    }

    /// <summary>Σ h_i - ⟨a, s⟩ as an integer.</summary>
    private static BigInteger Flood(LatticeFederation federation, LweSample sample, CollectiveShare sum, PartialDecryptionProtocol protocol, int index)
    {
        var secret = WhiteBox.Secret(federation.Collective);
        var padded = protocol.Shape.PaddedValues;
        var modulus = Context.LevelModuli[2];
        var total = BigInteger.Zero;
        for (var i = 0; i <= 2; i++)
        {
            var prime = (long)Context.Tables[i].Prime;
            Int128 product = 0;
            for (var j = 0; j < 8192; j++)
                product += (Int128)sample.A[(i * 8192) + j] * secret[j];
            var residue = CkksOracle.Canonical((BigInteger)(long)sum.Polynomial(0)[(i * padded) + index] - (BigInteger)(product % prime), prime);
            var cofactor = modulus / prime;
            total += residue * cofactor * FedLab.Lattice.Ring.NttPrimes.Inverse((ulong)(cofactor % prime), (ulong)prime);
        }

        return CkksOracle.Centred(total, modulus);
    }
}
