using System.Security.Cryptography.X509Certificates;
using System.Text;
using FedLab.Audit;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Catalogues;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Coordinator.Tests;

/// <summary>What parties publish of their data, over real mutual TLS on loopback.</summary>
public sealed class CatalogueTests
{
    private static readonly string[] Two = ["bank", "credit"];

    [Fact]
    public async Task A_catalogue_is_seen_by_leads_and_participants_also_while_its_party_is_away_and_after_a_restart_of_the_coordinator()
    {
        using var lab = new TemporaryLab(Two);
        var catalogue = Catalogue();
        await using (var coordinator = await lab.StartAsync())
        {
            await using (var bank = Participant(lab, "bank", coordinator.Address))
            {
                var receipt = await PublishAsync(bank, catalogue);
                Assert.Equal(("", Convert.ToHexString(CanonicalCatalogue.Hash(catalogue))), (receipt.Refusal, Convert.ToHexString(receipt.Sha256.Span)));
                // The same again is no news.
                Assert.Equal(receipt, await PublishAsync(bank, catalogue));
            }
            using var channel = lab.LeadChannel(coordinator.Address);
            while ((await List(channel))[0].Connected) await Task.Delay(20, TestContext.Current.CancellationToken);
            Assert.Equal(catalogue, Published((await List(channel))[0]));
        }
        await using (var coordinator = await lab.StartAsync())
        {
            using var identity = new PartyIdentity("credit", new(lab.Certificates["credit"]));
            using var channel = new LabChannel(coordinator.Address, identity.Certificate, lab.Authority.Certificate);
            var seen = await List(channel);
            Assert.Equal([("bank", catalogue), ("credit", null)], seen.Select(party => (party.Party, Published(party))));
            Assert.InRange(seen[0].PublishedUnixMs, TimeProvider.System.GetUtcNow().AddMinutes(-5).ToUnixTimeMilliseconds(), TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
            Assert.Equal("bank", Assert.Single(await List(channel, "bank")).Party);
            // Whoever reads it can check it, with no word of the coordinator's.
            using var key = X509CertificateLoader.LoadCertificate(seen[0].Certificate.Span).GetECDsaPublicKey()!;
            Assert.Equal(lab.Certificates["bank"].RawData, seen[0].Certificate.ToByteArray());
            Assert.True(Statement(lab, "bank", catalogue).VerifySignature(key, seen[0].Signature.Span));
            Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => List(channel, "nobody"))).StatusCode);

            // Taken back, it is gone for all.
            await using var bank = Participant(lab, "bank", coordinator.Address);
            Assert.True((await PublishAsync(bank, catalogue: null)).Sha256.IsEmpty);
            Assert.False((await List(channel))[0].HasCatalogue);
        }
        Assert.Equal(["catalogue.published", "catalogue.withdrawn"], lab.Audit.Where(entry => entry.Type.StartsWith("catalogue.", StringComparison.Ordinal)).Select(entry => entry.Type));
        Assert.Equal(Convert.ToHexStringLower(CanonicalCatalogue.Hash(catalogue)), lab.Audit.First(entry => entry.Type == "catalogue.published").Body.GetProperty("catalogueSha256").GetString());
    }

    [Theory]
    [InlineData("too many features", "10001")]
    [InlineData("too many bytes", "1048576")]
    [InlineData("a name twice", "'income'")]
    [InlineData("no name", "''")]
    [InlineData("a long name", "256")]
    [InlineData("a control character", "\\u001B")]
    [InlineData("a character that turns the text around", "\\u202E")]
    [InlineData("a line break in a title", "\\u000A")]
    [InlineData("a space at the end", "'income '")]
    [InlineData("a long unit", "32")]
    [InlineData("no kind", "'income'")]
    [InlineData("two labels", "'second'")]
    [InlineData("less than no rows", "-1")]
    public async Task What_no_catalogue_may_hold_is_refused_in_words_and_what_was_published_before_stays(string fault, string named)
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        await using var bank = Participant(lab, "bank", coordinator.Address);
        var good = Catalogue();
        await PublishAsync(bank, good);
        var bad = Spoil(good.Clone(), fault);
        for (var i = 0; i < 3; i++)
        {
            var receipt = await PublishAsync(bank, bad);
            Assert.Contains(named, receipt.Refusal, StringComparison.Ordinal);
            Assert.DoesNotContain(receipt.Refusal, c => char.IsControl(c) || c == '\u202E');
            Assert.Equal(CanonicalCatalogue.Hash(good), receipt.Sha256.ToByteArray());
        }
        Assert.Equal(good, Published((await List(channel))[0]));
        // The log that forgets nothing has it once, whoever insists.
        Assert.Equal("catalogue-invalid", Assert.Single(lab.Audit, entry => entry.Type == "policy.denied").Body.GetProperty("rule").GetString());
        // The session goes on.
        var other = good.Clone();
        other.Title = "other";
        Assert.Equal("", (await PublishAsync(bank, other)).Refusal);
        Assert.DoesNotContain("disconnected", bank.Events);
    }

    [Fact]
    public async Task A_catalogue_that_its_party_has_not_signed_for_this_lab_is_refused_and_what_was_published_before_stays()
    {
        using var lab = new TemporaryLab(Two);
        using var other = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        await using var bank = Participant(lab, "bank", coordinator.Address);
        await using var credit = Participant(lab, "credit", coordinator.Address);
        var good = Catalogue();
        await PublishAsync(bank, good);
        var next = good.Clone();
        next.Title = "next";
        var hash = CanonicalCatalogue.Hash(next);
        using var ownKey = lab.Certificates["bank"].GetECDsaPrivateKey()!;
        foreach (var signature in (byte[][])
        [
            [],
            new byte[64],
            new byte[10_000],
            bank.SignCatalogue(CanonicalCatalogue.Hash(good)),
            bank.SignCatalogue(hash, "credit"),
            credit.SignCatalogue(hash, "bank"),
            Statement(other, "bank", next).Sign(ownKey),
            new ApprovalRecord("run", "bank", "catalogue.published", new Sha256Hash(hash)).Sign(ownKey),
        ])
        {
            var receipt = await SendAsync(bank, next.ToByteString(), signature);
            Assert.Contains("'bank'", receipt.Refusal, StringComparison.Ordinal);
            Assert.Equal(CanonicalCatalogue.Hash(good), receipt.Sha256.ToByteArray());
        }
        Assert.Equal(good, Published((await List(channel))[0]));
        Assert.Equal("catalogue-signature-invalid", Assert.Single(lab.Audit, entry => entry.Type == "policy.denied").Body.GetProperty("rule").GetString());
        Assert.Single(lab.Audit, entry => entry.Type == "catalogue.published");
        Assert.Equal("", (await PublishAsync(bank, next)).Refusal);
    }

    [Fact]
    public async Task A_catalogue_that_was_signed_with_a_key_that_is_no_longer_its_partys_is_not_shown_until_the_party_publishes_it_anew()
    {
        using var lab = new TemporaryLab(Two);
        await using (var coordinator = await lab.StartAsync())
        {
            await using var bank = Participant(lab, "bank", coordinator.Address);
            await PublishAsync(bank, Catalogue());
        }
        // As an administrator would replace the keys of a party that did not enrol.
        lab.Certificates["bank"].Dispose();
        lab.Certificates["bank"] = lab.Authority.Issue("bank", LabRole.Participant);
        KeyFiles.SaveCertificate(Path.Combine(lab.CoordinatorHome, "parties", "bank.crt.pem"), lab.Certificates["bank"]);
        await using (var coordinator = await lab.StartAsync())
        {
            using var channel = lab.LeadChannel(coordinator.Address);
            Assert.False((await List(channel))[0].HasCatalogue);
            await using var bank = Participant(lab, "bank", coordinator.Address);
            await PublishAsync(bank, Catalogue());
            Assert.Equal(lab.Certificates["bank"].RawData, (await List(channel))[0].Certificate.ToByteArray());
        }
    }

    [Fact]
    public async Task Fields_that_this_program_does_not_know_are_not_passed_on()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        await using var bank = Participant(lab, "bank", coordinator.Address);
        // Field 99 of the catalogue, 5 bytes.
        var more = ByteString.CopyFrom([.. Catalogue().ToByteArray(), 0x9A, 0x06, 5, .. "extra"u8]);
        Assert.Equal(CanonicalCatalogue.Hash(Catalogue()), (await SendAsync(bank, more, bank.SignCatalogue(CanonicalCatalogue.Hash(Catalogue())))).Sha256.ToByteArray());
        Assert.Equal(Catalogue().ToByteString(), (await List(channel))[0].Catalogue);
    }

    [Fact]
    public async Task Bytes_that_are_no_catalogue_or_would_be_millions_of_objects_are_refused_before_anything_is_made_of_them()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        await using var bank = Participant(lab, "bank", coordinator.Address);
        // Features without content, two bytes each: 40 million objects.
        var many = new byte[70 << 20];
        for (var i = 0; i < many.Length; i += 2) many[i] = 0x22;
        var before = GC.GetTotalAllocatedBytes();
        Assert.Contains("73400320", (await SendAsync(bank, ByteString.CopyFrom(many))).Refusal, StringComparison.Ordinal);
        // The objects would be 3 GB; other tests allocate at the same time.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 2L << 30);
        // A length behind the end, and a text that is no UTF-8.
        Assert.NotEmpty((await SendAsync(bank, ByteString.CopyFrom(0x0A, 0x7F, 0x20))).Refusal);
        Assert.NotEmpty((await SendAsync(bank, ByteString.CopyFrom(0x0A, 0x02, 0xC3, 0x28))).Refusal);
        Assert.False((await List(channel))[0].HasCatalogue);
    }

    [Fact]
    public async Task A_party_that_changes_its_catalogue_all_the_time_is_stopped()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        await using var bank = Participant(lab, "bank", coordinator.Address);
        const int allowed = 60;
        for (var i = 0; i < allowed; i++) Assert.Equal("", (await PublishAsync(bank, new DataCatalogue { Rows = i })).Refusal);
        for (var i = 0; i < 5; i++) Assert.Contains("60", (await PublishAsync(bank, new DataCatalogue { Rows = allowed + i })).Refusal, StringComparison.Ordinal);
        Assert.Equal(allowed, lab.Audit.Count(entry => entry.Type == "catalogue.published"));
        Assert.Equal("catalogue-too-often", Assert.Single(lab.Audit, entry => entry.Type == "policy.denied").Body.GetProperty("rule").GetString());
    }

    [Fact]
    public async Task Neither_a_lead_nor_a_stranger_publishes_and_who_is_no_party_sees_nothing()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        using (var session = new Proto.Lab.LabClient(channel.Invoker).Session(cancellationToken: TestContext.Current.CancellationToken))
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            {
                await session.RequestStream.WriteAsync(new ParticipantFrame { Sequence = 1, Catalogue = new CatalogueNotice { Catalogue = Catalogue().ToByteString() } }, TestContext.Current.CancellationToken);
                await session.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
            });
            Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
            Assert.Contains("participant", refused.Status.Detail, StringComparison.Ordinal);
        }
        Assert.All(await List(channel), party => Assert.False(party.HasCatalogue));

        using var outsider = lab.Authority.Issue("outsider", LabRole.Participant);
        using var other = new LabChannel(coordinator.Address, outsider, lab.Authority.Certificate);
        var denied = await Assert.ThrowsAsync<RpcException>(() => List(other));
        Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);
        Assert.Contains("outsider", denied.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_that_is_hashed_is_canonical_JSON()
    {
        var catalogue = Catalogue();
        catalogue.Title = "\"Bank\" \\ / é 银行 😀 <&>";
        catalogue.Features.Add(new PublishedFeature { Name = "空格 in between", Kind = PublishedKind.Text, Unit = "%" });
        Assert.Null(CatalogueRules.ProblemOf(catalogue));
        var text = CanonicalCatalogue.ToBytes(catalogue);
        Assert.Equal(Encoding.UTF8.GetString(CanonicalJson.Serialize(System.Text.Json.Nodes.JsonNode.Parse(text)!)), Encoding.UTF8.GetString(text));
        Assert.Equal("""{"features":[]}""", Encoding.UTF8.GetString(CanonicalCatalogue.ToBytes(new DataCatalogue())));
    }

    private static DataCatalogue Catalogue() => new()
    {
        Title = "Bank",
        TitleZh = "银行",
        Rows = 1234,
        Features =
        {
            new PublishedFeature { Name = "income", Kind = PublishedKind.Number, Title = "Income", TitleZh = "收入", Unit = "元" },
            new PublishedFeature { Name = "region", Kind = PublishedKind.Text },
            new PublishedFeature { Name = "overdue", Kind = PublishedKind.Label },
        },
    };

    private static DataCatalogue Spoil(DataCatalogue catalogue, string fault)
    {
        var first = catalogue.Features[0];
        switch (fault)
        {
            case "too many features":
                catalogue.Features.Clear();
                for (var i = 0; i <= CatalogueRules.MaximumFeatures; i++) catalogue.Features.Add(new PublishedFeature { Name = $"f{i}", Kind = PublishedKind.Number });
                break;
            case "too many bytes":
                for (var i = 0; i < 5000; i++) catalogue.Features.Add(new PublishedFeature { Name = $"f{i}", Kind = PublishedKind.Number, Title = new string('x', 250) });
                break;
            case "a name twice":
                catalogue.Features.Add(first.Clone());
                break;
            case "no name":
                first.Name = "";
                break;
            case "a long name":
                first.Name = new string('x', 257);
                break;
            case "a control character":
                first.Name = "in\u001B[31mcome";
                break;
            case "a character that turns the text around":
                catalogue.Title = "bank\u202Eknab";
                break;
            case "a line break in a title":
                first.Title = "a\nb";
                break;
            case "a space at the end":
                first.Name = "income ";
                break;
            case "a long unit":
                first.Unit = new string('x', 33);
                break;
            case "no kind":
                first.Kind = PublishedKind.Unspecified;
                break;
            case "two labels":
                catalogue.Features.Add(new PublishedFeature { Name = "second", Kind = PublishedKind.Label });
                break;
            default:
                catalogue.Rows = -1;
                break;
        }
        return catalogue;
    }

    private static TestParticipant Participant(TemporaryLab lab, string name, Uri address) => new(lab, name, address, TestRoles.WaitAsync);

    private static DataCatalogue? Published(PartyCatalogue party) => party.HasCatalogue ? DataCatalogue.Parser.ParseFrom(party.Catalogue) : null;

    private static CatalogueRecord Statement(TemporaryLab lab, string party, DataCatalogue catalogue) => new(Sha256Hash.Of(lab.Authority.Certificate.RawData), party, new Sha256Hash(CanonicalCatalogue.Hash(catalogue)));

    /// <summary>Publishes a catalogue with its signature, also one that may not stand as long as it can be hashed.</summary>
    private static Task<CatalogueReceipt> PublishAsync(TestParticipant party, DataCatalogue? catalogue) =>
        SendAsync(party, catalogue?.ToByteString(), catalogue is null || catalogue.Features.Any(feature => feature.Kind == PublishedKind.Unspecified) ? null : party.SignCatalogue(CanonicalCatalogue.Hash(catalogue)));

    private static async Task<CatalogueReceipt> SendAsync(TestParticipant party, ByteString? message, byte[]? signature = null)
    {
        await TemporaryLab.EventuallyAsync(() => party.Events.Contains("connected"));
        var notice = new CatalogueNotice { Signature = ByteString.CopyFrom(signature ?? []) };
        if (message is not null) notice.Catalogue = message;
        party.Post(new ParticipantFrame { Catalogue = notice });
        CatalogueReceipt? receipt = null;
        await TemporaryLab.EventuallyAsync(() => party.Receipts.TryDequeue(out receipt));
        return receipt!;
    }

    private static async Task<IReadOnlyList<PartyCatalogue>> List(LabChannel channel, string party = "")
    {
        using var call = new Proto.Lab.LabClient(channel.Invoker).ListCatalogues(new ListCataloguesRequest { Party = party }, cancellationToken: TestContext.Current.CancellationToken);
        var found = new List<PartyCatalogue>();
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)) found.Add(call.ResponseStream.Current);
        return found;
    }
}
