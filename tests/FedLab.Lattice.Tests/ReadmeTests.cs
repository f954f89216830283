using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Tests;

public class ReadmeTests
{
    [Fact]
    public void The_example_of_the_readme_gives_fourteen()
    {
        var context = new LatticeContext(LatticeParameters.Create(degree: 4096, primeCount: 2, primeBits: 50));
        using var key = SecretKey.Generate(context);
        var sent = new SymmetricEncryptor(key).Encrypt([5, 7, 9], scaleBits: 58);
        using var received = sent.Expand();
        var candidate = new double[4096];
        (candidate[2], candidate[0]) = (1, 1);
        var plaintext = context.AllocatePolynomial();
        context.TransformSmall(candidate, plaintext.Span);
        using var sum = new ProductAccumulator(context);
        ProductAccumulator.MultiplyAccumulate(plaintext.Span, [received], [sum]);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key));
        var answer = responder.Respond(sum, NoiseBound.SubsetSum(ones: 2), [2], answerModulusBits: 52);
        var values = new long[1];
        new AnswerDecryptor(key).Decrypt(answer, [2], scaleBits: 58, values);
        Assert.Equal(14, values[0]);
    }

    [Fact]
    public void The_example_of_CKKS_in_the_readme_gives_squares()
    {
        var ckks = new CkksContext(LatticeParameters.Create(degree: 8192, primeCount: 5, primeBits: 40));
        using var secret = SecretKey.Generate(ckks.Lattice);
        var relinearisationKey = RelinearisationKey.Generate(ckks, secret);
        var (encoder, evaluator) = (new CkksEncoder(ckks), new CkksEvaluator(ckks));
        using var slots = new CkksPlaintext(ckks);
        using var ciphertext = new CkksCiphertext(ckks, capacity: 3);
        encoder.Encode([1.5, -2.0, 0.25], slots, scale: Math.ScaleB(1, 40), ckks.MaximumLevel);
        new CkksEncryptor(ckks, PublicKey.Generate(secret)).Encrypt(slots, ciphertext);
        evaluator.Multiply(ciphertext, ciphertext, ciphertext);
        evaluator.Relinearise(ciphertext, relinearisationKey, ciphertext);
        evaluator.Rescale(ciphertext, ciphertext);
        Assert.Equal(2, ciphertext.Level);
        Assert.Equal(40, Math.Log2(ciphertext.Scale), 0.001);
        var squares = new double[3];
        new CkksDecryptor(ckks, secret).Decrypt(ciphertext, slots);
        encoder.Decode(slots, squares);
        Assert.Equal(2.25, squares[0], 1e-7);
        Assert.Equal(4, squares[1], 1e-7);
        Assert.Equal(0.0625, squares[2], 1e-7);
    }

    [Fact]
    public void The_plan_of_the_readme_is_accepted()
    {
        var ckks = new CkksContext(LatticeParameters.Create(degree: 8192, primeCount: 5, primeBits: 40));
        var plan = NoisePlan.For(ckks, parties: 3)
            .EncryptPublic(scale: Math.ScaleB(1, 40), ckks.MaximumLevel, messageBound: 2)
            .Square().Relinearise().Rescale()
            .Check(tolerance: 1e-3);
        Assert.Equal(4, plan.Describe().Split('\n').Length);
    }
}
