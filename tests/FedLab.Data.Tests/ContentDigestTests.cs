namespace FedLab.Data.Tests;

public sealed class ContentDigestTests : TestFolder
{
    private const string Text = "id,x,t,q,y\na,1.5,u,f1,0\nb,,v,f2,1\n";

    [Fact]
    public void The_digest_changes_with_every_part_of_the_content()
    {
        var digests = new[]
        {
            Text,
            Text.Replace("1.5", "1.5000000000000002", StringComparison.Ordinal),
            Text.Replace("b,,v", "b,0,v", StringComparison.Ordinal),
            Text.Replace(",u,", ",w,", StringComparison.Ordinal),
            Text.Replace(",u,", ",,", StringComparison.Ordinal),
            Text.Replace("f2", "f3", StringComparison.Ordinal),
            Text.Replace("f1,0", "f1,1", StringComparison.Ordinal).Replace("f2,1", "f2,0", StringComparison.Ordinal),
            Text.Replace("id,x", "id,z", StringComparison.Ordinal),
            Text.Replace("\nb,", "\nc,", StringComparison.Ordinal),
            "id,x,t,q,y\nb,,v,f2,1\na,1.5,u,f1,0\n",
            "id,t,x,q,y\na,u,1.5,f1,0\nb,v,,f2,1\n",
        }.Select(Digest).Append(Convert.ToHexString(Read(Text, o => Options(o) with { CategoricalColumns = ["x"] }).ContentDigest)).ToList();
        Assert.Equal(digests.Count, digests.Distinct().Count());
    }

    [Fact]
    public void The_digest_does_not_change_with_the_spelling()
    {
        var expected = Digest(Text);
        string[] spellings =
        [
            Text.Replace("\n", "\r\n", StringComparison.Ordinal),
            Text.Replace("1.5", "15e-1", StringComparison.Ordinal),
            Text.Replace("b,,v", "b,NaN,v", StringComparison.Ordinal),
            Text.Replace("\na,", "\n Ａ,", StringComparison.Ordinal),
            Text.Replace("u,", "\"u\",", StringComparison.Ordinal),
            Text + "\n",
            // A row that is replaced by a later one leaves no trace, not even its category.
            Text.Replace("\na,", "\na,2,gone,f9,1\na,", StringComparison.Ordinal),
        ];
        Assert.All(spellings, text => Assert.Equal(expected, Digest(text)));
    }

    /// <summary>Computed from the documented form by a program in another language.</summary>
    [Fact]
    public void The_digest_of_a_known_file_stays_the_same_for_ever() =>
        Assert.Equal("072987c041ad37d7421c90ff93f98dbcec895284eaf62f814c780222038e6b00", Digest(Text).ToLowerInvariant());

    private static DataSourceOptions Options(DataSourceOptions options) => options with { LabelColumn = "y", FoldColumn = "q" };

    private string Digest(string text) => Convert.ToHexString(Read(text, Options).ContentDigest);
}
