using System.Globalization;
using System.Text;
using FedLab.Data.Connectors;
using FedLab.Learning;
using FsCheck.Fluent;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace FedLab.Data.Tests.Connectors;

/// <summary>The same rows are the same data set, to the bit, whatever they were read from.</summary>
public sealed class SameRowsTests(PostgresServer server) : ConnectorTests(server)
{
    private const string Columns = "id text, default_ smallint, quarter date, amount numeric(30,12), big bigint, ratio double precision, single real, sector text, \"说明, \"\"备注\"\"\" text, opened date, seen timestamp, smoker boolean, income integer";

    /// <summary>One row a line in SQL; CSV is made of the same values below.</summary>
    private static readonly string?[][] Rows =
    [
        ["91310000A1", "0", "2024-03-31", "1234567.89", "9007199254740993", "0.1", "0.1", "C", "say \"hi\", ok", "2019-02-28", "2024-01-31 08:30:00", "true", "5000"],
        ["91310000A2", "1", "2024-06-30", "-0.000000000001", "-9223372036854775808", "-2.5e-300", "3.4028235e38", "F", "第一行\n第二行", "1969-12-31", "1970-01-01 00:00:00", "false", "-99"],
        ["91310000A3", "0", "2024-03-31", null, null, null, null, null, null, null, null, null, null],
        ["91310000A4", "1", "2024-06-30", "123456789012345678.123456789012", "0", "1e22", "-1e-45", "制造业", "'; drop table x; --", "2024-02-29", "9999-12-31 23:59:59.999999", "true", "0"],
        ["91310000A5", "0", "2024-09-30", "100", "12345678901234567", "5e-324", "16777216", "C", "😀", "0001-01-01", "1905-06-30 12:00:00.5", "false", "7"],
        ["91310000A1", "1", "2024-09-30", "0.3", "1", "0.30000000000000004", "0.33333334", "F", "later row, same key", "2030-01-01", "2024-01-31 08:30:00.000001", "true", "-1"],
    ];

    private static DataSourceOptions Options(DataSourceOptions options) => options with
    {
        LabelColumn = "default_",
        FoldColumn = "quarter",
        CategoricalColumns = ["sector"],
        Mappings = new Dictionary<string, ColumnMapping>
        {
            ["opened"] = new() { Type = ColumnType.Date },
            ["seen"] = new() { Type = ColumnType.Date },
            ["smoker"] = new() { Type = ColumnType.Boolean },
            ["income"] = new() { Missing = ["-99", "-1"] },
        },
    };

    [Fact]
    public async Task A_file_a_table_and_a_query_of_the_same_rows_have_the_same_content_digest()
    {
        RequirePostgres();
        var file = Load(Options(new DataSourceOptions { Path = Write(Csv()), KeyColumn = "id" }));
        var name = NewName();
        var values = string.Join(", ", Rows.Select(row => $"({string.Join(", ", row.Select(value => value is null ? "NULL" : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'"))})"));
        await Server.ExecuteAsync($"CREATE TABLE {name} ({Columns}); INSERT INTO {name} VALUES {values}");
        ExecuteSqlite($"CREATE TABLE {name} ({Columns}, extra blob)");
        // SQLite has no booleans and no numeric of any length: it keeps 1 and 0, and decimals as doubles, which is what they become anyway.
        ExecuteSqlite($"INSERT INTO {name} SELECT *, x'00' FROM (VALUES {values})".Replace("'true'", "1", StringComparison.Ordinal).Replace("'false'", "0", StringComparison.Ordinal));

        DataSet[] sets =
        [
            Load(Sqlite(name), o => Options(o) with { ExcludedColumns = ["extra"] }),
            Load(SqliteQuery($"SELECT id, default_, quarter, amount, big, ratio, single, sector, \"说明, \"\"备注\"\"\", opened, seen, smoker, income FROM {name}"), Options),
            Load(Postgres(new TableSelection { Table = name }), Options),
            Load(Postgres(new TableSelection { Schema = "public", Table = name }, host: Server.Socket), Options),
            Load(PostgresQuery($"SELECT * FROM {name}; "), Options),
            Load(PostgresQuery($"WITH a AS (TABLE {name}) SELECT * FROM a -- everything"), Options),
        ];
        Assert.All(sets, set =>
        {
            Assert.Equal(file.Keys, set.Keys);
            Assert.Equal(file.Labels, set.Labels);
            Assert.Equal(file.Folds, set.Folds);
            foreach (var column in file.Table.Columns)
            {
                if (column is NumericColumn) Assert.Equal(Numbers(file, column.Name).Select(BitConverter.DoubleToInt64Bits), Numbers(set, column.Name).Select(BitConverter.DoubleToInt64Bits));
                else Assert.Equal(Texts(file, column.Name), Texts(set, column.Name));
            }

            Assert.Equal(Convert.ToHexString(file.ContentDigest), Convert.ToHexString(set.ContentDigest));
            Assert.Equal(1, set.Report.DuplicatesDropped);
        });

        // And what they are: the values that the rows above say.
        Assert.Equal([double.NaN, double.NaN, 0, 7, double.NaN], Numbers(file, "income"));
        Assert.Equal([-9223372036854775808d, double.NaN, 0, 12345678901234568, 1], Numbers(file, "big"));
        Assert.Equal([-1, double.NaN, 19782, -719162, 21915], Numbers(file, "opened"));
        Assert.Equal([0, double.NaN, 1, 0, 1], Numbers(file, "smoker"));
        Assert.Equal(.33333334, Numbers(file, "single")[^1]);
        Assert.Equal(["2024-06-30", "2024-03-31", "2024-06-30", "2024-09-30", "2024-09-30"], file.Folds!);
    }

    [Fact]
    public async Task Any_table_of_numbers_and_texts_has_one_digest()
    {
        RequirePostgres();
        await using var connection = await Server.OpenAsync();
        foreach (var (table, keys) in TableGenerator.Sample(25, 30))
        {
            var name = NewName();
            var path = At($"{name}.csv");
            await CsvTable.WriteAsync(path, "key", keys, table, Cancellation);
            var columns = string.Join(", ", table.Columns.Select(c => $"{TableSelection.Quote(c.Name)} {(c is NumericColumn ? "double precision" : "text")}"));
            await using (var create = new NpgsqlCommand($"CREATE TABLE {name} (position integer, key text, {columns})", connection)) await create.ExecuteNonQueryAsync(Cancellation);
            ExecuteSqlite($"CREATE TABLE {name} (key text, {columns})");
            await using (var import = await connection.BeginBinaryImportAsync($"COPY {name} FROM STDIN (FORMAT binary)", Cancellation))
            {
                for (var row = 0; row < keys.Count; row++)
                {
                    await import.StartRowAsync(Cancellation);
                    await import.WriteAsync(row, NpgsqlDbType.Integer, Cancellation);
                    await import.WriteAsync(keys[row], NpgsqlDbType.Text, Cancellation);
                    foreach (var column in table.Columns)
                    {
                        if (column.IsMissing(row)) await import.WriteNullAsync(Cancellation);
                        else if (column is NumericColumn numbers) await import.WriteAsync(numbers.Values.Span[row], NpgsqlDbType.Double, Cancellation);
                        else await import.WriteAsync(((CategoricalColumn)column).CategoryOf(row)!, NpgsqlDbType.Text, Cancellation);
                    }
                }

                await import.CompleteAsync(Cancellation);
            }

            InsertSqlite(name, table, keys);
            DataSourceOptions Options(DataSourceOptions options) => options with { KeyColumn = "key", KeyFormat = KeyFormat.Text };
            // What the databases call text is text without being told; a column without any text reads from a file as one without numbers.
            var texts = table.Columns.OfType<CategoricalColumn>().Select(c => c.Name).ToList();
            var file = Load(Options(new DataSourceOptions { Path = path, KeyColumn = "key", CategoricalColumns = texts }));
            Assert.Equal(Convert.ToHexString(file.ContentDigest), Convert.ToHexString(Load(Sqlite(name), Options).ContentDigest));
            Assert.Equal(Convert.ToHexString(file.ContentDigest), Convert.ToHexString(Load(Postgres(new TableSelection { Table = name, OrderBy = ["position"] }), o => Options(o) with { ExcludedColumns = ["position"] }).ContentDigest));
        }
    }

    [Fact]
    public async Task Any_decimal_is_the_double_that_its_digits_are()
    {
        RequirePostgres();
        var digits = Gen.ArrayOf(Gen.Frequency((3, Gen.Choose(0, 9)), (1, Gen.Constant(0)))).Where(d => d.Length > 0);
        var decimals = (from whole in digits from fraction in digits from negative in Gen.Elements(true, false) from dot in Gen.Elements(true, true, false) select (negative ? "-" : "") + string.Concat(whole) + (dot ? "." + string.Concat(fraction) : ""))
            .Draw(400, 60).Append("0.00001234").Append("100000000").Append("9999999999999999.9999").Append("12345678901234567890123456789012345678901234567890").Append("0.0000").Append("-0").ToList();
        var name = NewName();
        await Server.ExecuteAsync($"CREATE TABLE {name} (id serial, x numeric); INSERT INTO {name} (x) VALUES {string.Join(", ", decimals.Select(d => $"({d})"))}");
        // Ordered: the server puts a short row where a page of earlier rows has room left.
        var numbers = Numbers(Load(Postgres(new TableSelection { Table = name, OrderBy = ["id"] })), "x");
        for (var i = 0; i < decimals.Count; i++) Assert.Equal(double.Parse(decimals[i], CultureInfo.InvariantCulture), numbers[i]);
        // As categories they are what the server itself writes.
        var texts = Load(PostgresQuery($"SELECT id, x, x::text AS y FROM {name}"), o => o with { CategoricalColumns = ["x", "y"] });
        Assert.Equal(Texts(texts, "y"), Texts(texts, "x"));
    }

    [Fact]
    public async Task Every_readable_type_reads_as_the_server_writes_it()
    {
        RequirePostgres();
        var kind = NewName();
        var area = NewName();
        await Server.ExecuteAsync($"CREATE TYPE {kind} AS ENUM ('好', 'b'); CREATE DOMAIN {area} AS varchar(8)");
        const string Values = "1::int2 AS a, -2::int4 AS b, 3::int8 AS c, 7::oid AS d, true AS e, 'x'::char(3) AS f, 'y'::varchar AS g, 'n'::name AS h, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS i, DATE '2024-02-29' AS j, TIMESTAMP '2024-02-29 01:02:03.25' AS k, 1.50::numeric(5,2) AS l, '\"q\"'::\"char\" AS p";
        var query = $"SELECT 'k1' AS id, {Values}, '好'::{kind} AS m, '沪'::{area} AS n, TIMESTAMPTZ '2024-02-29 09:02:03+08' AS o";
        var names = "abcdefghijklmnop".Select(c => c.ToString()).ToArray();
        var data = Load(PostgresQuery(query), o => o with { Mappings = names.ToDictionary(n => n, _ => new ColumnMapping { Type = ColumnType.Category }) });
        Assert.Equal(
            ["1", "-2", "3", "7", "true", "x", "y", "n", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "2024-02-29", "2024-02-29 01:02:03.25", "1.50", "好", "沪", "2024-02-29 01:02:03Z", "\""],
            names.Select(n => Texts(data, n).Single()));
        Assert.Equal(1, Numbers(Load(PostgresQuery("SELECT 'k' AS id, true AS e")), "e")[0]);
        Assert.Equal("numeric(5, 2)", data.Report.Columns.Single(c => c.Name == "l").SourceType);
        Assert.Equal(1, Numbers(Load(PostgresQuery("SELECT 'k' AS id, TIMESTAMPTZ '1970-01-02 08:00+08' AS t"), o => o with { Mappings = new Dictionary<string, ColumnMapping> { ["t"] = new() { Type = ColumnType.Date } } }), "t")[0]);
    }

    [Fact]
    public async Task A_given_order_is_the_same_in_both_databases_and_rows_of_many_blocks_keep_it()
    {
        RequirePostgres();
        var name = NewName();
        var text = new StringBuilder();
        for (var i = 0; i < 5_000; i++) text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}('{(i % 2 == 0 ? "k" : "K")}é{i * 7919 % 5_000}', {(i % 11 == 0 ? "NULL" : i % 13)}, {i})");
        await Server.ExecuteAsync($"CREATE TABLE {name} (id text, a integer, b integer); INSERT INTO {name} VALUES {text}");
        ExecuteSqlite($"CREATE TABLE {name} (id text, a integer, b integer); INSERT INTO {name} VALUES {text}");
        var unsorted = Load(Postgres(new TableSelection { Table = name }));
        Assert.Equal(Enumerable.Range(0, 5_000).Select(i => (double)i), Numbers(unsorted, "b"));
        Assert.Equal(unsorted.ContentDigest, Load(Sqlite(name)).ContentDigest);
        var sorted = Load(Postgres(new TableSelection { Table = name, OrderBy = ["a", "id"] }), o => o with { ExcludedColumns = ["b"] });
        Assert.Equal(sorted.ContentDigest, Load(Sqlite(name, "a", "id"), o => o with { ExcludedColumns = ["b"] }).ContentDigest);
        Assert.True(double.IsNaN(Numbers(sorted, "a")[0]));
    }

    private static string Csv()
    {
        var text = new StringBuilder("id,default_,quarter,amount,big,ratio,single,sector,\"说明, \"\"备注\"\"\",opened,seen,smoker,income\n");
        foreach (var row in Rows) text.AppendJoin(',', row.Select(value => value is null ? "" : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")).Append('\n');
        return text.ToString();
    }

    private void InsertSqlite(string name, Table table, IReadOnlyList<string> keys)
    {
        using var connection = new SqliteConnection($"Data Source={SqlitePath};Pooling=False");
        connection.Open();
        using var transaction = connection.BeginTransaction();
        for (var row = 0; row < keys.Count; row++)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"INSERT INTO {name} VALUES ($k{string.Concat(table.Columns.Select((_, i) => $", $c{i}"))})";
            command.Parameters.AddWithValue("$k", keys[row]);
            for (var i = 0; i < table.Columns.Count; i++)
            {
                object value = table.Columns[i] switch
                {
                    var column when column.IsMissing(row) => DBNull.Value,
                    NumericColumn numbers => numbers.Values.Span[row],
                    var column => ((CategoricalColumn)column).CategoryOf(row)!,
                };
                command.Parameters.AddWithValue($"$c{i}", value);
            }

            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }
}
