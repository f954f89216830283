using System.Text.Json.Nodes;
using FedLab.Client.Plans;
using FedLab.Client.Processes;
using FedLab.Data.Tests.Connectors;
using FedLab.EndToEnd.Tests.Support;
using FedLab.Federation.Identity;

namespace FedLab.EndToEnd.Tests.Recovery;

/// <summary>Two coordinators of one lab, its state in PostgreSQL: one works, the other stands by.</summary>
public sealed class TakeoverTests(PostgresServer server)
{
    private const string Experiment = "takeover";
    private const string Password = "coordinator.password";
    private const int Trees = 40;

    [Fact]
    public async Task A_second_coordinator_takes_over_in_mid_training_and_the_run_ends_with_the_same_model()
    {
        if (server.Missing is { } missing) Assert.Skip(missing);
        var cancellation = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var enterprises = Enterprises.Write(folder, 900);
        var plan = SimulationPlan.Create(new SimulationOptions
        {
            Parties = [$"bank={enterprises.Bank}", $"platform={enterprises.Platform}"],
            Keys = ["id"],
            Label = $"bank.{Enterprises.LabelColumn}",
            Exclude = [$"platform.{Enterprises.ExcludedColumn}"],
            Settings = [$"trees={Trees}", "depth=2", "bins=8"],
        });
        var expected = await ControlledLab.ReferenceManifestAsync(Experiment, plan, folder.File("reference"), cancellation);
        await server.ExecuteAsync("CREATE DATABASE takeover");
        await using var lab = ControlledLab.Create(Experiment, plan, folder.File("run"));
        var home = lab.Lab.Workspace.Coordinator;
        KeyFiles.WriteSecret(Path.Combine(home, Password), PostgresServer.OwnerPassword);
        lab.ConfigureCoordinator(configuration => configuration["state"] = new JsonObject
        {
            ["postgres"] = new JsonObject { ["host"] = "127.0.0.1", ["port"] = server.Port, ["database"] = "takeover", ["user"] = PostgresServer.Owner, ["passwordFile"] = Password },
        });

        await using var first = ChildProcess.Start(LabProcesses.CoordinatorName, ProgramLocator.Coordinator, home);
        foreach (var party in lab.Lab.Parties) lab.Processes.StartParticipant(party, lab.Lab.Workspace.Party(party));
        await lab.Connection.WaitForPartiesAsync(lab.Lab.Parties, Patience.Long, Patience.Long, "coordinator.log", cancellation);
        await using var second = ChildProcess.Start(LabProcesses.CoordinatorName, ProgramLocator.Coordinator, home);
        var killed = 0;
        var ended = await lab.TrainAsync(
            run =>
            {
                var active = run.Parties.Single(party => party.Role == "active");
                if (killed > 0 || active.Phase != "training" || active.Done < 5) return;
                killed = active.Done;
                using var victim = System.Diagnostics.Process.GetProcessById(first.Id);
                victim.Kill();
            },
            cancellation);

        Assert.InRange(killed, 5, Trees - 1);
        Assert.True(first.Ended.IsCompleted && !second.Ended.IsCompleted);
        lab.AssertFinished(ended);
        Assert.Equal(2, ended.Attempt);
        var model = await lab.Connection.GetModelAsync(ended.Run, cancellation);
        Assert.Equal(expected, model.Manifest.ToByteArray());
        await second.StopAsync();
        Assert.Equal(0, await second.Ended);
        Assert.False(File.Exists(Path.Combine(home, "state.db")));
    }
}
