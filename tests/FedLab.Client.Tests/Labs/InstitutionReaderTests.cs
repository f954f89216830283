using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using FedLab.Audit;
using FedLab.Client.Labs;
using FedLab.Federation.Catalogues;
using FedLab.Federation.Identity;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Client.Tests.Labs;

/// <summary>What a coordinator says of institutions is not believed.</summary>
public sealed class InstitutionReaderTests : IDisposable
{
    private readonly LabAuthority _authority = LabAuthority.Create("lab");
    private readonly X509Certificate2 _bank;

    public InstitutionReaderTests() => _bank = _authority.Issue("bank", LabRole.Participant);

    public void Dispose()
    {
        _bank.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public void Titles_are_in_the_readers_language_where_the_institution_has_them_in_it()
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            foreach (var (language, title, income) in ((string, string, string?)[])[("en", "Bank", "Income"), ("zh-CN", "银行", "Income"), ("de", "Bank", "Income")])
            {
                CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
                var bank = Assert.Single(Read(Signed(Catalogue(), party => party.PublishedUnixMs = 1_700_000_000_000)));
                Assert.Equal(("bank", true, title, 12L), (bank.Name, bank.Connected, bank.Title, bank.Rows));
                Assert.Equal([new CatalogueFeature("income", FeatureKind.Number, income, "元"), new CatalogueFeature("sector", FeatureKind.Text, "行业", Unit: null), new CatalogueFeature("bad", FeatureKind.Label, Title: null, Unit: null)], bank.Features);
                Assert.Equal(1_700_000_000_000, bank.Published!.Value.ToUnixTimeMilliseconds());
            }
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
        var silent = Assert.Single(Read(new PartyCatalogue { Party = "tax" }));
        Assert.Equal((null, null, null, 0), (silent.Title, silent.Rows, silent.Published, silent.Features.Count));
    }

    [Fact]
    public void The_hash_is_that_of_what_is_read_whatever_the_coordinator_says()
    {
        var bank = Assert.Single(Read(Signed(Catalogue(), party => (party.Sha256, party.PublishedUnixMs) = (ByteString.CopyFrom(new byte[32]), long.MaxValue))));
        Assert.Equal(Convert.ToHexStringLower(CanonicalCatalogue.Hash(Catalogue())), bank.CatalogueSha256);
        Assert.Equal(9999, bank.Published!.Value.Year);
        Assert.Equal(LabFingerprint.TextOf(_bank), bank.Fingerprint);
    }

    [Fact]
    public void A_catalogue_that_is_not_signed_by_the_institution_itself_is_refused_by_its_name_before_anything_of_it_is_shown()
    {
        using var credit = _authority.Issue("credit", LabRole.Participant);
        using var lead = _authority.Issue("bank", LabRole.Lead);
        using var another = LabAuthority.Create("lab");
        using var stranger = another.Issue("bank", LabRole.Participant);
        using var own = _bank.GetECDsaPrivateKey()!;
        var changed = Catalogue();
        changed.Features[0].Title = "Changed on the way";
        foreach (var party in (PartyCatalogue[])
        [
            Signed(Catalogue(), party => party.Signature = ByteString.Empty),
            Signed(Catalogue(), party => party.Signature = ByteString.CopyFrom(new byte[64])),
            Signed(Catalogue(), party => party.Catalogue = changed.ToByteString()),
            Signed(Catalogue(), party => party.Certificate = ByteString.Empty),
            Signed(Catalogue(), party => party.Certificate = ByteString.CopyFromUtf8("no certificate")),
            Signed(Catalogue(), party => party.Certificate = ByteString.CopyFrom(credit.RawData)),
            // Whole, but another's: by name, by role, by lab.
            Signed(Catalogue(), _ => { }, credit),
            Signed(Catalogue(), _ => { }, lead),
            Signed(Catalogue(), _ => { }, stranger, another),
            Signed(Catalogue(), party => party.Signature = ByteString.CopyFrom(Statement("bank", Catalogue(), another).Sign(own))),
            Signed(Catalogue(), party => party.Signature = ByteString.CopyFrom(Statement("credit", Catalogue()).Sign(own))),
        ])
        {
            var refused = Assert.Throws<ClientException>(() => Read(party));
            Assert.Contains("'bank'", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("Changed", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(refused.Message, char.IsControl);
        }
    }

    [Fact]
    public void An_institution_that_is_away_when_its_certificate_expires_keeps_its_catalogue()
    {
        using var brief = _authority.Issue("bank", LabRole.Participant, validity: TimeSpan.FromMinutes(-1));
        Assert.Equal("Bank", Assert.Single(Read(Signed(Catalogue(), _ => { }, brief))).Title);
    }

    [Fact]
    public void What_no_institution_or_lab_can_have_is_refused_in_one_sentence()
    {
        var control = Catalogue();
        control.Features[0].Title = "\u001B]0;title\u0007";
        var twice = Catalogue();
        twice.Features.Add(twice.Features[0].Clone());
        foreach (var parties in (PartyCatalogue[][])
        [
            [new PartyCatalogue { Party = "bank", Catalogue = control.ToByteString() }],
            [new PartyCatalogue { Party = "bank", Catalogue = twice.ToByteString() }],
            [new PartyCatalogue { Party = "bank", Catalogue = ByteString.CopyFrom(new byte[(1 << 20) + 1]) }],
            [new PartyCatalogue { Party = "bank", Catalogue = ByteString.CopyFrom(0x0A, 0x7F, 0x20) }],
            [new PartyCatalogue { Party = "no name!" }],
            [new PartyCatalogue { Party = "" }],
            [new PartyCatalogue { Party = "bank" }, new PartyCatalogue { Party = "bank" }],
            [.. Enumerable.Range(0, 1001).Select(i => new PartyCatalogue { Party = $"p{i}" })],
        ])
        {
            var refused = Assert.Throws<ClientException>(() => Read(parties));
            Assert.DoesNotContain(refused.Message, char.IsControl);
        }
    }

    private PartyCatalogue Signed(DataCatalogue catalogue, Action<PartyCatalogue> change, X509Certificate2? signer = null, LabAuthority? authority = null)
    {
        signer ??= _bank;
        using var key = signer.GetECDsaPrivateKey()!;
        var party = new PartyCatalogue { Party = "bank", Connected = true, Catalogue = catalogue.ToByteString(), Certificate = ByteString.CopyFrom(signer.RawData), Signature = ByteString.CopyFrom(Statement("bank", catalogue, authority).Sign(key)) };
        change(party);
        return party;
    }

    private CatalogueRecord Statement(string party, DataCatalogue catalogue, LabAuthority? authority = null) => new(Sha256Hash.Of((authority ?? _authority).Certificate.RawData), party, new Sha256Hash(CanonicalCatalogue.Hash(catalogue)));

    private IReadOnlyList<Institution> Read(params PartyCatalogue[] parties)
    {
        var reader = new InstitutionReader("lab.example:7443", _authority.Certificate);
        foreach (var party in parties) reader.Add(party);
        return reader.All;
    }

    private static DataCatalogue Catalogue() => new()
    {
        Title = "Bank",
        TitleZh = "银行",
        Rows = 12,
        Features =
        {
            new PublishedFeature { Name = "income", Kind = PublishedKind.Number, Title = "Income", Unit = "元" },
            new PublishedFeature { Name = "sector", Kind = PublishedKind.Text, TitleZh = "行业" },
            new PublishedFeature { Name = "bad", Kind = PublishedKind.Label },
        },
    };
}
