namespace FedLab.Cli.Benchmarks;

/// <summary>Time and memory of one operation.</summary>
/// <param name="Minimum">Microseconds, the least iteration.</param>
/// <param name="Median">Microseconds, median of the iterations.</param>
/// <param name="AllocatedBytes">Managed bytes that one operation allocates.</param>
internal sealed record Measurement(double Minimum, double Median, long AllocatedBytes);
