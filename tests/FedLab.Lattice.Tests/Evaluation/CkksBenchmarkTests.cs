namespace FedLab.Lattice.Tests.Evaluation;

public class CkksBenchmarkTests
{
    [Fact]
    public void Every_operation_is_measured_and_none_but_key_generation_allocates()
    {
        var timings = CkksBenchmarks.Measure(8192, 3, TestContext.Current.CancellationToken);
        Assert.Equal(15, timings.Select(timing => timing.Operation).Distinct(StringComparer.Ordinal).Count());
        foreach (var timing in timings)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{timing.Operation}: {timing.Minimum:F1} / {timing.Median:F1} us, {timing.AllocatedBytes} B");
            Assert.True(timing.Minimum > 0 && timing.Median >= timing.Minimum);
            Assert.True(timing.AllocatedBytes == 0 || timing.Operation.Contains("key", StringComparison.Ordinal) && !timing.Operation.Contains("encrypt", StringComparison.Ordinal));
        }
    }
}
