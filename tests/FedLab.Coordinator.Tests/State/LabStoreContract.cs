using FedLab.Coordinator.State;
using FedLab.Proto;

namespace FedLab.Coordinator.Tests.State;

/// <summary>What every store of the lab's state must do.</summary>
public abstract class LabStoreContract
{
    protected static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

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
    public void A_bank_that_left_has_left_once_and_is_known_after_the_store_was_opened_again()
    {
        using (var store = Open())
        {
            store.AddRun(Run("first", 0));
            store.AddRun(Run("second", 1));
            store.AddAbsence("first", "bank-b", 3);
            store.AddAbsence("first", "bank-a", 1);
            store.AddAbsence("first", "bank-a", 2);
        }
        using var again = Open();
        Assert.Equal([("bank-a", 1), ("bank-b", 3)], again.Absences("first"));
        Assert.Empty(again.Absences("second"));
    }

    [Fact]
    public void A_token_is_redeemed_once_with_its_certificate_and_both_are_there_after_the_store_was_opened_again()
    {
        var certificate = new StoredCertificate([5], "credit", [1, 2, 3], Noon, Revoked: null, "");
        using (var store = Open())
        {
            Assert.True(store.AddInvitation(new StoredInvitation([1], "credit", "lead", Noon, Noon.AddHours(1), [])));
            Assert.False(store.AddInvitation(new StoredInvitation([1], "other", "lead", Noon, Noon.AddHours(9), [])));
            Assert.True(store.AddInvitation(new StoredInvitation([2], "tax", "lead", Noon.AddSeconds(1), Noon.AddHours(1), [])));
            Assert.False(store.RedeemInvitation([9], certificate));
            Assert.Empty(store.Certificates());
            Assert.True(store.RedeemInvitation([1], certificate));
            Assert.False(store.RedeemInvitation([1], certificate with { Hash = [6] }));
            store.EndInvitations("credit", Noon.AddMinutes(1)); // redeemed: nothing to end
            store.RevokeParty("tax", Noon.AddMinutes(2), "");
            store.AddCertificate(certificate with { Hash = [7], Issued = Noon.AddDays(200) });
            store.AddCertificate(certificate with { Hash = [8], Party = "bank" });
            store.RevokeParty("credit", Noon.AddDays(300), "银行");
            store.RevokeParty("credit", Noon.AddDays(400), "again");
        }
        using var again = Open();
        Assert.Equal([("credit", Noon.AddHours(1), 5), ("tax", Noon.AddMinutes(2), 0)], again.Invitations().Select(invitation => (invitation.Party, invitation.Expires, invitation.CertificateHash.FirstOrDefault())));
        Assert.Equal([("credit", 5, (DateTimeOffset?)Noon.AddDays(300), "银行"), ("credit", 7, Noon.AddDays(300), "银行"), ("bank", 8, null, "")], again.Certificates().Select(stored => (stored.Party, (int)stored.Hash[0], stored.Revoked, stored.Reason)));
    }

    [Fact]
    public void The_last_catalogue_of_a_party_is_kept_until_it_is_taken_back_or_the_party_is_put_out()
    {
        using (var store = Open())
        {
            store.PutCatalogue(new StoredCatalogue("bank", [1], [2], [3], Noon));
            store.PutCatalogue(new StoredCatalogue("bank", [4], [5], [6], Noon.AddMinutes(1)));
            foreach (var party in (string[])["credit", "tax"]) store.PutCatalogue(new StoredCatalogue(party, [7], [8], [9], Noon));
            store.RemoveCatalogue("credit");
            store.RemoveCatalogue("nobody");
            store.RevokeParty("tax", Noon, "");
        }
        using var again = Open();
        var kept = Assert.Single(again.Catalogues());
        Assert.Equal(("bank", 4, 5, 6, Noon.AddMinutes(1)), (kept.Party, (int)kept.Catalogue.Single(), (int)kept.Hash.Single(), (int)kept.Signature.Single(), kept.Published));
    }

    [Fact]
    public void Catalogues_of_the_fourth_version_which_nobody_signed_go_and_all_else_stays()
    {
        using (var store = Open()) store.AddRun(Run("old", 0));
        Execute("""
            DROP TABLE catalogues;
            CREATE TABLE catalogues (party TEXT PRIMARY KEY, catalogue BLOB NOT NULL, hash BLOB NOT NULL, published BIGINT NOT NULL);
            INSERT INTO catalogues VALUES ('bank', CAST('x' AS BLOB), CAST('y' AS BLOB), 0);
            UPDATE schema_version SET version=4
            """);
        using (var store = Open())
        {
            Assert.Empty(store.Catalogues());
            Assert.NotNull(store.FindRun("old"));
            store.PutCatalogue(new StoredCatalogue("bank", [1], [2], [3], Noon));
        }
        using var again = Open();
        Assert.Single(again.Catalogues());
    }

    [Fact]
    public void The_last_head_of_a_log_is_remembered()
    {
        using (var store = Open())
        {
            Assert.Null(store.Head("lab"));
            store.PutHead("lab", 5, [1]);
            store.PutHead("lab", 7, [2]);
            store.PutHead("other", 9, [3]);
        }
        using var again = Open();
        var head = again.Head("lab")!.Value;
        Assert.Equal((7, 2), (head.Size, (int)head.Root.Single()));
    }

    /// <summary>Opens the store of the test, which is empty at first.</summary>
    private protected abstract ILabStore Open();

    /// <summary>Changes the database behind the store's back, while none is open.</summary>
    /// <param name="sql">Statements in SQLite's words.</param>
    private protected abstract void Execute(string sql);

    private protected static StoredRun Run(string name, int minute) => new() { Run = name, Experiment = "e", Spec = [7, 8], SpecHash = [9], ProposedBy = "lead", Created = Noon.AddMinutes(minute) };
}
