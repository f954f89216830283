using System.Globalization;
using FedLab.Client;
using FedLab.Data.Tests.Connectors;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Notebook.Labs;
using FedLab.Notebook.Tests.Data;

namespace FedLab.Notebook.Tests.Labs;

/// <summary>The rows of one's own institution, wherever its participant reads them.</summary>
public sealed class OwnDataTests(PostgresServer postgres) : IDisposable
{
    private readonly TemporaryFolder _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task A_home_in_postgresql_is_read_with_the_participants_password()
    {
        if (postgres.Missing is { } missing) Assert.Skip(missing);
        var table = "own" + Guid.NewGuid().ToString("N");
        File.WriteAllText(_home.File("data.csv"), "id,overdue,sector,income\na,0,C,7\nb,1,F,\nc,1,C,3.5\n");
        await postgres.ExecuteAsync($"CREATE TABLE {table} (id text, overdue integer, sector text, income numeric); INSERT INTO {table} VALUES ('c', 1, 'C', 3.5), ('a', 0, 'C', 7), ('b', 1, 'F', NULL)");
        KeyFiles.WriteSecret(_home.File("database.password"), PostgresServer.OwnerPassword);
        Configure(""" "path": "data.csv" """);
        var file = await OwnData.LoadAsync(_home.Path, Cancellation);
        Configure(string.Create(CultureInfo.InvariantCulture, $$""" "postgres": { "host": "127.0.0.1", "port": {{postgres.Port}}, "database": "postgres", "user": "{{PostgresServer.Owner}}", "passwordFile": "database.password", "table": "{{table}}" } """));
        var server = await OwnData.LoadAsync(_home.Path, Cancellation);
        Assert.Equal(["id", "overdue", "sector", "income"], server.Columns.Select(column => column.Name));
        FrameGenerator.AssertEqual(file, server);
        FrameGenerator.AssertEqual(await OwnData.DescribeAsync(_home.File("data.csv"), Cancellation), await OwnData.DescribeAsync(_home.Path, Cancellation));
    }

    [Fact]
    public async Task A_folder_that_is_no_home_and_a_password_that_is_missing_are_said_in_the_notebooks_language()
    {
        using var chinese = new Language("zh-CN");
        Assert.Contains("主目录", (await Assert.ThrowsAsync<ClientException>(() => OwnData.LoadAsync(_home.Path, Cancellation))).Message, StringComparison.Ordinal);
        Configure(""" "postgres": { "host": "db", "database": "d", "user": "u", "passwordFile": "nowhere", "table": "t" } """);
        Assert.Contains("字段“data.postgres.passwordFile”", (await Assert.ThrowsAsync<ConfigurationException>(() => OwnData.LoadAsync(_home.Path, Cancellation))).Message, StringComparison.Ordinal);
    }

    private void Configure(string source) => File.WriteAllText(_home.File("participant.json"), $$"""{ "name": "bank", "coordinator": "https://127.0.0.1:1", "data": { {{source}}, "key": "id", "label": "overdue" }, "settings": { "minimumCohort": 2 } }""");
}
