using FedLab.Data.Reading;
using FedLab.Learning;
using FsCheck.Fluent;

namespace FedLab.Data.Tests;

public sealed class RoundTripTests : TestFolder
{
    [Fact]
    public async Task Any_table_reads_back_as_it_was_written()
    {
        foreach (var (table, keys) in TableGenerator.Sample(150, 30))
        {
            var path = At(keys.Count % 2 == 0 ? "scores.csv" : "scores.csv.gz");
            await CsvTable.WriteAsync(path, "key", keys, table, Cancellation);
            var data = Load(new DataSourceOptions
            {
                Path = path,
                KeyColumn = "key",
                KeyFormat = KeyFormat.Text,
                CategoricalColumns = [.. table.Columns.OfType<CategoricalColumn>().Select(c => c.Name)],
            });
            Assert.Equal(keys, data.Keys);
            Assert.Equal(table.Columns.Select(c => c.Name), data.Table.Columns.Select(c => c.Name));
            foreach (var column in table.Columns)
            {
                if (column is NumericColumn numeric)
                {
                    Assert.Equal(
                        numeric.Values.ToArray().Select(BitConverter.DoubleToInt64Bits),
                        Numbers(data, column.Name).Select(BitConverter.DoubleToInt64Bits));
                }
                else
                {
                    var categorical = (CategoricalColumn)column;
                    var expected = Enumerable.Range(0, column.RowCount).Select(categorical.CategoryOf);
                    // A column of text without any text reads back as a column without any number.
                    if (data.Table[column.Name] is NumericColumn empty) Assert.All(empty.Values.ToArray(), v => Assert.True(double.IsNaN(v)));
                    else Assert.Equal(expected, Texts(data, column.Name));
                }
            }
        }
    }

    [Fact]
    public void Any_double_reads_back_to_the_bit() =>
        Prop.ForAll(ArbMap.Default.ArbFor<long>(), Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary(), (low, high) =>
        {
            var value = BitConverter.Int64BitsToDouble(low ^ ((long)high << 32));
            if (!double.IsFinite(value)) return true;
            var text = FormattableString.Invariant($"id,x\na,{value:R}\nb,{value:E16}\nc,0\n");
            var read = Numbers(Read(text), "x");
            return BitConverter.DoubleToInt64Bits(read[0]) == BitConverter.DoubleToInt64Bits(value) && read[0].Equals(read[1]);
        }).Search();

    [Fact]
    public void A_table_with_the_key_columns_name_or_another_length_is_a_programming_error()
    {
        var table = new Table([new NumericColumn("key", [1])]);
        Assert.ThrowsAny<ArgumentException>(() => { _ = CsvTable.WriteAsync(At("f"), "key", ["a"], table, Cancellation); });
        Assert.ThrowsAny<ArgumentException>(() => { _ = CsvTable.WriteAsync(At("f"), "id", ["a", "b"], table, Cancellation); });
    }

    [Fact]
    public void A_mutated_file_gives_a_table_or_a_clear_refusal_and_nothing_else()
    {
        var plain = System.Text.Encoding.UTF8.GetBytes(
            "id,金额,x,t,default\na,1.5,1e3,\"u, \"\"v\"\"\",0\nb,,-7,w,1\nc,2,3,\"multi\nline\",0\n\nd,NaN,0.25,词,1\n");
        var compressed = Gzip(plain);
        var edits = Gen.ArrayOf(Gen.Choose(0, int.MaxValue)).Where(a => a.Length is > 0 and < 12).ToArbitrary();
        Prop.ForAll(edits, ArbMap.Default.ArbFor<bool>(), (numbers, gzip) =>
        {
            var bytes = Mutate(gzip ? compressed : plain, numbers);
            try
            {
                var data = new DataSetLoader(
                    new DataSourceOptions { Path = Write(bytes, "fuzz.csv"), KeyColumn = "id", LabelColumn = "default" }, null, Cancellation).Load();
                return data.RowCount == data.Keys.Count && data.Keys.Distinct().Count() == data.RowCount
                    && data.Table.Columns.All(c => c.RowCount == data.RowCount) && data.Labels!.Length == data.RowCount;
            }
            catch (DataFormatException)
            {
                return true;
            }
        }).Search(1_500);
    }

    /// <summary>Replaces, inserts, deletes and cuts, with the bytes that matter to a CSV reader more often than others.</summary>
    private static byte[] Mutate(byte[] source, int[] numbers)
    {
        var telling = "\"\n\r,\0;= 019eE+-.NnA\uFEFF"u8;
        List<byte> bytes = [.. source];
        foreach (var number in numbers)
        {
            if (bytes.Count == 0) break;
            var at = number / 64 % bytes.Count;
            var value = number % 3 == 0 ? (byte)(number >> 8) : telling[(number >> 8) % telling.Length];
            switch (number % 64)
            {
                case < 25: bytes[at] = value; break;
                case < 45: bytes.Insert(at, value); break;
                case < 60: bytes.RemoveAt(at); break;
                case < 63: bytes.AddRange(bytes.Skip(at).Take(20).ToList()); break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }

        return [.. bytes];
    }
}
