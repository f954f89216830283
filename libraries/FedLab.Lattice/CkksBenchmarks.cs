using FedLab.Lattice.Evaluation;

namespace FedLab.Lattice;

/// <summary>Measures the operations of CKKS on this machine, one thread: the rows of the tables that Microsoft SEAL is compared by.</summary>
internal static class CkksBenchmarks
{
    private const int PrimeBits = 50;

    /// <summary>Measures every operation.</summary>
    /// <param name="degree">N.</param>
    /// <param name="primeCount">Primes of 50 bits, the special one included; at least two.</param>
    /// <param name="cancellationToken">Stops between measurements.</param>
    /// <returns>One timing for each operation, all slots used, ciphertexts at the highest level.</returns>
    public static IReadOnlyList<OperationTiming> Measure(int degree, int primeCount, CancellationToken cancellationToken = default)
    {
        var context = new CkksContext(LatticeParameters.Create(degree, primeCount, PrimeBits));
        using var key = SecretKey.Generate(context.Lattice);
        var encoder = new CkksEncoder(context);
        var evaluator = new CkksEvaluator(context);
        var encryptor = new CkksEncryptor(context, PublicKey.Generate(key));
        var symmetric = new CkksEncryptor(context, key);
        var decryptor = new CkksDecryptor(context, key);
        var relinearisationKey = RelinearisationKey.Generate(context, key);
        var galoisKeys = GaloisKeys.Generate(context, key, [context.RotationElement(1)]);
        var level = context.MaximumLevel;

        // As in the tables: 2^40, and at one data prime 2^20, so that a product fits.
        var scale = Math.ScaleB(1, level == 0 ? 20 : 40);
        var slots = new System.Numerics.Complex[context.SlotCount];
        for (var k = 0; k < slots.Length; k++)
            slots[k] = new System.Numerics.Complex(k % 17 / 17.0, k % 13 / 13.0);
        using var plaintext = new CkksPlaintext(context);
        using var decrypted = new CkksPlaintext(context);
        using var first = new CkksCiphertext(context);
        using var second = new CkksCiphertext(context);
        using var result = new CkksCiphertext(context, CkksCiphertext.MaximumSize);
        using var relinearised = new CkksCiphertext(context);
        using var sample = new LweSample(context);
        var extraction = new LweExtraction(context);
        encoder.Encode(slots, plaintext, scale, level);
        encryptor.Encrypt(plaintext, first);
        symmetric.Encrypt(plaintext, second);

        var timings = new List<OperationTiming>();
        Add("encode", () => encoder.Encode(slots, plaintext, scale, level));
        Add("encrypt, public key", () => encryptor.Encrypt(plaintext, first));
        Add("encrypt, secret key", () => symmetric.Encrypt(plaintext, second));
        Add("decrypt", () => decryptor.Decrypt(first, decrypted));
        Add("decode", () => encoder.Decode(decrypted, slots));
        Add("add", () => evaluator.Add(first, second, relinearised));
        Add("multiply by a plaintext", () => evaluator.MultiplyPlain(first, plaintext, relinearised));
        Add("multiply", () => evaluator.Multiply(first, second, result));
        Add("multiply and relinearise", () =>
        {
            evaluator.Multiply(first, second, result);
            evaluator.Relinearise(result, relinearisationKey, relinearised);
        });
        if (level > 0)
            Add("rescale", () => evaluator.Rescale(first, relinearised));
        Add("rotate by 1", () => evaluator.Rotate(first, 1, galoisKeys, relinearised));
        Add("extract the sum of the slots", () => extraction.ExtractSum(first, sample));
        Add("public key", () => PublicKey.Generate(key));
        Add("relinearisation key", () => RelinearisationKey.Generate(context, key));
        Add("one Galois key", () => GaloisKeys.Generate(context, key, [context.RotationElement(1)]));
        return timings;

        void Add(string operation, Action body)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (median, minimum, allocated) = LatticeBenchmarks.Measure(body);
            timings.Add(new OperationTiming(degree, primeCount, operation, median, minimum, allocated));
        }
    }
}
