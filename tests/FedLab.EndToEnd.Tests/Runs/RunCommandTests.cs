using System.Text.Json;
using System.Text.Json.Nodes;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.EndToEnd.Tests.Support;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;

namespace FedLab.EndToEnd.Tests.Runs;

/// <summary><c>fedlab run</c> against a lab of real processes.</summary>
public sealed class RunCommandTests : IDisposable
{
    private const int Failure = 1;
    private const int Usage = 2;
    private const string Experiment = "joint";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_joint_model_is_proposed_watched_and_fetched_with_the_signatures_of_all()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (plan, spec) = Vertical(trees: 6);
        var reference = await ControlledLab.ReferenceManifestAsync(Experiment, plan, _folder.File("one"), cancellation);
        await using var lab = await StartAsync(plan, spec);

        // Who watches sees a state only if it lasts: the run waits for one institution until the approval of another was shown.
        lab.Freeze("chain");
        await using var program = FedLabProgram.Start(_folder.Path, ["run", SpecFile(spec), "--out", "model", "--json", .. Lead(lab)]);
        Assert.True(await Patience.UntilAsync(() => program.HasExited || program.ErrorSoFar.Contains("bank: approved", StringComparison.Ordinal), Patience.Long, cancellation), program.ErrorSoFar);
        lab.Thaw("chain");
        var run = (await program.EndAsync()).Succeeded();

        Assert.Equal(reference, File.ReadAllBytes(_folder.File("model", "manifest.json")));
        using var signatures = JsonDocument.Parse(File.ReadAllBytes(_folder.File("model", "signatures.json")));
        Assert.Equal(["bank", "chain", "platform"], signatures.RootElement.GetProperty("signatures").EnumerateArray().Select(signature => signature.GetProperty("party").GetString()!));
        var report = Json(run);
        Assert.Equal("finished", report.GetProperty("state").GetString());
        Assert.Equal("model", report.GetProperty("model").GetProperty("path").GetString());
        Assert.All(report.GetProperty("parties").EnumerateArray(), party => Assert.True(party.GetProperty("finished").GetBoolean()));
        foreach (var line in (string[])["Training", "bank: approved", "platform: finished"]) Assert.Contains(line, run.Error, StringComparison.Ordinal);

        var list = Json((await RunAsync(lab, "--list", "--json")).Succeeded());
        Assert.Equal(report.GetProperty("run").GetString(), Assert.Single(list.GetProperty("runs").EnumerateArray()).GetProperty("run").GetString());
        Assert.All(list.GetProperty("parties").EnumerateArray(), party => Assert.True(party.GetProperty("connected").GetBoolean()));
    }

    [Fact]
    public async Task Banks_train_together_too()
    {
        var files = await BankFiles.WriteAsync(_folder, 3, "logistic");
        await using var lab = ControlledLab.Create(BankFiles.Experiment, files.Plan, files.Spec, _folder.File("lab"));
        await lab.StartAsync(TestContext.Current.CancellationToken);

        var run = (await RunAsync(lab, SpecFile(files.Spec))).Succeeded();

        var manifest = Directory.GetFiles(_folder.File("fedlab-runs"), "manifest.json", SearchOption.AllDirectories);
        Assert.Contains("\"horizontal\"", File.ReadAllText(Assert.Single(manifest)), StringComparison.Ordinal);
        Assert.Contains("all signatures hold", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_an_interrupt_the_run_goes_on_and_is_found_again()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (plan, spec) = Vertical(trees: 40);
        await using var lab = await StartAsync(plan, spec);
        await using var program = FedLabProgram.Start(_folder.Path, ["run", SpecFile(spec), .. Lead(lab), "--json"]);
        Assert.True(await Patience.UntilAsync(() => program.HasExited || program.ErrorSoFar.Contains("Training", StringComparison.Ordinal), Patience.Long, cancellation));

        await program.SignalAsync("INT");
        var interrupted = await program.EndAsync();

        Assert.Equal(Failure, interrupted.ExitCode);
        var name = Json(interrupted).GetProperty("run").GetString()!;
        var sentence = interrupted.Complaints[^1];
        var again = sentence[sentence.IndexOf("fedlab run --attach", StringComparison.Ordinal)..].Split(' ');
        Assert.Equal(["fedlab", "run", "--attach", name, .. Lead(lab)], again);
        Assert.False(Directory.Exists(_folder.File("fedlab-runs")));

        var run = (await FedLabProgram.RunAsync(_folder.Path, [.. again[1..], "--json"])).Succeeded();

        Assert.Equal("finished", Json(run).GetProperty("state").GetString());
        Assert.Equal(1, Json(run).GetProperty("attempt").GetInt32());
        Assert.True(File.Exists(_folder.File("fedlab-runs", name, "manifest.json")));
    }

    [Fact]
    public async Task It_says_for_whom_it_waits_and_another_lead_stops_it()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (plan, spec) = Vertical(trees: 6);
        await using var lab = Make(plan, spec);
        lab.Configure("platform", configuration => configuration["approval"]!["automatic"] = false);
        await lab.StartAsync(cancellation);
        await using var program = FedLabProgram.Start(_folder.Path, ["run", SpecFile(spec), .. Lead(lab)]);
        Assert.True(await Patience.UntilAsync(() => program.HasExited || program.ErrorSoFar.Contains("waits for platform", StringComparison.Ordinal), Patience.Long, cancellation), program.ErrorSoFar);
        var waiting = Assert.Single(Json((await RunAsync(lab, "--list", "--json")).Succeeded()).GetProperty("runs").EnumerateArray());
        Assert.Equal("proposed", waiting.GetProperty("state").GetString());
        var name = waiting.GetProperty("run").GetString()!;

        (await RunAsync(lab, "--stop", name, "--reason", "wrong settings")).Succeeded();

        var ended = await program.EndAsync();
        Assert.Equal(Failure, ended.ExitCode);
        Assert.Contains("wrong settings", ended.Complaints[^1], StringComparison.Ordinal);
        Assert.Contains(name, Refusal.Assert(await RunAsync(lab, "--stop", name), Failure), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_names_who_refuses_and_why()
    {
        var (plan, spec) = Vertical(trees: 6);
        await using var lab = Make(plan, spec);
        lab.Configure("chain", configuration => configuration["approval"]!["purposes"] = new JsonArray("marketing"));
        await lab.StartAsync(TestContext.Current.CancellationToken);

        var run = await RunAsync(lab, SpecFile(spec), "--out", "model");

        Assert.Equal(Failure, run.ExitCode);
        var sentence = run.Complaints[^1];
        foreach (var word in (string[])["'chain'", "credit-risk"]) Assert.Contains(word, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("'platform'", sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("model")));
    }

    [Theory]
    [InlineData("manifest.json")]
    [InlineData("signatures.json")]
    public async Task A_model_that_the_coordinator_has_altered_is_not_taken(string file)
    {
        var (plan, spec) = Vertical(trees: 3);
        await using var lab = await StartAsync(plan, spec);
        var name = Json((await RunAsync(lab, SpecFile(spec), "--json")).Succeeded()).GetProperty("run").GetString()!;
        var stored = Path.Combine(lab.Lab.Workspace.Coordinator, "models", name, file);
        var signatures = JsonNode.Parse(File.ReadAllBytes(Path.Combine(lab.Lab.Workspace.Coordinator, "models", name, "signatures.json")))!.AsObject();
        if (file == "signatures.json")
        {
            signatures["chain"] = (string?)signatures["bank"];
            File.WriteAllText(stored, signatures.ToJsonString());
        }
        else
        {
            File.AppendAllText(stored, "\n");
        }

        Refusal.Assert(await RunAsync(lab, "--attach", name, "--out", "again"), Failure, file == "signatures.json" ? ["chain"] : ["hash"]);

        Assert.False(Directory.Exists(_folder.File("again")));
    }

    [Fact]
    public async Task What_is_wrong_is_said_in_one_sentence_before_anything_is_proposed()
    {
        var (plan, spec) = Vertical(trees: 3);
        var other = Make(plan, spec, "other");
        await using var lab = await StartAsync(plan, spec);
        var good = SpecFile(spec);
        var stranger = SpecFile(spec with { Parties = [.. spec.Parties, new ExperimentParty("insurer", PartyRole.Optional)] }, "stranger.json");
        var setting = _folder.Write("setting.json", File.ReadAllText(good).Replace("\"trees\":", "\"tress\":", StringComparison.Ordinal));
        var field = _folder.Write("field.json", File.ReadAllText(good).Replace("\"purpose\"", "\"purpos\"", StringComparison.Ordinal));
        var (address, keys) = (lab.Lab.Address.GetLeftPart(UriPartial.Authority), LocalLab.KeysOf(lab.Lab.Workspace.Lead));
        using var nobodys = new HeldPort();
        var free = nobodys.Number;

        await RefusesAsync(Usage, ["insurer", "platform"], stranger, "--coordinator", address, "--keys", keys);
        await RefusesAsync(Usage, ["setting.json", "tress"], setting, "--coordinator", address, "--keys", keys);
        await RefusesAsync(Usage, ["field.json", "purpos"], field, "--coordinator", address, "--keys", keys);
        await RefusesAsync(Usage, ["nowhere.json"], "nowhere.json", "--coordinator", address, "--keys", keys);
        await RefusesAsync(Usage, ["--attach", "--list"], "--coordinator", address, "--keys", keys);
        await RefusesAsync(Usage, ["--attach", "--list"], good, "--list", "--coordinator", address, "--keys", keys);
        await RefusesAsync(Usage, ["--coordinator"], good, "--keys", keys);
        await RefusesAsync(Usage, ["--keys"], good, "--coordinator", address);
        await RefusesAsync(Usage, ["http://lab", "https://"], good, "--coordinator", "http://lab", "--keys", keys);
        await RefusesAsync(Usage, ["no-such-run"], "--attach", "no-such-run", "--coordinator", address, "--keys", keys);
        await RefusesAsync(Failure, [$"127.0.0.1:{free}", "--coordinator"], good, "--coordinator", $"https://127.0.0.1:{free}", "--keys", keys);
        await RefusesAsync(Failure, [_folder.File("nowhere")], good, "--coordinator", address, "--keys", _folder.File("nowhere"));
        await RefusesAsync(Failure, ["bank", "lead"], good, "--coordinator", address, "--keys", LocalLab.KeysOf(lab.Lab.Workspace.Party("bank")));
        await RefusesAsync(Failure, ["ca.pem"], good, "--coordinator", address, "--keys", LocalLab.KeysOf(other.Lab.Workspace.Lead));
        Assert.Empty(Json((await RunAsync(lab, "--list", "--json")).Succeeded()).GetProperty("runs").EnumerateArray());

        // Keys that only the coordinator can tell to be another lab's.
        File.Copy(Path.Combine(keys, LabAuthority.CertificateFile), Path.Combine(LocalLab.KeysOf(other.Lab.Workspace.Lead), LabAuthority.CertificateFile), overwrite: true);
        await RefusesAsync(Failure, ["lead"], good, "--coordinator", address, "--keys", LocalLab.KeysOf(other.Lab.Workspace.Lead));
        await other.DisposeAsync();

        async Task RefusesAsync(int code, string[] named, params string[] arguments) => Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, ["run", .. arguments]), code, named);
    }

    private static JsonElement Json(ProgramRun run) => JsonDocument.Parse(run.Output).RootElement;

    private static string[] Lead(ControlledLab lab) => ["--coordinator", lab.Lab.Address.GetLeftPart(UriPartial.Authority), "--keys", LocalLab.KeysOf(lab.Lab.Workspace.Lead)];

    private Task<ProgramRun> RunAsync(ControlledLab lab, params string[] arguments) => FedLabProgram.RunAsync(_folder.Path, ["run", .. arguments, .. Lead(lab)]);

    private string SpecFile(ExperimentSpec spec, string name = "spec.json") => _folder.Write(name, System.Text.Encoding.UTF8.GetString(spec.ToBytes()));

    private (SimulationPlan Plan, ExperimentSpec Spec) Vertical(int trees)
    {
        var enterprises = Enterprises.Write(_folder, 900);
        var plan = SimulationPlan.Create(new SimulationOptions
        {
            Parties = [$"bank={enterprises.Bank}", $"platform={enterprises.Platform}", $"chain={enterprises.Chain}"],
            Keys = ["id"],
            Label = $"bank.{Enterprises.LabelColumn}",
            Optional = ["chain"],
            Settings = [$"trees={trees}", "depth=3"],
        });
        return (plan, plan.ToSpec(Experiment));
    }

    private ControlledLab Make(SimulationPlan plan, ExperimentSpec spec, string folder = "lab") => ControlledLab.Create(Experiment, plan, spec, _folder.File(folder));

    private async Task<ControlledLab> StartAsync(SimulationPlan plan, ExperimentSpec spec)
    {
        var lab = Make(plan, spec);
        await lab.StartAsync(TestContext.Current.CancellationToken);
        return lab;
    }
}
