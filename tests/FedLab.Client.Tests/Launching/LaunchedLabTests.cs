using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FedLab.Client.Labs;
using FedLab.Client.Launching;
using FedLab.Client.Plans;
using FedLab.Client.Processes;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;

namespace FedLab.Client.Tests.Launching;

/// <summary>Where a lab of this machine is reached.</summary>
public sealed class LaunchedLabTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_lab_whose_port_was_taken_since_it_was_made_moves_to_the_next_one_with_all_its_homes_and_tokens()
    {
        var lab = Make(port: null);
        var token = Token("bank");
        Assert.Equal(lab.Port, token.Coordinator.Port);
        using var taken = Listen(lab.Port);
        var before = lab.Port;
        var other = LaunchedLab.Find(lab.Workspace.Root)!;
        lab.TakePort();
        Assert.NotEqual(before, lab.Port);
        Assert.True(LocalPort.IsFree(lab.Port));
        Assert.Equal(before, other.Port);
        other.Refresh();
        Assert.Equal((lab.Port, lab.Port), (other.Port, LaunchedLab.Find(lab.Workspace.Root)!.OwnPort));

        var address = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{lab.Port}");
        Assert.Equal(lab.Port, (int)ConfigurationFile.ReadObject(Path.Combine(lab.Workspace.Coordinator, "coordinator.json"))["port"]!);
        foreach (var party in lab.Parties)
        {
            Assert.Equal(address, (string)ConfigurationFile.ReadObject(Path.Combine(lab.Workspace.Party(party), "participant.json"))["coordinator"]!);
            Assert.Equal(new Uri(address), Token(party).Coordinator);
        }
        // The coordinator knows it by its secret.
        Assert.Equal(token.Hash, Token("bank").Hash);

        // Where nothing has to move, nothing is written.
        var configuration = Path.Combine(lab.Workspace.Coordinator, "coordinator.json");
        File.SetLastWriteTimeUtc(configuration, DateTime.UnixEpoch);
        lab.TakePort();
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(configuration));

        EnrolmentToken Token(string party) => EnrolmentToken.Parse(File.ReadAllText(Path.Combine(lab.Workspace.Party(party), EnrolmentToken.FileName)));
    }

    [Fact]
    public void A_move_that_was_cut_off_is_brought_to_its_end()
    {
        var lab = Make(port: null);
        using var free = new HeldPort();
        LocalLab.Move(["bank"], lab.Workspace, free.Number);
        Assert.Equal(free.Number, (int)ConfigurationFile.ReadObject(Path.Combine(lab.Workspace.Coordinator, "coordinator.json"))["port"]!);
        lab.TakePort();
        Assert.Equal(lab.Port, (int)ConfigurationFile.ReadObject(Path.Combine(lab.Workspace.Coordinator, "coordinator.json"))["port"]!);
    }

    [Fact]
    public void A_lab_for_which_a_port_was_asked_stays_there_and_says_that_it_is_in_use()
    {
        using var free = new HeldPort();
        var lab = Make(free.Number.ToString(CultureInfo.InvariantCulture));
        lab.TakePort();
        using var taken = Listen(lab.Port);
        var port = lab.Port;
        Assert.Contains(port.ToString(CultureInfo.InvariantCulture), Assert.Throws<ClientException>(lab.TakePort).Message, StringComparison.Ordinal);
        Assert.Equal(port, lab.Port);
    }

    [Fact]
    public void Who_looks_whether_a_port_is_free_keeps_nobody_from_listening_there()
    {
        const int times = 2_000;
        using var held = LocalPort.Take(wanted: null);
        var port = held.Number;
        var over = false;
        var looking = new Thread(() =>
        {
            while (!Volatile.Read(ref over)) LocalPort.IsFree(port);
        });
        looking.Start();
        try
        {
            for (var time = 0; time < times; time++)
            {
                using var taken = Listen(port);
                Assert.False(LocalPort.IsFree(port));
            }
        }
        finally
        {
            Volatile.Write(ref over, value: true);
            looking.Join();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Work_that_fails_before_it_wrote_anything_leaves_the_folder_as_it_was(bool isNew)
    {
        var root = _folder.File("lab");
        if (!isNew) Directory.CreateDirectory(root);
        await Assert.ThrowsAsync<ClientException>(() => RunFolderException.GuardAsync<bool>(LabWorkspace.Create(root), () => throw new ClientException("why")));
        Assert.Equal(!isNew, Directory.Exists(root));
    }

    private static TcpListener Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        return listener;
    }

    private LaunchedLab Make(string? port)
    {
        var files = TwoBanks.Write(_folder);
        var plan = SimulationPlan.Create(new SimulationOptions { Parties = [$"bank={files.Bank}", $"platform={files.Source}"], Keys = ["id"], Label = "bank.default", Port = port });
        return LaunchedLab.Prepare(LaunchKind.Processes, plan, plan.ToSpec("moving"), LabWorkspace.Create(_folder.File("lab")), TimeProvider.System);
    }
}
