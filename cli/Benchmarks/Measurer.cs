using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Parameters;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;

namespace FedLab.Cli.Benchmarks;

/// <summary>
/// Measures with BenchmarkDotNet inside this process: from a published folder too, where there is nothing to build a benchmark program from, and
/// on operations that are prepared already. Its own report and files are left out.
/// </summary>
internal sealed class Measurer : IDisposable
{
    private const double NanosecondsPerMicrosecond = 1000;

    // The runtime replaces a method's first code after 30 calls and a tenth of a second without new ones.
    private const int WarmUpCalls = 40;
    private static readonly TimeSpan WarmUpPause = TimeSpan.FromMilliseconds(200);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-bench-").FullName;
    private readonly ImmutableConfig _config;
    private readonly Job _job;

    /// <summary>Prepares measurements.</summary>
    /// <param name="quick">About a quarter of the time, and rougher.</param>
    public Measurer(bool quick)
    {
        var (iteration, warmUp, iterations) = quick ? (8, 2, 7) : (25, 4, 15);
        _job = Job.Default
            .WithToolchain(InProcessNoEmitToolchain.DontLogOutput)
            .WithStrategy(RunStrategy.Throughput)
            .WithIterationTime(TimeInterval.FromMilliseconds(iteration))
            .WithWarmupCount(warmUp)
            .WithIterationCount(iterations)
            .WithUnrollFactor(1)
            .WithEvaluateOverhead(false)
            .WithGcForce(false)
            .DontEnforcePowerPlan();
        _config = ImmutableConfigBuilder.Create(ManualConfig.CreateEmpty()
            .AddJob(_job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(_folder)
            .WithOptions(ConfigOptions.DisableLogFile | ConfigOptions.DisableOptimizationsValidator));
    }

    /// <summary>Calls operations until the runtime has compiled them for good, and measures once for nothing.</summary>
    /// <param name="actions">The operations.</param>
    /// <param name="cancellationToken">Stops between operations.</param>
    public async Task WarmUpAsync(IReadOnlyCollection<Action> actions, CancellationToken cancellationToken)
    {
        for (var round = 0; round < 2; round++)
        {
            foreach (var action in actions)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var call = 0; call < WarmUpCalls; call++)
                    action();
            }
            await Task.Delay(WarmUpPause, cancellationToken);
        }

        // The framework's own first run allocates beside what it measures.
        Measure(() => { });
    }

    /// <summary>Measures one operation.</summary>
    /// <param name="action">Does it once.</param>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public Measurement Measure(Action action)
    {
        var type = typeof(MeasuredAction);
        var parameter = new ParameterDefinition(nameof(MeasuredAction.Action), isStatic: false, [], isArgument: false, typeof(Action), priorityInCategory: 0);
        using var parameters = new ParameterInstances([new ParameterInstance(parameter, action, SummaryStyle.Default)]);
        var measured = BenchmarkCase.Create(new Descriptor(type, type.GetMethod(nameof(MeasuredAction.Run))!), _job, parameters, _config);
        var summaries = BenchmarkRunner.Run([new BenchmarkRunInfo([measured], type, _config)]);
        var report = summaries.SelectMany(summary => summary.Reports).SingleOrDefault();
        if (report?.ResultStatistics is not { } statistics)
            throw new InvalidOperationException(string.Join(' ', summaries.SelectMany(summary => summary.ValidationErrors).Select(error => error.Message).DefaultIfEmpty("The measured operation failed.")));
        return new Measurement(
            statistics.Min / NanosecondsPerMicrosecond,
            statistics.Median / NanosecondsPerMicrosecond,
            report.GcStats.GetBytesAllocatedPerOperation(measured) ?? 0);
    }

    /// <summary>Deletes what BenchmarkDotNet wrote.</summary>
    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
