using System.Text.Json;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Tests.Horizontal;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Tests;

/// <summary>Banks with their real roles and the coordinator with its real sessions: sums, broken lines, banks that leave.</summary>
public sealed class BankRunTests
{
    private const int Patience = 90;

    [Theory]
    [InlineData("trees")]
    [InlineData("logistic")]
    public async Task Every_broadcast_is_passed_on_once_every_sum_announced_once_after_its_parts_and_all_banks_have_one_manifest(string model)
    {
        using var lab = new TemporaryLab(TestBanks.Names(3));
        using var banks = new TestBanks(lab);
        using var coordinator = await CoordinatorProcess.StartAsync(lab, port: 0);
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        await using var parties = new Parties(lab, coordinator.Address, banks.RunAsync);
        var run = await TemporaryLab.ProposeAsync(lead, Spec(3, model));
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, Patience);
        Assert.Equal((RunState.Finished, 1, ""), (ended.State, ended.Attempt, ended.Reason));

        // The shelf compared the banks' manifests; what it kept is what each bank keeps.
        var published = await lead.GetModelAsync(new GetModelRequest { Run = run.Run }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(lab.Parties, published.Signatures.Keys.Order(StringComparer.Ordinal));
        foreach (var bank in lab.Parties) Assert.Equal(published.Manifest.ToByteArray(), await banks.StoreOf(run.Run, bank).LoadAsync("manifest.json", default));
        var rounds = BankManifest.Parse(published.Manifest.Span).Rounds;

        var log = lab.Audit;
        var forwarded = log.Where(entry => entry.Type == "relay.forwarded").Select(entry => Way(entry.Body)).ToList();
        var sent = lab.Parties.SelectMany(bank => banks.JournalOf(run.Run, bank, 1).Outgoing).Select(header => (header.Sender, header.Receiver, header.Sequence)).ToList();
        Assert.Equal(sent.Order(), forwarded.Order());
        Assert.True(sent.Count(way => way.Receiver == EnvelopeHeader.Everyone) > 3 * rounds);
        var announced = log.Where(entry => entry.Type == "egress.sent").Select(entry => Way(entry.Body)).ToList();
        Assert.Equal(Enumerable.Range(0, rounds).Select(round => ("coordinator", EnvelopeHeader.Everyone, (long)round)), announced);

        foreach (var bank in lab.Parties)
        {
            var parts = new Dictionary<string, int>(StringComparer.Ordinal);
            var totals = 0;
            foreach (var header in banks.JournalOf(run.Run, bank, 1).Incoming)
            {
                if (header.Step == Steps.SumPart.Name) parts[header.Sender] = parts.GetValueOrDefault(header.Sender) + 1;
                if (header.Step != Steps.SumTotal.Name) continue;
                totals++;
                Assert.Equal([totals, totals], parts.Values);
            }
            Assert.Equal(rounds, totals);
        }

        static (string, string, long) Way(JsonElement body) => (body.GetProperty("sender").GetString()!, body.GetProperty("receiver").GetString()!, body.GetProperty("sequence").GetInt64());
    }

    [Fact]
    public async Task Lines_that_break_in_the_middle_of_broadcasts_lose_nothing_and_repeat_nothing()
    {
        using var lab = new TemporaryLab(TestBanks.Names(3), windowMiB: 1);
        using var banks = new TestBanks(lab);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var proxies = lab.Parties.Select(_ => new FaultProxy(coordinator.Address.Port)).ToList();
        try
        {
            await using var parties = new Parties(lab, name => proxies[lab.Parties.ToList().IndexOf(name)].Address, banks.RunAsync);
            var straight = await TrainAsync();
            var run = await TemporaryLab.ProposeAsync(lead, Spec(3, "trees"));
            // Odd distances of a part's size, so that cuts fall into parts, shares and announcements.
            for (var cut = 0; cut < 12; cut++)
            {
                proxies[cut % 3].CutAfter(100_003 + (77_777 * cut));
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
            var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, Patience);
            Assert.Equal((RunState.Finished, 1, ""), (ended.State, ended.Attempt, ended.Reason));
            Assert.Equal(straight, ended.ManifestHash);
            Assert.True(proxies.Sum(proxy => proxy.Cuts) >= 3, "The lines were hardly cut.");
        }
        finally
        {
            foreach (var proxy in proxies) proxy.Dispose();
        }

        async Task<ByteString> TrainAsync()
        {
            var run = await TemporaryLab.ProposeAsync(lead, Spec(3, "trees"));
            return (await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, Patience)).ManifestHash;
        }
    }

    [Fact]
    public async Task With_threshold_keys_a_run_goes_on_without_a_bank_that_stays_away_and_the_bank_that_comes_back_has_no_say()
    {
        using var lab = new TemporaryLab(TestBanks.Names(4), absenceSeconds: 1);
        using var banks = new TestBanks(lab);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var goOn = new ManualResetEventSlim();
        banks.OnProgress = (attempt, progress) =>
        {
            if (attempt.Start.Attempt == 1 && attempt.Party.Name == "bank-3" && progress is { Phase: "training", Done: 2 })
            {
                hangs.TrySetResult();
                TestBanks.Hang(attempt);
            }
            if (attempt.Start.Attempt == 2 && attempt.Party.Name == "bank-0" && progress is { Phase: "training", Done: 4 }) goOn.Wait(TestContext.Current.CancellationToken);
        };
        await using var parties = new Parties(lab, coordinator.Address, banks.RunAsync);
        var run = await TemporaryLab.ProposeAsync(lead, Spec(4, "trees", ("threshold", "3")));
        await hangs.Task.WaitAsync(TimeSpan.FromSeconds(Patience), TestContext.Current.CancellationToken);
        await parties.StopAsync("bank-3");

        var without = await TemporaryLab.WaitAsync(lead, run.Run, description => description.Attempt == 2, Patience);
        Assert.Equal(["bank-3"], without.Parties.Where(party => party.Absent).Select(party => party.Name));
        Assert.Contains(lab.Audit, entry => entry.Type == "party.left" && entry.Body.GetProperty("party").GetString() == "bank-3" && entry.Body.GetProperty("attempt").GetInt32() == 1);
        Assert.Contains(lab.Audit, entry => entry.Type == "run.aborted" && entry.Body.GetProperty("reason").GetString() == "party-absent");

        // What a bank that has left says of the attempt under way counts for nothing, and cannot end it.
        var back = parties.Start("bank-3");
        await UntilAsync(() => back.Events.Contains("connected"));
        back.Post(new ParticipantFrame { Failed = new PartyFailed { Run = run.Run, Attempt = 2, Code = "internal", Step = "training" } });
        back.Post(new ParticipantFrame { Finished = new PartyFinished { Run = run.Run, Attempt = 2, Manifest = ByteString.CopyFromUtf8("{}") } });
        using (var identity = new Federation.Identity.PartyIdentity("bank-3", new(lab.Certificates["bank-3"])))
        {
            var part = PayloadBuffer.Of(new byte[100]);
            var header = new EnvelopeHeader(run.Run, 2, Steps.SumPart.Name, 0, "bank-3", EnvelopeHeader.Everyone, MessageClass.Ciphertext, part.Length, part.Hash());
            back.Post(new ParticipantFrame { Envelope = Federation.Remote.EnvelopeFrames.ToStart(1, header, identity.Sign(header.SigningBytes())) });
            back.Post(new ParticipantFrame { Chunk = new PayloadChunk { Id = 1, Data = ByteString.CopyFrom(part.ToArray()) } });
            part.Dispose();
        }
        await UntilAsync(() => lab.Audit.Any(entry => entry.Type == "policy.denied" && entry.Body.GetProperty("rule").GetString() == "sender-absent"));
        Assert.False(TemporaryLab.HasEnded(await lead.GetRunAsync(new GetRunRequest { Run = run.Run }, cancellationToken: TestContext.Current.CancellationToken)));
        goOn.Set();

        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, Patience);
        Assert.Equal((RunState.Finished, 2, ""), (ended.State, ended.Attempt, ended.Reason));
        var published = await lead.GetModelAsync(new GetModelRequest { Run = run.Run }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["bank-0", "bank-1", "bank-2"], published.Signatures.Keys.Order(StringComparer.Ordinal));
        var manifest = BankManifest.Parse(published.Manifest.Span);
        Assert.Equal(["bank-3"], manifest.Absent!.Keys);
        Assert.InRange(manifest.Absent["bank-3"], 3, manifest.Rounds - 2);
        await UntilAsync(() => !back.EndedRuns.IsEmpty);
        Assert.Equal(RunState.Finished, Assert.Single(back.EndedRuns).State);
        Assert.DoesNotContain(back.Events, entry => entry.StartsWith("start", StringComparison.Ordinal));
        using var watch = lead.WatchRun(new WatchRunRequest { Run = run.Run }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Contains(watch.ResponseStream.Current.Details, line => line.Text.Contains("'bank-3' has been gone for 1 seconds", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_threshold_keys_the_run_waits_says_for_whom_and_ends_with_the_model_of_an_undisturbed_one()
    {
        using var lab = new TemporaryLab(TestBanks.Names(3), absenceSeconds: 1);
        using var banks = new TestBanks(lab);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        await using var parties = new Parties(lab, coordinator.Address, banks.RunAsync);
        var straight = await TemporaryLab.ProposeAsync(lead, Spec(3, "trees"));
        var expected = await TemporaryLab.WaitAsync(lead, straight.Run, TemporaryLab.HasEnded, Patience);
        Assert.Equal((RunState.Finished, 1), (expected.State, expected.Attempt));

        var hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        banks.OnProgress = (attempt, progress) =>
        {
            if (attempt.Start.Attempt > 1 || attempt.Party.Name != "bank-1" || progress is not { Phase: "training", Done: 2 }) return;
            hangs.TrySetResult();
            TestBanks.Hang(attempt);
        };
        var run = await TemporaryLab.ProposeAsync(lead, Spec(3, "trees"));
        await hangs.Task.WaitAsync(TimeSpan.FromSeconds(Patience), TestContext.Current.CancellationToken);
        await parties.StopAsync("bank-1");
        await Task.Delay(4000, TestContext.Current.CancellationToken); // several times the grace of runs that may go on
        var waiting = await lead.GetRunAsync(new GetRunRequest { Run = run.Run }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((RunState.Running, 1), (waiting.State, waiting.Attempt));
        Assert.DoesNotContain(waiting.Parties, party => party.Absent);
        using (var watch = lead.WatchRun(new WatchRunRequest { Run = run.Run }, cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.True(await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
            Assert.Contains(watch.ResponseStream.Current.Details, line => line.Party.Length == 0 && line.Text.Contains("'bank-1'", StringComparison.Ordinal));
        }
        parties.Start("bank-1");
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, Patience);
        Assert.Equal((RunState.Finished, 2, ""), (ended.State, ended.Attempt, ended.Reason));
        Assert.Equal(expected.ManifestHash, ended.ManifestHash);
        Assert.DoesNotContain(lab.Audit, entry => entry.Type == "party.left");
    }

    [Fact]
    public async Task A_bank_that_is_lost_before_the_first_sum_is_waited_for_and_so_are_all_when_too_few_are_left()
    {
        using var lab = new TemporaryLab(TestBanks.Names(4), absenceSeconds: 1);
        using var banks = new TestBanks(lab);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var trained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        banks.OnProgress = (attempt, progress) =>
        {
            // In the first attempt nobody gets as far as a key, in the second all stop in mid-training.
            if (attempt.Start.Attempt == 1 && progress.Phase == "keys") TestBanks.Hang(attempt);
            if (attempt.Start.Attempt != 2 || progress is not { Phase: "training", Done: 2 }) return;
            if (attempt.Party.Name == "bank-0") trained.TrySetResult();
            TestBanks.Hang(attempt);
        };
        await using var parties = new Parties(lab, coordinator.Address, banks.RunAsync);
        var run = await TemporaryLab.ProposeAsync(lead, Spec(4, "trees", ("threshold", "3")));
        await TemporaryLab.WaitAsync(lead, run.Run, description => description.State == RunState.Running);
        await parties.StopAsync("bank-3");
        await Task.Delay(4000, TestContext.Current.CancellationToken);
        await AssertNobodyHasLeftAsync(attempt: 1);
        parties.Start("bank-3");
        await trained.Task.WaitAsync(TimeSpan.FromSeconds(Patience), TestContext.Current.CancellationToken);

        // All are gone, as when the lab's own line is down: the first to be missed is not left behind.
        await Task.WhenAll(lab.Parties.Select(parties.StopAsync));
        await Task.Delay(4000, TestContext.Current.CancellationToken);
        await AssertNobodyHasLeftAsync(attempt: 2);
        foreach (var bank in lab.Parties) parties.Start(bank);
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, Patience);
        Assert.Equal((RunState.Finished, ""), (ended.State, ended.Reason));
        Assert.DoesNotContain(ended.Parties, party => party.Absent);

        async Task AssertNobodyHasLeftAsync(int attempt)
        {
            var description = await lead.GetRunAsync(new GetRunRequest { Run = run.Run }, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal((RunState.Running, attempt), (description.State, description.Attempt));
            Assert.DoesNotContain(description.Parties, party => party.Absent);
        }
    }

    [Fact]
    public async Task A_restarted_coordinator_knows_who_has_left()
    {
        using var lab = new TemporaryLab(TestBanks.Names(4), absenceSeconds: 1);
        using var banks = new TestBanks(lab);
        using var port = new HeldPort();
        using var first = await CoordinatorProcess.StartAsync(lab, port.Number);
        using var channel = lab.LeadChannel(first.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        banks.OnProgress = (attempt, progress) =>
        {
            var isLost = attempt.Start.Attempt == 1 && attempt.Party.Name == "bank-2" && progress is { Phase: "training", Done: 2 };
            var isSecond = attempt.Start.Attempt == 2 && attempt.Party.Name == "bank-0" && progress is { Phase: "training", Done: 4 };
            if (!isLost && !isSecond) return;
            (isLost ? hangs : again).TrySetResult();
            TestBanks.Hang(attempt);
        };
        await using var parties = new Parties(lab, first.Address, banks.RunAsync);
        var run = await TemporaryLab.ProposeAsync(lead, Spec(4, "trees", ("threshold", "3")));
        await hangs.Task.WaitAsync(TimeSpan.FromSeconds(Patience), TestContext.Current.CancellationToken);
        await parties.StopAsync("bank-2");
        await again.Task.WaitAsync(TimeSpan.FromSeconds(Patience), TestContext.Current.CancellationToken);
        first.Kill();

        using var second = await CoordinatorProcess.StartAsync(lab, port.Number);
        parties.Start("bank-2"); // back, but not in the run
        using var newChannel = lab.LeadChannel(second.Address);
        lead = new Proto.Lab.LabClient(newChannel.Invoker);
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, Patience);
        Assert.Equal((RunState.Finished, 3, ""), (ended.State, ended.Attempt, ended.Reason));
        Assert.Equal(["bank-2"], ended.Parties.Where(party => party.Absent).Select(party => party.Name));
        Assert.Equal(["bank-2"], BankManifest.Parse((await lead.GetModelAsync(new GetModelRequest { Run = run.Run })).Manifest.Span).Absent!.Keys);

        // A run that ended is read from the store alone.
        Assert.Equal(0, await second.TerminateAsync());
        using var third = await CoordinatorProcess.StartAsync(lab, port.Number);
        using var lastChannel = lab.LeadChannel(third.Address);
        var read = await new Proto.Lab.LabClient(lastChannel.Invoker).GetRunAsync(new GetRunRequest { Run = run.Run });
        Assert.Equal(["bank-2"], read.Parties.Where(party => party.Absent).Select(party => party.Name));
    }

    [Fact]
    public async Task A_bank_that_is_done_may_go_while_the_others_finish()
    {
        using var lab = new TemporaryLab(TestBanks.Names(4), reconnectSeconds: 3, absenceSeconds: 1);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var parties = new Parties(lab, coordinator.Address, async (attempt, cancellationToken) =>
        {
            var finished = await attempt.PublishAsync(cancellationToken);
            if (attempt.Party.Name != "bank-1") await goOn.Task.WaitAsync(cancellationToken);
            return finished;
        });
        var run = await TemporaryLab.ProposeAsync(lead, Spec(4, "trees", ("threshold", "3")));
        await TemporaryLab.WaitAsync(lead, run.Run, description => description.Parties.Any(party => party is { Name: "bank-1", Finished: true }), Patience);
        await parties.StopAsync("bank-1");
        await Task.Delay(5000, TestContext.Current.CancellationToken); // longer than a bank that is needed may be away
        parties.Start("bank-1"); // a new process, which is not asked to begin again
        await Task.Delay(300, TestContext.Current.CancellationToken);
        goOn.SetResult();
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, Patience);
        Assert.Equal((RunState.Finished, 1, ""), (ended.State, ended.Attempt, ended.Reason));
        Assert.DoesNotContain(ended.Parties, party => party.Absent);
    }

    [Fact]
    public async Task A_broadcast_waits_for_the_slowest_bank()
    {
        const int piece = 1 << 20;
        const int pieces = 24;
        using var lab = new TemporaryLab(TestBanks.Names(3), windowMiB: 1);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var (sent, taken) = (0, 0);
        var take = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var parties = new Parties(
            lab,
            _ => coordinator.Address,
            async (attempt, cancellationToken) =>
            {
                if (attempt.Party.Name == "bank-2") await take.Task.WaitAsync(cancellationToken);
                for (var i = 0; i < pieces; i++)
                {
                    if (attempt.Party.Name == "bank-0")
                    {
                        await attempt.SendAsync(EnvelopeHeader.Everyone, Steps.KeyShare, new byte[piece], cancellationToken);
                        Interlocked.Increment(ref sent);
                    }
                    else
                    {
                        await attempt.ReceiveAsync("bank-0", cancellationToken);
                        if (attempt.Party.Name == "bank-1") Interlocked.Increment(ref taken);
                    }
                }
                return await attempt.PublishAsync(cancellationToken);
            },
            options => options with { SendWindow = piece, ReceiveWindow = 2 * piece });
        var run = await TemporaryLab.ProposeAsync(lead, Spec(3, "trees"));
        await TemporaryLab.WaitAsync(lead, run.Run, description => description.State == RunState.Running);
        int before;
        do
        {
            before = Volatile.Read(ref sent);
            await Task.Delay(1500, TestContext.Current.CancellationToken);
        }
        while (before == 0 || before != Volatile.Read(ref sent));
        Assert.InRange(before, 1, 8); // the windows of sender, coordinator and receiver, and a piece in each
        Assert.InRange(Volatile.Read(ref taken), before - 1, before + 1); // the bank that takes what comes has all of it
        take.SetResult();
        Assert.Equal(RunState.Finished, (await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, Patience)).State);
    }

    [Fact]
    public async Task A_receiver_that_stays_away_holds_up_nothing_after_its_run()
    {
        using var lab = new TemporaryLab(TestBanks.Names(3), reconnectSeconds: 2, windowMiB: 1);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        using var proxy = new FaultProxy(coordinator.Address.Port);
        var sent = 0;
        await using var parties = new Parties(
            lab,
            name => name == "bank-2" ? proxy.Address : coordinator.Address,
            async (attempt, cancellationToken) =>
            {
                var sending = attempt.Party.Name != "bank-0" ? Task.CompletedTask : Task.Run(
                    async () =>
                    {
                        for (var i = 0; i < 8; i++)
                        {
                            await attempt.SendAsync(attempt.Spec.Parties[^1].Name, Steps.ScanRequest, new byte[1 << 20], cancellationToken);
                            Interlocked.Increment(ref sent);
                        }
                    },
                    cancellationToken);
                if (attempt.Spec.Name == "stuck") return await TestRoles.WaitAsync(attempt, cancellationToken);
                if (attempt.Party.Name == "bank-1")
                {
                    for (var i = 0; i < 8; i++) await attempt.ReceiveAsync("bank-0", cancellationToken);
                }
                await sending;
                return await attempt.PublishAsync(cancellationToken);
            },
            options => options with { SendWindow = 1 << 20, ReceiveWindow = 1 << 20 });
        var stuck = await TemporaryLab.ProposeAsync(lead, Vertical("stuck", "bank-0", "bank-2"));
        await UntilAsync(() => Volatile.Read(ref sent) > 0);
        var away = proxy.CutForAsync(TimeSpan.FromSeconds(180));
        Assert.Equal(RunState.Failed, (await TemporaryLab.WaitAsync(lead, stuck.Run, TemporaryLab.HasEnded)).State);

        var other = await TemporaryLab.ProposeAsync(lead, Vertical("other", "bank-0", "bank-1"));
        var ended = await TemporaryLab.WaitAsync(lead, other.Run, TemporaryLab.HasEnded);
        Assert.Equal((RunState.Finished, ""), (ended.State, ended.Reason));
        Assert.False(away.IsCompleted, "The receiver was back too early for this test to show anything.");

        static ExperimentSpec Vertical(string name, string active, string source) => new() { Name = name, Parties = [new(active, PartyRole.Active), new(source, PartyRole.Required)] };
    }

    private static ExperimentSpec Spec(int banks, string model, params (string, string)[] settings) =>
        Banks.Spec(banks, model, model == "trees" ? [("trees", "6"), ("depth", "3"), .. settings] : settings);

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < Patience * 20, "What was waited for did not happen.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The participants of a lab by name; each can go and come back as a new process would.</summary>
    private sealed class Parties : IAsyncDisposable
    {
        private readonly Dictionary<string, TestParticipant> _present = new(StringComparer.Ordinal);
        private readonly TemporaryLab _lab;
        private readonly Func<string, Uri> _address;
        private readonly TestRole _role;
        private readonly Func<Federation.Remote.LabSessionOptions, Federation.Remote.LabSessionOptions>? _change;

        public Parties(TemporaryLab lab, Uri address, TestRole role)
            : this(lab, _ => address, role)
        {
        }

        public Parties(TemporaryLab lab, Func<string, Uri> address, TestRole role, Func<Federation.Remote.LabSessionOptions, Federation.Remote.LabSessionOptions>? change = null)
        {
            (_lab, _address, _role, _change) = (lab, address, role, change);
            foreach (var name in lab.Parties) Start(name);
        }

        public TestParticipant Start(string name) => _present[name] = new TestParticipant(_lab, name, _address(name), _role, _change);

        public async Task StopAsync(string name)
        {
            _present.Remove(name, out var party);
            await party!.DisposeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var party in _present.Values) await party.DisposeAsync();
        }
    }
}
