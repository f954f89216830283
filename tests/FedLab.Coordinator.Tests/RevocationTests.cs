using System.Security.Cryptography.X509Certificates;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Grpc.Core;

namespace FedLab.Coordinator.Tests;

/// <summary>What happens when a party is put out.</summary>
public sealed class RevocationTests
{
    private static readonly string[] Two = ["bank", "credit"];

    [Fact]
    public async Task A_party_put_out_in_the_middle_of_a_run_is_out_at_once_and_the_run_ends_for_all_with_its_name()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, TestRoles.Exchange(100_000, 50_000));
        await using var credit = new TestParticipant(lab, "credit", coordinator.Address, TestRoles.Exchange(100_000, 50_000));
        var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
        await TemporaryLab.WaitAsync(lead, run.Run, description => description.State == RunState.Running);
        while (!lab.AuditEntries.Contains("relay.forwarded", StringComparison.Ordinal)) await Task.Delay(20, TestContext.Current.CancellationToken);

        await Admissions.RevokeAsync(lab, coordinator.Address, "credit", "key stolen");

        var ended = await lead.GetRunAsync(new GetRunRequest { Run = run.Run }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((RunState.Failed, 1), (ended.State, ended.Attempt));
        Assert.Equal("'credit' was put out of the lab by 'lead': key stolen", ended.Reason);
        var refused = await Assert.ThrowsAsync<SessionRefusedException>(() => credit.Completion.WaitAsync(TimeSpan.FromSeconds(60)));
        // The call's last word, or, where the line broke under its traffic before that arrived, the answer to the next call.
        Assert.Matches("'credit' was (put out of the lab by 'lead': key stolen|revoked)", refused.Message);
        while (bank.EndedRuns.IsEmpty) await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Contains("'credit'", Assert.Single(bank.EndedRuns).Reason, StringComparison.Ordinal);
        Assert.False(bank.Completion.IsCompleted);

        // Everything of it is refused from now on, and nothing of it is on record behind that entry.
        using var its = new LabChannel(coordinator.Address, lab.Certificates["credit"], lab.Authority.Certificate);
        var denied = await Assert.ThrowsAsync<RpcException>(async () => await new Admission.AdmissionClient(its.Invoker).RenewAsync(new RenewRequest(), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((StatusCode.Unauthenticated, "The certificate of 'credit' was revoked."), (denied.StatusCode, denied.Status.Detail));
        await Task.Delay(200, TestContext.Current.CancellationToken);
        var types = lab.Audit.Select(entry => entry.Type).ToList();
        Assert.DoesNotContain("relay.forwarded", types.Skip(types.IndexOf("party.revoked")));
        // Those who stay cosign it at once, so that it cannot be taken back.
        var (clock, size) = (System.Diagnostics.Stopwatch.StartNew(), lab.AuditEntries.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        while (!lab.Log.Contains($"'bank' cosigned the audit log at size {size}.", StringComparison.Ordinal) && !System.Text.RegularExpressions.Regex.Unescape(lab.Log).Contains($"'bank' cosigned the audit log at size {size}.", StringComparison.Ordinal))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{size} entries were not cosigned");
            await Task.Delay(50, TestContext.Current.CancellationToken);
            size = lab.AuditEntries.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        }
        var unknown = await Assert.ThrowsAsync<RpcException>(() => TemporaryLab.ProposeAsync(lead, lab.Spec()));
        Assert.Contains("credit", unknown.Status.Detail, StringComparison.Ordinal);
        var member = (await Admissions.MembersAsync(lab, coordinator.Address)).Members.Single(member => member.Party == "credit");
        Assert.Equal((MemberState.Revoked, "key stolen"), (member.State, member.Reason));
    }

    [Fact]
    public async Task A_party_that_was_put_out_stays_out_over_a_restart_and_comes_back_with_another_key_alone()
    {
        using var lab = new TemporaryLab(Two);
        await using (var first = await lab.StartAsync()) await Admissions.RevokeAsync(lab, first.Address, "credit");
        await using var coordinator = await lab.StartAsync();
        using var old = new LabChannel(coordinator.Address, lab.Certificates["credit"], lab.Authority.Certificate);
        await RevokedAsync();

        var token = await Admissions.InviteAsync(lab, coordinator.Address, "credit");
        using (var stolen = lab.Certificates["credit"].GetECDsaPrivateKey()!)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => Admissions.EnrolAsync(lab, coordinator.Address, token.CopySecret(), SigningRequest.Create(stolen, "credit")));
            Assert.Contains("key was revoked", refused.Status.Detail, StringComparison.Ordinal);
        }
        using var key = await Admissions.JoinAsync(lab, coordinator.Address, "credit");
        await RevokedAsync(); // the old certificate is as dead as before

        // And the lab works: the others are shown the new certificate and the authority's word on the old one.
        Proposal? proposed = null;
        await using var bank = new TestParticipant(lab, "bank", coordinator.Address, TestRoles.Exchange(3, 1000)) { OnProposal = proposal => proposed = proposal };
        await using var credit = new TestParticipant(lab, "credit", coordinator.Address, TestRoles.Exchange(3, 1000));
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        while (!bank.Events.Contains("connected") || !credit.Events.Contains("connected")) await Task.Delay(20, TestContext.Current.CancellationToken);
        var run = await TemporaryLab.ProposeAsync(lead, lab.Spec());
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded);
        Assert.Equal((RunState.Finished, ""), (ended.State, ended.Reason));
        Assert.Equal(lab.Certificates["credit"].RawData, proposed!.Certificates.Single(sent => sent.Party == "credit").Certificate.ToByteArray());
        Assert.True(RevocationList.TryRead(proposed.RevocationList.Memory, lab.Authority.Certificate, out var list));
        Assert.Equal((1, false), (list.Count, list.Contains(lab.Certificates["credit"])));

        async Task RevokedAsync()
        {
            var denied = await Assert.ThrowsAsync<RpcException>(async () => await new Admission.AdmissionClient(old.Invoker).RenewAsync(new RenewRequest(), cancellationToken: TestContext.Current.CancellationToken));
            Assert.Contains("was revoked", denied.Status.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_invitation_can_be_taken_back_and_nobody_unknown_can_be_put_out()
    {
        using var lab = new TemporaryLab(Two);
        await using var coordinator = await lab.StartAsync();
        var token = await Admissions.InviteAsync(lab, coordinator.Address, "tax");
        await Admissions.RevokeAsync(lab, coordinator.Address, "tax");
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        Assert.Contains("expired", (await Assert.ThrowsAsync<RpcException>(() => Admissions.EnrolAsync(lab, coordinator.Address, token.CopySecret(), SigningRequest.Create(key, "tax")))).Status.Detail, StringComparison.Ordinal);
        foreach (var nobody in (string[])["nobody", "", "coordinator", new string('x', 10_000)])
            Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => Admissions.RevokeAsync(lab, coordinator.Address, nobody))).StatusCode);
    }
}
