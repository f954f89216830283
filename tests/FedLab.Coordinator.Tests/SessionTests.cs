using System.Text.Json;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Channels;
using FedLab.Federation.Remote;
using FedLab.Proto;

namespace FedLab.Coordinator.Tests;

/// <summary>Sessions over real mutual TLS on loopback, with lines that break.</summary>
public sealed class SessionTests
{
    private static readonly string[] Three = ["bank", "credit", "chain"];

    [Fact]
    public async Task Envelopes_of_every_size_arrive_whole_and_in_order_and_the_run_is_published_logged_and_cosigned()
    {
        using var lab = new TemporaryLab(Three);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var parties = Start(lab, coordinator.Address, TestRoles.Exchange(rounds: 6, largest: 3_500_000));
        try
        {
            var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
            var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded);
            Assert.Equal((RunState.Finished, 1, ""), (ended.State, ended.Attempt, ended.Reason));
            Assert.All(ended.Parties, party => Assert.True(party.Finished && party.Seconds["training"] == 1.5));

            var model = await lead.GetModelAsync(new GetModelRequest { Run = run.Run }, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(Three.Order(), model.Signatures.Keys.Order());
            var entries = lab.AuditEntries.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
            Assert.Equal((3 * 2 * 6) + 2, entries.Count(entry => entry.GetProperty("type").GetString() == "relay.forwarded"));
            foreach (var type in (string[])["lab.configured", "party.joined", "run.proposed", "run.approved", "run.started", "model.published", "run.finished"])
                Assert.Contains(entries, entry => entry.GetProperty("type").GetString() == type);

            // The cosignatures of the last checkpoint come back after the run's end, and its file is replaced then.
            var size = entries.FindIndex(entry => entry.GetProperty("type").GetString() == "run.finished") + 1;
            await TemporaryLab.EventuallyAsync(() => lab.NewestCheckpoint is { } note && note.Split('\n')[1] == $"{size}" && Array.TrueForAll(Three, party => note.Contains($"— {party} ", StringComparison.Ordinal)));
        }
        finally
        {
            await StopAsync(parties);
        }
    }

    [Fact]
    public async Task Cuts_in_the_middle_of_chunks_lose_nothing_repeat_nothing_and_do_not_start_a_new_attempt()
    {
        using var lab = new TemporaryLab(Three, windowMiB: 2);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var proxies = Three.Select(_ => new FaultProxy(coordinator.Address.Port)).ToList();
        var role = TestRoles.Exchange(rounds: 12, largest: 2_500_000);
        var parties = Three.Select((name, i) => new TestParticipant(lab, name, proxies[i].Address, role, options => options with { SendWindow = 2 << 20 })).ToList();
        try
        {
            var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
            await TemporaryLab.WaitAsync(lead, run.Run, description => description.State == RunState.Running);
            // Odd distances, so that the cuts fall anywhere in frames and TLS records.
            long[] distances = [777_777, 1_234_567, 333_333, 2_345_678, 55_555, 1_999_999, 4_000_001, 99_991];
            for (var i = 0; i < distances.Length; i++)
            {
                proxies[i % 3].CutAfter(distances[i]);
                await Task.Delay(120, TestContext.Current.CancellationToken);
            }
            await proxies[0].CutForAsync(TimeSpan.FromSeconds(1));
            var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, seconds: 120);
            Assert.Equal((RunState.Finished, 1, ""), (ended.State, ended.Attempt, ended.Reason));
            Assert.True(proxies.Sum(proxy => proxy.Cuts) >= 3, "The lines were hardly cut.");
            Assert.Contains(parties, party => party.Events.Contains("resumed"));
        }
        finally
        {
            await StopAsync(parties);
            foreach (var proxy in proxies) proxy.Dispose();
        }
    }

    [Fact]
    public async Task A_connection_that_is_away_for_seconds_changes_nothing_for_the_run()
    {
        using var lab = new TemporaryLab(["bank", "credit"]);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        using var proxy = new FaultProxy(coordinator.Address.Port);
        var role = TestRoles.Exchange(rounds: 40, largest: 200_000, pause: TimeSpan.FromMilliseconds(50));
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, role);
        await using var credit = new TestParticipant(lab, "credit", proxy.Address, role);
        var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
        await TemporaryLab.WaitAsync(lead, run.Run, description => description.State == RunState.Running);
        await proxy.CutForAsync(TimeSpan.FromSeconds(4));
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded);
        Assert.Equal((RunState.Finished, 1), (ended.State, ended.Attempt));
        Assert.DoesNotContain(bank.Events, entry => entry.StartsWith("abort", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_proposed_while_the_line_of_a_party_is_down_reaches_it_when_the_line_is_back()
    {
        using var lab = new TemporaryLab(["bank", "credit"]);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        using var proxy = new FaultProxy(coordinator.Address.Port);
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, TestRoles.WaitAsync);
        await using var credit = new TestParticipant(lab, "credit", proxy.Address, TestRoles.WaitAsync);
        await UntilConnectedAsync(true, true);
        var run = "";
        await proxy.CutWhileAsync(async () =>
        {
            await UntilConnectedAsync(true, false);
            run = (await TemporaryLab.ProposeAsync(lead, lab.Spec())).Run;
        });
        await TemporaryLab.WaitAsync(lead, run, description => description.State == RunState.Running);
        Assert.Equal(1, credit.Events.Count(entry => entry == "connected"));
        Assert.Contains("resumed", credit.Events);

        async Task UntilConnectedAsync(params bool[] expected)
        {
            while (!(await lead.ListPartiesAsync(new ListPartiesRequest(), cancellationToken: TestContext.Current.CancellationToken)).Parties.Select(party => party.Connected).SequenceEqual(expected))
                await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_new_process_is_told_of_a_run_that_ended_shortly_before_its_former_one_was_lost()
    {
        using var lab = new TemporaryLab(["bank", "credit"]);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, TestRoles.WaitAsync);
        string run;
        await using (var former = new TestParticipant(lab, "credit", coordinator.Address, TestRoles.WaitAsync))
        {
            run = (await TemporaryLab.ProposeAsync(lead, lab.Spec())).Run;
            await TemporaryLab.WaitAsync(lead, run, description => description.State == RunState.Running);
            await lead.StopRunAsync(new StopRunRequest { Run = run }, cancellationToken: TestContext.Current.CancellationToken);
            // It may have heard: whether the line was dead when this was sent is known to nobody.
            await TemporaryLab.EventuallyAsync(() => !former.EndedRuns.IsEmpty);
        }
        await using var credit = new TestParticipant(lab, "credit", coordinator.Address, TestRoles.WaitAsync);
        await TemporaryLab.EventuallyAsync(() => !credit.EndedRuns.IsEmpty);
        Assert.Equal((run, RunState.Stopped), (Assert.Single(credit.EndedRuns).Run, credit.EndedRuns.Single().State));
    }

    [Fact]
    public async Task Sending_waits_while_the_receiver_does_not_take_what_came_and_goes_on_when_it_does()
    {
        const int window = 1 << 20;
        const int envelopes = 24;
        using var lab = new TemporaryLab(["bank", "credit"], windowMiB: 1);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var sent = 0;
        var take = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task<PartyFinished> Role(TestAttempt attempt, CancellationToken cancellationToken)
        {
            if (attempt.Party.Name == "bank")
            {
                for (var i = 0; i < envelopes; i++)
                {
                    await attempt.SendAsync("credit", Steps.ScanRequest, new byte[window], cancellationToken);
                    Interlocked.Increment(ref sent);
                }
            }
            else
            {
                await take.Task.WaitAsync(cancellationToken);
                for (var i = 0; i < envelopes; i++) await attempt.ReceiveAsync("bank", cancellationToken);
            }
            return await attempt.PublishAsync(cancellationToken);
        }
        LabSessionOptions Small(LabSessionOptions options) => options with { SendWindow = window, ReceiveWindow = 2 * window };
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, Role, Small);
        await using var credit = new TestParticipant(lab, "credit", coordinator.Address, Role, Small);
        var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
        await TemporaryLab.WaitAsync(lead, run.Run, description => description.State == RunState.Running);
        int before;
        do
        {
            before = Volatile.Read(ref sent);
            await Task.Delay(1500, TestContext.Current.CancellationToken);
        }
        while (before == 0 || before != Volatile.Read(ref sent)); // nothing is sent before the role has begun
        Assert.InRange(before, 1, 8); // the windows of sender, coordinator and receiver, and a piece in each
        take.SetResult();
        Assert.Equal(RunState.Finished, (await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded)).State);
    }

    private static List<TestParticipant> Start(TemporaryLab lab, Uri address, TestRole role) => [.. lab.Parties.Select(name => new TestParticipant(lab, name, address, role))];

    private static async Task StopAsync(IEnumerable<TestParticipant> parties)
    {
        foreach (var party in parties) await party.DisposeAsync();
    }
}
