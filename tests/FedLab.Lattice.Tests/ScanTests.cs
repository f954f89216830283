namespace FedLab.Lattice.Tests;

public class ScanTests
{
    [Theory]
    [InlineData(4096, 2, 50, 8, 2, 30)]
    public void Packed_inner_products_are_exact(int degree, int primeCount, int primeBits, int candidates, int blocks, int messageBits)
    {
        var context = new LatticeContext(LatticeParameters.Create(degree, primeCount, primeBits));
        using var key = SecretKey.Generate(context);
        var publicKey = PublicKey.Generate(key);
        var encryptor = new SymmetricEncryptor(key);
        var vectors = new TestVectors(7);
        var rowsPerBlock = degree / candidates;
        var expected = new long[candidates];
        using var accumulator = new ProductAccumulator(context);
        long ones = 0;
        const int scaleBits = 58;
        for (var block = 0; block < blocks; block++)
        {
            var values = new long[rowsPerBlock];
            for (var i = 0; i < rowsPerBlock; i++)
                values[i] = vectors.Within((1L << messageBits) / rowsPerBlock / blocks);
            using var ciphertext = encryptor.Encrypt(values, scaleBits).Expand();
            var plaintext = new double[degree];
            for (var j = 0; j < candidates; j++)
            {
                for (var i = 0; i < rowsPerBlock; i++)
                {
                    if ((vectors.Next() & 1) == 0)
                        continue;
                    plaintext[j * rowsPerBlock + rowsPerBlock - 1 - i] = 1;
                    expected[j] += values[i];
                    ones++;
                }
            }

            var evaluation = context.AllocatePolynomial();
            context.TransformSmall(plaintext, evaluation.Span);
            ProductAccumulator.MultiplyAccumulate(evaluation.Span, [ciphertext], [accumulator]);
        }

        var positions = Enumerable.Range(0, candidates).Select(j => j * rowsPerBlock + rowsPerBlock - 1).ToArray();
        var answer = new FunctionPrivateResponder(publicKey).Respond(accumulator, NoiseBound.SubsetSum(ones), positions, 52);
        var actual = new long[candidates];
        new AnswerDecryptor(key).Decrypt(answer, positions, scaleBits, actual);
        Assert.Equal(expected, actual);
    }
}
