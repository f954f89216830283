using System.Diagnostics;
using System.Security.Cryptography;

namespace FedLab.Curve25519;

/// <summary>The speed of one way to compute on batches.</summary>
/// <param name="Path">"Vector512" (eight lanes), "Vector256" (four) or "Scalar".</param>
/// <param name="MicrosecondsPerMultiplication">Time of one scalar multiplication on one thread.</param>
/// <param name="MicrosecondsPerHash">Time of one map of a digest to the curve on one thread.</param>
public sealed record CurveRate(string Path, double MicrosecondsPerMultiplication, double MicrosecondsPerHash);

/// <summary>Measures the batch operations on the machine at hand.</summary>
public static class CurveBenchmarks
{
    private const int WarmUpPoints = 64;

    /// <summary>Measures every way that this processor offers, the widest first; the first is the one that <see cref="PointBatch"/> takes.</summary>
    /// <param name="points">How many points to multiply and to map, at least 1; 20,000 take about two seconds.</param>
    /// <param name="ct">Ends the measurement.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one point.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<CurveRate> Measure(int points, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 1);
        var digests = RandomNumberGenerator.GetBytes(checked(points * PointBatch.PointSize));
        var result = new byte[digests.Length];
        using var scalar = BlindingScalar.Generate();
        var rates = new List<CurveRate>();
        foreach (var path in LanePaths.Supported)
        {
            var warmUp = RandomNumberGenerator.GetBytes(WarmUpPoints * PointBatch.PointSize);
            PointBatch.HashToCurve(path, warmUp, warmUp);
            PointBatch.Multiply(path, scalar, warmUp, warmUp, ct);

            var start = Stopwatch.GetTimestamp();
            PointBatch.HashToCurve(path, digests, result);
            var hashing = Stopwatch.GetElapsedTime(start);
            start = Stopwatch.GetTimestamp();
            PointBatch.Multiply(path, scalar, result, result, ct);
            var multiplying = Stopwatch.GetElapsedTime(start);
            rates.Add(new CurveRate(path.ToString(), multiplying.TotalMicroseconds / points, hashing.TotalMicroseconds / points));
        }

        return rates;
    }
}
