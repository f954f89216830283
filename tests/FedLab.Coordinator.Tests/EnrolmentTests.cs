using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;

namespace FedLab.Coordinator.Tests;

/// <summary>Who gets a certificate, for what, and who does not.</summary>
public sealed class EnrolmentTests
{
    private static readonly string[] One = ["bank"];

    [Fact]
    public async Task A_token_gives_one_certificate_for_the_invited_name_whatever_the_request_says_and_the_same_one_when_the_answer_was_lost()
    {
        using var lab = new TemporaryLab(One);
        await using var coordinator = await lab.StartAsync();
        var token = await Admissions.InviteAsync(lab, coordinator.Address, "credit");
        Assert.Equal([("bank", MemberState.Enrolled), ("credit", MemberState.Invited)], (await Admissions.MembersAsync(lab, coordinator.Address)).Members.Select(member => (member.Party, member.State)));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        using var first = await Admissions.EnrolAsync(lab, coordinator.Address, token.CopySecret(), SigningRequest.Create(key, "bank"));
        using var again = await Admissions.EnrolAsync(lab, coordinator.Address, token.CopySecret(), SigningRequest.Create(key, "bank"), "credit");

        Assert.Null(LabCertificates.Refusal(first, lab.Authority.Certificate, LabRole.Participant, TimeProvider.System));
        Assert.Equal("credit", LabCertificates.NameOf(first));
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), first.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(first.RawData, again.RawData);
        var enrolled = Assert.Single(lab.Audit, entry => entry.Type == "party.enrolled");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(first.RawData)), enrolled.Body.GetProperty("certificateSha256").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())), enrolled.Body.GetProperty("keySha256").GetString());
        Assert.Equal(Convert.ToHexStringLower(token.Hash), Assert.Single(lab.Audit, entry => entry.Type == "party.invited").Body.GetProperty("tokenSha256").GetString());
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await RefusedAsync(StatusCode.PermissionDenied, "used with another key", () => Admissions.EnrolAsync(lab, coordinator.Address, token.CopySecret(), SigningRequest.Create(other, "credit")));
        // The token itself is nowhere at the coordinator.
        var secret = token.CopySecret();
        foreach (var path in Directory.EnumerateFiles(lab.CoordinatorHome, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith("lock", StringComparison.Ordinal)))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var content = new byte[file.Length];
            file.ReadExactly(content);
            Assert.Equal(-1, content.AsSpan().IndexOf(secret));
        }
    }

    [Fact]
    public async Task Tokens_that_are_unknown_expired_or_for_another_name_and_requests_that_are_hostile_get_nothing()
    {
        using var lab = new TemporaryLab(One);
        await using var coordinator = await lab.StartAsync();
        var address = coordinator.Address;
        var token = await Admissions.InviteAsync(lab, address, "credit");
        var brief = await Admissions.InviteAsync(lab, address, "tax", seconds: 1);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        var good = SigningRequest.Create(key, "credit");
        var forged = good.ToArray();
        forged[^1] ^= 1;

        await RefusedAsync(StatusCode.PermissionDenied, "does not know", () => Admissions.EnrolAsync(lab, address, RandomNumberGenerator.GetBytes(32), good));
        await RefusedAsync(StatusCode.InvalidArgument, "does not know", () => Admissions.EnrolAsync(lab, address, [1, 2, 3], good));
        await RefusedAsync(StatusCode.PermissionDenied, "is for 'credit'", () => Admissions.EnrolAsync(lab, address, token.CopySecret(), good, claimed: "bank"));
        await RefusedAsync(StatusCode.InvalidArgument, "P-256", () => Admissions.EnrolAsync(lab, address, token.CopySecret(), SigningRequest.Create(large, "credit")));
        await RefusedAsync(StatusCode.InvalidArgument, "P-256", () => Admissions.EnrolAsync(lab, address, token.CopySecret(), new CertificateRequest("CN=credit", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest()));
        await RefusedAsync(StatusCode.InvalidArgument, "signature", () => Admissions.EnrolAsync(lab, address, token.CopySecret(), forged));
        await RefusedAsync(StatusCode.InvalidArgument, "malformed", () => Admissions.EnrolAsync(lab, address, token.CopySecret(), []));
        await RefusedAsync(StatusCode.InvalidArgument, "malformed", () => Admissions.EnrolAsync(lab, address, token.CopySecret(), [.. good, 0]));
        await RefusedAsync(StatusCode.InvalidArgument, "5000 bytes", () => Admissions.EnrolAsync(lab, address, token.CopySecret(), new byte[5000]));
        await Assert.ThrowsAsync<RpcException>(() => Admissions.EnrolAsync(lab, address, token.CopySecret(), new byte[4 << 20]));
        await Task.Delay(TimeSpan.FromSeconds(1.2), TestContext.Current.CancellationToken);
        await RefusedAsync(StatusCode.PermissionDenied, "expired on", () => Admissions.EnrolAsync(lab, address, brief.CopySecret(), good));

        Assert.DoesNotContain(lab.Audit, entry => entry.Type == "party.enrolled");
        Assert.Equal([("bank", MemberState.Enrolled), ("credit", MemberState.Invited), ("tax", MemberState.Lapsed)], (await Admissions.MembersAsync(lab, address)).Members.Select(member => (member.Party, member.State)));
        // And it still works as it should.
        (await Admissions.EnrolAsync(lab, address, token.CopySecret(), good, claimed: "credit")).Dispose();
    }

    [Fact]
    public async Task A_stranger_without_a_certificate_reaches_admission_and_nothing_else()
    {
        using var lab = new TemporaryLab(One);
        await using var coordinator = await lab.StartAsync();
        using var channel = new LabChannel(coordinator.Address, own: null, lab.Authority.Certificate);
        var invoker = channel.Invoker;
        var cancellation = TestContext.Current.CancellationToken;

        var authority = await new Admission.AdmissionClient(invoker).GetAuthorityAsync(new GetAuthorityRequest(), cancellationToken: cancellation);
        Assert.Equal(lab.Authority.Certificate.RawData, authority.Certificate.ToByteArray());

        var client = new Proto.Lab.LabClient(invoker);
        var project = new Project.ProjectClient(invoker);
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", async () => await new Admission.AdmissionClient(invoker).RenewAsync(new RenewRequest(), cancellationToken: cancellation));
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", async () => await project.InviteAsync(new InviteRequest { Party = "thief" }, cancellationToken: cancellation));
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", async () => await project.RevokeAsync(new RevokeRequest { Party = "bank" }, cancellationToken: cancellation));
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", async () => await project.ListMembersAsync(new ListMembersRequest(), cancellationToken: cancellation));
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", async () => await client.CreateRunAsync(new CreateRunRequest(), cancellationToken: cancellation));
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", async () => await client.GetRunAsync(new GetRunRequest(), cancellationToken: cancellation));
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", async () => await client.ListRunsAsync(new ListRunsRequest(), cancellationToken: cancellation));
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", async () => await client.StopRunAsync(new StopRunRequest(), cancellationToken: cancellation));
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", async () => await client.ListPartiesAsync(new ListPartiesRequest(), cancellationToken: cancellation));
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", async () => await client.GetModelAsync(new GetModelRequest(), cancellationToken: cancellation));
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", async () => await new Health.HealthClient(invoker).CheckAsync(new HealthCheckRequest(), cancellationToken: cancellation));
        using var session = client.Session(cancellationToken: cancellation);
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", () => session.ResponseStream.MoveNext(cancellation));
        using var watch = client.WatchRun(new WatchRunRequest(), cancellationToken: cancellation);
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", () => watch.ResponseStream.MoveNext(cancellation));
        using var audit = client.DownloadAudit(new DownloadAuditRequest(), cancellationToken: cancellation);
        await RefusedAsync(StatusCode.Unauthenticated, "No client certificate", () => audit.ResponseStream.MoveNext(cancellation));
    }

    [Fact]
    public async Task A_participant_may_not_invite_or_put_out_and_a_lead_has_no_way_to_a_participants_certificate()
    {
        using var lab = new TemporaryLab(One);
        await using var coordinator = await lab.StartAsync();
        using var participant = new LabChannel(coordinator.Address, lab.Certificates["bank"], lab.Authority.Certificate);
        using var lead = lab.LeadChannel(coordinator.Address);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var project = new Project.ProjectClient(participant.Invoker);

        await RefusedAsync(StatusCode.PermissionDenied, "'lead'", async () => await project.InviteAsync(new InviteRequest { Party = "friend", TokenSha256 = ByteString.CopyFrom(new byte[32]), LifetimeSeconds = 60 }));
        await RefusedAsync(StatusCode.PermissionDenied, "'lead'", async () => await project.RevokeAsync(new RevokeRequest { Party = "bank" }));
        await RefusedAsync(StatusCode.PermissionDenied, "'lead'", async () => await project.ListMembersAsync(new ListMembersRequest()));
        await RefusedAsync(StatusCode.PermissionDenied, "not for the key", async () => await new Admission.AdmissionClient(lead.Invoker).RenewAsync(new RenewRequest { SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key, "bank")) }));
        await RefusedAsync(StatusCode.PermissionDenied, "does not know", async () => await new Admission.AdmissionClient(lead.Invoker).EnrolAsync(new EnrolRequest { Secret = ByteString.CopyFrom(new byte[32]), SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key, "lead")) }));
        // Only names that are free can be invited, and only for a while.
        foreach (var (party, seconds, expected) in new[] { ("bank", 60L, "revoke it first"), ("coordinator", 60, "name of the coordinator"), ("no name!", 60, "not a name"), ("credit", 0, "30 days"), ("credit", 31 * 86400, "30 days"), ("credit", long.MaxValue, "30 days") })
            await RefusedAsync(expected, async () => await new Project.ProjectClient(lead.Invoker).InviteAsync(new InviteRequest { Party = party, TokenSha256 = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(32)), LifetimeSeconds = seconds }));
    }

    [Fact]
    public async Task A_second_invitation_ends_the_first()
    {
        using var lab = new TemporaryLab(One);
        await using var coordinator = await lab.StartAsync();
        var lost = await Admissions.InviteAsync(lab, coordinator.Address, "credit");
        var token = await Admissions.InviteAsync(lab, coordinator.Address, "credit");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await RefusedAsync(StatusCode.PermissionDenied, "expired on", () => Admissions.EnrolAsync(lab, coordinator.Address, lost.CopySecret(), SigningRequest.Create(key, "credit")));
        (await Admissions.EnrolAsync(lab, coordinator.Address, token.CopySecret(), SigningRequest.Create(key, "credit"))).Dispose();
    }

    [Fact]
    public async Task Those_who_enrolled_are_parties_after_a_restart_and_invitations_of_the_configuration_are_taken_over_once()
    {
        using var lab = new TemporaryLab([]);
        var token = EnrolmentToken.Create(TemporaryLab.Name, new Uri("https://127.0.0.1:7443"), LabFingerprint.Of(lab.Authority.Certificate));
        lab.WriteConfiguration(new { lab = TemporaryLab.Name, port = 0, invitations = new[] { new { name = "credit", tokenSha256 = Convert.ToHexStringLower(token.Hash), expires = TimeProvider.System.GetUtcNow().AddHours(1) } } });
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using (var coordinator = await lab.StartAsync())
        {
            using var certificate = await Admissions.EnrolAsync(lab, coordinator.Address, token.CopySecret(), SigningRequest.Create(key, "credit"));
            lab.Certificates["credit"] = certificate.CopyWithPrivateKey(key);
        }
        await using var again = await lab.StartAsync();
        Assert.Equal([("credit", MemberState.Enrolled)], (await Admissions.MembersAsync(lab, again.Address)).Members.Select(member => (member.Party, member.State)));
        await using var credit = new TestParticipant(lab, "credit", again.Address, TestRoles.WaitAsync);
        while (!credit.Events.Contains("connected")) await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Single(lab.Audit, entry => entry.Type == "party.invited");
        Assert.Single(lab.Audit, entry => entry.Type == "lab.configured");
    }

    [Fact]
    public async Task A_party_renews_its_certificate_when_it_is_due_for_the_same_key_alone()
    {
        using var lab = new TemporaryLab(["bank", "credit"]);
        using var ending = lab.Authority.Issue("bank", LabRole.Participant, validity: TimeSpan.FromSeconds(60)); // from five minutes ago
        KeyFiles.SaveCertificate(Path.Combine(lab.CoordinatorHome, "parties", "bank.crt.pem"), ending);
        await using var coordinator = await lab.StartAsync();
        using var channel = new LabChannel(coordinator.Address, ending, lab.Authority.Certificate);
        using var key = ending.GetECDsaPrivateKey()!;
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var client = new Admission.AdmissionClient(channel.Invoker);

        await RefusedAsync(StatusCode.PermissionDenied, "not for the key", async () => await client.RenewAsync(new RenewRequest { SigningRequest = ByteString.CopyFrom(SigningRequest.Create(other, "bank")) }));
        var renewed = (await client.RenewAsync(new RenewRequest { SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key, "credit")) })).Certificate;
        var again = (await client.RenewAsync(new RenewRequest { SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key, "bank")) })).Certificate;

        Assert.Equal(renewed, again); // a lost answer, not a third certificate
        using var certificate = X509CertificateLoader.LoadCertificate(renewed.Span);
        Assert.Equal(("bank", true), (LabCertificates.NameOf(certificate), certificate.NotAfter > ending.NotAfter.AddDays(300)));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(renewed.Span)), Assert.Single(lab.Audit, entry => entry.Type == "certificate.renewed").Body.GetProperty("certificateSha256").GetString());
        Assert.Equal(renewed, (await Admissions.MembersAsync(lab, coordinator.Address)).Members.Single(member => member.Party == "bank").Certificate);
    }

    [Fact]
    public async Task A_lead_renews_its_certificate_when_it_is_due_and_stays_a_lead_of_its_name_and_key()
    {
        using var lab = new TemporaryLab(One);
        await using var coordinator = await lab.StartAsync();
        using var ending = lab.Authority.Issue("alice", LabRole.Lead, validity: TimeSpan.FromSeconds(60)); // from five minutes ago
        using var channel = new LabChannel(coordinator.Address, ending, lab.Authority.Certificate);
        using var key = ending.GetECDsaPrivateKey()!;

        var reply = await new Admission.AdmissionClient(channel.Invoker).RenewAsync(new RenewRequest { SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key, "bank")) });

        using var certificate = X509CertificateLoader.LoadCertificate(reply.Certificate.Span);
        Assert.Equal(("alice", LabRole.Lead), (LabCertificates.NameOf(certificate), LabCertificates.RoleOf(certificate)));
        Assert.Equal(ending.PublicKey.EncodedKeyValue.RawData, certificate.PublicKey.EncodedKeyValue.RawData);
        Assert.True(certificate.NotAfter > ending.NotAfter.AddDays(300));
        using var renewed = certificate.CopyWithPrivateKey(key);
        using var later = new LabChannel(coordinator.Address, renewed, lab.Authority.Certificate);
        Assert.Empty((await new Proto.Lab.LabClient(later.Invoker).ListRunsAsync(new ListRunsRequest())).Runs);
        var again = await new Admission.AdmissionClient(later.Invoker).RenewAsync(new RenewRequest { SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key, "alice")) });
        Assert.Equal(reply.Certificate, again.Certificate); // nothing is due
    }

    [Fact]
    public async Task The_coordinators_own_certificate_is_renewed_before_anybody_sees_it_expire()
    {
        using var lab = new TemporaryLab(One);
        var keys = Path.Combine(lab.CoordinatorHome, LabEnrolment.KeysFolder);
        using var expired = lab.Authority.Issue("coordinator", LabRole.Coordinator, ["lab.example", "10.1.2.3"], TimeSpan.FromMinutes(-1));
        KeyFiles.SaveIdentity(keys, expired);
        await using (var coordinator = await lab.StartAsync())
        {
            using var channel = lab.LeadChannel(coordinator.Address);
            await new Proto.Lab.LabClient(channel.Invoker).ListPartiesAsync(new ListPartiesRequest(), cancellationToken: TestContext.Current.CancellationToken);
        }
        var stored = KeyFiles.LoadCertificates(Path.Combine(keys, KeyFiles.IdentityCertificate));
        Assert.Equal(2, stored.Count);
        Assert.Equal(expired.RawData, stored[1].RawData);
        Assert.Equal(expired.PublicKey.ExportSubjectPublicKeyInfo(), stored[0].PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(["localhost", "lab.example", "127.0.0.1", "10.1.2.3"], CertificateLife.HostsOf(stored[0]));
        Assert.Single(lab.Audit, entry => entry.Type == "certificate.renewed");

        // Without the authority's key it can only say so.
        KeyFiles.SaveIdentity(keys, expired);
        Directory.Delete(lab.AuthorityFolder, recursive: true);
        Assert.Contains("expired", (await Assert.ThrowsAsync<KeyFileException>(() => lab.StartAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_authoritys_key_nobody_is_invited_and_another_authoritys_key_is_refused()
    {
        using var lab = new TemporaryLab(One);
        Directory.Delete(lab.AuthorityFolder, recursive: true);
        await using (var coordinator = await lab.StartAsync())
        {
            await RefusedAsync(StatusCode.FailedPrecondition, "authority's key", () => Admissions.InviteAsync(lab, coordinator.Address, "credit"));
        }
        using var other = LabAuthority.Create("another");
        other.Save(lab.AuthorityFolder);
        Assert.Contains(lab.AuthorityFolder, (await Assert.ThrowsAsync<KeyFileException>(() => lab.StartAsync())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no name!", "00", "invitations[0].name")]
    [InlineData("credit", "zz", "invitations[0].tokenSha256")]
    public async Task An_invitation_that_is_malformed_is_named(string name, string digits, string field)
    {
        using var lab = new TemporaryLab(One);
        lab.WriteConfiguration(new { lab = TemporaryLab.Name, invitations = new[] { new { name, tokenSha256 = string.Concat(Enumerable.Repeat(digits, 32)), expires = TimeProvider.System.GetUtcNow() } } });
        Assert.Contains(field, (await Assert.ThrowsAsync<ConfigurationException>(() => lab.StartAsync())).Message, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(StatusCode code, string expected, Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((code, true), (refused.StatusCode, refused.Status.Detail.Contains(expected, StringComparison.Ordinal)));
    }

    private static async Task RefusedAsync(string expected, Func<Task> call) => Assert.Contains(expected, (await Assert.ThrowsAsync<RpcException>(call)).Status.Detail, StringComparison.Ordinal);
}
