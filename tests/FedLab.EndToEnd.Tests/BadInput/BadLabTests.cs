using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Processes;
using FedLab.EndToEnd.Tests.Support;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.EndToEnd.Tests.BadInput;

/// <summary>What an administrator can set up wrongly: certificates, keys, ports, versions. The programs say it in one sentence and end, or do not let the other in.</summary>
public sealed class BadLabTests : IDisposable
{
    private const int Usage = 2;
    private const int Failure = 1;
    private const string Bank = "bank";

    private readonly TemporaryFolder _folder = new();
    private readonly List<HeldPort> _ports = [];

    public void Dispose()
    {
        _folder.Dispose();
        foreach (var port in _ports) port.Dispose();
    }

    [Fact]
    public async Task A_coordinator_of_another_authority_is_not_trusted()
    {
        var lab = MakeLab("run");
        var other = MakeLab("other");
        await using var coordinator = await StartCoordinatorAsync(other);
        await AssertEndsAsync(Participant(lab, coordinatorPort: other.Port), Failure, "127.0.0.1", "ca.pem");
    }

    [Fact]
    public async Task A_participant_whose_certificate_has_expired_is_not_let_in()
    {
        var lab = MakeLab("run");
        using (var authority = LabAuthority.Load(lab.Workspace.Authority, new ShiftedTime(TimeSpan.FromDays(-400))))
        using (var expired = authority.Issue(Bank, LabRole.Participant))
        {
            Assert.True(expired.NotAfter.ToUniversalTime() < TimeProvider.System.GetUtcNow().UtcDateTime);
            KeyFiles.SaveIdentity(LocalLab.KeysOf(lab.Workspace.Party(Bank)), expired);
        }
        await using var coordinator = await StartCoordinatorAsync(lab);
        await AssertEndsAsync(Participant(lab), Failure, Bank, "expired");
    }

    [Fact]
    public async Task A_participant_with_the_certificate_of_another_lab_is_not_let_in()
    {
        var lab = MakeLab("run");
        using (var authority = LabAuthority.Create("stranger"))
        using (var foreign = authority.Issue(Bank, LabRole.Participant))
        {
            KeyFiles.SaveIdentity(LocalLab.KeysOf(lab.Workspace.Party(Bank)), foreign);
        }
        await using var coordinator = await StartCoordinatorAsync(lab);
        await AssertEndsAsync(Participant(lab), Failure, Bank, "ca.pem");
    }

    [Fact]
    public async Task A_participant_of_another_protocol_version_is_told_both_versions()
    {
        const uint other = LabProtocol.Version + 6;
        var lab = MakeLab("run");
        await using var coordinator = await StartCoordinatorAsync(lab);
        var keys = LocalLab.KeysOf(lab.Workspace.Party(Bank));
        using var own = KeyFiles.LoadIdentity(keys);
        using var authority = KeyFiles.LoadCertificate(Path.Combine(keys, LabAuthority.CertificateFile));
        using var channel = new LabChannel(lab.Address, own, authority);
        using var call = new Proto.Lab.LabClient(channel.Invoker).Session(cancellationToken: TestContext.Current.CancellationToken);
        await call.RequestStream.WriteAsync(new ParticipantFrame { Hello = new Hello { ProtocolVersion = other, Party = Bank, Instance = ByteString.CopyFrom(new byte[LabProtocol.InstanceBytes]) } }, TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Contains(other.ToString(CultureInfo.InvariantCulture), refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains(LabProtocol.Version.ToString(CultureInfo.InvariantCulture), refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("protocol", File.ReadAllText(Path.Combine(lab.Workspace.Coordinator, "coordinator.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_key_that_others_can_read_is_refused_with_the_command_that_mends_it()
    {
        var lab = MakeLab("run");
        var key = Path.Combine(LocalLab.KeysOf(lab.Workspace.Party(Bank)), KeyFiles.IdentityKey);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        await AssertEndsAsync(Participant(lab), Failure, key, "chmod 600");
    }

    [Fact]
    public async Task A_port_that_is_taken_when_the_coordinator_starts_is_named()
    {
        var lab = MakeLab("run");
        using var other = new TcpListener(IPAddress.Loopback, lab.Port);
        other.Start();
        await AssertEndsAsync(ChildProcess.Start(LabProcesses.CoordinatorName, ProgramLocator.Coordinator, lab.Workspace.Coordinator), Failure, lab.Port.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_data_file_that_has_gone_since_the_lab_was_made_is_named()
    {
        var lab = MakeLab("run");
        File.Delete(_folder.File("bank.csv"));
        await AssertEndsAsync(Participant(lab), Failure, _folder.File("bank.csv"));
    }

    [Fact]
    public async Task A_field_that_the_configuration_does_not_have_is_named()
    {
        var lab = MakeLab("run");
        var path = Path.Combine(lab.Workspace.Party(Bank), "participant.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"minimumCohort\"", "\"minimumKohort\"", StringComparison.Ordinal));
        await AssertEndsAsync(Participant(lab), Usage, path, "minimumKohort");
    }

    private static async Task AssertEndsAsync(ChildProcess program, int exitCode, params string[] named)
    {
        await using (program)
        {
            var code = await program.Ended.WaitAsync(Patience.Long, TestContext.Current.CancellationToken);
            var sentence = program.LastError;
            Assert.True(code == exitCode, $"exit code {code}: {sentence}");
            Refusal.AssertForPeople(sentence);
            foreach (var name in named) Assert.Contains(name, sentence, StringComparison.Ordinal);
        }
    }

    private static async Task<ChildProcess> StartCoordinatorAsync(LocalLab lab)
    {
        var coordinator = ChildProcess.Start(LabProcesses.CoordinatorName, ProgramLocator.Coordinator, lab.Workspace.Coordinator);
        using var connection = new LabConnection(lab.Address, LocalLab.KeysOf(lab.Workspace.Lead), TimeProvider.System);
        var answered = connection.WaitForPartiesAsync([], Patience.Long, Patience.Long, coordinator.LogPath, TestContext.Current.CancellationToken);
        if (await Task.WhenAny(answered, coordinator.Ended) != answered) Assert.Fail(coordinator.LastError);
        await answered;
        return coordinator;
    }

    private static ChildProcess Participant(LocalLab lab, int? coordinatorPort = null)
    {
        var home = lab.Workspace.Party(Bank);
        if (coordinatorPort is { } port)
        {
            var path = Path.Combine(home, "participant.json");
            File.WriteAllText(path, File.ReadAllText(path).Replace($":{lab.Port}\"", $":{port}\"", StringComparison.Ordinal));
        }
        return ChildProcess.Start(Bank, ProgramLocator.Participant, home);
    }

    private LocalLab MakeLab(string name)
    {
        var files = TwoFiles.Write(_folder);
        var plan = SimulationPlan.Create(new SimulationOptions { Parties = [$"bank={files.Bank}", $"platform={files.Platform}"], Keys = ["id"], Label = "bank.default" });
        _ports.Add(new HeldPort());
        return LocalLab.Create(name, plan, LabWorkspace.Create(_folder.File(name)), _ports[^1].Number, TimeProvider.System, isIssued: true);
    }

    private sealed class ShiftedTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
