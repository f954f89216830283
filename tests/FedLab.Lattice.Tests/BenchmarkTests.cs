using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

public class BenchmarkTests
{
    /// <summary>The one exception: a summand is an object that the caller disposes after its run, not one for each ciphertext.</summary>
    private const LatticeOperation MakesAnObject = LatticeOperation.ThresholdSummand;

    [Fact]
    public void Transforms_of_every_vector_path_are_prepared()
    {
        var transforms = TransformBenchmark.Create(2048);
        Assert.Equal(VectorPaths.Supported.Select(path => path.ToString()), transforms.Select(transform => transform.Path));
        foreach (var transform in transforms)
        {
            Assert.Equal(2048, transform.Degree);
            transform.Forward();
            transform.Inverse();
        }
    }

    [Theory]
    [InlineData(4096, 2)]
    [InlineData(8192, 4)]
    public void No_operation_allocates_once_its_buffers_are_pooled(int degree, int primes)
    {
        using var benchmark = new LatticeBenchmark(degree, primes);
        var missing = primes == 2 ? [LatticeOperation.Rescale, LatticeOperation.SwitchToPublicKeyShare, LatticeOperation.DecryptionShare] : Array.Empty<LatticeOperation>();
        Assert.Equal(Enum.GetValues<LatticeOperation>().Except(missing).Order(), benchmark.Operations.Keys.Order());
        foreach (var (operation, run) in benchmark.Operations)
        {
            for (var i = 0; i < 40; i++)
                run();

            // A collection empties the shared array pool, so that a batch may fill it again: what every batch allocates is the operation's.
            var allocated = Enumerable.Range(0, 5).Min(_ => Allocated(run));
            Assert.True(operation == MakesAnObject ? allocated <= 100 : allocated == 0, $"{operation}: {allocated} B");
        }
    }

    private static long Allocated(Action run)
    {
        const int runs = 10;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < runs; i++)
            run();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / runs;
    }

    [Fact]
    public void Independent_operations_do_not_share_buffers()
    {
        using var first = new LatticeBenchmark(4096, 2);
        using var second = first.Independent();
        Assert.Same(first.Parameters, second.Parameters);
        Parallel.ForEach(new[] { first, second }, benchmark =>
        {
            for (var i = 0; i < 20; i++)
                benchmark.Operations[LatticeOperation.MultiplyRelinearise]();
        });
    }
}
