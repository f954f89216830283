using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FedLab.EndToEnd.Tests.Support;
using FedLab.Federation.Channels;
using FedLab.Federation.Publication;

namespace FedLab.EndToEnd.Tests.Privacy;

/// <summary>
/// A whole run with unmistakable secrets: none of them is in anything that the coordinator stored or logged, that is published,
/// or that a reviewer gets.
/// </summary>
[Collection(FinishedRunGroup.Name)]
public sealed class CanaryTests(FinishedRun finished)
{
    private static readonly string[] Parties = ["bank", "platform", "chain"];

    [Fact]
    public void Nothing_that_the_coordinator_holds_and_nothing_published_shows_a_secret()
    {
        var canaries = AllSecrets();

        // The search finds each kind where it may be, so it would find it where it may not.
        var atHome = Parties.SelectMany(party => canaries.FindInFolder(finished.Workspace.Party(party))).ToArray();
        foreach (var kind in (string[])["threshold", "score", "leaf", "private key", "cosigning key", "data salt", "share salt"]) Assert.Contains(atHome, found => found.Contains(kind, StringComparison.Ordinal));
        var inFiles = new[] { finished.Enterprises.Bank, finished.Enterprises.Platform, finished.Enterprises.Chain }.SelectMany(file => canaries.FindIn(File.ReadAllBytes(file))).ToArray();
        foreach (var kind in (string[])["key of an enterprise", "category", "label column", "excluded column", "turnover", "arrears", "invoices", "orders"]) Assert.Contains(inFiles, found => found.StartsWith(kind, StringComparison.Ordinal));

        var coordinator = finished.Workspace.Coordinator;
        foreach (var name in (string[])["state.db", "coordinator.log", Path.Combine("audit", "entries.jsonl"), "models"]) Assert.True(Path.Exists(Path.Combine(coordinator, name)), $"{name} is not there to be searched");
        Assert.Empty(canaries.FindInFolder(coordinator));
        Assert.Empty(canaries.FindInFolder(finished.Workspace.Lead));
        Assert.Empty(canaries.FindInFolder(finished.Workspace.Model));
        Assert.Empty(canaries.FindInFolder(finished.Workspace.Audit));
        Assert.Empty(canaries.FindIn(File.ReadAllBytes(finished.Workspace.LogFile)));
        Assert.Empty(canaries.FindIn(File.ReadAllBytes(finished.Workspace.ReportFile)));
        Assert.Empty(canaries.FindIn(Encoding.UTF8.GetBytes(finished.Program.Error + finished.Program.Output)));
    }

    [Fact]
    public void One_party_holds_no_secret_of_another()
    {
        foreach (var party in Parties)
        {
            var others = new Canaries();
            foreach (var other in Parties.Where(other => other != party)) AddOwn(others, other);
            var columns = party switch { "bank" => (string[])["arrears", "invoices", "orders"], "platform" => ["turnover", "orders"], _ => ["turnover", "arrears", "invoices"] };
            foreach (var (column, value) in finished.Enterprises.Numbers.Where(number => columns.Contains(number.Column))) others.Add(column, value);
            Assert.Empty(others.FindInFolder(finished.Workspace.Party(party)));
        }
    }

    [Fact]
    public void Every_envelope_that_the_coordinator_passed_on_has_the_class_that_its_step_allows()
    {
        var relayed = CoordinatorRecord.Relayed(finished.Workspace.Coordinator);

        Assert.All(relayed, envelope => Assert.Equal(EnvelopeHeader.ClassName(Steps.Find(envelope.Step)!.Class), envelope.Class));
        // All that a training consists of was there to be judged.
        Step[] expected =
        [
            Steps.Hello, Steps.Resume, Steps.AlignmentPoints, Steps.AlignmentOrder, Steps.ScanSize, Steps.LinkProbe, Steps.LinkEcho, Steps.ScanSetup, Steps.ScanRequest, Steps.ScanAnswer,
            Steps.SplitRequest, Steps.SplitAnswer, Steps.TreeFinished, Steps.ScoreRequest, Steps.ScoreAnswer, Steps.Contribution, Steps.Manifest, Steps.ManifestSignature,
        ];
        Assert.Equal(expected.Select(step => step.Name).Order(), relayed.Select(envelope => envelope.Step).Distinct().Order());
        // Probes of the line are zeros, and their echoes nothing at all.
        foreach (var probe in relayed.Where(envelope => envelope.Step == Steps.LinkProbe.Name)) Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(new byte[probe.Length])), probe.Sha256);
        Assert.All(relayed.Where(envelope => envelope.Step == Steps.LinkEcho.Name), envelope => Assert.Equal(0, envelope.Length));
        // What else is public is small: nothing with a value for every row or candidate can be in it.
        var aligned = finished.Report.GetProperty("alignedRows").GetInt32();
        string[] large = [Steps.LinkProbe.Name, Steps.LinkEcho.Name, Steps.ScanSetup.Name, Steps.Contribution.Name, Steps.Manifest.Name];
        Assert.All(relayed.Where(envelope => envelope.Class == "public" && !large.Contains(envelope.Step)), envelope => Assert.InRange(envelope.Length, 1, aligned / 2));
    }

    private Canaries AllSecrets()
    {
        var canaries = new Canaries();
        canaries.Add("key of an enterprise", Enterprises.KeyMark);
        canaries.Add("category", Enterprises.TextMark);
        canaries.Add("label column", Enterprises.LabelColumn);
        canaries.Add("excluded column", Enterprises.ExcludedColumn);
        foreach (var (column, value) in finished.Enterprises.Numbers) canaries.Add(column, value);
        AddLabels(canaries);
        foreach (var party in Parties) AddOwn(canaries, party);
        return canaries;
    }

    /// <summary>The outcomes in the file's order: as bytes, as digits, as bits; 64 in a row are no coincidence.</summary>
    private void AddLabels(Canaries canaries)
    {
        const int window = 64;
        var labels = finished.Enterprises.Labels;
        for (var start = 0; start + window <= labels.Count; start += window)
        {
            var part = labels.Slice(start, window);
            if (part.Count(label => label == 1) < 8) continue;
            canaries.Add("labels as bytes", part.ToArray());
            canaries.Add("labels as digits", string.Concat(part));
            canaries.Add("labels as list", string.Join(',', part));
            ulong bits = 0;
            for (var i = 0; i < window; i++) bits |= (ulong)part[i] << i;
            canaries.Add("labels as bits", BitConverter.GetBytes(bits));
            canaries.Add("labels as reversed bits", [.. BitConverter.GetBytes(bits).Reverse()]);
        }
    }

    /// <summary>What a party has of its own: keys, salts, thresholds, for the active party leaves and scores.</summary>
    private void AddOwn(Canaries canaries, string party)
    {
        var keys = Path.Combine(finished.Workspace.Party(party), "keys");
        using (var key = ECDsa.Create())
        {
            var pem = File.ReadAllText(Path.Combine(keys, "identity.pem"));
            key.ImportFromPem(pem);
            canaries.Add($"private key of {party}", key.ExportParameters(includePrivateParameters: true).D!);
            foreach (var line in pem.Split('\n').Where(line => line.Length == 64)) canaries.Add($"private key of {party} in base64", line);
        }
        AddBase64(canaries, $"cosigning key of {party}", File.ReadAllText(Path.Combine(keys, "cosigning.key")));
        AddBase64(canaries, $"data salt of {party}", File.ReadAllText(Path.Combine(keys, "data.salt")));

        var share = PartyShare.Parse(File.ReadAllBytes(Path.Combine(finished.StoreOf(party), PartyShare.FileName)));
        canaries.Add($"share salt of {party}", Convert.ToBase64String(share.Salt));
        canaries.Add($"share salt of {party}", share.Salt);
        var thresholds = share.Records.Count(record => record.Kind == Learning.SplitKind.Threshold && canaries.Add($"threshold of {party}", record.Threshold));
        Assert.True(thresholds > 3, $"'{party}' has only {thresholds} thresholds that could be looked for");
        if (share.Ensemble is null) return;
        foreach (var node in share.Ensemble.Trees.SelectMany(tree => tree.Nodes).Where(node => node.IsLeaf)) canaries.Add("leaf", node.LeafWeight);
        foreach (var line in File.ReadLines(Path.Combine(finished.StoreOf(party), RunReport.ScoresFileName)).Skip(1))
            canaries.Add("score", double.Parse(line.Split(',')[1], CultureInfo.InvariantCulture));
    }

    private static void AddBase64(Canaries canaries, string name, string text)
    {
        canaries.Add(name, text.Trim());
        canaries.Add(name, Convert.FromBase64String(text.Trim()));
    }
}
