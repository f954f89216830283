using System.Text.Json;

namespace FedLab.Client.Tests.Commands;

public sealed class BenchTests
{
    [Fact]
    public async Task Bench_lattice_measures_every_operation_and_prints_one_object()
    {
        var run = await CommandLineRun.RunAsync("bench", "lattice", "--quick", "--degree", "4096", "--json");
        Assert.Equal(0, run.ExitCode);
        var report = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("microseconds", report.GetProperty("unit").GetString());
        var ring = Assert.Single(report.GetProperty("rings").EnumerateArray().ToArray());
        Assert.Equal((4096, 2), (ring.GetProperty("degree").GetInt32(), ring.GetProperty("primes").GetInt32()));
        var operations = ring.GetProperty("operations").EnumerateArray().ToDictionary(operation => operation.GetProperty("operation").GetString()!, StringComparer.Ordinal);

        // One data prime: nothing to rescale by, no room for the floods of a whole ciphertext.
        Assert.Equal(19, operations.Count);
        Assert.DoesNotContain("rescale", operations.Keys);
        foreach (var operation in operations.Values)
        {
            var least = operation.GetProperty("minimum").GetDouble();
            Assert.InRange(least, 0.01, operation.GetProperty("median").GetDouble());
            if (operation.GetProperty("sealScalar").ValueKind != JsonValueKind.Null)
                Assert.Equal(operation.GetProperty("sealScalar").GetProperty("minimum").GetDouble() / least, operation.GetProperty("sealScalar").GetProperty("ratio").GetDouble(), 9);
        }
        Assert.Equal(1090, operations["encryptPublicKey"].GetProperty("sealScalar").GetProperty("minimum").GetDouble());
        if (Environment.ProcessorCount > 1)
            Assert.Equal(["encryptPublicKey", "multiplyRelinearise", "rotate"], report.GetProperty("throughput").EnumerateArray().Select(row => row.GetProperty("operation").GetString()));
    }
}
