using System.Security.Cryptography;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Experiments;
using FedLab.Participant.Tests.Lab;
using FedLab.Proto;

namespace FedLab.Participant.Tests;

/// <summary>Coordinator and participants as processes of their own: training, kills, scoring.</summary>
public sealed class JointRunTests
{
    private static readonly string[] Two = ["bank", "tax"];

    [Fact]
    public async Task A_participant_killed_in_the_middle_comes_back_and_the_model_is_the_same_to_the_byte_and_scores()
    {
        using var lab = new TemporaryLab(Two);
        var folders = Two.ToDictionary(party => party, party => ParticipantHomes.Write(lab, party, new Uri("https://127.0.0.1:1")));
        ParticipantHomes.Introduce(lab);
        using var coordinator = await CoordinatorProcess.StartAsync(lab, port: 0);
        foreach (var party in Two) Redirect(folders[party], coordinator.Address);
        using var bank = new ParticipantProcess(folders["bank"]);
        var tax = new ParticipantProcess(folders["tax"]);
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        // So many that the kill comes before the last one, also where this process is late to see the second.
        var spec = lab.Spec("joint") with { Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["trees"] = "20", ["depth"] = "2" } };

        var undisturbed = await TrainAsync(spec);
        Assert.Equal((RunState.Finished, 1, ""), (undisturbed.State, undisturbed.Attempt, undisturbed.Reason));

        var run = await TemporaryLab.ProposeAsync(lead, spec);
        await TemporaryLab.WaitAsync(lead, run.Run, description => description.Parties.Any(party => party is { Phase: "training", Done: >= 2 }), seconds: 120);
        tax.Kill();
        tax.Dispose();
        using var again = new ParticipantProcess(folders["tax"]);
        var disturbed = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, seconds: 180);
        Assert.Equal((RunState.Finished, 2, ""), (disturbed.State, disturbed.Attempt, disturbed.Reason));
        Assert.Equal(undisturbed.ManifestHash, disturbed.ManifestHash);

        var score = lab.Spec("scoring") with { Kind = RunKind.Score, ManifestHash = Convert.ToHexStringLower(undisturbed.ManifestHash.Span) };
        var scored = await TrainAsync(score);
        Assert.Equal((RunState.Finished, ""), (scored.State, scored.Reason));
        Assert.Equal(ParticipantHomes.Rows, scored.Parties[0].AlignedRows);

        var unknown = await TrainAsync(lab.Spec("scoring") with { Kind = RunKind.Score, ManifestHash = Convert.ToHexStringLower(SHA256.HashData([])) });
        Assert.Equal(RunState.Refused, unknown.State);

        // Nothing about a row leaves a party's own files: no key value in a log, an audit entry or the coordinator's folder.
        foreach (var path in Directory.EnumerateFiles(lab.CoordinatorHome, "*", SearchOption.AllDirectories).Concat(Two.SelectMany(party => new[] { "participant.log", "audit/entries.jsonl", "data-report.json" }.Select(name => Path.Combine(folders[party], name)))))
        {
            // The coordinator goes on to keep cosignatures: a file that was renamed meanwhile stands under its name.
            if (!path.EndsWith("lock", StringComparison.Ordinal) && !path.EndsWith(".tmp", StringComparison.Ordinal)) Assert.DoesNotContain("SECRETKEY", ReadShared(path), StringComparison.Ordinal);
        }
        var entries = ReadShared(Path.Combine(folders["tax"], "audit", "entries.jsonl"));
        foreach (var type in (string[])["dataset.committed", "run.approved", "run.started", "run.resumed", "egress.sent", "ingress.received", "align.done", "run.finished", "witness.cosigned", "scoring.done"])
            Assert.Contains($"\"{type}\"", entries, StringComparison.Ordinal);

        async Task<RunDescription> TrainAsync(ExperimentSpec wanted)
        {
            var proposed = await TemporaryLab.ProposeAsync(lead, wanted);
            return await TemporaryLab.WaitAsync(lead, proposed.Run, TemporaryLab.HasEnded, seconds: 180);
        }
    }

    [Fact]
    public async Task A_person_decides_where_the_rules_leave_it_to_a_person()
    {
        using var lab = new TemporaryLab(Two);
        using var coordinator = await CoordinatorProcess.StartAsync(lab, port: 0);
        var home = ParticipantHomes.Write(lab, "tax", coordinator.Address, approval: new { automatic = false, purposes = new[] { "credit-risk" }, actives = new[] { "bank" } });
        coordinator.Kill(); // it must read the participant's new certificate
        using var restarted = await CoordinatorProcess.StartAsync(lab, coordinator.Address.Port);
        using var tax = new ParticipantProcess(home);
        using var channel = lab.LeadChannel(restarted.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);

        var wrongPurpose = await TemporaryLab.ProposeAsync(lead, lab.Spec() with { Purpose = "marketing" });
        Assert.Contains("marketing", (await TemporaryLab.WaitAsync(lead, wrongPurpose.Run, TemporaryLab.HasEnded)).Reason, StringComparison.Ordinal);

        var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
        var shown = Path.Combine(home, "proposals", run.Run + ".proposal.json");
        while (!File.Exists(shown)) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(PartyDecision.Pending, (await lead.GetRunAsync(new GetRunRequest { Run = run.Run })).Parties.Single(party => party.Name == "tax").Decision);
        // What is no decision is told, once however often it is looked at, and decides nothing.
        var file = Path.Combine(home, "proposals", run.Run + ".decision");
        await File.WriteAllTextAsync(file, "maybe\n", TestContext.Current.CancellationToken);
        while (!tax.Errors.Contains(file, StringComparison.Ordinal)) await Task.Delay(50, TestContext.Current.CancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(2.5), TestContext.Current.CancellationToken);
        Assert.Equal(PartyDecision.Pending, (await lead.GetRunAsync(new GetRunRequest { Run = run.Run })).Parties.Single(party => party.Name == "tax").Decision);
        await File.WriteAllTextAsync(file, "Refuse: not this quarter\n", TestContext.Current.CancellationToken);
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded);
        Assert.Equal(RunState.Refused, ended.State);
        Assert.Contains("not this quarter", ended.Reason, StringComparison.Ordinal);
        Assert.Single(tax.Errors.Split('\n'), line => line.Contains(file, StringComparison.Ordinal) && line.Contains("'approve' alone", StringComparison.Ordinal));
        Assert.Single(ReadShared(Path.Combine(home, "participant.log")).Split('\n'), line => line.Contains(file, StringComparison.Ordinal) && line.Contains("no decision", StringComparison.Ordinal));
    }

    private static void Redirect(string home, Uri coordinator)
    {
        var path = Path.Combine(home, "participant.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("https://127.0.0.1:1\"", coordinator.ToString().TrimEnd('/') + "\"", StringComparison.Ordinal));
    }

    private static string ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }
}
