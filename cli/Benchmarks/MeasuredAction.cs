using BenchmarkDotNet.Attributes;

namespace FedLab.Cli.Benchmarks;

/// <summary>The one method that BenchmarkDotNet calls; <see cref="Measurer"/> says what it does. Public because the framework makes it.</summary>
public class MeasuredAction
{
    /// <summary>What is measured.</summary>
    public Action Action { get; set; } = () => { };

    /// <summary>Does it once.</summary>
    [Benchmark]
    public void Run() => Action();
}
