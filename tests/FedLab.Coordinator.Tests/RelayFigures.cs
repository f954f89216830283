using System.Diagnostics;
using System.Globalization;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Channels;
using FedLab.Proto;

namespace FedLab.Coordinator.Tests;

/// <summary>Figures of the relay, for people; run with <c>-explicit only</c>. Nothing is asserted about time.</summary>
public sealed class RelayFigures(ITestOutputHelper output)
{
    private const int EnvelopeBytes = 4 << 20;
    private const int Envelopes = 64;
    private const int RoundTrips = 500;

    [Fact(Explicit = true)]
    public async Task Throughput_and_round_trip_through_the_coordinator()
    {
        using var lab = new TemporaryLab(["bank", "credit"]);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, RoleAsync);
        await using var credit = new TestParticipant(lab, "credit", coordinator.Address, RoleAsync);
        var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
        Assert.Equal(RunState.Finished, (await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, seconds: 120)).State);

        async Task<PartyFinished> RoleAsync(TestAttempt attempt, CancellationToken cancellationToken)
        {
            if (attempt.Party.Name == "credit")
            {
                for (var i = 0; i < Envelopes; i++) await attempt.ReceiveAsync("bank", cancellationToken);
                for (var i = 0; i < RoundTrips + 1; i++) await attempt.SendAsync("bank", Steps.SplitAnswer, new byte[100], await NextAsync(attempt, "bank", cancellationToken));
                return await attempt.PublishAsync(cancellationToken);
            }
            var content = new byte[EnvelopeBytes];
            var allocated = GC.GetTotalAllocatedBytes();
            var processor = Environment.CpuUsage.TotalTime;
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < Envelopes; i++) await attempt.SendAsync("credit", Steps.ScanRequest, content, cancellationToken);
            await attempt.SendAsync("credit", Steps.SplitRequest, new byte[100], cancellationToken);
            await attempt.ReceiveAsync("credit", cancellationToken);
            var seconds = clock.Elapsed.TotalSeconds;
            var mebibytes = (double)Envelopes * EnvelopeBytes / (1 << 20);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{mebibytes / seconds:F0} MiB/s one way through the coordinator, {mebibytes / (Environment.CpuUsage.TotalTime - processor).TotalSeconds:F0} MiB for each second of a processor, {(GC.GetTotalAllocatedBytes() - allocated) / mebibytes / (1 << 20):F2} bytes allocated a payload byte by all three ends together"));
            processor = Environment.CpuUsage.TotalTime;
            clock.Restart();
            for (var i = 0; i < RoundTrips; i++)
            {
                await attempt.SendAsync("credit", Steps.SplitRequest, new byte[100], cancellationToken);
                await attempt.ReceiveAsync("credit", cancellationToken);
            }
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalMilliseconds / RoundTrips:F2} ms a round trip of small envelopes through two relays, {(Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / RoundTrips:F2} ms of a processor"));
            return await attempt.PublishAsync(cancellationToken);
        }

        static async Task<CancellationToken> NextAsync(TestAttempt attempt, string from, CancellationToken cancellationToken)
        {
            await attempt.ReceiveAsync(from, cancellationToken);
            return cancellationToken;
        }
    }
}
