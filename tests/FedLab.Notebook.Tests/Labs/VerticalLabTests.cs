using System.Globalization;
using FedLab.Client;
using FedLab.Client.Launching;
using FedLab.Client.Plans;
using FedLab.Federation.Experiments;
using FedLab.Notebook.Display;
using FedLab.Notebook.Labs;
using FedLab.Notebook.Plots;

namespace FedLab.Notebook.Tests.Labs;

/// <summary>A day in a notebook, with the programs of a lab as processes: bank and data sources.</summary>
public sealed class VerticalLabTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_outlives_the_lab_object_and_is_found_again_with_all_that_it_left()
    {
        var host = new RecordingHost();
        using var patience = new CancellationTokenSource(Patience);
        NotebookHost.Enter(host, patience.Token);
        var place = _folder.File("lab");
        using var port = new HeldPort();
        try
        {
            string launched;
            using (var lab = await Lab.UpAsync(place, new LabSetup { Rows = 1500, Port = port.Number, Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["trees"] = "3" } }))
            {
                Assert.True(DetachedLab.Find(place)!.IsRunning);
                Assert.Equal(["bank-a", "public-credit", "supply-chain"], lab.Institutions.Select(institution => institution.Name));
                Assert.All(lab.Institutions, institution => Assert.True(institution.Connected));
                Assert.Contains("supply-chain", RecordingHost.TextOf(lab.Institutions.ToMimeBundle()), StringComparison.Ordinal);
                Assert.NotEmpty(lab.Features.Of("public-credit"));
                var unknown = Assert.Throws<ClientException>(() => lab.Features.Of("shopp")).Message;
                Assert.Contains("'shopp'", unknown, StringComparison.Ordinal);
                Assert.Contains("supply-chain", unknown, StringComparison.Ordinal);
                var run = await lab.Experiment("first").Active("bank-a", label: "default").With("public-credit").WithOptional("supply-chain").Trees(t => t with { Trees = 4, MaxDepth = 3 }).LaunchAsync();
                launched = run.Name;
            }

            // Another session: it knows the folder and the experiment's name.
            using var again = await Lab.OpenAsync(place);
            var found = await again.FindRunAsync("first");
            Assert.Equal(launched, found.Name);
            // Who only stops watching does not stop the run, and is told how to find it.
            using (var impatient = new CancellationTokenSource())
            {
                await impatient.CancelAsync();
                Assert.Contains($"FindRunAsync(\"{launched}\")", (await Assert.ThrowsAsync<ClientException>(() => found.WaitAsync(cancellationToken: impatient.Token))).Message, StringComparison.Ordinal);
            }
            var result = await found.WaitAsync();
            Assert.Equal(LabRunState.Finished, found.State);
            Assert.InRange(result.Metrics!.AreaUnderRocCurve, 0.5, 1);
            Assert.Equal(4, result.Manifest!.Trees);
            Assert.Equal(["bank-a", "public-credit", "supply-chain"], result.SignedBy);
            Assert.True(result.TotalBytes > 0);
            Assert.Equal(["start", "alignment", "training", "evaluation", "publication"], result.Seconds.Keys);
            Assert.Equal("start", result.Bytes.Keys.First());
            await result.SaveAsync(_folder.File("saved"));
            Assert.DoesNotContain("--", (await Assert.ThrowsAsync<ClientException>(() => result.SaveAsync(_folder.File("saved")))).Message, StringComparison.Ordinal);
            AssertProgress(host, launched);

            // What each institution holds of it is its own.
            var bank = result.Own("bank-a");
            var source = result.Own(again.HomeOf("public-credit"));
            Assert.Equal(PartyRole.Active, bank.Role);
            Assert.NotNull(bank.Share!.Ensemble);
            Assert.Null(source.Share!.Ensemble);
            Assert.Equal(result.Manifest.Parties.Single(party => party.Name == "public-credit").Splits, source.Splits.Count);
            Assert.Equal(result.Manifest.Parties.Single(party => party.Name == "bank-a").Splits, bank.Splits.Count);
            Assert.All(bank.Splits, split => Assert.InRange(split.Tree!.Value, 0, 3));
            // The bank knows its training rows' loss, which falls; nobody tells a source.
            Assert.Equal(4, bank.LossByRound.Count);
            Assert.True(bank.LossByRound[^1] < bank.LossByRound[0]);
            Assert.Empty(source.LossByRound);
            AssertGains(bank, source);
            var scores = await bank.ScoresAsync();
            Assert.Equal(result.Metrics, scores.Metrics);
            Assert.Equal(result.Manifest.TestRows, (int)scores.ToDataFrame().Rows.Count);
            await Assert.ThrowsAsync<ClientException>(() => source.ScoresAsync());
            // Without the others the bank scores the same rows, otherwise.
            var alone = await bank.AloneAsync();
            Assert.Equal(scores.Keys, alone.Keys);
            Assert.Equal(scores.Labels, alone.Labels);
            Assert.NotEqual(scores.Probabilities, alone.Probabilities);
            Assert.Equal(2, new[] { scores.As("joint"), alone.As("alone") }.Select(series => series.Name).Distinct(StringComparer.Ordinal).Count());
            await Assert.ThrowsAsync<ClientException>(() => source.AloneAsync());

            // The coordinator's log has every message, an institution's own log its part of them; only ciphertext and sealed payloads hold anything of rows.
            var all = await found.MessagesAsync();
            var own = await RunMessages.ReadAsync(again.HomeOf("supply-chain"), found.Name);
            Assert.Equal(all.Of("supply-chain").Select(message => message.Sha256).Order(StringComparer.Ordinal), own.Select(message => message.Sha256).Order(StringComparer.Ordinal));
            Assert.True(own.Count < all.Count);
            Assert.All(all, message => Assert.NotNull(message.Readers));
            Assert.Contains(all, message => message.Step == "scan.request" && message.Readers == MessageReaders.Sender && message.WhoCanRead.StartsWith("bank-a", StringComparison.Ordinal));
            Assert.Equal(result.TotalBytes, all.Sum(message => message.Bytes));

            // New rows, here the same ones, are scored together; only the bank gets the scores.
            var scoring = await (await again.ScoreAsync(result)).WaitAsync();
            var scored = await scoring.Own("bank-a").ScoresAsync();
            // It has the experiment's name, which still means the run that trained; each says what it is.
            Assert.Equal(launched, (await again.FindRunAsync("first")).Name);
            Assert.Equal(RunKind.Score, (await again.FindRunAsync(scoring.Run)).Kind);
            Assert.Equal([RunKind.Score, RunKind.Train], (await again.RunsAsync()).Select(run => run.Kind));
            Assert.Contains("scoring", RecordingHost.TextOf((await again.RunsAsync()).ToMimeBundle()), StringComparison.Ordinal);
            Assert.Contains("training", RecordingHost.TextOf(found.ToMimeBundle()), StringComparison.Ordinal);
            Assert.Equal(result.Manifest.AlignedRows, scored.Probabilities.Count(probability => !double.IsNaN(probability)));

            // What the institutions' policies do not allow comes back as their refusal.
            var unwanted = await again.Experiment("other").Active("bank-a").With("public-credit").For("marketing").LaunchAsync();
            var refusal = await Assert.ThrowsAsync<ClientException>(() => unwanted.WaitAsync());
            Assert.Contains("marketing", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refusal.Message);
            Assert.Contains("other", (await Assert.ThrowsAsync<ClientException>(() => again.FindRunAsync("nothing"))).Message, StringComparison.Ordinal);

            Assert.Contains(found.Name, RecordingHost.TextOf((await again.RunsAsync()).ToMimeBundle()), StringComparison.Ordinal);
            await again.DownAsync();
            Assert.False(DetachedLab.Find(place)!.IsRunning);
            var closed = await Assert.ThrowsAsync<ClientException>(() => again.RunsAsync());
            Assert.Contains("Lab.OpenAsync", closed.Message, StringComparison.Ordinal);
            var unreachable = await Assert.ThrowsAsync<ClientException>(() => Lab.ConnectAsync(again.Address.GetLeftPart(UriPartial.Authority), again.Keys));
            Assert.Contains(again.Address.Authority, unreachable.Message, StringComparison.Ordinal);

            var bundle = await AuditTrail.CollectAsync(place, found.Name);
            Assert.True(bundle.Holds, string.Join('\n', bundle.Findings.Select(finding => finding.Text)));
            Assert.Equal(all.Count, (await RunMessages.ReadAsync(bundle.Path, found.Name)).Count);
        }
        finally
        {
            if (DetachedLab.Find(place) is { } left) await left.StopAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task Own_files_make_a_lab_whose_prepared_experiment_is_the_command_lines_and_which_is_found_running()
    {
        var host = new RecordingHost();
        using var patience = new CancellationTokenSource(Patience);
        NotebookHost.Enter(host, patience.Token);
        var place = _folder.File("lab");
        using var port = new HeldPort();
        var files = new OrderedDictionary<string, string>(StringComparer.Ordinal) { ["bank"] = Write("bank", "bad", 3), ["platform"] = Write("platform", "visits", 7) };
        try
        {
            var setup = new LabSetup { Files = files, Keys = ["id"], Label = "bank.bad", Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["trees"] = "2" }, Port = port.Number };
            // Mistyped, it is refused by the institution's own program; the cell can be mended and run again.
            Assert.Contains("badd", (await Assert.ThrowsAsync<ClientException>(() => Lab.UpAsync(place, setup with { Label = "bank.badd" }))).Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(place));
            using var lab = await Lab.UpAsync(place, setup);
            var expected = SimulationPlan.Create(new SimulationOptions { Parties = [.. files.Select(file => $"{file.Key}={file.Value}")], Keys = ["id"], Label = "bank.bad", Settings = ["trees=2"] }).ToSpec("lab");
            Assert.Equal(expected.ToBytes(), lab.Prepared!.ToBytes());

            // Who stops watching sees the run as it was last heard of, and not as it was when the watching began.
            using (var watching = new CancellationTokenSource())
            {
                var trained = await lab.Experiment("long").Active("bank").With("platform").Trees(t => t with { Trees = 1000, MaxDepth = 2 }).LaunchAsync();
                host.Updated = bundle =>
                {
                    if (RecordingHost.TextOf(bundle).Contains("Training, tree", StringComparison.Ordinal)) watching.Cancel();
                };
                await Assert.ThrowsAsync<ClientException>(() => trained.WaitAsync(cancellationToken: watching.Token));
                host.Updated = null;
                Assert.Equal(LabRunState.Running, trained.State);
                Assert.Contains("running", RecordingHost.TextOf(trained.ToMimeBundle()), StringComparison.OrdinalIgnoreCase);
                await trained.StopAsync();
            }

            // The cell is run again: the lab is there, and is said to be.
            using var again = await Lab.UpAsync(place, setup);
            Assert.Contains("already", host.Text, StringComparison.Ordinal);
            var result = await (await again.PreparedExperiment("own").LaunchAsync()).WaitAsync();
            Assert.Equal(2, result.Manifest!.Trees);
            Assert.Equal(400, (await OwnData.LoadAsync(again.HomeOf("platform"))).Rows.Count);
            Assert.Contains("'nowhere'", Assert.Throws<ClientException>(() => again.HomeOf("nowhere")).Message, StringComparison.Ordinal);
        }
        finally
        {
            if (DetachedLab.Find(place) is { } left) await left.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>The bank knows what every split gains, its own by feature and those of each source as one; a source knows of none.</summary>
    private static void AssertGains(OwnResult bank, OwnResult source)
    {
        Assert.All(bank.Splits, split => Assert.True(split is { Gain: > 0, Cover: > 0, Rows: > 1 }));
        Assert.Equal(bank.Report!.TrainingRows, bank.Report.Splits!.Single(split => split is { Tree: 0, Node: 0 }).Rows);
        Assert.Equal(bank.FeatureUse.Keys.Order(StringComparer.Ordinal), bank.FeatureGain.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(bank.FeatureGain.Values.OrderDescending(), bank.FeatureGain.Values);
        Assert.Equal(["public-credit", "supply-chain"], bank.GainOfOthers.Keys.Order(StringComparer.Ordinal));
        Assert.All(bank.GainOfOthers.Values, gain => Assert.True(gain > 0));
        Assert.Equal(bank.Report.Splits!.Sum(split => split.Gain), bank.Importance.Sum(item => item.Importance), 9);
        Assert.Equal(bank.FeatureGain.Count + 2, bank.Importance.Count);
        Assert.Contains("supply-chain", Plot.FeatureImportance(bank.Importance).ToSvg(), StringComparison.Ordinal);
        var shown = RecordingHost.TextOf(bank.ToMimeBundle());
        Assert.Contains("Importance by gain", shown, StringComparison.Ordinal);
        Assert.Contains("training rows that reach it", shown, StringComparison.Ordinal);

        Assert.All(source.Splits, split => Assert.Null(split.Gain));
        Assert.Empty(source.Importance);
        Assert.DoesNotContain("gain", RecordingHost.TextOf(source.ToMimeBundle()), StringComparison.OrdinalIgnoreCase);
    }

    private string Write(string name, string column, int divisor)
    {
        var path = _folder.File(name + ".csv");
        var rows = Enumerable.Range(0, 400).Select(row => string.Create(CultureInfo.InvariantCulture, $"e{row},{(column == "bad" ? (row % divisor == 0 ? 1 : 0) : row % divisor)},{row * 37 % 101}"));
        File.WriteAllLines(path, rows.Prepend($"id,{column},{name}_x"));
        return path;
    }

    private static void AssertProgress(RecordingHost host, string run)
    {
        Assert.Contains(run, host.Text, StringComparison.Ordinal);
        var display = host.Displays.Last(shown => shown.Id is not null && RecordingHost.TextOf(shown.Bundle).Contains(run, StringComparison.Ordinal));
        var updates = host.Updates.Where(update => update.Id == display.Id).ToArray();
        Assert.NotEmpty(updates);
        Assert.Contains("Finished", RecordingHost.TextOf(updates[^1].Bundle), StringComparison.OrdinalIgnoreCase);
        // The last one may come at once.
        for (var i = 1; i < updates.Length - 1; i++) Assert.True(TimeProvider.System.GetElapsedTime(updates[i - 1].At, updates[i].At) > TimeSpan.FromMilliseconds(100));
    }
}
