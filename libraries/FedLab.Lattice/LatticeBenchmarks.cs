using System.Buffers;
using System.Diagnostics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>Time of one transform modulo one 50-bit prime, one thread.</summary>
/// <param name="Degree">N.</param>
/// <param name="Path">Vector512, Vector256 or Scalar.</param>
/// <param name="ForwardMedian">Microseconds, median of the samples.</param>
/// <param name="ForwardMinimum">Microseconds, least sample.</param>
/// <param name="InverseMedian">Microseconds, median of the samples.</param>
/// <param name="InverseMinimum">Microseconds, least sample.</param>
public sealed record TransformTiming(
    int Degree,
    string Path,
    double ForwardMedian,
    double ForwardMinimum,
    double InverseMedian,
    double InverseMinimum);

/// <summary>Time of one operation of the encrypted scan, one thread, on this machine's widest path.</summary>
/// <param name="Degree">N.</param>
/// <param name="PrimeCount">Primes of 50 bits.</param>
/// <param name="Operation">What was measured.</param>
/// <param name="Median">Microseconds, median of the samples.</param>
/// <param name="Minimum">Microseconds, least sample.</param>
/// <param name="AllocatedBytes">Managed bytes that one operation allocates in the steady state.</param>
public sealed record OperationTiming(int Degree, int PrimeCount, string Operation, double Median, double Minimum, long AllocatedBytes);

/// <summary>Measures the core on this machine; the command line prints the results.</summary>
public static class LatticeBenchmarks
{
    /// <summary>Time before the first sample: the runtime replaces first code by optimised code after 100 ms and more.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);

    private const int Samples = 60;
    private const double SampleMicroseconds = 500;
    private const int PrimeBits = 50;

    /// <summary>Measures forward and inverse transforms.</summary>
    /// <param name="degrees">Ring degrees; all supported ones when empty.</param>
    /// <param name="cancellationToken">Stops between measurements.</param>
    /// <returns>One timing for each degree and vector width that this machine has, widest first.</returns>
    public static unsafe IReadOnlyList<TransformTiming> MeasureTransforms(IReadOnlyList<int> degrees, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(degrees);
        var timings = new List<TransformTiming>();
        foreach (var degree in degrees.Count > 0 ? degrees : [2048, 4096, 8192, 16384, 32768])
        {
            var table = new TransformTable(degree, NttPrimes.Largest(degree, 1, PrimeBits)[0]);
            var buffer = new AlignedBuffer(degree);
            UniformSampler.Fill(new byte[KeyedStream.KeyBytes], 0, table.Prime, buffer.Span);
            foreach (var path in VectorPaths.Supported)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var kernels = RingKernels.For(path);
                var (forward, forwardMinimum, _) = Measure(() =>
                {
                    fixed (double* values = buffer.Span)
                        kernels.Forward(table, values, values);
                });
                var (inverse, inverseMinimum, _) = Measure(() =>
                {
                    fixed (double* values = buffer.Span)
                        kernels.Inverse(table, values);
                });
                timings.Add(new TransformTiming(degree, path.ToString(), forward, forwardMinimum, inverse, inverseMinimum));
            }
        }

        return timings;
    }

    /// <summary>Measures what a scan does: encrypt, expand, transform a candidate, multiply and accumulate, respond, decrypt, read and write.</summary>
    /// <param name="degree">N.</param>
    /// <param name="primeCount">Primes of 50 bits.</param>
    /// <param name="answers">Answer coefficients a response.</param>
    /// <param name="cancellationToken">Stops between measurements.</param>
    /// <returns>One timing for each operation.</returns>
    public static IReadOnlyList<OperationTiming> MeasureScan(int degree, int primeCount, int answers, CancellationToken cancellationToken = default)
    {
        const int scaleBits = 20;
        const int answerModulusBits = 50;
        var context = new LatticeContext(LatticeParameters.Create(degree, primeCount, PrimeBits));
        using var key = SecretKey.Generate(context);
        var encryptor = new SymmetricEncryptor(key);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key));
        var decryptor = new AnswerDecryptor(key);
        var message = new long[degree];
        message.AsSpan().Fill(12345);
        var seeded = encryptor.Encrypt(message, scaleBits);
        using var first = seeded.Expand();
        using var second = encryptor.Encrypt(message, scaleBits).Expand();
        using var firstSum = new ProductAccumulator(context);
        using var secondSum = new ProductAccumulator(context);
        var bits = new double[degree];
        for (var i = 0; i < degree; i += 2)
            bits[i] = 1;
        var plaintext = context.AllocatePolynomial();
        context.TransformSmall(bits, plaintext.Span);
        var positions = Enumerable.Range(0, answers).Select(i => i * (degree / answers)).ToArray();
        var noise = NoiseBound.SubsetSum(degree);
        var answer = responder.Respond(firstSum, noise, positions, answerModulusBits);
        var values = new long[answers];
        var wire = new ArrayBufferWriter<byte>();
        seeded.Write(wire);
        var received = new ReadOnlySequence<byte>(wire.WrittenMemory);
        Ciphertext[] ciphertexts = [first, second];
        ProductAccumulator[] sums = [firstSum, secondSum];

        var timings = new List<OperationTiming>();
        Add("generate a secret key", () => SecretKey.Generate(context).Dispose());
        Add("encrypt N integers", () => encryptor.Encrypt(message, scaleBits));
        Add("read and check a ciphertext", () => SeededCiphertext.Read(received, context));
        Add("expand a ciphertext", () => seeded.Expand().Dispose());
        Add("transform a 0/1 polynomial", () => context.TransformSmall(bits, plaintext.Span));
        Add("multiply and accumulate, one ciphertext", () => ProductAccumulator.MultiplyAccumulate(plaintext.Span, ciphertexts.AsSpan(0, 1), sums.AsSpan(0, 1)));
        Add("multiply and accumulate, two ciphertexts", () => ProductAccumulator.MultiplyAccumulate(plaintext.Span, ciphertexts, sums));
        Add($"respond with {answers} answers", () => responder.Respond(firstSum, noise, positions, answerModulusBits));
        Add($"decrypt {answers} answers", () => decryptor.Decrypt(answer, positions, scaleBits, values));
        return timings;

        void Add(string operation, Action body)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (median, minimum, allocated) = Measure(body);
            timings.Add(new OperationTiming(degree, primeCount, operation, median, minimum, allocated));
        }
    }

    internal static (double Median, double Minimum, long AllocatedBytes) Measure(Action body)
    {
        for (var warmUp = Stopwatch.StartNew(); warmUp.Elapsed < WarmUp;)
            body();
        var once = Stopwatch.StartNew();
        body();
        var repetitions = (int)Math.Clamp(SampleMicroseconds / Math.Max(once.Elapsed.TotalMicroseconds, 0.1), 1, 1000);
        var samples = new double[Samples];
        var allocated = 0L;
        for (var i = 0; i < samples.Length; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            for (var j = 0; j < repetitions; j++)
                body();
            samples[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / repetitions;
            allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / repetitions;
        }

        Array.Sort(samples);
        return (samples[Samples / 2], samples[0], allocated);
    }
}
