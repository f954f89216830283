using System.Numerics;
using FedLab.Lattice.Evaluation;

namespace FedLab.Lattice.Tests.Evaluation;

public class CkksCoreTests
{
    public static TheoryData<int, int, int> Rings => new() { { 4096, 2, 50 }, { 8192, 4, 50 }, { 8192, 5, 40 }, { 4096, 4, 25 } };

    [Theory]
    [MemberData(nameof(Rings))]
    public void A_product_is_relinearised_rescaled_and_decrypted(int degree, int primeCount, int primeBits)
    {
        var context = new CkksContext(LatticeParameters.Create(degree, primeCount, primeBits));
        using var key = SecretKey.Generate(context.Lattice);
        var vectors = new TestVectors(101);
        var level = context.MaximumLevel;
        var scale = Math.ScaleB(1, level == 0 ? 15 : primeBits - 10);
        var dense = CkksOracle.Small(vectors, degree, 1000);
        var left = dense.Select(value => value * new BigInteger(scale / 1024)).ToArray();
        (int Power, BigInteger Factor)[] terms = [(0, 3 * new BigInteger(scale)), (5, -(BigInteger)scale), (degree - 1, 2 * new BigInteger(scale))];
        if (level == 0)
            terms = [(0, 3), (5, -1), (degree - 1, 2)];
        var right = new BigInteger[degree];
        foreach (var (power, factor) in terms)
            right[power] = factor;

        using var plaintext = new CkksPlaintext(context);
        using var first = new CkksCiphertext(context, 3);
        using var second = new CkksCiphertext(context, 3);
        using var product = new CkksCiphertext(context, 3);
        using var decrypted = new CkksPlaintext(context);
        var evaluator = new CkksEvaluator(context);
        var decryptor = new CkksDecryptor(context, key);
        var encryptor = new CkksEncryptor(context, PublicKey.Generate(key));
        CkksOracle.Write(plaintext, left, level, scale);
        encryptor.Encrypt(plaintext, first);
        CkksOracle.Write(plaintext, right, level, level == 0 ? 1 : scale);
        new CkksEncryptor(context, key).Encrypt(plaintext, second);
        decryptor.Decrypt(second, decrypted);
        Assert.InRange(CkksOracle.Distance(right, CkksOracle.Read(context, decrypted.Polynomial)), 1, 29);
        decryptor.Decrypt(first, decrypted);
        Assert.InRange(CkksOracle.Distance(left, CkksOracle.Read(context, decrypted.Polynomial)), 1, 8.8 * Math.Sqrt(degree / 12.0));

        evaluator.Multiply(first, second, product);
        decryptor.Decrypt(product, decrypted);
        var expected = CkksOracle.MultiplySparse(left, terms);
        var noise = 8.8 * 3.2 * Math.Sqrt(degree) * (scale + 6 * Math.Sqrt(degree));
        Assert.InRange(CkksOracle.Distance(expected, CkksOracle.Read(context, decrypted.Polynomial)), 0, 1000 * noise);
        var before = CkksOracle.Read(context, decrypted.Polynomial);
        evaluator.Relinearise(product, RelinearisationKey.Generate(context, key), product);
        decryptor.Decrypt(product, decrypted);
        var after = CkksOracle.Read(context, decrypted.Polynomial);
        Assert.InRange(CkksOracle.Distance(before, after), 1, 8.8 * 3.2 * Math.Sqrt(degree * (level + 1)));
        if (level == 0)
            return;
        evaluator.Rescale(product, product);
        decryptor.Decrypt(product, decrypted);
        Assert.Equal(level - 1, decrypted.Level);
        Assert.Equal(scale * scale / context.Tables[level].Modulus, decrypted.Scale);
        var quotient = after.Select(value => BigInteger.Divide(value, context.Tables[level].Prime)).ToArray();
        Assert.InRange(CkksOracle.Distance(quotient, CkksOracle.Read(context, decrypted.Polynomial)), 0, 8.8 * Math.Sqrt(degree / 12.0));
    }
}
