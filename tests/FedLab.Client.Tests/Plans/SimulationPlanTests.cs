using FedLab.Client.Plans;
using FedLab.Data;
using FedLab.Federation.Experiments;

namespace FedLab.Client.Tests.Plans;

public sealed class SimulationPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SimulationOptions _good;

    public SimulationPlanTests()
    {
        var (bank, source) = TwoBanks.Write(_folder);
        _good = new SimulationOptions { Parties = [$"source={source}", $"bank={bank}"], Keys = ["id"], Label = "bank.default" };
    }

    [Fact]
    public void The_party_of_the_label_is_active_and_comes_first()
    {
        var plan = SimulationPlan.Create(_good);
        Assert.Equal(["bank", "source"], plan.Parties.Select(party => party.Name));
        Assert.Equal([PartyRole.Active, PartyRole.Required], plan.Parties.Select(party => party.Role));
        Assert.Equal("default", plan.Active.Source.LabelColumn);
        Assert.Null(plan.Parties[1].Source.LabelColumn);
    }

    [Fact]
    public void The_specification_is_valid_and_says_what_was_typed()
    {
        var spec = SimulationPlan.Create(_good with { Settings = ["trees=7", "depth=3"], TestFold = "2/7", Optional = ["source"] }).ToSpec("trial");
        spec.Validate();
        Assert.Equal("bank", spec.Active);
        Assert.Equal(PartyRole.Optional, spec.Sources.Single().Role);
        Assert.Equal(new TestRows(2, 7), spec.Test);
        Assert.Equal("7", spec.Settings["trees"]);
    }

    [Fact]
    public void The_same_words_in_another_order_give_the_same_specification()
    {
        var one = SimulationPlan.Create(_good with { Settings = ["trees=7", "depth=3"] }).ToSpec("trial").ToBytes();
        var two = SimulationPlan.Create(_good with { Settings = ["depth=3", "trees=7"] }).ToSpec("trial").ToBytes();
        Assert.Equal(one, two);
    }

    [Fact]
    public void Columns_may_hold_dots_and_parties_that_begin_alike_are_told_apart()
    {
        var other = _folder.Write("other.csv", "id,a\n1,2\n");
        var plan = SimulationPlan.Create(_good with
        {
            Parties = [.. _good.Parties, $"bank.x={other}"],
            Exclude = ["bank.x.a.b", "bank.balance"],
            Categorical = ["source.地区"],
            Keys = ["id", "bank.x.key"],
        });
        Assert.Equal(["a.b"], plan.Parties.Single(party => party.Name == "bank.x").Source.ExcludedColumns);
        Assert.Equal(["balance"], plan.Active.Source.ExcludedColumns);
        Assert.Equal("key", plan.Parties.Single(party => party.Name == "bank.x").Source.KeyColumn);
        Assert.Equal("id", plan.Active.Source.KeyColumn);
        Assert.Equal(["地区"], plan.Parties.Single(party => party.Name == "source").Source.CategoricalColumns);
    }

    [Fact]
    public void A_test_column_is_read_as_the_fold_of_the_active_party()
    {
        var plan = SimulationPlan.Create(_good with { TestColumn = "bank.holdout" });
        Assert.Equal("holdout", plan.Active.Source.FoldColumn);
        Assert.Equal("holdout", plan.Test.Column);
    }

    [Fact]
    public void The_key_format_is_handed_on()
    {
        Assert.Null(SimulationPlan.Create(_good).Active.Source.KeyFormat);
        Assert.Equal(KeyFormat.UnifiedSocialCreditCode, SimulationPlan.Create(_good with { KeyFormat = "uscc" }).Active.Source.KeyFormat);
    }

    public static TheoryData<string, Func<SimulationOptions, SimulationOptions>> Mistakes => new()
    {
        { "NAME=FILE", good => good with { Parties = ["bank"] } },
        { "NAME=FILE", good => good with { Parties = [.. good.Parties, "=x.csv"] } },
        { "at least two", good => good with { Parties = [good.Parties[1]] } },
        { "given twice", good => good with { Parties = [.. good.Parties, good.Parties[0]] } },
        { "given twice", good => good with { Parties = [.. good.Parties, good.Parties[0].Replace("source=", "SOURCE=", StringComparison.Ordinal)] } },
        { "may hold letters", good => good with { Parties = [.. good.Parties, good.Parties[0].Replace("source=", "so urce=", StringComparison.Ordinal)] } },
        { "may hold letters", good => good with { Parties = [.. good.Parties, good.Parties[0].Replace("source=", "../x=", StringComparison.Ordinal)] } },
        { "used by the lab", good => good with { Parties = [.. good.Parties, good.Parties[0].Replace("source=", "Coordinator=", StringComparison.Ordinal)] } },
        { "does not exist", good => good with { Parties = [.. good.Parties, "third=missing.csv"] } },
        { "is a folder", good => good with { Parties = [.. good.Parties, $"third={Path.GetTempPath()}"] } },
        { "--key", good => good with { Keys = [] } },
        { "Two key columns", good => good with { Keys = ["id", "uscc"] } },
        { "--label", good => good with { Label = null } },
        { "must name its party", good => good with { Label = "default" } },
        { "with one of the parties source, bank", good => good with { Label = "other.default" } },
        { "names no column", good => good with { Label = "bank." } },
        { "names the key column", good => good with { Label = "bank.id" } },
        { "names the key column", good => good with { Exclude = ["source.id"] } },
        { "choose 'trees'", good => good with { Model = "forest" } },
        { "name=value", good => good with { Settings = ["trees"] } },
        { "given twice", good => good with { Settings = ["trees=1", "trees=2"] } },
        { "tres", good => good with { Settings = ["tres=5"] } },
        { "depth", good => good with { Settings = ["depth=99999"] } },
        { "link", good => good with { Settings = ["link=fast"] } },
        { "F/K", good => good with { TestFold = "5/5" } },
        { "F/K", good => good with { TestFold = "-1/5" } },
        { "not both", good => good with { TestFold = "0/5", TestColumn = "bank.x" } },
        { "party with the label", good => good with { TestColumn = "source.region" } },
        { "none of the parties", good => good with { Optional = ["nobody"] } },
        { "cannot be optional", good => good with { Optional = ["bank"] } },
        { "auto, text or uscc", good => good with { KeyFormat = "guess" } },
        { "minimum cohort", good => good with { MinimumCohort = "0" } },
        { "port", good => good with { Port = "70000" } },
    };

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void Every_mistake_is_named(string expected, Func<SimulationOptions, SimulationOptions> mistake)
    {
        var error = Assert.Throws<ClientException>(() => SimulationPlan.Create(mistake(_good)));
        Assert.True(error.IsUsage);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
