using System.Globalization;
using System.IO.Compression;
using System.Text;
using FsCheck.Fluent;

namespace FedLab.Data.Tests;

public sealed class BadInputTests : TestFolder
{
    [Fact]
    public void A_missing_file_a_folder_and_files_without_rows_are_named()
    {
        Refuses(() => Load(new DataSourceOptions { Path = At("nothing.csv"), KeyColumn = "id" }), "nothing.csv", "no such file");
        Refuses(() => Load(new DataSourceOptions { Path = At("no/folder.csv"), KeyColumn = "id" }), "folder.csv", "no such file");
        Refuses(() => Load(new DataSourceOptions { Path = Folder, KeyColumn = "id" }), Folder, "folder");
        Refuses(() => Read(""), "data.csv", "empty");
        Refuses(() => Read(Gzip([])), "data.csv", "empty");
        Refuses(() => Read(Gzip("\n"u8.ToArray())), "data.csv", "empty");
        Refuses(() => Read([0xEF, 0xBB, 0xBF]), "data.csv");
        Refuses(() => Read("id,x\n"), "data.csv", "no data row");
        Refuses(() => Read("id,x"), "data.csv", "no data row");
    }

    [Fact]
    public void A_header_with_an_empty_or_repeated_name_is_refused()
    {
        Refuses(() => Read("id,,x\na,1,2\n"), "column 2");
        Refuses(() => Read("id,x, x \na,1,2\n"), "columns 2 and 3", "\"x\"");
        Refuses(() => Read($"id,{string.Join(',', Enumerable.Range(1, 4_096).Select(i => $"c{i}"))}\n"), "4097", "4096");
    }

    [Fact]
    public void A_column_that_is_not_there_comes_with_the_nearest_name()
    {
        Refuses(() => Read("uscc,x\na,1\n", o => o with { KeyColumn = "USC" }), "\"USC\"", "key column", "\"uscc\"");
        Refuses(() => Read("id,defualt,x\na,1,2\n", o => o with { LabelColumn = "default" }), "\"default\"", "label column", "\"defualt\"");
        Refuses(() => Read("id,quarter\na,1\n", o => o with { FoldColumn = "quater" }), "fold column", "\"quarter\"");
        Refuses(() => Read("id,sector\na,1\n", o => o with { CategoricalColumns = ["sectro"] }), "categorical column", "\"sector\"");
        Refuses(() => Read("id,sector\na,1\n", o => o with { ExcludedColumns = ["sectors"] }), "excluded column", "\"sector\"");
        Refuses(() => Read("id;x\na;1\n"), "commas");
    }

    [Fact]
    public void A_column_cannot_be_two_things()
    {
        Refuses(() => Read("id,x\na,1\n", o => o with { LabelColumn = "id" }), "\"id\"", "key column", "label column");
        Refuses(() => Read("id,x\na,1\n", o => o with { ExcludedColumns = ["id"] }), "key column", "excluded column");
        Refuses(() => Read("id,x,y\na,1,0\n", o => o with { LabelColumn = "y", CategoricalColumns = ["y"] }), "label column", "categorical");
    }

    [Fact]
    public void A_row_with_another_number_of_fields_is_named_by_its_line()
    {
        Refuses(() => Read("id,x\na,1\nb,2,3\n"), "line 3", "3 fields", "has 2");
        Refuses(() => Read("id,x\n\n\"a\nb\",1\n\nc\n"), "line 6", "1 fields");
    }

    [Fact]
    public void Broken_quotes_are_named_by_the_line_where_the_row_starts()
    {
        Refuses(() => Read("id,x\na,1\nb,\"2\nc,3\n"), "line 3", "quote");
        Refuses(() => Read("id,x\na,1\nb,\"2\"3\n"), "line 3", "quote");
        // Far more than a row may hold: the reader must give up at its limit, not take the rest of the file into memory.
        Refuses(() => Read("id,x\na,1\nb,\"2\n" + new string('7', 3 * DataLimits.MaximumRowBytes)), "line 3", "MiB");
    }

    [Fact]
    public void A_file_with_more_rows_than_allowed_is_refused()
    {
        var options = new DataSourceOptions { Path = Write("id,x\na,1\nb,2\nc,3\n"), KeyColumn = "id" };
        Assert.Equal(3, new Reading.DataSetLoader(options, null, Cancellation) { MaximumRows = 3 }.Load().RowCount);
        Refuses(() => new Reading.DataSetLoader(options, null, Cancellation) { MaximumRows = 2 }.Load(), "data.csv", "more than 2");
    }

    [Fact]
    public void A_field_over_the_limit_is_named()
    {
        Refuses(() => Read($"id,x\na,{new string('t', DataLimits.MaximumFieldBytes + 1)}\n"), "line 2", "column 2");
        Refuses(() => Read($"id,{new string('t', DataLimits.MaximumFieldBytes + 1)}\na,1\n"), "line 1", "column 2");
        Assert.Single(Read($"id,x\na,{new string('t', DataLimits.MaximumFieldBytes)}\n").Keys);
    }

    [Theory]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("inf")]
    [InlineData("-INF")]
    [InlineData("1e400")]
    public void Infinite_numbers_are_named_by_line_and_column(string number) =>
        Refuses(() => Read($"id,a,x\nk1,1,2\nk2,3,{number}\n"), "line 3", "\"x\"", "infinite");

    [Fact]
    public void A_word_among_numbers_is_named_with_its_line_and_column_and_what_to_do()
    {
        var text = new StringBuilder("id,x\n");
        for (var i = 0; i < 18; i++) text.Append(CultureInfo.InvariantCulture, $"k{i},{i}\n");
        Refuses(() => Read(text + "k18,twelve\nk19,thirteen\n"), "line 20", "\"x\"", "\"twelve\"", "90 %", "categorical");
        Assert.Equal(20, Texts(Read(text + "k18,twelve\nk19,13\n", o => o with { CategoricalColumns = ["x"] }), "x").Count());
        // The word may come first, and then the numbers behind it decide.
        Refuses(() => Read("id,x\nw,-\n" + text.ToString()[5..]), "line 2", "\"x\"", "\"-\"", "94 %");
        // A decimal comma would be read as a thousands separator by a careless parser.
        Refuses(() => Read(text + "k18,\"1,5\"\n"), "line 20", "\"1,5\"");
    }

    [Fact]
    public void Just_under_nine_tenths_of_numbers_is_a_column_of_categories()
    {
        var text = new StringBuilder("id,x\n");
        for (var i = 0; i < 17; i++) text.Append(CultureInfo.InvariantCulture, $"k{i},{i}\n");
        Assert.Equal(19, Texts(Read(text + "k18,a\nk19,b\n"), "x").Count());
    }

    [Fact]
    public void Labels_other_than_zero_and_one_are_named_by_line_and_never_shown()
    {
        Refuses(() => Read("id,y\na,0\nb,2\n", o => o with { LabelColumn = "y" }), "line 3", "\"y\"", "0 or 1");
        Refuses(() => Read("id,y\na,0\nb,0.5\n", o => o with { LabelColumn = "y" }), "line 3");
        Refuses(() => Read("id,y\na,0\nb,\n", o => o with { LabelColumn = "y" }), "line 3", "missing");
        Refuses(() => Read("id,y\na,0\nb,NaN\n", o => o with { LabelColumn = "y" }), "line 3", "missing");
        var error = Assert.Throws<DataFormatException>(() => Read("id,y\na,SECRETKEY\n", o => o with { LabelColumn = "y" }));
        Assert.DoesNotContain("SECRETKEY", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_one_class_are_read_with_a_warning()
    {
        Assert.Contains(Read("id,y\na,1\nb,1\n", o => o with { LabelColumn = "y" }).Report.Warnings, warning => warning.Contains("\"y\"", StringComparison.Ordinal) && warning.Contains("label 1", StringComparison.Ordinal));
        // The row with the other label has a key that stands again later, and is left out.
        var kept = Read("id,y\na,0\na,1\nb,1\n", o => o with { LabelColumn = "y" });
        Assert.Equal([1, 1], kept.Labels!);
        Assert.Contains(kept.Report.Warnings, warning => warning.Contains("label 1", StringComparison.Ordinal));
        Assert.DoesNotContain(Read("id,y\na,1\nb,0\n", o => o with { LabelColumn = "y" }).Report.Warnings, warning => warning.Contains("label", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_without_one_valid_key_is_refused()
    {
        Refuses(() => Read("id,x\n,1\nNA,2\n"), "\"id\"", "2 rows");
        Refuses(() => Read("id,x\n123,1\n", o => o with { KeyFormat = KeyFormat.UnifiedSocialCreditCode }), "\"id\"");
    }

    [Fact]
    public void Text_that_is_not_utf8_is_named_by_its_line()
    {
        byte[] gbk = [.. "id,x\na,1\nb,"u8, 0xB9, 0xFA, .. "\n"u8];
        Refuses(() => Read(gbk), "line 3", "UTF-8");
        Refuses(() => Read([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("id,x\na,1\n")]), "line 1", "UTF-8");
        Refuses(() => Read([.. "id,x\na,1\nb,"u8, 0xE5]), "line 3", "UTF-8");
        // Sequences that only look well formed: overlong, surrogate, beyond the last code point.
        Refuses(() => Read([.. "id,x\na,"u8, 0xC0, 0xAF]), "line 2");
        Refuses(() => Read([.. "id,x\na,"u8, 0xED, 0xA0, 0x80]), "line 2");
        Refuses(() => Read([.. "id,x\na,"u8, 0xF4, 0x90, 0x80, 0x80]), "line 2");
    }

    [Fact]
    public void Invalid_text_is_found_and_valid_text_is_read_wherever_the_blocks_of_the_file_end()
    {
        for (var shift = 0; shift < 6; shift++)
        {
            var text = $"id,x,t\na{new string('a', shift)},1,{new string('言', 9_000)}😀\n";
            var valid = string.Concat(Enumerable.Range(0, 40).Select(i => text[7..].Replace("a", $"k{i}-", StringComparison.Ordinal)));
            Assert.Equal(40, Read("id,x,t\n" + valid).RowCount);
            byte[] broken = [.. Encoding.UTF8.GetBytes("id,x,t\n" + valid), .. "z,1,"u8, 0xE8, 0xA8, .. "\n"u8];
            Refuses(() => Read(broken), "line 42", "UTF-8");
        }
    }

    [Fact]
    public void A_gzip_file_that_ends_too_early_is_said_to_wherever_it_ends_and_however_it_was_compressed()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), numbers =>
        {
            // Quotes, letters of several bytes and rows of several lengths: a piece of one is another fault, if it is taken for all of it.
            var text = new StringBuilder("id,x,word\n").AppendJoin('\n', numbers.Append(7).Select((number, row) => string.Create(CultureInfo.InvariantCulture, $"{row},{number},\"{(number % 2 == 0 ? "行，é" : "a, \"\"b")}\"")));
            foreach (var level in (CompressionLevel[])[CompressionLevel.NoCompression, CompressionLevel.Fastest, CompressionLevel.Optimal, CompressionLevel.SmallestSize])
            {
                foreach (var flush in (bool[])[false, true])
                {
                    using var buffer = new MemoryStream();
                    using (var gzip = new GZipStream(buffer, level, leaveOpen: true))
                    {
                        // Flushed, it has more blocks than one.
                        foreach (var part in Encoding.UTF8.GetBytes(text.ToString()).Chunk(flush ? 50 : int.MaxValue))
                        {
                            gzip.Write(part);
                            if (flush) gzip.Flush();
                        }
                    }

                    var whole = buffer.ToArray();
                    Assert.Equal(numbers.Length + 1, Load(new DataSourceOptions { Path = Write(whole, "cut.csv.gz"), KeyColumn = "id" }).Keys.Count);
                    for (var length = 1; length < whole.Length; length++)
                    {
                        var path = Write(whole[..length], "cut.csv.gz");
                        Refuses(() => Load(new DataSourceOptions { Path = path, KeyColumn = "id" }), "cut.csv.gz", "damaged or end too early");
                    }
                }
            }
        }).Search(8);
    }

    [Fact]
    public void An_unknown_column_is_answered_with_a_near_name_or_with_all_where_they_are_few()
    {
        Refuses(() => Read("id,amount\na,1\n", options => options with { LabelColumn = "amuont" }), "no column \"amuont\" (", "Did you mean \"amount\"?");
        Refuses(() => Read("id,amount\na,1\n", options => options with { LabelColumn = "nosuch" }), "no column \"nosuch\" (", "There are: id, amount.");
        var wide = Assert.Throws<DataFormatException>(() => Read($"id,{string.Join(',', Enumerable.Range(0, 100).Select(i => $"c{i}"))}\n", options => options with { LabelColumn = "nosuch" })).Message;
        Assert.EndsWith(").", wide, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_gzip_is_refused()
    {
        // Every row has one length, so a cut can fall between two rows, where nothing but the gzip data can tell.
        var text = "id,x\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"{i:D3},{i * 7919 % 1000:D3}\n"));
        var whole = Gzip(Encoding.ASCII.GetBytes(text));
        Assert.Equal(300, Read(whole).RowCount);
        for (var length = 2; length < whole.Length; length++) Refuses(() => Read(whole[..length]), "data.csv", "gzip");
        byte[] second = Gzip("900,1\n901,2\n"u8.ToArray());
        for (var length = 1; length < second.Length; length++) Refuses(() => Read([.. whole, .. second[..length]]), "gzip");
        Refuses(() => Read([.. whole, 0, 0, 0]), "gzip");
        var flipped = whole.ToArray();
        flipped[^6] ^= 1;
        Refuses(() => Read(flipped), "gzip");
        Refuses(() => Load(new DataSourceOptions { Path = Write("id,x\na,1\n", "plain.csv.gz"), KeyColumn = "id" }), "plain.csv.gz", ".gz");
    }

    [Fact]
    public void Messages_are_chinese_under_a_chinese_culture()
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
            Refuses(() => Read("id,x\na,1\nb,2,3\n"), "data.csv", "第 3 行", "3 个");
            Refuses(() => Load(new DataSourceOptions { Path = At("nothing.csv"), KeyColumn = "id" }), "文件不存在");
            Assert.Contains(Read("id,x\na,1\na,2\n").Report.Warnings, warning => warning.Contains("剔除 1 行", StringComparison.Ordinal));
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private static void Refuses(Action read, params string[] parts)
    {
        var error = Assert.Throws<DataFormatException>(read);
        foreach (var part in parts) Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
