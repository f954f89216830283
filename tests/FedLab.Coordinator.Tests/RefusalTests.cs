using System.Net;
using System.Net.Sockets;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Channels;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Coordinator.Tests;

/// <summary>Who and what is not let in, and that both sides say why.</summary>
public sealed class RefusalTests
{
    private static readonly string[] Two = ["bank", "credit"];

    [Fact]
    public async Task Certificates_that_are_not_this_labs_or_not_valid_or_for_another_role_are_refused_with_one_sentence_on_both_sides()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var otherAuthority = LabAuthority.Create("another-lab");

        await RefusedAsync("was not issued by this lab's authority", () => otherAuthority.Issue("bank", LabRole.Participant));
        await RefusedAsync("expired on", () => lab.Authority.Issue("bank", LabRole.Participant, validity: TimeSpan.FromMinutes(-1)));
        await RefusedAsync("has the role 'lead'", () => lab.Authority.Issue("bank", LabRole.Lead));
        await RefusedAsync("'participant' is needed", () => lab.Authority.Issue("bank", LabRole.Coordinator), onlyOneSide: true);
        await RefusedAsync("is not a party of the lab", () => lab.Authority.Issue("stranger", LabRole.Participant), party: "stranger");
        await RefusedAsync("the certificate is for 'credit'", () => lab.Authority.Issue("credit", LabRole.Participant));
        await RefusedAsync("version 99", () => lab.Authority.Issue("bank", LabRole.Participant), version: 99);

        async Task RefusedAsync(string expected, Func<System.Security.Cryptography.X509Certificates.X509Certificate2> issue, string party = "bank", int version = LabProtocol.Version, bool onlyOneSide = false)
        {
            using var certificate = issue();
            using var session = new LabSession(new LabSessionOptions { Party = party, ProtocolVersion = version }, () => new LabChannel(coordinator.Address, certificate, lab.Authority.Certificate), new Deaf());
            var refused = await Assert.ThrowsAsync<SessionRefusedException>(() => session.RunAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60)));
            Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
            if (!onlyOneSide) Assert.Contains(expected, System.Text.RegularExpressions.Regex.Unescape(lab.Log), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_participant_does_not_trust_a_coordinator_of_another_authority_or_role()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var otherAuthority = LabAuthority.Create("another-lab");
        using var certificate = lab.Authority.Issue("bank", LabRole.Participant);
        using var session = new LabSession(new LabSessionOptions { Party = "bank" }, () => new LabChannel(coordinator.Address, certificate, otherAuthority.Certificate), new Deaf());
        var refused = await Assert.ThrowsAsync<SessionRefusedException>(() => session.RunAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("is not trusted", refused.Message, StringComparison.Ordinal);
        Assert.Contains("was not issued by this lab's authority", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_process_of_the_same_party_takes_over_and_the_first_one_ends()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        await using var first = new TestParticipant(lab, "bank", coordinator.Address, TestRoles.WaitAsync);
        while (!first.Events.Contains("connected")) await Task.Delay(20, TestContext.Current.CancellationToken);
        await using var second = new TestParticipant(lab, "bank", coordinator.Address, TestRoles.WaitAsync);
        var refused = await Assert.ThrowsAsync<SessionRefusedException>(() => first.Completion.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("only one may run", refused.Message, StringComparison.Ordinal);
        Assert.False(second.Completion.IsCompleted);
    }

    [Theory]
    [InlineData("payload", "hash-mismatch")]
    [InlineData("class", "envelope-malformed")]
    [InlineData("step", "envelope-malformed")]
    [InlineData("replay", "sequence")]
    [InlineData("gap", "sequence")]
    [InlineData("sender", "sender-forged")]
    [InlineData("signature", "signature-invalid")]
    [InlineData("longer", "length-mismatch")]
    public async Task A_tampered_envelope_is_refused_logged_and_ends_the_run(string tampering, string rule)
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var received = 0;
        async Task<PartyFinished> Role(TestAttempt attempt, CancellationToken cancellationToken)
        {
            if (attempt.Party.Name == "bank")
            {
                await attempt.SendAsync("credit", Steps.ScanRequest, new byte[1000], cancellationToken);
                SendTampered(attempt, tampering);
            }
            else
            {
                while (true)
                {
                    await attempt.ReceiveAsync("bank", cancellationToken);
                    Interlocked.Increment(ref received);
                }
            }
            return await TestRoles.WaitAsync(attempt, cancellationToken);
        }
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, Role);
        await using var credit = new TestParticipant(lab, "credit", coordinator.Address, Role);
        var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded);
        Assert.Equal(RunState.Failed, ended.State);
        Assert.Contains("'bank'", ended.Reason, StringComparison.Ordinal);
        Assert.Contains("\"policy.denied\"", lab.AuditEntries, StringComparison.Ordinal);
        Assert.Contains($"\"rule\":\"{rule}\"", lab.AuditEntries, StringComparison.Ordinal);
        Assert.Contains($"\"rule\":\"{rule}\"", lab.Log, StringComparison.Ordinal);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        // The end of the run may overtake the sound envelope at its receiver; the tampered one never gets there.
        Assert.InRange(received, 0, 1);
        Assert.Single(lab.AuditEntries.Split('\n'), line => line.Contains("relay.forwarded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_party_that_sends_on_regardless_of_its_window_ends_the_run_with_its_name_and_takes_no_more_memory()
    {
        const int piece = 1 << 20;
        const int pieces = 120;
        using var lab = new TemporaryLab(Two, windowMiB: 1);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        async Task<PartyFinished> Role(TestAttempt attempt, CancellationToken cancellationToken)
        {
            if (attempt.Party.Name == "bank")
            {
                // It stays in the inbox, so that nothing behind it is acknowledged.
                await attempt.SendAsync("credit", Steps.ScanRequest, new byte[10], cancellationToken);
                using var envelope = attempt.Make("credit", Steps.ScanRequest, new byte[pieces * piece]);
                attempt.Party.Post(new ParticipantFrame { Envelope = EnvelopeFrames.ToStart(1_000_000, envelope.Header, envelope.Signature) });
                foreach (var chunk in EnvelopeFrames.Chunks(envelope.Payload)) attempt.Party.Post(new ParticipantFrame { Chunk = new PayloadChunk { Id = 1_000_000, Data = ByteString.CopyFrom(chunk.Span) } });
            }
            return await TestRoles.WaitAsync(attempt, cancellationToken);
        }
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, Role);
        await using var credit = new TestParticipant(lab, "credit", coordinator.Address, Role, options => options with { ReceiveWindow = 1 });
        var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded);
        Assert.Equal(RunState.Failed, ended.State);
        Assert.Contains("'bank' went on sending although more than 1 MiB", ended.Reason, StringComparison.Ordinal);
        Assert.Contains("\"rule\":\"window-ignored\"", lab.AuditEntries, StringComparison.Ordinal);
        Assert.Single(lab.AuditEntries.Split('\n'), line => line.Contains("relay.forwarded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_participant_may_not_call_what_is_for_leads_and_a_malformed_experiment_is_refused_by_field()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var asParticipant = new LabChannel(coordinator.Address, lab.Certificates["bank"], lab.Authority.Certificate);
        var denied = await Assert.ThrowsAsync<RpcException>(async () => await new Proto.Lab.LabClient(asParticipant.Invoker).ListPartiesAsync(new ListPartiesRequest()));
        Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);

        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        foreach (var (json, expected) in new[] { ("{", "not valid"), ("{\"name\":\"x\",\"parties\":[],\"colour\":1}", "colour"), ("""{"name":"x","parties":[{"name":"bank","role":"active"},{"name":"nobody","role":"required"}]}""", "nobody") })
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await lead.CreateRunAsync(new CreateRunRequest { Spec = ByteString.CopyFromUtf8(json) }));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            Assert.Contains(expected, refused.Status.Detail, StringComparison.Ordinal);
        }
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(async () => await lead.GetModelAsync(new GetModelRequest { Run = "../../keys" }))).StatusCode);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(async () => await lead.GetRunAsync(new GetRunRequest { Run = "nothing" }))).StatusCode);
        Assert.Equal(Two, (await lead.ListPartiesAsync(new ListPartiesRequest())).Parties.Select(party => party.Name));
        var health = await new Grpc.Health.V1.Health.HealthClient(channel.Invoker).CheckAsync(new Grpc.Health.V1.HealthCheckRequest { Service = "fedlab.v1.Lab" });
        Assert.Equal(Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
    }

    [Fact]
    public async Task A_bad_start_is_one_sentence_and_the_right_exit_code()
    {
        using var lab = new TemporaryLab(Two);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        await EndsWithAsync(1, port, "--home", lab.CoordinatorHome, "--port", port);
        await EndsWithAsync(2, "does not exist", "--home", Path.Combine(lab.Folder, "nowhere"));
        await EndsWithAsync(2, "--colour", "--colour", "red");
        await EndsWithAsync(2, "management.port", "health", "--home", lab.CoordinatorHome);
        await EndsWithAsync(2, "health (--home DIR [--set FIELD=VALUE]... | --management ADDRESS:PORT)");

        if (!OperatingSystem.IsWindows())
        {
            var key = Path.Combine(lab.CoordinatorHome, "keys", "identity.pem");
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
            await EndsWithAsync(1, $"chmod 600 '{key}'", "--home", lab.CoordinatorHome);
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        lab.WriteConfiguration(new { lab = "x", parties = new[] { new { name = "bank" } }, colour = 1 });
        await EndsWithAsync(2, "colour", "--home", lab.CoordinatorHome);
        lab.WriteConfiguration(new { lab = "x", parties = new[] { new { name = "bank" } }, reconnectSeconds = -5 });
        await EndsWithAsync(2, "reconnectSeconds", "--home", lab.CoordinatorHome);

        static async Task EndsWithAsync(int code, string expected, params string[] arguments)
        {
            var (actual, error) = await CoordinatorProcess.RunAsync(arguments);
            Assert.Equal((code, 1), (actual, error.Split('\n').Length));
            Assert.Contains(expected, error, StringComparison.Ordinal);
        }
    }

    /// <summary>Sends frames as no honest session would.</summary>
    private static void SendTampered(TestAttempt attempt, string tampering)
    {
        using var envelope = attempt.Make("credit", Steps.ScanRequest, new byte[5000], header => tampering switch
        {
            "replay" => header with { Sequence = 0 },
            "gap" => header with { Sequence = 7 },
            "sender" => header with { Sender = "credit", Receiver = "bank" },
            _ => header,
        });
        var start = EnvelopeFrames.ToStart(999, envelope.Header, envelope.Signature);
        var content = envelope.Payload.ToArray();
        switch (tampering)
        {
            case "payload":
                content[4321] ^= 0x10;
                break;
            case "class":
                start.Class = PayloadClass.Public;
                break;
            case "step":
                start.Step = "scan.everything";
                break;
            case "signature":
                start.Length--;
                break;
            case "longer":
                content = [.. content, 1];
                break;
            default:
                break;
        }
        attempt.Party.Post(new ParticipantFrame { Envelope = start });
        attempt.Party.Post(new ParticipantFrame { Chunk = new PayloadChunk { Id = 999, Data = ByteString.CopyFrom(content) } });
    }

    private sealed class Deaf : ILabSessionHandler
    {
        public void Connected(string lab, string logKey, bool resumed)
        {
        }

        public void Disconnected(string reason, TimeSpan delay)
        {
        }

        public void Proposed(Proposal proposal)
        {
        }

        public void Started(StartAttempt start, AttemptTransport transport)
        {
        }

        public void Aborted(AbortAttempt abort)
        {
        }

        public void Ended(RunEnded ended)
        {
        }

        public void CosignRequested(CosignRequest request)
        {
        }
    }
}
