using FedLab.Federation.Experiments;
using FedLab.Participant.Approval;
using FedLab.Participant.Configuration;

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

    private static Objection? Judge(ExperimentSpec spec, bool hasModel = false) =>
        ProposalReview.Judge(spec.ToBytes(), Options, name => name is "bank" or "tax" or "shop", _ => hasModel, out _);

    private static Dictionary<string, string> Setting(string name, string value) => new(StringComparer.Ordinal) { [name] = value };
}
