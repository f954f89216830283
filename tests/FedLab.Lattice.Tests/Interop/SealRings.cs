using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Interop;

namespace FedLab.Lattice.Tests.Interop;

/// <summary>The rings on which FedLab and SEAL are compared, primes of unequal sizes among them.</summary>
internal static class SealRings
{
    public static TheoryData<int> Degrees => [4096, 8192, 16384];

    public static int[] PrimeBits(int degree) => degree switch
    {
        4096 => [36, 35, 35],
        8192 => [50, 40, 40, 50],
        _ => [50, 40, 40, 40, 40, 50],
    };

    public static double Scale(int degree) => degree == 4096 ? 1L << 33 : 1L << 40;

    /// <summary>
    /// Precision that is left in a slot after an encryption, a multiplication and a rotation. At 4096 the slot next to 1 takes most of a rotation: its digit has
    /// 36 bits where the special prime has 35, so that the real part has the deviation 2·(N/π)·3.2·√(N/2) at a scale of 2^31, 1.8·10^-4.
    /// </summary>
    public static double Tolerance(int degree) => degree == 4096 ? 2e-3 : 1e-5;

    public static SealSamples Samples(int degree) => new(degree, PrimeBits(degree));

    /// <summary>Numbers of [-1, 1] for every slot.</summary>
    public static double[] Values(CkksContext context, ulong seed)
    {
        var vectors = new TestVectors(seed);
        var values = new double[context.SlotCount];
        foreach (ref var value in values.AsSpan())
            value = vectors.Within(1 << 20) * Math.ScaleB(1, -20);
        return values;
    }

    /// <summary>A session of the same parameters that has the samples' keys.</summary>
    public static SealSession OpenWithKeys(SealOracle oracle, SealSamples samples)
    {
        var session = Open(oracle, samples);
        session.Put("secret", "secret", SealSamples.Bytes(writer => SealFormat.Write(samples.Secret, writer)));
        session.Put("public", "public", SealSamples.Bytes(writer => SealFormat.Write(samples.Public, writer)));
        session.Put("relinearisation", "relinearisation", SealSamples.Bytes(writer => SealFormat.Write(samples.Relinearisation, writer)));
        session.Put("galois", "galois", SealSamples.Bytes(writer => SealFormat.Write(samples.Galois, writer)));
        return session;
    }

    public static SealSession Open(SealOracle oracle, SealSamples samples) =>
        oracle.Open(SealSamples.Bytes(writer => SealFormat.Write(samples.Lattice.Parameters, writer)));

    public static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i], expected[i] - tolerance, expected[i] + tolerance);
    }
}
