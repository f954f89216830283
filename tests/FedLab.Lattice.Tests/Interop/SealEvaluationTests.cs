using System.Numerics;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Interop;

namespace FedLab.Lattice.Tests.Interop;

/// <summary>Microsoft SEAL and FedLab compute on the same ciphertexts with the same keys: every result is the same, bit for bit.</summary>
[Collection(SealOracle.Collection)]
public class SealEvaluationTests(SealOracle oracle)
{
    public static TheoryData<int> Degrees => SealRings.Degrees;

    [Theory]
    [MemberData(nameof(Degrees))]
    public void Both_encode_to_the_same_coefficients_but_for_the_last_bit_of_a_few(int degree)
    {
        using var samples = SealRings.Samples(degree);
        var context = samples.Context;
        using var session = SealRings.Open(oracle, samples);
        var values = SealRings.Values(context, 70);
        using var ours = new CkksPlaintext(context);
        new CkksEncoder(context).Encode(values, ours, SealRings.Scale(degree), context.MaximumLevel);
        session.Encode("message", values, SealRings.Scale(degree));
        using var theirs = SealFormat.ReadPlaintext(SealSamples.Sequence(session.Get("message")), context);
        Assert.Equal((theirs.Level, theirs.Scale), (ours.Level, ours.Scale));
        var difference = new double[samples.Lattice.PolynomialLength];
        for (var i = 0; i < ours.Polynomial.Length; i++)
            difference[i] = ours.Polynomial[i] - theirs.Polynomial[i];
        samples.Lattice.Inverse(difference);
        Assert.All(difference, coefficient => Assert.InRange(coefficient, -1, 1));
        Assert.InRange(difference.Take(degree).Count(coefficient => coefficient != 0), 0, degree / 100);

        session.Put("plaintext", "ours", SealSamples.Bytes(writer => SealFormat.Write(ours, writer)));
        SealRings.AssertClose(values, session.Decode("ours"), SealRings.Tolerance(degree));
        var decoded = new double[context.SlotCount];
        new CkksEncoder(context).Decode(theirs, decoded);
        SealRings.AssertClose(values, decoded, SealRings.Tolerance(degree));
    }

    [Theory]
    [MemberData(nameof(Degrees))]
    public void SEAL_computes_what_FedLab_computes_with_FedLabs_keys_and_ciphertexts(int degree)
    {
        using var samples = SealRings.Samples(degree);
        var context = samples.Context;
        using var session = SealRings.OpenWithKeys(oracle, samples);
        var (left, right) = (SealRings.Values(context, 71), SealRings.Values(context, 72));
        var encoder = new CkksEncoder(context);
        using var message = new CkksPlaintext(context);
        foreach (var (name, values) in new[] { ("left", left), ("right", right) })
        {
            encoder.Encode(values, message, SealRings.Scale(degree), context.MaximumLevel);
            using var ciphertext = samples.Encrypt(message);
            session.Put("ciphertext", name, SealSamples.Bytes(writer => SealFormat.Write(ciphertext, writer)));
            session.Put("plaintext", $"{name} plain", SealSamples.Bytes(writer => SealFormat.Write(message, writer)));
        }

        AssertSameResults(session, context, samples.Secret, samples.Relinearisation, samples.Galois, left, right);
    }

    [Theory]
    [MemberData(nameof(Degrees))]
    public void FedLab_computes_what_SEAL_computes_with_SEALs_keys_and_ciphertexts(int degree)
    {
        using var samples = SealRings.Samples(degree);
        var context = samples.Context;
        using var session = SealRings.Open(oracle, samples);
        session.Generate([1, -3, 0]);
        var (left, right) = (SealRings.Values(context, 73), SealRings.Values(context, 74));
        foreach (var (name, values) in new[] { ("left", left), ("right", right) })
        {
            session.Encode($"{name} plain", values, SealRings.Scale(degree));
            session.Encrypt($"{name} plain", name);
        }

        using var secret = SealFormat.ReadSecretKey(SealSamples.Sequence(session.Get("secret")), samples.Lattice);
        var relinearisation = SealFormat.ReadRelinearisationKey(SealSamples.Sequence(session.Get("relinearisation")), context);
        var galois = SealFormat.ReadGaloisKeys(SealSamples.Sequence(session.Get("galois")), context);
        AssertSameResults(session, context, secret, relinearisation, galois, left, right);
    }

    [Fact]
    public void Complex_slots_are_SEALs()
    {
        using var samples = SealRings.Samples(4096);
        var context = samples.Context;
        using var session = SealRings.OpenWithKeys(oracle, samples);
        var (real, imaginary) = (SealRings.Values(context, 75), SealRings.Values(context, 76));
        var slots = real.Zip(imaginary, (x, y) => new Complex(x, y)).ToArray();
        using var message = new CkksPlaintext(context);
        new CkksEncoder(context).Encode(slots, message, SealRings.Scale(4096), context.MaximumLevel);
        using var ciphertext = samples.Encrypt(message);
        session.Put("ciphertext", "encrypted", SealSamples.Bytes(writer => SealFormat.Write(ciphertext, writer)));
        session.Evaluate("conjugate", "conjugate", "encrypted", "galois");
        session.Evaluate("norm", "multiply", "encrypted", "conjugate");
        session.Decrypt("norm", "decrypted");
        SealRings.AssertClose([.. slots.Select(slot => slot.Real * slot.Real + slot.Imaginary * slot.Imaginary)], session.Decode("decrypted"), SealRings.Tolerance(4096));

        session.Rotate("rotated", "encrypted", 1);
        using var rotated = SealFormat.ReadCiphertext(SealSamples.Sequence(session.Get("rotated")), context);
        new CkksDecryptor(context, samples.Secret).Decrypt(rotated, message);
        var decoded = new Complex[context.SlotCount];
        new CkksEncoder(context).Decode(message, decoded);
        for (var k = 0; k < decoded.Length; k++)
            Assert.InRange(Complex.Abs(decoded[k] - slots[(k + 1) % slots.Length]), 0, SealRings.Tolerance(4096));
    }

    /// <summary>Runs every operation at every level on both sides and compares the ciphertexts' bytes; decodes the last of them.</summary>
    private static void AssertSameResults(
        SealSession session,
        CkksContext context,
        SecretKey secret,
        RelinearisationKey relinearisation,
        GaloisKeys galois,
        double[] left,
        double[] right)
    {
        var evaluator = new CkksEvaluator(context);
        var a = Read("left");
        using var b = Read("right");
        using var plain = SealFormat.ReadPlaintext(SealSamples.Sequence(session.Get("right plain")), context);
        session.Evaluate("a", "add", "left", "right");
        session.Evaluate("a", "subtract", "a", "right");
        using (var sum = Two())
        {
            evaluator.Add(a, b, sum);
            evaluator.Subtract(sum, b, sum);
            Same("a", sum);
        }

        Check("negative", "negate", target => evaluator.Negate(a, target), "a");
        Check("plain sum", "addPlain", target => evaluator.AddPlain(a, plain, target), "a", "right plain");
        Check("plain product", "multiplyPlain", target => evaluator.MultiplyPlain(a, plain, target), "a", "right plain");
        using (var low = Two())
        {
            evaluator.ModulusSwitchTo(a, a.Level - 1, low);
            session.Evaluate("low", "modulusSwitch", "a");
            Same("low", low);
        }

        using (var message = SealFormat.ReadPlaintext(SealSamples.Sequence(session.Get("right plain")), context))
        {
            evaluator.ModulusSwitchTo(message, message.Level - 1);
            session.Evaluate("low plain", "modulusSwitchPlain", "right plain");
            SealSamples.AssertSame(session.Get("low plain"), SealSamples.Bytes(writer => SealFormat.Write(message, writer)));
        }

        // left·right, then squared as often as there are levels, every intermediate result compared.
        var expected = left.Zip(right, (x, y) => x * y).ToArray();
        using var product = new CkksCiphertext(context, capacity: 3);
        evaluator.Multiply(a, b, product);
        session.Evaluate("product", "multiply", "a", "right");
        for (var rounds = 0; ; rounds++)
        {
            Same("product", product);
            var reduced = Two();
            evaluator.Relinearise(product, relinearisation, reduced);
            session.Evaluate("reduced", "relinearise", "product", "relinearisation");
            Same("reduced", reduced);
            a.Dispose();
            a = Two();
            evaluator.Rescale(reduced, a);
            reduced.Dispose();
            session.Evaluate("a", "rescale", "reduced");
            Same("a", a);
            foreach (var steps in new[] { 1, -3 })
            {
                using var rotated = Two();
                evaluator.Rotate(a, steps, galois, rotated);
                session.Rotate("rotated", "a", steps);
                Same("rotated", rotated);
                AssertDecodes(rotated, [.. Enumerable.Range(0, expected.Length).Select(k => expected[(k + steps + expected.Length) % expected.Length])]);
            }

            Check("conjugate", "conjugate", target => evaluator.Conjugate(a, galois, target), "a", "galois");
            AssertDecodes(a, expected);
            if (a.Level == 0)
                break;
            evaluator.Multiply(a, a, product);
            session.Evaluate("product", "multiply", "a", "a");
            expected = [.. expected.Select(value => value * value)];
        }

        a.Dispose();

        CkksCiphertext Two() => new(context);

        CkksCiphertext Read(string name) => SealFormat.ReadCiphertext(SealSamples.Sequence(session.Get(name)), context);

        void Same(string name, CkksCiphertext ciphertext) =>
            SealSamples.AssertSame(session.Get(name), SealSamples.Bytes(writer => SealFormat.Write(ciphertext, writer)));

        void Check(string name, string operation, Action<CkksCiphertext> compute, params string[] operands)
        {
            using var target = Two();
            compute(target);
            session.Evaluate(name, operation, operands);
            Same(name, target);
        }

        void AssertDecodes(CkksCiphertext ciphertext, double[] values)
        {
            using var message = new CkksPlaintext(context);
            new CkksDecryptor(context, secret).Decrypt(ciphertext, message);
            var decoded = new double[context.SlotCount];
            new CkksEncoder(context).Decode(message, decoded);
            SealRings.AssertClose(values, decoded, SealRings.Tolerance(2 * context.SlotCount));
        }
    }
}
