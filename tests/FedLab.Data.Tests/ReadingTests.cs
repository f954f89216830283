using System.Globalization;
using System.Text;
using FedLab.Learning;

namespace FedLab.Data.Tests;

public sealed class ReadingTests : TestFolder
{
    [Fact]
    public async Task Numbers_texts_labels_and_folds_come_out_as_they_stand_in_the_file()
    {
        var path = Write("id,amount,sector,quarter,default,unused\nk1,1.5,C,2024Q1,0,x\nk2,,F,2024Q2,1,y\nk3,-2e3,,2024Q1,0,z\n");
        var data = await DataSetReader.ReadAsync(
            new DataSourceOptions { Path = path, KeyColumn = "id", LabelColumn = "default", FoldColumn = "quarter", ExcludedColumns = ["unused"] },
            cancellationToken: Cancellation);
        Assert.Equal(["K1", "K2", "K3"], data.Keys);
        Assert.Equal(KeyFormat.Text, data.KeyFormat);
        Assert.Equal(["amount", "sector"], data.Table.Columns.Select(c => c.Name));
        Assert.Equal([1.5, double.NaN, -2000], Numbers(data, "amount"));
        Assert.Equal(["C", "F", null], Texts(data, "sector"));
        Assert.Equal([0, 1, 0], data.Labels!);
        Assert.Equal(["2024Q1", "2024Q2", "2024Q1"], data.Folds!);
        Assert.Equal((3, 3), (data.Report.RowsRead, data.Report.RowsKept));
        Assert.Equal([1 / 3.0, 1 / 3.0], data.Report.Missing.Select(m => m.Share));
    }

    [Fact]
    public void Byte_order_mark_line_ends_quotes_and_compression_do_not_matter()
    {
        const string Plain = "id,金额,说明\na,1,\"x, \"\"y\"\"\nz\"\nb,2,好\n";
        var bytes = Encoding.UTF8.GetBytes(Plain);
        byte[] mark = [0xEF, 0xBB, 0xBF];
        var expected = Read(bytes);
        Assert.Equal(["x, \"y\"\nz", "好"], Texts(expected, "说明"));
        byte[][] variants =
        [
            [.. mark, .. bytes],
            Encoding.UTF8.GetBytes("id,金额,说明\r\na,1,\"x, \"\"y\"\"\nz\"\r\nb,2,好"),
            Encoding.UTF8.GetBytes("\"id\",\"金额\",说明\n\"a\",\"1\",\"x, \"\"y\"\"\nz\"\n\n\"b\",2.0,\"好\"\n"),
            Gzip(bytes),
            Gzip([.. mark, .. bytes]),
        ];
        foreach (var variant in variants) Assert.Equal(expected.ContentDigest, Read(variant).ContentDigest);
    }

    [Fact]
    public void A_gzipped_file_is_recognised_by_its_content_and_may_have_several_members()
    {
        byte[] members = [.. Gzip("id,x\na,1\n"u8.ToArray()), .. Gzip("b,2\n"u8.ToArray())];
        Assert.Equal([1, 2], Numbers(Load(new DataSourceOptions { Path = Write(members, "two.csv.gz"), KeyColumn = "id" }), "x"));
        Assert.Equal([1, 2], Numbers(Load(new DataSourceOptions { Path = Write(members, "two.csv"), KeyColumn = "id" }), "x"));
    }

    [Theory]
    [InlineData(100, 0, 0)]
    [InlineData(0, 100, 0)]
    [InlineData(100, 0, 7)]
    [InlineData(0, 100, 7)]
    public void A_long_file_is_read_whole_whether_its_rows_become_shorter_or_longer_and_its_keys_repeat(int padBefore, int padAfter, int repeatEvery)
    {
        // Long enough that the number of rows is told from the length of the file, and told wrong.
        const int Rows = 150_000;
        var text = new StringBuilder("id,x,t,pad\n");
        var last = new Dictionary<string, (double X, string T)>(StringComparer.Ordinal);
        var order = new List<string>();
        for (var row = 0; row < Rows; row++)
        {
            var key = FormattableString.Invariant($"K{(repeatEvery > 0 && row % repeatEvery == repeatEvery - 1 ? row - 3 : row):D7}");
            var (x, t) = (row / 4.0, row % 3 == 0 ? "甲" : "B");
            text.Append(CultureInfo.InvariantCulture, $"{key},{x},{t},{new string('p', row < Rows / 2 ? padBefore : padAfter)}\n");
            // The last of several rows with one key is kept.
            if (last.ContainsKey(key)) order.RemoveAt(order.LastIndexOf(key));
            order.Add(key);
            last[key] = (x, t);
        }

        var data = Read(text.ToString());
        Assert.Equal(order, data.Keys);
        Assert.Equal(order.Select(key => last[key].X), Numbers(data, "x"));
        Assert.Equal(order.Select(key => last[key].T), Texts(data, "t"));
    }

    [Fact]
    public void Every_word_for_missing_is_missing_in_numbers_and_in_texts()
    {
        var data = Read("id,n,t\na,1,x\nb,,\nc,NA,NA\nd,N/A,N/A\ne,NaN,NaN\nf,null,null\ng, NULL , na \nh,\" \",　\n");
        Assert.Equal([1, .. Enumerable.Repeat(double.NaN, 7)], Numbers(data, "n"));
        Assert.Equal(["x", .. Enumerable.Repeat<string?>(null, 7)], Texts(data, "t"));
    }

    [Fact]
    public void A_column_without_any_value_is_numeric_missing_and_warned_about()
    {
        var data = Read("id,x,y\na,1,\nb,2,NA\n");
        Assert.All(Numbers(data, "y"), value => Assert.True(double.IsNaN(value)));
        Assert.Contains(data.Report.Warnings, warning => warning.Contains("\"y\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Missing_values_before_the_first_value_keep_their_rows()
    {
        var data = Read("id,n,t\na,,\nb,,NA\nc,7,word\n");
        Assert.Equal([double.NaN, double.NaN, 7], Numbers(data, "n"));
        Assert.Equal([null, null, "word"], Texts(data, "t"));
    }

    [Fact]
    public void Columns_marked_categorical_keep_the_spelling_of_their_codes()
    {
        var data = Read("id,code,x\na,01,1\nb,1,2\nc,,3\nd,1.0,4\n", o => o with { CategoricalColumns = ["code"] });
        Assert.Equal(["01", "1", null, "1.0"], Texts(data, "code"));
    }

    [Fact]
    public void A_column_of_numbers_with_many_words_is_categorical_with_the_numbers_as_written()
    {
        var data = Read("id,mixed,x\na,007,1\nb,7.0,2\nc,A1,3\nd,,4\ne,B2,5\n");
        Assert.Equal(["007", "7.0", "A1", null, "B2"], Texts(data, "mixed"));
        Assert.Equal([1, 2, 3, 4, 5], Numbers(data, "x"));
    }

    [Fact]
    public void Categories_are_sorted_and_do_not_depend_on_the_order_of_the_rows()
    {
        var one = Assert.IsType<CategoricalColumn>(Read("id,t\na,z\nb,y\n").Table["t"]);
        var other = Assert.IsType<CategoricalColumn>(Read("id,t\nb,y\na,z\n").Table["t"]);
        Assert.Equal(["y", "z"], one.Categories);
        Assert.Equal(one.Categories, other.Categories);
    }

    [Fact]
    public void A_file_of_keys_and_labels_only_is_a_table_without_columns()
    {
        var data = Read("id,default\na,0\nb,1\n", o => o with { LabelColumn = "default" });
        Assert.Empty(data.Table.Columns);
        Assert.Equal(2, data.Table.RowCount);
    }

    [Fact]
    public void Labels_may_be_written_as_decimals() =>
        Assert.Equal([0, 1], Read("id,y\na,0.0\nb,1.0\n", o => o with { LabelColumn = "y" }).Labels!);

    [Theory]
    [InlineData("0.1")]
    [InlineData("179769313486231570814527423731704356798070567525844996598917476803157260780028538760589558632766878171540458953514382464234321326889464182768467546703537516986049910576551282076245490090389328944075868508455133942304583236903222948165808559332123347747975e10")]
    [InlineData("2.2250738585072011e-308")]
    [InlineData("4.9e-324")]
    [InlineData("9007199254740993")]
    [InlineData("0.500000000000000166533453693773481063544750213623046875")]
    [InlineData("7.2057594037927933e+16")]
    [InlineData("-.5")]
    [InlineData("+3.")]
    [InlineData("-0")]
    [InlineData("1E-5")]
    public void Numbers_parse_to_the_nearest_double(string text)
    {
        var expected = double.Parse(text, CultureInfo.InvariantCulture);
        if (double.IsInfinity(expected))
        {
            Assert.Throws<DataFormatException>(() => Read($"id,x\na,{text}\n"));
            return;
        }

        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(Numbers(Read($"id,x\na,{text}\nb,2\n"), "x")[0]));
    }

    [Fact]
    public void Numbers_do_not_depend_on_the_culture_of_the_machine()
    {
        var before = CultureInfo.CurrentCulture;
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };
        try
        {
            CultureInfo.CurrentCulture = german;
            Assert.Equal([1.5, 2], Numbers(Read("id,x\na,1.5\nb,2\n"), "x"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Progress_reaches_the_length_of_the_file()
    {
        var text = new StringBuilder("id,x\n");
        for (var i = 0; i < 200_000; i++) text.Append(CultureInfo.InvariantCulture, $"k{i},{i}.25\n");
        var path = Write(text.ToString());
        var progress = new Recorder();
        var data = new Reading.DataSetLoader(new DataSourceOptions { Path = path, KeyColumn = "id" }, progress, Cancellation).Load();
        Assert.Equal(200_000, data.RowCount);
        Assert.Equal(199_999.25, Numbers(data, "x")[^1]);
        Assert.True(progress.Reports.Count > 1);
        Assert.Equal(progress.Reports.OrderBy(report => report.Rows), progress.Reports);
        Assert.Equal(progress.Reports.OrderBy(report => report.Bytes), progress.Reports);
        Assert.Equal(new ReadingProgress(200_000, new FileInfo(path).Length), progress.Reports[^1]);
    }

    [Fact]
    public async Task Reading_stops_when_cancelled()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var options = new DataSourceOptions { Path = Write("id,x\na,1\n"), KeyColumn = "id" };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DataSetReader.ReadAsync(options, null, source.Token));
    }

    [Fact]
    public void Free_text_is_warned_about()
    {
        var text = new StringBuilder("id,x,note\n");
        for (var i = 0; i < 1_500; i++) text.Append(CultureInfo.InvariantCulture, $"k{i},{i},note {i}\n");
        Assert.Contains(Read(text.ToString()).Report.Warnings, warning => warning.Contains("\"note\"", StringComparison.Ordinal));
    }

    private sealed class Recorder : IProgress<ReadingProgress>
    {
        public List<ReadingProgress> Reports { get; } = [];

        public void Report(ReadingProgress value) => Reports.Add(value);
    }
}
