using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Remote;
using FedLab.Federation.Tests.Horizontal;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Coordinator.Tests;

/// <summary>What a bank may not put on the wire: refused, named, logged, and never added.</summary>
public sealed class BankRefusalTests
{
    [Theory]
    [InlineData("a broadcast's step to one bank", "envelope-malformed", "sum.part")]
    [InlineData("one bank's step to all", "envelope-malformed", "sum.share")]
    [InlineData("larger than the step allows", "envelope-malformed", "sum.part")]
    [InlineData("the coordinator's step", "step-of-coordinator", "sum.total")]
    [InlineData("noise as a part", "sum-part-invalid", "sum.part")]
    [InlineData("an empty part", "sum-part-invalid", "sum.part")]
    [InlineData("a part that says it has millions of values", "sum-part-invalid", "sum.part")]
    [InlineData("two parts at once", "sum-part-invalid", "sum.part")]
    [InlineData("to itself", "receiver-unknown", "key.deal")]
    public async Task A_bank_that_breaks_a_rule_on_the_wire_ends_the_run_by_name(string breach, string rule, string step)
    {
        using var lab = new TemporaryLab(TestBanks.Names(3));
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var wholeAtOthers = 0;
        async Task<PartyFinished> Role(TestAttempt attempt, CancellationToken cancellationToken)
        {
            if (attempt.Party.Name == "bank-1") Break(attempt, breach);
            while (true)
            {
                using var envelope = await attempt.Transport.ReceiveAsync(cancellationToken);
                Interlocked.Increment(ref wholeAtOthers);
            }
        }
        var parties = lab.Parties.Select(name => new TestParticipant(lab, name, coordinator.Address, Role)).ToList();
        try
        {
            var run = await TemporaryLab.ProposeAsync(lead, Banks.Spec(3, "trees"));
            var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded);
            Assert.Equal(RunState.Failed, ended.State);
            Assert.Contains("'bank-1'", ended.Reason, StringComparison.Ordinal);
            var denied = Assert.Single(lab.Audit, entry => entry.Type == "policy.denied").Body;
            Assert.Equal(("bank-1", rule, step), (denied.GetProperty("party").GetString(), denied.GetProperty("rule").GetString(), denied.GetProperty("step").GetString()));
            Assert.DoesNotContain(lab.Audit, entry => entry.Type == "egress.sent");
            // What is found wrong by its content has gone to the banks, which judge it themselves; what is wrong by its head has gone to nobody.
            await Task.Delay(100, TestContext.Current.CancellationToken);
            if (rule != "sum-part-invalid") Assert.Equal(0, wholeAtOthers);
        }
        finally
        {
            foreach (var party in parties) await party.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("twice", "contributed to round")]
    [InlineData("torn", "bank-1")]
    public async Task A_part_that_comes_twice_or_torn_into_a_real_run_is_not_added(string breach, string sentence)
    {
        using var lab = new TemporaryLab(TestBanks.Names(3));
        using var banks = new TestBanks(lab) { Wrap = (attempt, transport) => attempt.Party.Name == "bank-1" ? new Dishonest(attempt, transport, breach) : transport };
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var parties = lab.Parties.Select(name => new TestParticipant(lab, name, coordinator.Address, banks.RunAsync)).ToList();
        try
        {
            var run = await TemporaryLab.ProposeAsync(lead, Banks.Spec(3, "trees", ("trees", "3")));
            var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded);
            Assert.Equal(RunState.Failed, ended.State);
            Assert.Contains("'bank-1'", ended.Reason, StringComparison.Ordinal);
            Assert.Contains(sentence, ended.Reason, StringComparison.Ordinal);
            Assert.Equal("sum-part-invalid", Assert.Single(lab.Audit, entry => entry.Type == "policy.denied").Body.GetProperty("rule").GetString());
            Assert.DoesNotContain(lab.Audit, entry => entry.Type is "model.published" or "run.finished");
        }
        finally
        {
            foreach (var party in parties) await party.DisposeAsync();
        }
    }

    [Fact]
    public async Task Settings_that_nobody_can_run_are_refused_when_they_are_proposed()
    {
        using var lab = new TemporaryLab(TestBanks.Names(3));
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        foreach (var (spec, expected) in new (ExperimentSpec, string)[]
        {
            (Banks.Spec(3, "trees", ("threshold", "1")), "threshold"),
            (Banks.Spec(3, "trees", ("threshold", "4")), "4"),
            (Banks.Spec(3, "trees", ("treees", "4")), "treees"),
            (Banks.Spec(3, "logistic", ("ridge", "much")), "ridge"),
        })
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => TemporaryLab.ProposeAsync(lead, spec));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            Assert.Contains(expected, refused.Status.Detail, StringComparison.Ordinal);
        }
        Assert.Empty((await lead.ListRunsAsync(new ListRunsRequest(), cancellationToken: TestContext.Current.CancellationToken)).Runs);
    }

    [Fact]
    public async Task The_grace_of_an_absent_bank_has_limits()
    {
        using var lab = new TemporaryLab(TestBanks.Names(3), absenceSeconds: 0);
        var (code, error) = await CoordinatorProcess.RunAsync("--home", lab.CoordinatorHome);
        Assert.Equal(2, code);
        Assert.Contains("absenceSeconds", error, StringComparison.Ordinal);
    }

    /// <summary>Sends frames as no honest bank would.</summary>
    private static void Break(TestAttempt attempt, string breach)
    {
        var content = breach switch
        {
            "an empty part" => [],
            "a part that says it has millions of values" => [0, 0, 0, 0, 0, 0, 0x40, 0, 1, 2, 3],
            _ => new byte[300],
        };
        var (receiver, step) = breach switch
        {
            "a broadcast's step to one bank" => ("bank-0", Steps.SumPart),
            "one bank's step to all" => (EnvelopeHeader.Everyone, Steps.SumShare),
            "the coordinator's step" => (EnvelopeHeader.Everyone, Steps.SumTotal),
            "to itself" => ("bank-1", Steps.KeyDeal),
            _ => (EnvelopeHeader.Everyone, Steps.SumPart),
        };
        using var envelope = attempt.Make(receiver, step, content, header => breach == "larger than the step allows" ? header with { Length = Steps.SumPart.MaximumLength + 1 } : header);
        attempt.Party.Post(new ParticipantFrame { Envelope = EnvelopeFrames.ToStart(901, envelope.Header, envelope.Signature) });
        if (breach == "two parts at once")
        {
            using var second = attempt.Make(receiver, step, content);
            attempt.Party.Post(new ParticipantFrame { Envelope = EnvelopeFrames.ToStart(902, second.Header, second.Signature) });
        }
        else if (content.Length > 0)
        {
            attempt.Party.Post(new ParticipantFrame { Chunk = new PayloadChunk { Id = 901, Data = ByteString.CopyFrom(content) } });
        }
    }

    /// <summary>Between a bank's real role and the network: spoils its second contribution.</summary>
    private sealed class Dishonest(TestAttempt attempt, IEnvelopeTransport transport, string breach) : IEnvelopeTransport
    {
        private int _parts;

        public async ValueTask SendAsync(Envelope envelope, CancellationToken cancellationToken)
        {
            if (envelope.Header.Step != Steps.SumPart.Name || ++_parts != 2)
            {
                await transport.SendAsync(envelope, cancellationToken);
                return;
            }
            var content = envelope.Payload.ToArray();
            if (breach == "torn") content = content[..^1];
            else await transport.SendAsync(envelope, cancellationToken);
            var payload = PayloadBuffer.Of(content);
            var header = envelope.Header with { Sequence = envelope.Header.Sequence + (breach == "torn" ? 0 : 1), Length = payload.Length, PayloadHash = payload.Hash() };
            await transport.SendAsync(new Envelope(header, attempt.Identity.Sign(header.SigningBytes()), payload), cancellationToken);
        }

        public ValueTask<Envelope> ReceiveAsync(CancellationToken cancellationToken) => transport.ReceiveAsync(cancellationToken);
    }
}
