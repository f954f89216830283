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

    [Fact]
    public void Sorted_rows_have_one_digest_whatever_order_they_stood_in()
    {
        string[] rows = ["b\u0161,1,u,f1,0", "a,2,v,f2,1", "ab,,w,f1,1", "a\uffee,4,,f3,0", "a\ud83d\ude00,5,x,f1,1", "abcdefgh,6,u,f1,0", "abcdefgi,7,u,f2,0", "abcdefg,8,u,f1,1"];
        DataSet Sorted(IEnumerable<string> lines) => Read("id,x,t,q,y\n" + string.Join('\n', lines) + "\n", o => Options(o) with { SortByKey = true });
        var expected = Sorted(rows);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), expected.Keys);
        Assert.Equal(expected.RowCount, rows.Length);
        Assert.Equal(8, TestFolder.Numbers(expected, "x")[expected.Keys.ToList().IndexOf("ABCDEFG")]);
        Assert.Equal("f3", expected.Folds![expected.Keys.ToList().IndexOf("A\uffee")]);
        for (var shift = 1; shift < rows.Length; shift++) Assert.Equal(expected.ContentDigest, Sorted([.. rows[shift..], .. rows[..shift]]).ContentDigest);
        Assert.Equal(expected.ContentDigest, Sorted(rows.Reverse()).ContentDigest);
        var numbers = Enumerable.Range(0, 3_000).Select(i => $"91310000{i * 7919 % 3_000:D4}{(i % 2 == 0 ? "" : "X")},{i},u,f1,{i % 2}").ToArray();
        Assert.Equal(numbers.Select(line => line.Split(',')[0]).Order(StringComparer.Ordinal), Sorted(numbers).Keys);
    }

    /// <summary>Computed from the documented form by a program in another language.</summary>
    [Fact]
    public void The_digest_of_a_known_file_stays_the_same_for_ever() =>
        Assert.Equal("072987c041ad37d7421c90ff93f98dbcec895284eaf62f814c780222038e6b00", Digest(Text).ToLowerInvariant());

    private static DataSourceOptions Options(DataSourceOptions options) => options with { LabelColumn = "y", FoldColumn = "q" };

    private string Digest(string text) => Convert.ToHexString(Read(text, Options).ContentDigest);
}
