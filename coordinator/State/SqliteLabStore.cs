using System.Globalization;
using System.Text.Json;
using FedLab.Proto;
using Microsoft.Data.Sqlite;

namespace FedLab.Coordinator.State;

/// <summary>The state in one SQLite file, write-ahead logged. All SQL is here; the file knows its schema's version.</summary>
internal sealed class SqliteLabStore : ILabStore
{
    private const int SchemaVersion = 1;

    private const string Schema = """
        CREATE TABLE schema_version (version INTEGER NOT NULL);
        CREATE TABLE runs (
            run TEXT PRIMARY KEY, experiment TEXT NOT NULL, spec BLOB NOT NULL, spec_hash BLOB NOT NULL, proposed_by TEXT NOT NULL,
            created INTEGER NOT NULL, state INTEGER NOT NULL, attempt INTEGER NOT NULL, reason TEXT NOT NULL,
            started INTEGER, ended INTEGER, manifest_hash BLOB NOT NULL);
        CREATE INDEX runs_created ON runs (created);
        CREATE TABLE decisions (
            run TEXT NOT NULL REFERENCES runs, party TEXT NOT NULL, approve INTEGER NOT NULL, reason TEXT NOT NULL,
            approver TEXT NOT NULL, signature BLOB NOT NULL, decided INTEGER NOT NULL, PRIMARY KEY (run, party));
        CREATE TABLE attempts (
            run TEXT NOT NULL REFERENCES runs, attempt INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER, reason TEXT NOT NULL,
            PRIMARY KEY (run, attempt));
        CREATE TABLE results (
            run TEXT NOT NULL REFERENCES runs, party TEXT NOT NULL, attempt INTEGER NOT NULL, aligned_rows INTEGER NOT NULL,
            seconds TEXT NOT NULL, bytes TEXT NOT NULL, PRIMARY KEY (run, party));
        CREATE TABLE parties (name TEXT PRIMARY KEY, cosigning_key TEXT NOT NULL, software TEXT NOT NULL, seen INTEGER NOT NULL);
        """;

    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;

    private readonly string _path;
    private readonly Action<LabStoreException>? _failed;

    private SqliteLabStore(SqliteConnection connection, string path, Action<LabStoreException>? failed) => (_connection, _path, _failed) = (connection, path, failed);

    /// <summary>Opens the file or makes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="failed">Told when the file, once open, cannot be read or written any more.</param>
    /// <exception cref="LabStoreException">It is no database, or a later program's.</exception>
    public static SqliteLabStore Open(string path, Action<LabStoreException>? failed = null)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var store = new SqliteLabStore(connection, path, failed);
            // FULL: a decision or a state that was told to a party survives a power cut; there are few writes.
            store.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000;");
            store.Prepare(path);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return store;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new LabStoreException(Messages.StateUnreadable(path, e.Message), e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void AddRun(StoredRun run) => Execute(
        "INSERT INTO runs VALUES ($run, $experiment, $spec, $spec_hash, $proposed_by, $created, $state, $attempt, $reason, $started, $ended, $manifest_hash)",
        ("$run", run.Run), ("$experiment", run.Experiment), ("$spec", run.Spec), ("$spec_hash", run.SpecHash), ("$proposed_by", run.ProposedBy), ("$created", Milliseconds(run.Created)),
        ("$state", (int)run.State), ("$attempt", run.Attempt), ("$reason", run.Reason), ("$started", Milliseconds(run.Started)), ("$ended", Milliseconds(run.Ended)), ("$manifest_hash", run.ManifestHash));

    public void UpdateRun(StoredRun run)
    {
        var rows = Execute(
            "UPDATE runs SET state=$state, attempt=$attempt, reason=$reason, started=$started, ended=$ended, manifest_hash=$manifest_hash WHERE run=$run",
            ("$run", run.Run), ("$state", (int)run.State), ("$attempt", run.Attempt), ("$reason", run.Reason), ("$started", Milliseconds(run.Started)), ("$ended", Milliseconds(run.Ended)), ("$manifest_hash", run.ManifestHash));
        if (rows == 0) throw new KeyNotFoundException($"There is no run '{run.Run}'.");
    }

    public StoredRun? FindRun(string run) => Query("SELECT * FROM runs WHERE run=$run", ReadRun, ("$run", run)).FirstOrDefault();

    public IReadOnlyList<StoredRun> ListRuns(int limit) => Query("SELECT * FROM runs ORDER BY created DESC, rowid DESC LIMIT $limit", ReadRun, ("$limit", limit));

    public IReadOnlyList<StoredRun> OpenRuns() => Query(
        "SELECT * FROM runs WHERE state IN ($proposed, $approved, $running) ORDER BY created, rowid", ReadRun,
        ("$proposed", (int)RunState.Proposed), ("$approved", (int)RunState.Approved), ("$running", (int)RunState.Running));

    public bool AddDecision(StoredDecision decision) => Execute(
        "INSERT INTO decisions VALUES ($run, $party, $approve, $reason, $approver, $signature, $decided) ON CONFLICT DO NOTHING",
        ("$run", decision.Run), ("$party", decision.Party), ("$approve", decision.Approve ? 1 : 0), ("$reason", decision.Reason), ("$approver", decision.Approver), ("$signature", decision.Signature), ("$decided", Milliseconds(decision.Decided))) == 1;

    public IReadOnlyList<StoredDecision> Decisions(string run) => Query(
        "SELECT * FROM decisions WHERE run=$run ORDER BY decided, party",
        row => new StoredDecision(row.GetString(0), row.GetString(1), row.GetInt32(2) != 0, row.GetString(3), row.GetString(4), row.GetFieldValue<byte[]>(5), Time(row.GetInt64(6))),
        ("$run", run));

    public void BeginAttempt(string run, int attempt, DateTimeOffset started) => Execute(
        "INSERT INTO attempts VALUES ($run, $attempt, $started, NULL, '')", ("$run", run), ("$attempt", attempt), ("$started", Milliseconds(started)));

    public void EndAttempt(string run, int attempt, DateTimeOffset ended, string reason) => Execute(
        "UPDATE attempts SET ended=$ended, reason=$reason WHERE run=$run AND attempt=$attempt AND ended IS NULL",
        ("$run", run), ("$attempt", attempt), ("$ended", Milliseconds(ended)), ("$reason", reason));

    public IReadOnlyList<StoredAttempt> Attempts(string run) => Query(
        "SELECT * FROM attempts WHERE run=$run ORDER BY attempt",
        row => new StoredAttempt(row.GetString(0), row.GetInt32(1), Time(row.GetInt64(2)), row.IsDBNull(3) ? null : Time(row.GetInt64(3)), row.GetString(4)),
        ("$run", run));

    public void PutResult(StoredResult result) => Execute(
        "INSERT OR REPLACE INTO results VALUES ($run, $party, $attempt, $aligned_rows, $seconds, $bytes)",
        ("$run", result.Run), ("$party", result.Party), ("$attempt", result.Attempt), ("$aligned_rows", result.AlignedRows), ("$seconds", JsonSerializer.Serialize(result.Seconds)), ("$bytes", JsonSerializer.Serialize(result.Bytes)));

    public IReadOnlyList<StoredResult> Results(string run) => Query(
        "SELECT * FROM results WHERE run=$run ORDER BY party",
        row => new StoredResult(
            row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3),
            JsonSerializer.Deserialize<Dictionary<string, double>>(row.GetString(4))!, JsonSerializer.Deserialize<Dictionary<string, long>>(row.GetString(5))!),
        ("$run", run));

    public void PutParty(StoredParty party) => Execute(
        "INSERT OR REPLACE INTO parties VALUES ($name, $cosigning_key, $software, $seen)",
        ("$name", party.Name), ("$cosigning_key", party.CosigningKey), ("$software", party.Software), ("$seen", Milliseconds(party.Seen)));

    public IReadOnlyList<StoredParty> Parties() => Query(
        "SELECT * FROM parties ORDER BY name", row => new StoredParty(row.GetString(0), row.GetString(1), row.GetString(2), Time(row.GetInt64(3))));

    public void Dispose() => _connection.Dispose();

    private static StoredRun ReadRun(SqliteDataReader row) => new()
    {
        Run = row.GetString(0),
        Experiment = row.GetString(1),
        Spec = row.GetFieldValue<byte[]>(2),
        SpecHash = row.GetFieldValue<byte[]>(3),
        ProposedBy = row.GetString(4),
        Created = Time(row.GetInt64(5)),
        State = (RunState)row.GetInt32(6),
        Attempt = row.GetInt32(7),
        Reason = row.GetString(8),
        Started = row.IsDBNull(9) ? null : Time(row.GetInt64(9)),
        Ended = row.IsDBNull(10) ? null : Time(row.GetInt64(10)),
        ManifestHash = row.GetFieldValue<byte[]>(11),
    };

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static object Milliseconds(DateTimeOffset? time) => time is { } value ? Milliseconds(value) : DBNull.Value;

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private void Prepare(string path)
    {
        var exists = Query("SELECT count(*) FROM sqlite_master WHERE name='schema_version'", row => row.GetInt32(0))[0] == 1;
        if (!exists)
        {
            Execute($"BEGIN IMMEDIATE; {Schema} INSERT INTO schema_version VALUES ({SchemaVersion.ToString(CultureInfo.InvariantCulture)}); COMMIT;");
            return;
        }
        var version = Query("SELECT version FROM schema_version", row => row.GetInt32(0)).SingleOrDefault();
        if (version != SchemaVersion) throw new LabStoreException(Messages.StateOfOtherVersion(path, version, SchemaVersion));
    }

    private int Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        lock (_gate)
        {
            try
            {
                using var command = Command(sql, parameters);
                return command.ExecuteNonQuery();
            }
            catch (SqliteException e)
            {
                throw Failure(e);
            }
        }
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        lock (_gate)
        {
            try
            {
                using var command = Command(sql, parameters);
                using var reader = command.ExecuteReader();
                var rows = new List<T>();
                while (reader.Read()) rows.Add(read(reader));
                return rows;
            }
            catch (SqliteException e)
            {
                throw Failure(e);
            }
        }
    }

    /// <summary>A state that cannot be kept is the end of the service: going on would forget what parties were told.</summary>
    private LabStoreException Failure(SqliteException e)
    {
        var failure = new LabStoreException(Messages.StateUnreadable(_path, e.Message), e);
        _failed?.Invoke(failure);
        return failure;
    }

    private SqliteCommand Command(string sql, ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this class; values travel as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
