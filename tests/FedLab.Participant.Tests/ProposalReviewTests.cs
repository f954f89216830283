using System.Globalization;
using FedLab.Federation.Experiments;
using FedLab.Learning;
using FedLab.Participant.Approval;
using FedLab.Participant.Configuration;
using FedLab.Sources;

namespace FedLab.Participant.Tests;

/// <summary>What the rules refuse, by which word and with which sentence.</summary>
public sealed class ProposalReviewTests
{
    private static readonly ParticipantOptions Options = new()
    {
        Name = "tax",
        Coordinator = "https://127.0.0.1:1",
        Data = new DataOptions { Path = "data.csv", Key = "key" },
        Approval = new ApprovalOptions { Purposes = ["credit-risk"], Actives = ["bank"] },
    };

    private static readonly ExperimentSpec Good = new() { Name = "e", Parties = [new("bank", PartyRole.Active), new("tax", PartyRole.Required)] };

    [Fact]
    public void What_the_rules_allow_has_no_objection()
    {
        Assert.Null(Judge(Good));
        Assert.Null(Judge(Good with { Settings = Setting("trees", "5") }));
        Assert.Null(Judge(Good with { Kind = RunKind.Score, ManifestHash = new string('a', 64) }, hasModel: true));
    }

    [Fact]
    public void Every_objection_names_what_is_wrong()
    {
        Refused(Good with { Purpose = "marketing" }, "purpose-not-allowed", "marketing");
        Refused(Good with { Settings = Setting("treees", "5") }, "setting-invalid", "treees");
        Refused(Good with { Settings = Setting("trees", "many") }, "setting-invalid", "trees");
        Refused(Good with { Parties = [new("shop", PartyRole.Active), new("tax", PartyRole.Required)] }, "active-not-allowed", "shop");
        Refused(Good with { Parties = [new("nobody", PartyRole.Active), new("tax", PartyRole.Required)] }, "party-unknown", "nobody");
        Refused(Good with { Parties = [new("bank", PartyRole.Active), new("shop", PartyRole.Required)] }, "not-a-party", "tax");
        Refused(Good with { Parties = [new("tax", PartyRole.Active), new("bank", PartyRole.Required)] }, "label-missing", "data.label");
        Refused(Good with { Kind = RunKind.Score, ManifestHash = new string('a', 64) }, "model-unknown", "aaaaaaaaaaaa");
        var objection = ProposalReview.Judge("""{"name":"e","parties":[{"name":"bank","role":"observer"}]}"""u8, Options, _ => true, _ => true, out _);
        Assert.Equal("specification-invalid", objection!.Code);

        static void Refused(ExperimentSpec spec, string code, string named)
        {
            var found = Judge(spec);
            Assert.Equal(code, found!.Code);
            Assert.Contains(named, found.Reason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(3, null, false, false, null)]
    [InlineData(3, "3", false, false, null)]
    [InlineData(2, null, false, false, "too-few-banks")]
    [InlineData(2, null, true, false, null)]
    [InlineData(2, "2", false, false, "too-few-banks")]
    [InlineData(4, "3", false, false, "threshold-keys-not-allowed")]
    [InlineData(4, "3", true, false, "threshold-keys-not-allowed")]
    [InlineData(4, "3", false, true, null)]
    [InlineData(4, "2", false, true, "too-few-banks")]
    [InlineData(4, "2", true, false, "threshold-keys-not-allowed")]
    [InlineData(4, "2", true, true, null)]
    [InlineData(4, "1", true, true, "setting-invalid")]
    [InlineData(4, "5", true, true, "setting-invalid")]
    public void Between_banks_few_of_them_and_threshold_keys_need_a_rule_that_names_them(int banks, string? threshold, bool twoBanks, bool thresholdKeys, string? code)
    {
        var rules = Options with { Data = Options.Data with { Label = "overdue" }, Approval = Options.Approval with { TwoBanks = twoBanks, ThresholdKeys = thresholdKeys } };
        var spec = OfBanks(banks) with { Settings = threshold is null ? [] : Setting("threshold", threshold) };
        var before = CultureInfo.CurrentUICulture;
        foreach (var (language, named) in new[] { ("en", code == "too-few-banks" ? "approval.twoBanks" : "approval.thresholdKeys"), ("zh-CN", "允许") })
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
            var found = ProposalReview.Judge(spec.ToBytes(), rules, _ => true, _ => false, out _);
            CultureInfo.CurrentUICulture = before;
            Assert.Equal(code, found?.Code);
            if (code is not (null or "setting-invalid")) Assert.Contains(named, found!.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_bank_needs_a_label_and_a_purpose_as_every_active_party_does()
    {
        var rules = Options with { Data = Options.Data with { Label = "overdue" } };
        Assert.Null(ProposalReview.Judge(OfBanks(3).ToBytes(), rules, _ => true, _ => false, out _));
        Assert.Equal("label-missing", ProposalReview.Judge(OfBanks(3).ToBytes(), Options, _ => true, _ => false, out _)!.Code);
        Assert.Equal("purpose-not-allowed", ProposalReview.Judge((OfBanks(3) with { Purpose = "marketing" }).ToBytes(), rules, _ => true, _ => false, out _)!.Code);
        Assert.Equal("party-unknown", ProposalReview.Judge(OfBanks(3).ToBytes(), rules, name => name != "bank-2", _ => false, out _)!.Code);
        Assert.Equal("not-a-party", ProposalReview.Judge(OfBanks(3).ToBytes(), rules with { Name = "shop" }, _ => true, _ => false, out _)!.Code);
    }

    private static ExperimentSpec OfBanks(int banks) => new()
    {
        Name = "e",
        Parties = [.. Enumerable.Range(0, banks).Select(bank => new ExperimentParty(bank == 1 ? "tax" : $"bank-{bank}", PartyRole.Bank))],
        Features = [new FeatureDefinition("age")],
    };

    private static Objection? Judge(ExperimentSpec spec, bool hasModel = false) =>
        ProposalReview.Judge(spec.ToBytes(), Options, name => name is "bank" or "tax" or "shop", _ => hasModel, out _);

    private static Dictionary<string, string> Setting(string name, string value) => new(StringComparer.Ordinal) { [name] = value };
}
