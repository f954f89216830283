using System.Globalization;
using FedLab.Coordinator.State;
using FedLab.Data.Tests.Connectors;
using FedLab.Postgres;
using Npgsql;

namespace FedLab.Coordinator.Tests.State;

public sealed class PostgresLabStoreTests : LabStoreContract, IAsyncLifetime
{
    private readonly PostgresServer _server;
    private readonly string _database = "state_" + Guid.NewGuid().ToString("N");

    public PostgresLabStoreTests(PostgresServer server) => _server = server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (_server.Missing is { } missing) Assert.Skip(missing);
        await _server.ExecuteAsync($"CREATE DATABASE {_database}");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_second_coordinator_waits_until_the_first_one_has_ended_and_finds_what_it_stored()
    {
        var first = await OpenAsync();
        first.AddRun(Run("first", 0));
        var waits = new TaskCompletionSource();
        var second = OpenAsync(waits: waits.SetResult);
        await waits.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.False(second.IsCompleted);
        first.Dispose();
        using var store = await second.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.NotNull(store.FindRun("first"));
    }

    [Fact]
    public async Task A_coordinator_that_lost_its_connection_hears_of_it_and_can_write_no_more()
    {
        var failed = new TaskCompletionSource<LabStoreException>();
        using var first = await OpenAsync(failed: e => failed.TrySetResult(e));
        await _server.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='{_database}'");
        Assert.Contains(_database, (await failed.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Message, StringComparison.Ordinal);
        using var second = await OpenAsync().WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.Throws<LabStoreException>(() => first.AddRun(Run("late", 0)));
        Assert.Null(second.FindRun("late"));
    }

    [Fact]
    public async Task A_wrong_password_another_labs_database_and_a_later_programs_state_are_refused_by_name()
    {
        (await OpenAsync()).Dispose();
        var password = (await Assert.ThrowsAsync<LabStoreException>(() => OpenAsync(password: "wrong"))).Message;
        Assert.Contains(PostgresServer.Owner, password, StringComparison.Ordinal);
        Assert.Contains("passwordFile", password, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", password, StringComparison.Ordinal);
        Assert.Contains("other-lab", (await Assert.ThrowsAsync<LabStoreException>(() => OpenAsync(lab: "other-lab"))).Message, StringComparison.Ordinal);
        Execute("UPDATE schema_version SET version=99");
        Assert.Contains("99", (await Assert.ThrowsAsync<LabStoreException>(() => OpenAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_sentence_and_a_wait_can_be_given_up()
    {
        var nowhere = Access(port: 1);
        Assert.StartsWith($"state.postgres ({_database}, 127.0.0.1:1): the database server cannot be reached (", await RefusesAsync(nowhere), StringComparison.Ordinal);
        using var first = await OpenAsync();
        using var stop = new CancellationTokenSource();
        var second = OpenAsync(waits: stop.Cancel, cancellation: stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_and_one_without_rights_are_told_with_what_to_do_in_both_languages()
    {
        var user = "writer_" + Guid.NewGuid().ToString("N");
        await _server.ExecuteAsync($"CREATE ROLE {user} LOGIN PASSWORD 'p'");
        var before = CultureInfo.CurrentUICulture;
        try
        {
            foreach (var (language, missing, denied) in new[] { ("en", "the server has no database \"nowhere\". Check its spelling", "have CREATE on its schema granted"), ("zh-CN", "服务器上没有名为“nowhere”的数据库", "CREATE 权限") })
            {
                CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
                var message = await RefusesAsync(Access(database: "nowhere"));
                Assert.StartsWith($"state.postgres (nowhere, 127.0.0.1:{_server.Port})", message, StringComparison.Ordinal);
                Assert.Contains(missing, message, StringComparison.Ordinal);
                Assert.DoesNotContain("3D000", message, StringComparison.Ordinal);
                message = await RefusesAsync(Access(user: user, password: "p"));
                Assert.Contains(denied, message, StringComparison.Ordinal);
                Assert.DoesNotContain("42501", message, StringComparison.Ordinal);
            }
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private protected override ILabStore Open() => OpenAsync().GetAwaiter().GetResult();

    private protected override void Execute(string sql)
    {
        using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Access().ToConnectionSettings().ConnectionString) { Pooling = false }.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql.Replace("BLOB", "BYTEA", StringComparison.Ordinal), connection);
        command.ExecuteNonQuery();
    }

    private static async Task<string> RefusesAsync(PostgresAccess access) =>
        (await Assert.ThrowsAsync<LabStoreException>(() => PostgresLabStore.OpenAsync(access, "lab", () => { }, null, TimeProvider.System, Cancellation))).Message;

    private PostgresAccess Access(string password = PostgresServer.OwnerPassword, int? port = null, string? database = null, string user = PostgresServer.Owner) =>
        new() { Host = "127.0.0.1", Port = port ?? _server.Port, Database = database ?? _database, User = user, Password = password, Tls = DatabaseTls.Prefer };

    private Task<PostgresLabStore> OpenAsync(string lab = "lab", string password = PostgresServer.OwnerPassword, Action? waits = null, Action<LabStoreException>? failed = null, CancellationToken? cancellation = null) =>
        PostgresLabStore.OpenAsync(Access(password), lab, waits ?? (() => { }), failed, TimeProvider.System, cancellation ?? Cancellation);
}
