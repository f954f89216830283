using FedLab.Coordinator.State;
using FedLab.Proto;

namespace FedLab.Coordinator.Tests;

/// <summary>What every store of the lab's state must do.</summary>
public sealed class LabStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-store-").FullName;

    [Fact]
    public void What_was_stored_is_there_after_the_store_was_closed_and_opened_again()
    {
        using (var store = Open())
        {
            store.AddRun(Run("first", 0));
            store.AddRun(Run("second", 1));
            store.UpdateRun(Run("first", 0) with { State = RunState.Running, Attempt = 2, Started = Noon, Reason = "银行-a'; DROP TABLE runs; --" });
            Assert.True(store.AddDecision(new StoredDecision("first", "bank", true, "", "rules", [1, 2], Noon)));
            Assert.False(store.AddDecision(new StoredDecision("first", "bank", false, "changed", "rules", [3], Noon)));
            store.BeginAttempt("first", 1, Noon);
            store.EndAttempt("first", 1, Noon.AddSeconds(5), "restart");
            store.EndAttempt("first", 1, Noon.AddSeconds(9), "later");
            store.BeginAttempt("first", 2, Noon.AddSeconds(6));
            store.PutResult(new StoredResult("first", "bank", 1, 10, new Dictionary<string, double> { ["training"] = 1.25 }, new Dictionary<string, long> { ["scan.request"] = 1L << 40 }));
            store.PutResult(new StoredResult("first", "bank", 2, 20, new Dictionary<string, double> { ["training"] = 0.1 }, new Dictionary<string, long>()));
            store.PutParty(new StoredParty("bank", "key", "1.0", Noon));
            store.PutParty(new StoredParty("bank", "key2", "1.1", Noon.AddDays(1)));
        }
        using var again = Open();
        var run = again.FindRun("first")!;
        Assert.Equal((RunState.Running, 2, "银行-a'; DROP TABLE runs; --", (DateTimeOffset?)Noon, null), (run.State, run.Attempt, run.Reason, run.Started, run.Ended));
        Assert.Equal([7, 8], run.Spec);
        Assert.Equal(["second", "first"], again.ListRuns(10).Select(stored => stored.Run));
        Assert.Equal("second", Assert.Single(again.ListRuns(1)).Run);
        var decision = Assert.Single(again.Decisions("first"));
        Assert.Equal((true, "rules"), (decision.Approve, decision.Approver));
        Assert.Equal([("restart", (DateTimeOffset?)Noon.AddSeconds(5)), ("", null)], again.Attempts("first").Select(attempt => (attempt.Reason, attempt.Ended)));
        var result = Assert.Single(again.Results("first"));
        Assert.Equal((2, 20, 0.1), (result.Attempt, result.AlignedRows, result.Seconds["training"]));
        Assert.Equal("key2", Assert.Single(again.Parties()).CosigningKey);
    }

    [Fact]
    public void Only_runs_that_have_not_ended_are_open_and_an_unknown_run_cannot_be_changed()
    {
        using var store = Open();
        foreach (var (state, i) in Enum.GetValues<RunState>().Select((state, i) => (state, i))) store.AddRun(Run(state.ToString(), i) with { State = state });
        Assert.Equal([nameof(RunState.Proposed), nameof(RunState.Approved), nameof(RunState.Running)], store.OpenRuns().Select(run => run.Run));
        Assert.Null(store.FindRun("none"));
        Assert.Throws<KeyNotFoundException>(() => store.UpdateRun(Run("none", 0)));
    }

    [Fact]
    public void A_file_that_is_no_database_and_one_of_a_later_program_are_refused_by_name()
    {
        var path = Path.Combine(_folder, "garbage.db");
        File.WriteAllText(path, new string('x', 5000));
        Assert.Contains(path, Assert.Throws<LabStoreException>(() => SqliteLabStore.Open(path)).Message, StringComparison.Ordinal);

        Open().Dispose();
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={StatePath};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE schema_version SET version=99";
            command.ExecuteNonQuery();
        }
        Assert.Contains("99", Assert.Throws<LabStoreException>(() => Open()).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string StatePath => Path.Combine(_folder, "state.db");

    private SqliteLabStore Open() => SqliteLabStore.Open(StatePath);

    private static StoredRun Run(string name, int minute) => new() { Run = name, Experiment = "e", Spec = [7, 8], SpecHash = [9], ProposedBy = "lead", Created = Noon.AddMinutes(minute) };
}
