using FedLab.Coordinator.State;
using FedLab.Proto;

namespace FedLab.Coordinator.Tests.State;

public sealed class SqliteLabStoreTests : LabStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-store-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_that_is_no_database_and_one_of_a_later_program_are_refused_by_name()
    {
        var path = Path.Combine(_folder, "garbage.db");
        File.WriteAllText(path, new string('x', 5000));
        Assert.Contains(path, Assert.Throws<LabStoreException>(() => SqliteLabStore.Open(path)).Message, StringComparison.Ordinal);

        Open().Dispose();
        Execute("UPDATE schema_version SET version=99");
        Assert.Contains("99", Assert.Throws<LabStoreException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_the_first_version_is_taken_over_with_all_that_is_in_it()
    {
        using (var store = Open())
        {
            store.AddRun(Run("old", 0) with { State = RunState.Running, Attempt = 1 });
            store.AddDecision(new StoredDecision("old", "bank", true, "", "rules", [1], Noon));
        }
        Execute("DROP TABLE absences; DROP TABLE invitations; DROP TABLE certificates; DROP TABLE heads; DROP TABLE catalogues; UPDATE schema_version SET version=1");
        for (var i = 0; i < 2; i++)
        {
            using var store = Open();
            Assert.Equal((RunState.Running, 1), (store.FindRun("old")!.State, store.FindRun("old")!.Attempt));
            Assert.Single(store.Decisions("old"));
            store.AddAbsence("old", "bank", 1);
            Assert.Equal([("bank", 1)], store.Absences("old"));
        }
    }

    [Fact]
    public void A_file_of_the_third_version_keeps_who_enrolled_and_can_hold_catalogues()
    {
        using (var store = Open()) store.AddCertificate(new StoredCertificate([1], "bank", [2], Noon, Revoked: null, ""));
        Execute("DROP TABLE catalogues; UPDATE schema_version SET version=3");
        for (var i = 0; i < 2; i++)
        {
            using var store = Open();
            Assert.Single(store.Certificates());
            store.PutCatalogue(new StoredCatalogue("bank", [1], [2], [3], Noon));
            Assert.Single(store.Catalogues());
        }
    }

    [Fact]
    public void Who_comes_when_the_store_has_been_closed_is_refused_and_the_host_is_not_told_of_a_failure()
    {
        var failures = new List<LabStoreException>();
        var store = SqliteLabStore.Open(StatePath, failures.Add);
        store.Dispose();
        Assert.Throws<LabStoreException>(() => store.PutHead("lab", 5, [1]));
        Assert.Throws<LabStoreException>(() => store.FindRun("run"));
        Assert.Empty(failures);
    }

    private protected override ILabStore Open() => SqliteLabStore.Open(StatePath);

    private string StatePath => Path.Combine(_folder, "state.db");

    private protected override void Execute(string sql)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={StatePath};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
