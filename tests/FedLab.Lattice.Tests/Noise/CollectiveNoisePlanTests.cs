using System.Globalization;
using System.Numerics;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Multiparty;
using FedLab.Lattice.Noise;
using FedLab.Lattice.Tests.Multiparty;

namespace FedLab.Lattice.Tests.Noise;

/// <summary>Plans with collective keys, against what is measured over keys of three parties.</summary>
public class CollectiveNoisePlanTests(ITestOutputHelper output)
{
    private const int Keys = 6;
    private const double Scale = 1099511627776.0;
    private static readonly CkksContext Context = new(LatticeParameters.Create(8192, 4, 50));

    [Fact]
    public void Computations_under_collective_keys_keep_to_the_plan()
    {
        var fresh = NoisePlan.For(Context, parties: 3).EncryptPublic(Scale, 2, 0);
        var rotated = fresh.Rotate();
        var relinearised = fresh.Square().Relinearise();
        var rerandomised = fresh.Rerandomise();
        var switched = fresh.SwitchToSecretKey();
        var received = fresh.SwitchToPublicKey();
        var (freshNoise, rotatedNoise, squareNoise, zeroNoise, switchedNoise, receivedNoise) = (New(), New(), New(), New(), New(), New());
        var evaluator = new CkksEvaluator(Context);
        for (var round = 0; round < Keys; round++)
        {
            using var federation = new LatticeFederation(Context, 3);
            var publicKey = federation.PublicKey();
            using var ciphertext = federation.Encrypt(publicKey, new BigInteger[Context.Lattice.Parameters.Degree], Scale, capacity: 3);
            using var result = new CkksCiphertext(Context, 3);
            freshNoise.AddRange(federation.Phase(federation.Collective, ciphertext));
            var element = Context.RotationElement(1);
            evaluator.Rotate(ciphertext, 1, CollectiveGaloisKeyProtocol.Collect(Context, [new(element, federation.GaloisKey(element))]), result);
            rotatedNoise.AddRange(federation.Phase(federation.Collective, result));
            evaluator.Multiply(ciphertext, ciphertext, result);
            evaluator.Relinearise(result, federation.RelinearisationKey(), result);
            squareNoise.AddRange(federation.Phase(federation.Collective, result));
            var secretly = new KeySwitchToSecretKeyProtocol(Context, federation.Parties, 2, fresh.Noise.WorstCase, 0);
            using (var sum = LatticeFederation.Run(secretly, federation.Secrets, (secret, share) => secretly.GenerateShare(secret, null, ciphertext, federation.Binding(secret.Party), share)))
            {
                secretly.Finish(ciphertext, sum, result);
                using var none = SecretKey.FromCoefficients(Context.Lattice, new double[Context.Degree]);
                switchedNoise.AddRange(federation.Phase(none, result));
            }

            evaluator.Copy(ciphertext, result);
            new Rerandomisation(Context, publicKey, 3).Apply(result, fresh.Noise.WorstCase);
            zeroNoise.AddRange(federation.Phase(federation.Collective, result));
            using var receiver = SecretKey.Generate(Context.Lattice);
            using var target = new CkksCiphertext(Context);
            var publicly = new KeySwitchToPublicKeyProtocol(Context, federation.Parties, PublicKey.Generate(receiver), 2, fresh.Noise.WorstCase, 0);
            using (var sum = LatticeFederation.Run(publicly, federation.Secrets, (secret, share) => publicly.GenerateShare(secret, result, federation.Binding(secret.Party), share)))
                publicly.Finish(result, sum, target);
            receivedNoise.AddRange(federation.Phase(receiver, target));
        }

        AssertNoise("fresh", fresh, freshNoise);

        // Digits have the mean q/2, so that most of a key switch's energy is in the one pair of slots next to 1, there as the square of one Gaussian value
        // (rotation) or of the product of two (relinearisation): over a few keys the measured figure scatters.
        AssertNoise("rotated", rotated, rotatedNoise, 2);
        AssertNoise("relinearised", relinearised, squareNoise, 4);
        AssertNoise("re-randomised", rerandomised, zeroNoise);
        AssertNoise("to secret key", switched, switchedNoise);
        AssertNoise("to public key", received, receivedNoise);

        static List<BigInteger> New() => [];
    }

    [Fact]
    public void Decrypted_samples_keep_to_the_plan_in_a_run_of_two_out_of_three()
    {
        const int samples = 20;
        const double scale = 1237940039285380274899124224.0;
        var fresh = NoisePlan.For(Context, parties: 2, secrets: 3).EncryptPublic(scale, 2, 1).ExtractCoefficient();
        var plan = fresh.DecryptSamples(samples).Check(0.001);
        var errors = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            using var federation = new LatticeFederation(Context, 3);
            federation.Share(2);
            var active = PartySet.Of(0, 2);
            var secrets = federation.Active(active);
            var message = new BigInteger[Context.Degree];
            Array.Fill(message, new BigInteger(scale) / 2);
            using var ciphertext = federation.Encrypt(federation.PublicKey(secrets), message, scale);
            var extracted = Enumerable.Range(0, samples).Select(_ => new LweSample(Context)).ToArray();
            for (var i = 0; i < samples; i++)
                new LweExtraction(Context).Extract(ciphertext, 101 * i, extracted[i]);
            var protocol = new PartialDecryptionProtocol(Context, active, 2, samples, fresh.Noise.WorstCase, scale);
            using var sum = LatticeFederation.Run(protocol, secrets, (secret, share) => protocol.GenerateShare(secret, extracted, federation.Binding(secret.Party), share));
            var values = new double[samples];
            protocol.Finish(extracted, sum, values);
            errors.AddRange(values.Select(value => value - 0.5));
            foreach (var sample in extracted)
                sample.Dispose();
        }

        var deviation = Math.Sqrt(errors.Sum(error => error * error) / errors.Count);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"decrypted: deviation {deviation:G4}, largest {errors.Max(Math.Abs):G3}, {plan.Error}"));
        Assert.True(errors.Max(Math.Abs) <= plan.Error.WorstCase);
        Assert.InRange(deviation, 0.5 * plan.Error.StandardDeviation, 1.5 * plan.Error.StandardDeviation);
    }

    [Fact]
    public void A_flood_that_drowns_the_message_is_refused_and_one_that_does_not_fit_too()
    {
        // 40 bits of flooding over noise of 2^10 in 2^13 coefficients leave nothing of a message at scale 2^40.
        var fresh = NoisePlan.For(Context, parties: 3).EncryptPublic(Scale, 2, 1);
        var drowned = Assert.Throws<NoiseBudgetException>(() => fresh.SwitchToPublicKey().Check());
        Assert.Equal(2, drowned.Step);
        Assert.Contains("carry a larger scale", drowned.Message, StringComparison.Ordinal);
        var narrow = Assert.Throws<NoiseBudgetException>(() => fresh.ModulusSwitchTo(0).SwitchToPublicKey().Check());
        Assert.Equal(3, narrow.Step);
        Assert.Contains("at a higher level", narrow.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new KeySwitchToSecretKeyProtocol(Context, PartySet.All(3), 0, fresh.Noise.WorstCase, Scale));
        var wide = Assert.Throws<NoiseBudgetException>(() => fresh.Square().Relinearise().SwitchToSecretKey());
        Assert.Contains("Rescale before it", wide.Message, StringComparison.Ordinal);
        NoisePlan.For(Context, parties: 3).EncryptPublic(Math.ScaleB(1, 90), 2, 1).SwitchToPublicKey().Check(0.001);
    }

    private void AssertNoise(string name, NoisePlan plan, List<BigInteger> noise, double factor = 1.1)
    {
        var (deviation, largest) = (Measured.Deviation(noise), Measured.Largest(noise));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: deviation {deviation:G4} of {plan.Noise.StandardDeviation:G4}, largest {largest:G4} of {plan.Noise.WorstCase:G4}"));
        Assert.True(largest <= plan.Noise.WorstCase);
        Assert.InRange(deviation, plan.Noise.StandardDeviation / factor, factor * plan.Noise.StandardDeviation);
    }
}
