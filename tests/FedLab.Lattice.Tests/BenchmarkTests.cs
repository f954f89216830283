using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

public class BenchmarkTests
{
    [Fact]
    public void Every_vector_path_is_measured_and_medians_are_not_below_minima()
    {
        var timings = LatticeBenchmarks.MeasureTransforms([2048], TestContext.Current.CancellationToken);
        Assert.Equal(VectorPaths.Supported.Select(path => path.ToString()), timings.Select(timing => timing.Path));
        Assert.All(timings, timing => Assert.True(
            timing.Degree == 2048 && timing.ForwardMinimum > 0 && timing.InverseMinimum > 0
            && timing.ForwardMedian >= timing.ForwardMinimum && timing.InverseMedian >= timing.InverseMinimum));
    }

    [Fact]
    public void Every_operation_of_a_scan_is_measured()
    {
        var timings = LatticeBenchmarks.MeasureScan(4096, 2, 8, TestContext.Current.CancellationToken);
        Assert.Equal(9, timings.Select(timing => timing.Operation).Distinct(StringComparer.Ordinal).Count());
        Assert.All(timings, timing => Assert.True(timing.Minimum > 0 && timing.Median >= timing.Minimum));
    }
}
