namespace FedLab.Learning.Tests;

/// <summary>Which known name is proposed for one that is not.</summary>
public sealed class NearestNameTests
{
    [Theory]
    [InlineData("defualt", "default")]
    [InlineData("DEFAULT", "default")]
    [InlineData("amuont", "amount")]
    [InlineData("ib", "id")]
    [InlineData("monthly_incom", "monthly_income")]
    [InlineData("nosuch", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    [InlineData("income", null)]
    public void A_name_is_proposed_only_where_few_of_its_letters_differ(string typed, string? near) =>
        Assert.Equal(near, NearestName.Of(typed, ["id", "amount", "default", "monthly_income", "y"]));

    [Fact]
    public void Names_are_listed_where_they_are_few()
    {
        Assert.Equal("id, amount", NearestName.List(["id", "amount"]));
        Assert.Null(NearestName.List([]));
        Assert.Null(NearestName.List([.. Enumerable.Range(0, 100).Select(i => $"c{i}")]));
        Assert.Null(NearestName.List([new string('a', 1000)]));
    }
}
