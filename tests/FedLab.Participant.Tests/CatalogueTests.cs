using System.Text;
using System.Text.Json;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Data;
using FedLab.Federation.Catalogues;
using FedLab.Participant.Catalogues;
using FedLab.Participant.Configuration;
using FedLab.Participant.Tests.Lab;
using FedLab.Proto;
using Microsoft.Data.Sqlite;

namespace FedLab.Participant.Tests;

/// <summary>What a participant lets the lab know of its data.</summary>
public sealed class CatalogueTests
{
    private static readonly string[] Two = ["bank", "tax"];

    private static readonly ColumnReport[] Columns =
    [
        new("uscc", "", ColumnUse.Key, Missing: null, Categories: null),
        new("income", "", ColumnUse.Number, 0.1, Categories: null),
        new("fold", "", ColumnUse.Fold, Missing: null, Categories: null),
        new("sector", "", ColumnUse.Category, 0, 3),
        new("name of the owner", "", ColumnUse.Excluded, Missing: null, Categories: null),
        new("listed", "", ColumnUse.Boolean, 0, Categories: null),
        new("opened", "", ColumnUse.Date, 0, Categories: null),
        new("overdue", "", ColumnUse.Label, Missing: null, Categories: null),
    ];

    [Fact]
    public void Only_what_is_read_as_feature_or_label_is_named_and_rows_only_where_that_is_wanted()
    {
        Assert.Null(CatalogueBuilder.Build(new CatalogueOptions { Rows = true, Title = "Bank" }, Columns, 1000).Catalogue);
        var describe = new Dictionary<string, ColumnDescription> { ["income"] = new() { Title = "Income", TitleZh = "收入", Unit = "元" } };
        var (catalogue, remarks) = CatalogueBuilder.Build(new CatalogueOptions { Publish = true, Title = "Bank", Describe = describe }, Columns, 1000);
        Assert.Empty(remarks);
        Assert.Equal(
            """{"features":[{"kind":"number","name":"income","title":"Income","titleZh":"收入","unit":"元"},{"kind":"text","name":"sector"},{"kind":"number","name":"listed"},{"kind":"number","name":"opened"},{"kind":"label","name":"overdue"}],"title":"Bank"}""",
            Encoding.UTF8.GetString(CanonicalCatalogue.ToBytes(catalogue!)));
        Assert.Equal(1000, CatalogueBuilder.Build(new CatalogueOptions { Publish = true, Rows = true }, Columns, 1000).Catalogue!.Rows);
    }

    [Fact]
    public void What_cannot_be_published_is_left_out_and_said_and_the_participant_goes_on()
    {
        var describe = new Dictionary<string, ColumnDescription> { ["name of the owner"] = new() { Title = "Owner" } };
        ColumnReport[] odd = [.. Columns, new("bell\u0007", "", ColumnUse.Number, 0, Categories: null), new(new string('x', 300), "", ColumnUse.Number, 0, Categories: null)];
        var (catalogue, remarks) = CatalogueBuilder.Build(new CatalogueOptions { Publish = true, Describe = describe }, odd, 1000);
        Assert.Equal(5, catalogue!.Features.Count);
        Assert.Contains("2 columns", remarks[0], StringComparison.Ordinal);
        Assert.Contains("name of the owner", remarks[1], StringComparison.Ordinal);

        ColumnReport[] many = [.. Enumerable.Range(0, CatalogueRules.MaximumFeatures + 1).Select(i => new ColumnReport($"c{i}", "", ColumnUse.Number, 0, Categories: null))];
        (catalogue, remarks) = CatalogueBuilder.Build(new CatalogueOptions { Publish = true }, many, 1000);
        Assert.Null(catalogue);
        Assert.Contains("10001", Assert.Single(remarks), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_catalogue_that_cannot_stand_is_named_by_its_field()
    {
        using var lab = new TemporaryLab(Two);
        var home = ParticipantHomes.Write(lab, "bank", new Uri("https://127.0.0.1:1"));
        foreach (var (catalogue, field) in ((object Catalogue, string Field)[])
        [
            (new { publish = true, title = "a\u0000b" }, "catalogue.title"),
            (new { publish = true, titleZh = new string('名', 257) }, "catalogue.titleZh"),
            (new { publish = true, describe = new { income = new { unit = new string('x', 33) } } }, "catalogue.describe.income.unit"),
            (new { publish = true, describe = new { income = new { titel = "Income" } } }, "titel"),
            (new { publish = "perhaps" }, "catalogue.publish"),
        ])
        {
            Configure(home, new Uri("https://127.0.0.1:1"), catalogue);
            var (code, error) = await ParticipantProcess.RunAsync(["--home", home]);
            Assert.Equal((2, 1), (code, error.Split('\n').Length));
            Assert.Contains(field, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nothing_is_published_unless_the_institution_says_so_and_what_it_publishes_is_on_record_with_both_sides_until_it_takes_it_back()
    {
        using var lab = new TemporaryLab(Two);
        using var coordinator = await CoordinatorProcess.StartAsync(lab, port: 0);
        var bank = ParticipantHomes.Write(lab, "bank", coordinator.Address);
        ParticipantHomes.Write(lab, "tax", coordinator.Address);
        // The keys of both are new; the coordinator reads them when it starts.
        coordinator.Kill();
        using var again = await CoordinatorProcess.StartAsync(lab, coordinator.Address.Port);
        using var channel = lab.LeadChannel(again.Address);
        var file = Path.Combine(bank, "catalogue.json");

        using (await StartAsync(bank, channel)) Assert.All(await List(channel), party => Assert.False(party.HasCatalogue));
        Assert.False(File.Exists(file));

        Configure(bank, again.Address, new { publish = true, title = "Bank", titleZh = "银行", describe = new { income = new { title = "Income", unit = "元" } } });
        byte[] hash;
        for (var time = 0; time < 2; time++)
        {
            using var participant = await StartAsync(bank, channel);
            DataCatalogue? published = null;
            while ((published = Published((await List(channel))[0])) is null) await Task.Delay(50, TestContext.Current.CancellationToken);
            Assert.Equal(["age", "income", "overdue"], published.Features.Select(feature => feature.Name).Order());
            Assert.False(published.HasRows);
            // The institution can read what the others see; no key, no value.
            Assert.Equal(CanonicalCatalogue.ToBytes(published), await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
            Assert.DoesNotContain("SECRETKEY", Encoding.UTF8.GetString(CanonicalCatalogue.ToBytes(published)), StringComparison.Ordinal);
            hash = CanonicalCatalogue.Hash(published);
            Assert.Equal(Convert.ToHexStringLower(hash), Assert.Single(Entries(bank, "catalogue.published")).GetProperty("catalogueSha256").GetString());
            Assert.Equal(Convert.ToHexStringLower(hash), Assert.Single(lab.Audit, entry => entry.Type == "catalogue.published").Body.GetProperty("catalogueSha256").GetString());
        }

        // Other rows, as for a scoring, are not what the catalogue is about.
        var rows = Path.Combine(lab.Folder, "new.csv");
        await File.WriteAllTextAsync(rows, "enterprise,age,income,height\nSECRETKEY1,1,2,3\n", TestContext.Current.CancellationToken);
        using (await StartAsync(bank, channel, "--data", rows)) Assert.Equal(3, Published((await List(channel))[0])!.Features.Count);

        Configure(bank, again.Address, new { publish = false });
        using (await StartAsync(bank, channel))
        {
            while ((await List(channel))[0].HasCatalogue) await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.False(File.Exists(file));
        Assert.Single(Entries(bank, "catalogue.withdrawn"));
        Assert.Single(lab.Audit, entry => entry.Type == "catalogue.withdrawn");
    }

    [Fact]
    public async Task A_coordinator_that_comes_back_without_the_catalogue_as_after_an_update_to_signed_ones_is_told_again()
    {
        using var lab = new TemporaryLab(Two);
        using var unconfigured = await CoordinatorProcess.StartAsync(lab, port: 0);
        var bank = ParticipantHomes.Write(lab, "bank", unconfigured.Address);
        ParticipantHomes.Write(lab, "tax", unconfigured.Address);
        unconfigured.Kill();
        Configure(bank, unconfigured.Address, new { publish = true, title = "Bank" });
        PartyCatalogue before;
        ParticipantProcess participant;
        using (var coordinator = await CoordinatorProcess.StartAsync(lab, unconfigured.Address.Port))
        {
            using var channel = lab.LeadChannel(coordinator.Address);
            participant = await StartAsync(bank, channel);
            while (!(before = (await List(channel))[0]).HasCatalogue) await Task.Delay(50, TestContext.Current.CancellationToken);
            coordinator.Kill();
        }
        using (participant)
        {
            await using (var state = new SqliteConnection($"Data Source={Path.Combine(lab.CoordinatorHome, "state.db")};Pooling=false"))
            {
                await state.OpenAsync(TestContext.Current.CancellationToken);
                await using var command = state.CreateCommand();
                command.CommandText = "ALTER TABLE catalogues DROP COLUMN signature; UPDATE schema_version SET version=4";
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
            using var again = await CoordinatorProcess.StartAsync(lab, unconfigured.Address.Port);
            using var channel = lab.LeadChannel(again.Address);
            PartyCatalogue after;
            while (!(after = (await List(channel))[0]).HasCatalogue) await Task.Delay(50, TestContext.Current.CancellationToken);
            Assert.Equal((before.Sha256, before.Signature, before.Certificate), (after.Sha256, after.Signature, after.Certificate));
        }
        Assert.Single(Entries(bank, "catalogue.published"));
        Assert.Equal(2, lab.Audit.Count(entry => entry.Type == "catalogue.published"));
    }

    private static void Configure(string home, Uri coordinator, object catalogue) => ParticipantHomes.Configure(
        home, new { name = "bank", coordinator = coordinator.ToString().TrimEnd('/'), data = new { path = "data.csv", key = "enterprise", label = "overdue", keyFormat = "text" }, catalogue });

    /// <summary>Starts the participant and waits until it is connected.</summary>
    private static async Task<ParticipantProcess> StartAsync(string home, Federation.Remote.LabChannel channel, params string[] more)
    {
        while ((await List(channel))[0].Connected) await Task.Delay(50, TestContext.Current.CancellationToken);
        var participant = new ParticipantProcess(home, more);
        while (!(await List(channel))[0].Connected && !participant.HasExited) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(participant.HasExited, participant.Errors);
        return participant;
    }

    private static DataCatalogue? Published(PartyCatalogue party) => party.HasCatalogue ? DataCatalogue.Parser.ParseFrom(party.Catalogue) : null;

    private static IEnumerable<JsonElement> Entries(string home, string type)
    {
        using var stream = new FileStream(Path.Combine(home, "audit", "entries.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        // A line without its end is still being written.
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).Where(entry => entry.GetProperty("type").GetString() == type).Select(entry => entry.GetProperty("body"))];
    }

    private static async Task<IReadOnlyList<PartyCatalogue>> List(Federation.Remote.LabChannel channel)
    {
        using var call = new Proto.Lab.LabClient(channel.Invoker).ListCatalogues(new ListCataloguesRequest(), cancellationToken: TestContext.Current.CancellationToken);
        var found = new List<PartyCatalogue>();
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)) found.Add(call.ResponseStream.Current);
        return found;
    }
}
