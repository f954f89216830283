using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Tests;

public sealed class AlignmentTests
{
    [Fact]
    public async Task With_three_required_and_one_optional_source_the_common_order_is_the_intersection_of_the_required_ones()
    {
        var keys = Enumerable.Range(0, 600).Select(i => $"K{i}").ToArray();
        string[] Part(int modulus, int rest) => [.. keys.Where((_, i) => i % modulus != rest).Reverse()];
        var held = new Dictionary<string, string[]> { ["bank"] = Part(7, 1), ["a"] = Part(5, 2), ["b"] = Part(3, 0), ["c"] = Part(11, 4), ["d"] = Part(2, 1) };
        var expected = held["bank"].Intersect(held["a"]).Intersect(held["b"]).Intersect(held["c"]).ToArray();
        var data = held.ToDictionary(party => party.Key, party =>
        {
            var table = new Table([new NumericColumn("x", [.. party.Value.Select(key => (double)(key.Length + key[^1]))])]);
            return party.Key == "bank"
                ? TestLab.MakeData(party.Value, table, [.. party.Value.Select(key => (byte)(key[^1] % 2))], [.. party.Value.Select(key => key[^1] == '3')])
                : TestLab.MakeData(party.Value, table);
        });
        var spec = new ExperimentSpec
        {
            Name = "ring",
            Parties = [new("a", PartyRole.Required), new("bank", PartyRole.Active), new("d", PartyRole.Optional), new("b", PartyRole.Required), new("c", PartyRole.Required)],
            Settings = new Dictionary<string, string> { ["trees"] = "1", ["depth"] = "1" },
        };
        using var lab = new TestLab(spec, data);

        var results = await lab.RunAsync(1, TestContext.Current.CancellationToken);

        Assert.All(results.Values, result => Assert.Equal(expected.Length, result.AlignedRows));
        var order = await OrderAsync(lab, "bank");
        Assert.Equal(expected.Order(), order.Order());
        foreach (var source in new[] { "a", "b", "c" }) Assert.Equal(order, await OrderAsync(lab, source));
        var optional = await OrderAsync(lab, "d");
        Assert.Equal(order.Select(key => held["d"].Contains(key) ? key : null), optional);
        // Training rows come first, test rows last.
        var training = order.TakeWhile(key => key![^1] != '3').Count();
        Assert.All(order.Skip(training), key => Assert.Equal('3', key![^1]));
    }

    [Fact]
    public async Task Without_a_common_row_the_active_party_says_so()
    {
        var data = new RandomEnterprises(31, 200);
        var strangers = data.Required with { Keys = [.. data.Required.Keys.Select(key => "X" + key)] };
        using var lab = new TestLab(RandomEnterprises.Spec(("trees", "1")), new Dictionary<string, PartyData>(data.All) { ["register"] = strangers });

        var error = await Assert.ThrowsAsync<ProtocolException>(() => lab.RunAsync(1, TestContext.Current.CancellationToken));

        Assert.StartsWith("No row is in common", error.Message, StringComparison.Ordinal);
    }

    private static async Task<string?[]> OrderAsync(TestLab lab, string party)
    {
        var context = lab.Context(party, 1, null!);
        var alignment = await Boosting.AlignmentCheckpoint.LoadAsync(context, default);
        return [.. alignment!.OwnRows.Select(row => row < 0 ? null : lab.Data[party].Keys[row])];
    }
}
