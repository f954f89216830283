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
}
