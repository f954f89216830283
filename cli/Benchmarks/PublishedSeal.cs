using FedLab.Lattice;

namespace FedLab.Cli.Benchmarks;

/// <summary>Microseconds of Microsoft SEAL on another machine.</summary>
/// <param name="Scalar">As it is built without options.</param>
/// <param name="Hexl">With Intel HEXL.</param>
internal sealed record PublishedTime(double Scalar, double Hexl);

/// <summary>
/// Least times of Microsoft SEAL 4.4.3, one thread, on a Xeon with AVX-512: the better of g++ 12 and clang 16, Release, and with Intel HEXL 1.2.5.
/// CKKS, primes of 50 bits, all slots, scale 2^40 (2^20 at 4096). They are a mark to measure up to; a ratio in one run on one machine is what
/// <see cref="SealProcess"/> gives.
/// </summary>
internal static class PublishedSeal
{
    private static readonly LatticeOperation[] Operations =
    [
        LatticeOperation.ForwardTransform,
        LatticeOperation.InverseTransform,
        LatticeOperation.Encode,
        LatticeOperation.EncryptPublicKey,
        LatticeOperation.EncryptSecretKey,
        LatticeOperation.Decrypt,
        LatticeOperation.Decode,
        LatticeOperation.Add,
        LatticeOperation.MultiplyPlaintext,
        LatticeOperation.Multiply,
        LatticeOperation.MultiplyRelinearise,
        LatticeOperation.Rescale,
        LatticeOperation.Rotate,
    ];

    // In the order of the operations; 0 where there is none.
    private static readonly Dictionary<(int Degree, int Primes), (double[] Scalar, double[] Hexl)> Times = new()
    {
        [(4096, 2)] = (
            [66.0, 39.5, 148, 1090, 413, 17.7, 103, 8.7, 24.6, 51.9, 397, 0, 355],
            [8.8, 8.9, 105, 549, 319, 6.2, 67.6, 3.9, 6.3, 11.5, 164, 0, 160]),
        [(8192, 4)] = (
            [129, 82.5, 630, 3743, 1648, 104, 1019, 51.2, 141, 300, 2704, 602, 2360],
            [16.5, 16.4, 320, 1652, 1208, 37.2, 794, 22.8, 37.0, 73.6, 1116, 181, 1068]),
        [(16384, 8)] = (
            [270, 173, 2550, 13818, 6792, 475, 5592, 338, 741, 1481, 19342, 3240, 20652],
            [37.2, 36.2, 998, 5620, 5277, 232, 4717, 320, 312, 472, 9930, 1352, 9765]),
    };

    /// <summary>The times of an operation, where they were published.</summary>
    /// <param name="degree">N.</param>
    /// <param name="primes">Primes of 50 bits.</param>
    /// <param name="operation">The operation.</param>
    public static PublishedTime? Find(int degree, int primes, LatticeOperation operation)
    {
        var index = Array.IndexOf(Operations, operation);
        if (index < 0 || !Times.TryGetValue((degree, primes), out var times) || times.Scalar[index] == 0)
            return null;
        return new PublishedTime(times.Scalar[index], times.Hexl[index]);
    }
}
