using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using FedLab.Proto;

namespace FedLab.Coordinator.State;

/// <summary>
/// The state in a database. All SQL is here and is the same for every database; what differs is how one is opened, and how its types and
/// transactions are called.
/// </summary>
internal abstract class SqlLabStore : ILabStore
{
    private const int SchemaVersion = 5;

    // The types are SQLite's; Dialect puts another database's in their place.
    private const string Absences2 = """
        CREATE TABLE absences (
            run TEXT NOT NULL REFERENCES runs, party TEXT NOT NULL, attempt INTEGER NOT NULL, PRIMARY KEY (run, party));
        """;

    private const string Enrolment3 = """
        CREATE TABLE invitations (
            token_hash BLOB PRIMARY KEY, party TEXT NOT NULL, invited_by TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,
            certificate_hash BLOB NOT NULL);
        CREATE TABLE certificates (
            hash BLOB PRIMARY KEY, party TEXT NOT NULL, certificate BLOB NOT NULL, issued INTEGER NOT NULL, revoked INTEGER, reason TEXT NOT NULL,
            number INTEGER NOT NULL);
        CREATE TABLE heads (name TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL);
        """;

    // Those of the fourth version were not signed: they go, and their parties publish them anew when they connect.
    private const string UnsignedCatalogues4 = "DROP TABLE IF EXISTS catalogues;";

    private const string Catalogues5 = """
        CREATE TABLE catalogues (
            party TEXT PRIMARY KEY, catalogue BLOB NOT NULL, hash BLOB NOT NULL, signature BLOB NOT NULL, published INTEGER NOT NULL);
        """;

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
    private readonly DbConnection _connection;
    private readonly Action<LabStoreException>? _failed;
    private bool _isClosed;

    /// <summary>A store over an open connection, which it owns.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="name">The database in messages.</param>
    /// <param name="failed">Told when the database, once open, cannot be read or written any more.</param>
    protected SqlLabStore(DbConnection connection, string name, Action<LabStoreException>? failed) => (_connection, Name, _failed) = (connection, name, failed);

    /// <summary>The database in messages.</summary>
    protected string Name { get; }

    /// <summary>How a transaction that writes begins.</summary>
    protected abstract string Begin { get; }

    /// <summary>The statement that counts tables of a name, which is its parameter.</summary>
    protected abstract string CountTables { get; }

    public void AddRun(StoredRun run) => Execute(
        "INSERT INTO runs VALUES (@run, @experiment, @spec, @spec_hash, @proposed_by, @created, @state, @attempt, @reason, @started, @ended, @manifest_hash)",
        ("@run", run.Run), ("@experiment", run.Experiment), ("@spec", run.Spec), ("@spec_hash", run.SpecHash), ("@proposed_by", run.ProposedBy), ("@created", Milliseconds(run.Created)),
        ("@state", (int)run.State), ("@attempt", run.Attempt), ("@reason", run.Reason), ("@started", Milliseconds(run.Started)), ("@ended", Milliseconds(run.Ended)), ("@manifest_hash", run.ManifestHash));

    public void UpdateRun(StoredRun run)
    {
        var rows = Execute(
            "UPDATE runs SET state=@state, attempt=@attempt, reason=@reason, started=@started, ended=@ended, manifest_hash=@manifest_hash WHERE run=@run",
            ("@run", run.Run), ("@state", (int)run.State), ("@attempt", run.Attempt), ("@reason", run.Reason), ("@started", Milliseconds(run.Started)), ("@ended", Milliseconds(run.Ended)), ("@manifest_hash", run.ManifestHash));
        if (rows == 0) throw new KeyNotFoundException($"There is no run '{run.Run}'.");
    }

    public StoredRun? FindRun(string run) => Query("SELECT * FROM runs WHERE run=@run", ReadRun, ("@run", run)).FirstOrDefault();

    public IReadOnlyList<StoredRun> ListRuns(int limit) => Query("SELECT * FROM runs ORDER BY created DESC, run DESC LIMIT @limit", ReadRun, ("@limit", limit));

    public IReadOnlyList<StoredRun> OpenRuns() => Query(
        "SELECT * FROM runs WHERE state IN (@proposed, @approved, @running) ORDER BY created, run", ReadRun,
        ("@proposed", (int)RunState.Proposed), ("@approved", (int)RunState.Approved), ("@running", (int)RunState.Running));

    public bool AddDecision(StoredDecision decision) => Execute(
        "INSERT INTO decisions VALUES (@run, @party, @approve, @reason, @approver, @signature, @decided) ON CONFLICT DO NOTHING",
        ("@run", decision.Run), ("@party", decision.Party), ("@approve", decision.Approve ? 1 : 0), ("@reason", decision.Reason), ("@approver", decision.Approver), ("@signature", decision.Signature), ("@decided", Milliseconds(decision.Decided))) == 1;

    public IReadOnlyList<StoredDecision> Decisions(string run) => Query(
        "SELECT * FROM decisions WHERE run=@run ORDER BY decided, party",
        row => new StoredDecision(row.GetString(0), row.GetString(1), row.GetInt32(2) != 0, row.GetString(3), row.GetString(4), row.GetFieldValue<byte[]>(5), Time(row.GetInt64(6))),
        ("@run", run));

    public void BeginAttempt(string run, int attempt, DateTimeOffset started) => Execute(
        "INSERT INTO attempts VALUES (@run, @attempt, @started, NULL, '')", ("@run", run), ("@attempt", attempt), ("@started", Milliseconds(started)));

    public void EndAttempt(string run, int attempt, DateTimeOffset ended, string reason) => Execute(
        "UPDATE attempts SET ended=@ended, reason=@reason WHERE run=@run AND attempt=@attempt AND ended IS NULL",
        ("@run", run), ("@attempt", attempt), ("@ended", Milliseconds(ended)), ("@reason", reason));

    public IReadOnlyList<StoredAttempt> Attempts(string run) => Query(
        "SELECT * FROM attempts WHERE run=@run ORDER BY attempt",
        row => new StoredAttempt(row.GetString(0), row.GetInt32(1), Time(row.GetInt64(2)), row.IsDBNull(3) ? null : Time(row.GetInt64(3)), row.GetString(4)),
        ("@run", run));

    public void PutResult(StoredResult result) => Execute(
        "INSERT INTO results VALUES (@run, @party, @attempt, @aligned_rows, @seconds, @bytes) ON CONFLICT (run, party) DO UPDATE SET attempt=excluded.attempt, aligned_rows=excluded.aligned_rows, seconds=excluded.seconds, bytes=excluded.bytes",
        ("@run", result.Run), ("@party", result.Party), ("@attempt", result.Attempt), ("@aligned_rows", result.AlignedRows), ("@seconds", JsonSerializer.Serialize(result.Seconds)), ("@bytes", JsonSerializer.Serialize(result.Bytes)));

    public IReadOnlyList<StoredResult> Results(string run) => Query(
        "SELECT * FROM results WHERE run=@run ORDER BY party",
        row => new StoredResult(
            row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3),
            JsonSerializer.Deserialize<Dictionary<string, double>>(row.GetString(4))!, JsonSerializer.Deserialize<Dictionary<string, long>>(row.GetString(5))!),
        ("@run", run));

    public void PutParty(StoredParty party) => Execute(
        "INSERT INTO parties VALUES (@name, @cosigning_key, @software, @seen) ON CONFLICT (name) DO UPDATE SET cosigning_key=excluded.cosigning_key, software=excluded.software, seen=excluded.seen",
        ("@name", party.Name), ("@cosigning_key", party.CosigningKey), ("@software", party.Software), ("@seen", Milliseconds(party.Seen)));

    public IReadOnlyList<StoredParty> Parties() => Query(
        "SELECT * FROM parties ORDER BY name", row => new StoredParty(row.GetString(0), row.GetString(1), row.GetString(2), Time(row.GetInt64(3))));

    public void AddAbsence(string run, string party, int attempt) => Execute(
        "INSERT INTO absences VALUES (@run, @party, @attempt) ON CONFLICT DO NOTHING", ("@run", run), ("@party", party), ("@attempt", attempt));

    public IReadOnlyList<(string Party, int Attempt)> Absences(string run) => Query(
        "SELECT party, attempt FROM absences WHERE run=@run ORDER BY party", row => (row.GetString(0), row.GetInt32(1)), ("@run", run));

    public bool AddInvitation(StoredInvitation invitation) => Execute(
        "INSERT INTO invitations VALUES (@token_hash, @party, @invited_by, @created, @expires, @certificate_hash) ON CONFLICT DO NOTHING",
        ("@token_hash", invitation.TokenHash), ("@party", invitation.Party), ("@invited_by", invitation.InvitedBy), ("@created", Milliseconds(invitation.Created)), ("@expires", Milliseconds(invitation.Expires)), ("@certificate_hash", invitation.CertificateHash)) == 1;

    public IReadOnlyList<StoredInvitation> Invitations() => Query(
        "SELECT * FROM invitations ORDER BY created, token_hash",
        row => new StoredInvitation(row.GetFieldValue<byte[]>(0), row.GetString(1), row.GetString(2), Time(row.GetInt64(3)), Time(row.GetInt64(4)), row.GetFieldValue<byte[]>(5)));

    public void EndInvitations(string party, DateTimeOffset ended) => Execute(
        "UPDATE invitations SET expires=CASE WHEN expires > @ended THEN @ended ELSE expires END WHERE party=@party AND length(certificate_hash)=0", ("@party", party), ("@ended", Milliseconds(ended)));

    public bool RedeemInvitation(byte[] tokenHash, StoredCertificate certificate) => InTransaction(() =>
    {
        var isFirst = Execute(
            "UPDATE invitations SET certificate_hash=@certificate_hash WHERE token_hash=@token_hash AND length(certificate_hash)=0", ("@certificate_hash", certificate.Hash), ("@token_hash", tokenHash)) == 1;
        if (isFirst) AddCertificate(certificate);
        return isFirst;
    });

    public void AddCertificate(StoredCertificate certificate) => Execute(
        "INSERT INTO certificates SELECT @hash, @party, @certificate, @issued, CAST(@revoked AS BIGINT), @reason, coalesce(max(number), 0) + 1 FROM certificates WHERE true ON CONFLICT DO NOTHING",
        ("@hash", certificate.Hash), ("@party", certificate.Party), ("@certificate", certificate.Certificate), ("@issued", Milliseconds(certificate.Issued)), ("@revoked", Milliseconds(certificate.Revoked)), ("@reason", certificate.Reason));

    public IReadOnlyList<StoredCertificate> Certificates() => Query(
        "SELECT * FROM certificates ORDER BY number",
        row => new StoredCertificate(row.GetFieldValue<byte[]>(0), row.GetString(1), row.GetFieldValue<byte[]>(2), Time(row.GetInt64(3)), row.IsDBNull(4) ? null : Time(row.GetInt64(4)), row.GetString(5)));

    public void RevokeParty(string party, DateTimeOffset revoked, string reason) => InTransaction(() =>
    {
        EndInvitations(party, revoked);
        RemoveCatalogue(party);
        return Execute("UPDATE certificates SET revoked=@revoked, reason=@reason WHERE party=@party AND revoked IS NULL", ("@party", party), ("@revoked", Milliseconds(revoked)), ("@reason", reason)) > 0;
    });

    public void PutCatalogue(StoredCatalogue catalogue) => Execute(
        "INSERT INTO catalogues VALUES (@party, @catalogue, @hash, @signature, @published) ON CONFLICT (party) DO UPDATE SET catalogue=excluded.catalogue, hash=excluded.hash, signature=excluded.signature, published=excluded.published",
        ("@party", catalogue.Party), ("@catalogue", catalogue.Catalogue), ("@hash", catalogue.Hash), ("@signature", catalogue.Signature), ("@published", Milliseconds(catalogue.Published)));

    public void RemoveCatalogue(string party) => Execute("DELETE FROM catalogues WHERE party=@party", ("@party", party));

    public IReadOnlyList<StoredCatalogue> Catalogues() => Query(
        "SELECT * FROM catalogues ORDER BY party", row => new StoredCatalogue(row.GetString(0), row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2), row.GetFieldValue<byte[]>(3), Time(row.GetInt64(4))));

    private static StoredRun ReadRun(DbDataReader row) => new()
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

    public void PutHead(string log, long size, byte[] root) => Execute(
        "INSERT INTO heads VALUES (@name, @size, @root) ON CONFLICT (name) DO UPDATE SET size=excluded.size, root=excluded.root", ("@name", log), ("@size", size), ("@root", root));

    public (long Size, byte[] Root)? Head(string log) =>
        Query("SELECT size, root FROM heads WHERE name=@name", row => ((long, byte[])?)(row.GetInt64(0), row.GetFieldValue<byte[]>(1)), ("@name", log)).FirstOrDefault();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the connection.</summary>
    /// <param name="disposing">Always true.</param>
    protected virtual void Dispose(bool disposing)
    {
        lock (_gate)
        {
            _isClosed = true;
            _connection.Dispose();
        }
    }

    /// <summary>The SQL of the database for a statement in SQLite's words.</summary>
    protected virtual string Dialect(string sql) => sql;

    /// <summary>Makes the tables, or those that a later version of this program added.</summary>
    /// <exception cref="LabStoreException">The state is a later program's.</exception>
    protected void Prepare()
    {
        var version = SchemaVersion.ToString(CultureInfo.InvariantCulture);
        var exists = Query(CountTables, row => row.GetInt64(0), ("@name", "schema_version"))[0] == 1;
        if (!exists)
        {
            ExecuteTogether(Schema, Absences2, Enrolment3, Catalogues5, $"INSERT INTO schema_version VALUES ({version});");
            return;
        }
        var found = (int)Query("SELECT version FROM schema_version", row => row.GetInt64(0)).SingleOrDefault();
        if (found is >= 1 and < SchemaVersion) ExecuteTogether(found < 2 ? Absences2 : "", found < 3 ? Enrolment3 : "", UnsignedCatalogues4, Catalogues5, $"UPDATE schema_version SET version={version};");
        else if (found != SchemaVersion) throw new LabStoreException(Messages.StateOfOtherVersion(Name, found, SchemaVersion));
    }

    /// <summary>Runs a statement.</summary>
    /// <returns>Rows that it changed.</returns>
    protected int Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        lock (_gate)
        {
            try
            {
                using var command = Command(sql, parameters);
                return command.ExecuteNonQuery();
            }
            catch (Exception e) when (IsFailure(e))
            {
                throw Failure(e);
            }
        }
    }

    /// <summary>Runs a query.</summary>
    protected List<T> Query<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<(string Name, object Value)> parameters)
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
            catch (Exception e) when (IsFailure(e))
            {
                throw Failure(e);
            }
        }
    }

    /// <summary>A state that cannot be kept is the end of the service: going on would forget what parties were told.</summary>
    protected LabStoreException Failure(Exception e)
    {
        ArgumentNullException.ThrowIfNull(e);
        var failure = new LabStoreException(Messages.StateUnreadable(Name, e.Message), e);
        // Who comes when it has been closed is late; nothing has failed that the host should end for.
        if (!_isClosed) _failed?.Invoke(failure);
        return failure;
    }

    private static bool IsFailure(Exception e) => e is DbException or IOException or TimeoutException or ObjectDisposedException or InvalidOperationException;

    private void ExecuteTogether(params string[] statements) => InTransaction(() =>
    {
        foreach (var statement in statements.Where(statement => statement.Length > 0)) Execute(statement);
        return true;
    });

    /// <summary>Does several statements or none.</summary>
    private bool InTransaction(Func<bool> work)
    {
        lock (_gate)
        {
            Execute(Begin);
            try
            {
                var result = work();
                Execute("COMMIT");
                return result;
            }
            catch
            {
                try
                {
                    // The statement that failed has told the host; the database keeps what it had.
                    using var command = Command("ROLLBACK", []);
                    command.ExecuteNonQuery();
                }
                catch (Exception e) when (IsFailure(e))
                {
                    // A connection that is lost has rolled back by itself.
                }
                throw;
            }
        }
    }

    private DbCommand Command(string sql, ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this class; values travel as parameters.
        command.CommandText = Dialect(sql);
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
