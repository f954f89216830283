using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Remote;
using Microsoft.Extensions.Logging;

namespace FedLab.Coordinator.Tests;

/// <summary>A coordinator that cannot write ends with a sentence; it neither hangs nor goes on without its records. <c>/dev/full</c> is a disk that always is.</summary>
public sealed class FullDiskTests
{
    private const string FullDisk = "/dev/full";

    [Fact]
    public async Task A_coordinator_whose_log_cannot_be_written_ends_with_a_sentence()
    {
        if (!File.Exists(FullDisk)) Assert.Skip("there is no /dev/full here");
        using var lab = new TemporaryLab(["bank", "credit"]);
        var log = Path.Combine(lab.CoordinatorHome, "coordinator.log");
        File.CreateSymbolicLink(log, FullDisk);

        var (code, error) = await CoordinatorProcess.RunAsync("--home", lab.CoordinatorHome, "--port", "0");

        Assert.Equal(1, code);
        Assert.StartsWith($"The log '{log}' cannot be written", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void A_line_that_cannot_be_written_does_not_break_what_it_tells_of_and_is_told_once()
    {
        if (!File.Exists(FullDisk)) Assert.Skip("there is no /dev/full here");
        var failures = new List<IOException>();
        using var provider = new JsonLinesLoggerProvider(FullDisk, failed: failures.Add);
        var logger = provider.CreateLogger("test");
        for (var i = 0; i < 3; i++) logger.Log(LogLevel.Information, default, "line", null, (state, _) => state);
        Assert.Single(failures);
    }
}
