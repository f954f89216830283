using System.Diagnostics;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Proto;
using Grpc.Core;

namespace FedLab.Coordinator.Tests;

/// <summary>The life of a run: decisions, restarts, missing parties, stops.</summary>
public sealed class RunTests
{
    private static readonly string[] Two = ["bank", "credit"];

    [Fact]
    public async Task A_restarted_participant_gets_a_new_attempt_and_so_does_everybody_else()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        TestRole role = (attempt, token) => attempt.Start.Attempt == 1 ? TestRoles.WaitAsync(attempt, token) : TestRoles.Exchange(3, 10_000)(attempt, token);
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, role);
        var credit = new TestParticipant(lab, "credit", coordinator.Address, role);
        var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
        await TemporaryLab.WaitAsync(lead, run.Run, description => description.Attempt == 1 && description.State == RunState.Running);
        await credit.DisposeAsync();
        await Task.Delay(200, TestContext.Current.CancellationToken);
        await using var again = new TestParticipant(lab, "credit", coordinator.Address, role);
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded);
        Assert.Equal((RunState.Finished, 2), (ended.State, ended.Attempt));
        Assert.Equal(["start 1", "abort 1", "start 2"], bank.Events.Where(entry => entry.StartsWith("start", StringComparison.Ordinal) || entry.StartsWith("abort", StringComparison.Ordinal)));
        Assert.Contains("cancelled 1", bank.Events);
        Assert.Contains("party-restarted", lab.AuditEntries, StringComparison.Ordinal);
        Assert.Contains("run.resumed", lab.AuditEntries, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_coordinator_killed_and_started_again_goes_on_with_its_runs()
    {
        using var lab = new TemporaryLab(Two);
        using var port = new HeldPort();
        using var first = await CoordinatorProcess.StartAsync(lab, port.Number);
        TestRole role = (attempt, token) => attempt.Start.Attempt == 1 ? TestRoles.WaitAsync(attempt, token) : TestRoles.Exchange(3, 1_500_000)(attempt, token);
        await using var bank = new TestParticipant(lab, "bank", first.Address, role);
        await using var credit = new TestParticipant(lab, "credit", first.Address, role);
        using var channel = lab.LeadChannel(first.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
        await TemporaryLab.WaitAsync(lead, run.Run, description => description.State == RunState.Running);
        first.Kill();

        using var second = await CoordinatorProcess.StartAsync(lab, port.Number);
        using var newChannel = lab.LeadChannel(second.Address);
        lead = new Proto.Lab.LabClient(newChannel.Invoker);
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded);
        Assert.Equal((RunState.Finished, 2, ""), (ended.State, ended.Attempt, ended.Reason));
        Assert.Contains("coordinator-restarted", lab.AuditEntries, StringComparison.Ordinal);

        var clock = Stopwatch.StartNew();
        Assert.Equal(0, await second.TerminateAsync());
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
    }

    [Fact]
    public async Task A_refusal_ends_the_run_with_the_party_and_its_reason()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, TestRoles.WaitAsync);
        await using var credit = new TestParticipant(lab, "credit", coordinator.Address, TestRoles.WaitAsync) { Refuses = new Objection("purpose-not-allowed", "Not for marketing.") };
        var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded);
        Assert.Equal(RunState.Refused, ended.State);
        Assert.Contains("'credit'", ended.Reason, StringComparison.Ordinal);
        Assert.Contains("Not for marketing.", ended.Reason, StringComparison.Ordinal);
        Assert.Equal(PartyDecision.Refused, ended.Parties.Single(party => party.Name == "credit").Decision);
        Assert.Contains("purpose-not-allowed", lab.AuditEntries, StringComparison.Ordinal);
        Assert.DoesNotContain("start 1", bank.Events);
    }

    [Fact]
    public async Task A_party_that_stays_away_fails_the_run_by_name()
    {
        using var lab = new TemporaryLab(Two, reconnectSeconds: 2);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, TestRoles.WaitAsync);
        var credit = new TestParticipant(lab, "credit", coordinator.Address, TestRoles.WaitAsync);
        var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
        await TemporaryLab.WaitAsync(lead, run.Run, description => description.State == RunState.Running);
        await credit.DisposeAsync();
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded);
        Assert.Equal(RunState.Failed, ended.State);
        Assert.Contains("'credit'", ended.Reason, StringComparison.Ordinal);
        await TemporaryLab.EventuallyAsync(() => !bank.EndedRuns.IsEmpty);
        Assert.Equal(RunState.Failed, Assert.Single(bank.EndedRuns).State);
    }

    [Fact]
    public async Task A_role_that_fails_and_a_lead_that_stops_end_the_run_for_everybody()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        TestRole role = (attempt, token) => attempt.Spec.Name == "broken" && attempt.Party.Name == "credit" ? throw new InvalidOperationException("The column 'age' is empty.") : TestRoles.WaitAsync(attempt, token);
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, role);
        await using var credit = new TestParticipant(lab, "credit", coordinator.Address, role);

        var broken = await TemporaryLab.ProposeAsync(lead, lab.Spec("broken"));
        var failed = await TemporaryLab.WaitAsync(lead, broken.Run, TemporaryLab.HasEnded);
        Assert.Equal(RunState.Failed, failed.State);
        Assert.Contains("'credit' failed in the step 'training' (internal)", failed.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("age", failed.Reason, StringComparison.Ordinal);

        var endless = await TemporaryLab.ProposeAsync(lead, lab.Spec("endless"));
        await TemporaryLab.WaitAsync(lead, endless.Run, description => description.State == RunState.Running);
        using var watch = lead.WatchRun(new WatchRunRequest { Run = endless.Run }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        await lead.StopRunAsync(new StopRunRequest { Run = endless.Run, Reason = "enough" }, cancellationToken: TestContext.Current.CancellationToken);
        RunEvent? last = null;
        while (await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken)) last = watch.ResponseStream.Current;
        Assert.Equal(RunState.Stopped, last!.Run.State);
        Assert.Contains("enough", last.Run.Reason, StringComparison.Ordinal);
        var twice = await Assert.ThrowsAsync<RpcException>(async () => await lead.StopRunAsync(new StopRunRequest { Run = endless.Run }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.FailedPrecondition, twice.StatusCode);
        Assert.Equal([endless.Run, broken.Run], (await lead.ListRunsAsync(new ListRunsRequest(), cancellationToken: TestContext.Current.CancellationToken)).Runs.Select(run => run.Run));
    }
}
