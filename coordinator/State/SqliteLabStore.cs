using Microsoft.Data.Sqlite;

namespace FedLab.Coordinator.State;

/// <summary>The state in one SQLite file, write-ahead logged.</summary>
internal sealed class SqliteLabStore : SqlLabStore
{
    private SqliteLabStore(SqliteConnection connection, string path, Action<LabStoreException>? failed)
        : base(connection, path, failed)
    {
    }

    protected override string Begin => "BEGIN IMMEDIATE";

    protected override string CountTables => "SELECT count(*) FROM sqlite_master WHERE name=@name";

    /// <summary>Opens the file or makes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="failed">Told when the file, once open, cannot be read or written any more.</param>
    /// <exception cref="LabStoreException">It is no database, or a later program's.</exception>
    public static SqliteLabStore Open(string path, Action<LabStoreException>? failed = null)
    {
        SqliteLabStore? store = null;
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false }.ToString());
        try
        {
            connection.Open();
            store = new SqliteLabStore(connection, path, failed);
            // FULL: a decision or a state that was told to a party survives a power cut; there are few writes.
            store.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000;");
            store.Prepare();
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
            store?.Dispose();
            connection.Dispose();
            throw;
        }
    }
}
