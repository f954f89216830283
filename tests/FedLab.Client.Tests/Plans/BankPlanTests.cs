using FedLab.Client.Plans;
using FedLab.Federation.Experiments;

namespace FedLab.Client.Tests.Plans;

public sealed class BankPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SimulationOptions _good;

    public BankPlanTests() => _good = new SimulationOptions { Parties = ThreeBanks.Write(_folder), Keys = ["id"], Label = "default" };

    [Fact]
    public void All_parties_are_banks_in_the_order_given_with_the_columns_of_the_first_file()
    {
        // Another order of the columns at another bank.
        _folder.Write("b.csv", "default,code,flat,sector,income,id\n0,1,1,shop,1,b1\n1,1,1,shop,2,b2\n");
        var plan = BankPlan.Create(_good with { Model = "logistic", Settings = ["ridge=1"], Exclude = ["flat"] });
        Assert.Equal(["a", "b", "c"], plan.Parties.Select(party => party.Name));
        Assert.All(plan.Parties, party => Assert.Equal((PartyRole.Bank, "default", "id"), (party.Role, party.Source.LabelColumn, party.Source.KeyColumn)));
        Assert.Equal(["income", "sector", "code"], plan.Features);
        Assert.Equal(1, plan.Parameters.Logistic!.Ridge);
        Assert.False(plan.AllowsTwoBanks);
        Assert.False(plan.AllowsThresholdKeys);
    }

    [Fact]
    public void A_column_that_only_some_banks_have_can_be_left_out()
    {
        _folder.Write("c.csv", ThreeBanks.Content(2, 60).Replace("income,", "income,note,", StringComparison.Ordinal).Replace(",7,", ",8,7,", StringComparison.Ordinal));
        Assert.Contains("--exclude note", Assert.Throws<ClientException>(() => BankPlan.Create(_good)).Message, StringComparison.Ordinal);
        var plan = BankPlan.Create(_good with { Exclude = ["note"] });
        Assert.Equal([0, 0, 1], plan.Parties.Select(party => party.Source.ExcludedColumns.Count));
    }

    [Fact]
    public void Without_a_key_the_first_column_is_taken()
    {
        var plan = BankPlan.Create(_good with { Keys = [] });
        Assert.Equal(("id", false), (plan.Key, plan.KeyWasNamed));
    }

    [Fact]
    public void Two_banks_and_keys_of_which_a_part_suffices_are_exceptions_that_must_be_asked_for()
    {
        var two = _good with { Parties = [.. _good.Parties.Take(2)] };
        var refused = Assert.Throws<ClientException>(() => BankPlan.Create(two));
        Assert.Contains("--allow-two-banks", refused.Message, StringComparison.Ordinal);
        Assert.True(BankPlan.Create(two with { AllowTwoBanks = true }).AllowsTwoBanks);
        Assert.Contains("--allow-two-banks", Assert.Throws<ClientException>(() => BankPlan.Create(_good with { Settings = ["threshold=2"] })).Message, StringComparison.Ordinal);
        Assert.True(BankPlan.Create(_good with { Settings = ["threshold=3"] }).AllowsThresholdKeys);
    }

    public static TheoryData<string, Func<SimulationOptions, SimulationOptions>> Mistakes => new()
    {
        { "at least two", good => good with { Parties = [good.Parties[0]] } },
        { "--label COLUMN", good => good with { Label = null } },
        { "write --label default", good => good with { Label = "a.default" } },
        { "'bad'", good => good with { Label = "bad" } },
        { "--key COLUMN once", good => good with { Keys = ["id", "b.id"] } },
        { "no column 'uscc'", good => good with { Keys = ["uscc"] } },
        { "it can only be the key", good => good with { Exclude = ["id"] } },
        { "taken as the key", good => good with { Keys = [], Label = "id" } },
        { "write --exclude flat", good => good with { Exclude = ["b.flat"] } },
        { "none of the files", good => good with { Exclude = ["nothing"] } },
        { "no column 'nothing'", good => good with { Categorical = ["nothing"] } },
        { "no column 'holdout'", good => good with { TestColumn = "holdout" } },
        { "not both", good => good with { TestColumn = "flat", TestFold = "0/5" } },
        { "trees or logistic", good => good with { Model = "forest" } },
        { "'depth' is one of the model 'trees', not of 'logistic'", good => good with { Model = "logistic", Settings = ["depth=3"] } },
        { "'ridge' is one of the model 'logistic', not of 'trees'", good => good with { Settings = ["ridge=3"] } },
        { "'link' is for runs of a bank with sources", good => good with { Settings = ["link=10Mbit"] } },
        { "did you mean 'threshold'?", good => good with { Settings = ["treshold=3"] } },
        { "threshold", good => good with { Settings = ["threshold=4"] } },
        { "--optional", good => good with { Optional = ["b"] } },
        { "--minimum-cohort", good => good with { MinimumCohort = "5" } },
    };

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void Every_mistake_is_named(string expected, Func<SimulationOptions, SimulationOptions> mistake)
    {
        var error = Assert.Throws<ClientException>(() => BankPlan.Create(mistake(_good)));
        Assert.True(error.IsUsage);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_for_banks_only_is_refused_in_a_vertical_federation()
    {
        var vertical = _good with { Label = "a.default" };
        Assert.Contains("--federation horizontal", Assert.Throws<ClientException>(() => SimulationPlan.Create(vertical with { Model = "logistic" })).Message, StringComparison.Ordinal);
        Assert.Contains("--federation horizontal", Assert.Throws<ClientException>(() => SimulationPlan.Create(vertical with { AllowTwoBanks = true })).Message, StringComparison.Ordinal);
        Assert.Contains("'threshold' is for runs between banks", Assert.Throws<ClientException>(() => SimulationPlan.Create(vertical with { Settings = ["threshold=3"] })).Message, StringComparison.Ordinal);
        Assert.Contains("'diagonal'", Assert.Throws<ClientException>(() => FederationKinds.Parse("diagonal")).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
