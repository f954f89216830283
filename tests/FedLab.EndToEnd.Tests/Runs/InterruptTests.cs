using FedLab.EndToEnd.Tests.Support;

namespace FedLab.EndToEnd.Tests.Runs;

/// <summary>Ctrl-C.</summary>
public sealed class InterruptTests : IDisposable
{
    // The coordinator is asked for three seconds, and ten each are the grace that participants and coordinator are given; the rest is for a loaded machine.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("INT", "Training:")]
    [InlineData("TERM", "Training:")]
    [InlineData("KILL", "Training:")]
    public async Task A_signal_in_mid_training_ends_the_command_and_all_that_it_started(string signal, string moment)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var enterprises = Enterprises.Write(_folder, 900);
        await using var program = FedLabProgram.Start(_folder.Path, ["simulate", .. enterprises.Arguments, "--set", "trees=2000", "--out", "run"]);
        Assert.True(await Patience.UntilAsync(() => program.HasExited || program.ErrorSoFar.Contains(moment, StringComparison.Ordinal), Patience.Long, cancellation));
        Assert.False(program.HasExited, program.ErrorSoFar);

        await program.SignalAsync(signal);

        if (signal == "KILL")
        {
            // Nobody is left who could stop the others: they end with the pipe to the command.
            Assert.True(await Patience.UntilAsync(() => program.HasExited && program.Survivors.Count == 0, Longest, cancellation), string.Join('\n', program.Survivors));
            return;
        }
        Assert.True(await Patience.UntilAsync(() => program.HasExited, Longest, cancellation), "still running");
        var run = await program.EndAsync();
        var sentence = Refusal.Assert(run, 1);
        Assert.Contains(_folder.File("run"), sentence, StringComparison.Ordinal);
        Refusal.AssertNothingPublished(_folder.File("run"));
        Assert.Contains("run.aborted", CoordinatorRecord.Types(_folder.File("run", "lab", "coordinator")));
    }
}
