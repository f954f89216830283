using System.Diagnostics;
using System.Globalization;
using System.Net;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Processes;
using FedLab.EndToEnd.Tests.Support;
using FedLab.Proto;

namespace FedLab.EndToEnd.Tests.Operation;

/// <summary>What whoever operates the programs relies on: they say how they are, and end in order when they are asked to.</summary>
public sealed class OperationTests
{
    private const string Experiment = "operation";
    private const int Trees = 60;
    private const int TreesBeforeTheStop = 5;

    /// <summary>What the programs promise, and a little for the machine.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Programs_tell_how_they_are_end_in_order_on_a_signal_and_go_on_to_the_same_model()
    {
        using var folder = new TemporaryFolder();
        var enterprises = Enterprises.Write(folder, 900);
        var plan = SimulationPlan.Create(new SimulationOptions
        {
            Parties = [$"bank={enterprises.Bank}", $"platform={enterprises.Platform}", $"chain={enterprises.Chain}"],
            Keys = ["id"],
            Label = $"bank.{Enterprises.LabelColumn}",
            Optional = ["chain"],
            Exclude = [$"platform.{Enterprises.ExcludedColumn}"],
            Settings = [$"trees={Trees}", "depth=2", "bins=8"],
        });
        var expected = await ControlledLab.ReferenceManifestAsync(Experiment, plan, folder.File("reference"), Cancellation);
        string[] names = [.. plan.Parties.Select(party => party.Name), LabProcesses.CoordinatorName];
        var ports = names.ToDictionary(name => name, _ => new HeldPort(), StringComparer.Ordinal);
        using var port = new HeldPort();
        var lab = LocalLab.Create(Experiment, plan, LabWorkspace.Create(folder.File("run")), port.Number, TimeProvider.System);
        var programs = new Dictionary<string, ChildProcess>(StringComparer.Ordinal);
        var started = new List<ChildProcess>();
        using var connection = new LabConnection(lab.Address, LocalLab.KeysOf(lab.Workspace.Lead), TimeProvider.System);
        using var client = new HttpClient();
        try
        {
            Start("platform");
            await EventuallyAsync("platform", "/healthz", HttpStatusCode.OK);
            await EventuallyAsync("platform", "/readyz", HttpStatusCode.ServiceUnavailable); // nobody to talk to yet
            foreach (var name in ports.Keys.Where(name => name != "platform").Reverse()) Start(name);
            foreach (var name in ports.Keys) await EventuallyAsync(name, "/readyz", HttpStatusCode.OK);

            var run = await connection.CreateRunAsync(plan.ToSpec(Experiment), Cancellation);
            string[] victims = ["platform", LabProcesses.CoordinatorName];
            var stopped = 0;
            var ended = await connection.WatchRunAsync(
                run,
                change =>
                {
                    var active = change.Run.Parties.Single(party => party.Role == "active");
                    if (stopped == victims.Length || active.Phase != "training" || active.Done < TreesBeforeTheStop * (stopped + 1)) return;
                    Assert.InRange(active.Done, 1, Trees - 1);
                    TerminateAsync(victims[stopped++]).GetAwaiter().GetResult();
                },
                Cancellation);

            Assert.Equal((RunState.Finished, victims.Length), (ended.State, stopped));
            Assert.Equal(expected, (await connection.GetModelAsync(run, Cancellation)).Manifest.ToByteArray());

            var bank = await client.GetStringAsync(Address("bank", "/metrics"), Cancellation);
            foreach (var figure in (string[])["fedlab_rounds_total{phase=\"training\"} ", "fedlab_envelope_bytes_total{direction=\"sent\",class=\"ciphertext\"} ", "fedlab_phase_duration_seconds_count{phase=\"training\"} "]) Assert.True(Figure(bank, figure) > 0, figure);
            Assert.True(Figure(await client.GetStringAsync(Address("platform", "/metrics"), Cancellation), "fedlab_scan_duration_seconds_count ") > 0);
            var coordinator = await client.GetStringAsync(Address(LabProcesses.CoordinatorName, "/metrics"), Cancellation);
            Assert.True(Figure(coordinator, "fedlab_relay_bytes_total{class=\"ciphertext\"} ") > 0);
            Assert.Equal(1, Figure(coordinator, "fedlab_party_connected{party=\"bank\"} "));
            Assert.Equal(0, Figure(coordinator, "fedlab_runs_open "));
        }
        finally
        {
            foreach (var program in started) await program.DisposeAsync();
            foreach (var held in ports.Values) held.Dispose();
        }

        void Start(string name)
        {
            var isCoordinator = name == LabProcesses.CoordinatorName;
            started.Add(programs[name] = ChildProcess.Start(
                name,
                isCoordinator ? ProgramLocator.Coordinator : ProgramLocator.Participant,
                isCoordinator ? lab.Workspace.Coordinator : lab.Workspace.Party(name),
                "--set",
                string.Create(CultureInfo.InvariantCulture, $"management.port={ports[name].Number}")));
        }

        async Task TerminateAsync(string name)
        {
            var program = programs[name];
            var clock = Stopwatch.StartNew();
            using (var kill = Process.Start("kill", ["-TERM", program.Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync(Cancellation);
            Assert.Equal(0, await program.Ended.WaitAsync(StopLimit, Cancellation));
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, StopLimit);
            // The audit log ends with a signed head over everything in it.
            var audit = Path.Combine(name == LabProcesses.CoordinatorName ? lab.Workspace.Coordinator : lab.Workspace.Party(name), "audit");
            var newest = Directory.EnumerateFiles(Path.Combine(audit, "checkpoints"), "*.note").Max(StringComparer.Ordinal)!;
            Assert.Equal(File.ReadLines(Path.Combine(audit, "entries.jsonl")).Count(), int.Parse((await File.ReadAllLinesAsync(newest, Cancellation))[1], CultureInfo.InvariantCulture));
            Start(name);
        }

        async Task EventuallyAsync(string name, string path, HttpStatusCode code)
        {
            for (var clock = Stopwatch.StartNew(); ; await Task.Delay(50, Cancellation))
            {
                try
                {
                    using var answer = await client.GetAsync(Address(name, path), Cancellation);
                    if (answer.StatusCode == code) return;
                }
                catch (HttpRequestException)
                {
                    // It has not begun to listen.
                }

                Assert.True(clock.Elapsed < Patience.Long, $"{name}{path} is not {code}");
            }
        }

        string Address(string name, string path) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[name].Number}{path}");
    }

    private static double Figure(string metrics, string name) =>
        double.Parse(metrics.Split('\n').Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);
}
