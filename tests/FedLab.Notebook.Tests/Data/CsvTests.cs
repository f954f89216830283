using System.Globalization;
using System.IO.Compression;
using System.Text;
using FedLab.Data;
using FedLab.Notebook.Data;
using FedLab.Notebook.Display;
using FsCheck.Fluent;

namespace FedLab.Notebook.Tests.Data;

public sealed class CsvTests : FrameFolder
{
    [Fact]
    public void What_is_saved_is_what_is_loaded_plain_and_gzipped() =>
        Prop.ForAll<ulong>(seed =>
        {
            // A padded text loses its spaces when it is read, as everywhere in FedLab.
            var frame = FrameGenerator.Frame(seed).Where(row => row["k2"] != " padded" && !row["k2"].IsMissing);
            if (frame.Rows.Count == 0) return;
            var path = At(seed % 2 == 0 ? "frame.csv" : "frame.csv.gz");
            frame.SaveCsv(path);
            var loaded = DataFrame.LoadCsv(path);
            Assert.Equal(frame.Columns.Names, loaded.Columns.Names);
            Assert.Equal(FrameGenerator.RowsOf(frame.Select("k1", "k2", "value")), FrameGenerator.RowsOf(loaded.Select("k1", "k2", "value")));
            if (frame["flag"].NullCount < frame.Rows.Count) FrameGenerator.AssertEqual(frame, loaded);
        }).Search();

    [Fact]
    public void Types_follow_the_values_and_codes_keep_their_digits()
    {
        var frame = DataFrame.LoadCsvFromString("number,code,key,flag,text,empty\n1.5,007,91110000000000000000,true,a,\nNA,1234,12345678901234567,FALSE,1,NA\n-2e3,5,7,,NaN,\n");
        Assert.Equal([typeof(double), typeof(string), typeof(string), typeof(bool), typeof(string), typeof(double)], frame.Columns.Select(column => column.DataType));
        Assert.Equal([1.5, null, -2000d], Assert.IsType<DoubleDataFrameColumn>(frame["number"]));
        Assert.Equal(["007", "1234", "5"], Assert.IsType<StringDataFrameColumn>(frame["code"]));
        Assert.Equal("12345678901234567", frame[1, "key"]);
        Assert.Equal([true, false, null], Assert.IsType<BooleanDataFrameColumn>(frame["flag"]));
        Assert.Equal(["a", "1", null], Assert.IsType<StringDataFrameColumn>(frame["text"]));
        Assert.Equal(3, frame["empty"].NullCount);
    }

    [Fact]
    public void A_word_far_behind_numbers_makes_the_column_text_without_losing_how_the_numbers_were_written()
    {
        var numbers = Enumerable.Range(0, 5_000).Select(i => (i + 0.10).ToString("F2", CultureInfo.InvariantCulture)).ToArray();
        var frame = DataFrame.LoadCsvFromString("a,b\n" + string.Concat(numbers.Select((number, i) => $"{number},{i}\n")) + "word,1\n");
        Assert.Equal([.. numbers, "word"], Assert.IsType<StringDataFrameColumn>(frame["a"]));
        Assert.Equal(5_001, Assert.IsType<DoubleDataFrameColumn>(frame["b"]).Length);
    }

    [Fact]
    public void Separator_rows_and_text_columns_can_be_chosen()
    {
        var text = "a;b\n" + string.Concat(Enumerable.Range(0, 3_000).Select(i => $"{i};{i}\n"));
        var frame = DataFrame.LoadCsvFromString(text, separator: ';', numRows: 2_000, textColumns: ["b"]);
        Assert.Equal((2_000, 1999d, "1999"), (frame.Rows.Count, frame[1_999, "a"], frame[1_999, "b"]));
        Assert.Empty(DataFrame.LoadCsvFromString("a,b\n").Rows);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_one_sentence()
    {
        using var english = new Language("en");
        Assert.Contains("no such file", Assert.Throws<DataFormatException>(() => DataFrame.LoadCsv(At("none.csv"))).Message, StringComparison.Ordinal);
        Assert.Contains("line 3", Assert.Throws<DataFormatException>(() => DataFrame.LoadCsvFromString("a,b\n1,2\n3\n")).Message, StringComparison.Ordinal);
        Assert.Contains("both named \"a\"", Assert.Throws<DataFormatException>(() => DataFrame.LoadCsvFromString("a,a\n1,2\n")).Message, StringComparison.Ordinal);
        Assert.Contains("no name", Assert.Throws<DataFormatException>(() => DataFrame.LoadCsvFromString("a,\n1,2\n")).Message, StringComparison.Ordinal);
        Assert.Contains("\"b\"", Assert.Throws<DataFormatException>(() => DataFrame.LoadCsvFromString("a,b\n1,2\n", textColumns: ["bb"])).Message, StringComparison.Ordinal);
        var broken = At("broken.csv.gz");
        DataFrame.LoadCsvFromString("a\n" + string.Concat(Enumerable.Range(0, 9_999).Select(i => $"{i}\n"))).SaveCsv(broken);
        File.WriteAllBytes(broken, File.ReadAllBytes(broken)[..^20]);
        Assert.Contains("gzip", Assert.Throws<DataFormatException>(() => DataFrame.LoadCsv(broken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_are_written_as_they_are_and_quoted_where_they_must_be()
    {
        var frame = new DataFrame(DataFrameColumn.Create("a,1", ["=SUM(A1)", "x\"y", null]), DataFrameColumn.Create("b", [0.1, double.NaN, 1e300]));
        frame.SaveCsv(At("texts.csv"));
        Assert.Equal("\"a,1\",b\n=SUM(A1),0.1\n\"x\"\"y\",\n,1E+300\n", File.ReadAllText(At("texts.csv")));
        frame.SaveCsv(At("texts.csv.gz"));
        using var gzip = new StreamReader(new GZipStream(File.OpenRead(At("texts.csv.gz")), CompressionMode.Decompress), Encoding.UTF8);
        Assert.Equal(File.ReadAllText(At("texts.csv")), gzip.ReadToEnd());
        using var english = new Language("en");
        Assert.Contains("folder does not exist", Assert.Throws<FrameException>(() => frame.SaveCsv(At("none/texts.csv"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_cell_stops_reading_and_writing_and_leaves_nothing()
    {
        var path = At("big.csv");
        var frame = new DataFrame(DataFrameColumn.Create("x", Enumerable.Range(0, 5_000)));
        frame.SaveCsv(path);
        // In a flow of its own, so that no other test is in the interrupted notebook.
        await Task.Run(
            () =>
            {
                NotebookHost.Enter(new SilentHost(), new CancellationToken(canceled: true));
                Assert.ThrowsAny<OperationCanceledException>(() => DataFrame.LoadCsv(path));
                Assert.ThrowsAny<OperationCanceledException>(() => frame.SaveCsv(At("new.csv")));
            },
            TestContext.Current.CancellationToken);
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    private sealed class SilentHost : INotebookHost
    {
        public CultureInfo Culture { get; set; } = CultureInfo.InvariantCulture;

        public void Display(MimeBundle bundle, string? displayId = null) => throw new InvalidOperationException();

        public void Update(MimeBundle bundle, string displayId) => throw new InvalidOperationException();

        public Task<string> AskAsync(string prompt, bool password, CancellationToken cancellationToken) => throw new InvalidOperationException();
    }
}
