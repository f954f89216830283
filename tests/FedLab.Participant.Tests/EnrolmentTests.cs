using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Identity;
using FedLab.Participant.Enrolment;
using FedLab.Participant.Tests.Lab;
using FedLab.Proto;

namespace FedLab.Participant.Tests;

/// <summary>A participant's way into a project, and what it does not fall for.</summary>
public sealed class EnrolmentTests
{
    private static readonly string[] Two = ["bank", "tax"];

    [Fact]
    public async Task A_server_that_is_not_the_one_of_the_fingerprint_gets_no_token()
    {
        using var lab = new TemporaryLab(Two);
        using var other = LabAuthority.Create("another");
        var home = Path.Combine(lab.Folder, "joining");
        using var coordinator = lab.Authority.Issue("coordinator", LabRole.Coordinator);
        using var participant = lab.Authority.Issue("bank", LabRole.Participant);
        using var foreign = other.Issue("coordinator", LabRole.Coordinator);
        using var elsewhere = ForHost(lab.Authority, "lab.example");

        // Its own authority; the right authority, which is no secret, before a server of another; a party of the lab as a server; a coordinator of another host.
        foreach (var (server, authority) in new[] { (foreign, other.Certificate), (foreign, lab.Authority.Certificate), (participant, lab.Authority.Certificate), (elsewhere, lab.Authority.Certificate) })
        {
            await using var impostor = await Impostor.StartAsync(server, authority);
            var token = EnrolmentToken.Create(TemporaryLab.Name, impostor.Address, LabFingerprint.Of(lab.Authority.Certificate));
            await Assert.ThrowsAsync<EnrolmentException>(() => new Enroller(home, TimeProvider.System).EnrolAsync(token, impostor.Address, "", TestContext.Current.CancellationToken));
            Assert.Empty(impostor.Tokens);
            Assert.False(Enroller.IsEnrolled(home));
        }

        // The same server with the right certificate gets it, so that the impostors were refused for what they are.
        await using var right = await Impostor.StartAsync(coordinator, lab.Authority.Certificate);
        var good = EnrolmentToken.Create(TemporaryLab.Name, right.Address, LabFingerprint.Of(lab.Authority.Certificate));
        await Assert.ThrowsAsync<EnrolmentException>(() => new Enroller(home, TimeProvider.System).EnrolAsync(good, right.Address, "", TestContext.Current.CancellationToken));
        Assert.Equal(good.CopySecret(), Assert.Single(right.Tokens));
    }

    [Fact]
    public async Task An_enrolment_that_was_broken_off_is_repeated_with_the_same_key_and_gets_the_same_certificate()
    {
        using var lab = new TemporaryLab(["bank"]);
        await using var coordinator = await lab.StartAsync();
        var token = await Admissions.InviteAsync(lab, coordinator.Address, "tax");
        var home = Path.Combine(lab.Folder, "tax");
        var keys = Path.Combine(home, "keys");
        // The key was on the disk and the request sent; the answer was lost.
        KeyFiles.CreateFolder(home);
        KeyFiles.CreateFolder(keys);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        KeyFiles.WriteSecret(Path.Combine(keys, "enrolment.key.pem"), key.ExportPkcs8PrivateKeyPem());
        using var lost = await Admissions.EnrolAsync(lab, coordinator.Address, token.CopySecret(), SigningRequest.Create(key, "tax"));

        var name = await new Enroller(home, TimeProvider.System).EnrolAsync(token, coordinator.Address, "", TestContext.Current.CancellationToken);

        Assert.Equal("tax", name);
        using var identity = KeyFiles.LoadIdentity(keys);
        Assert.Equal(lost.RawData, identity.RawData);
        Assert.True(identity.HasPrivateKey);
        Assert.Equal(["ca.pem", "cosigning.key", "identity.crt.pem", "identity.pem"], Directory.EnumerateFiles(keys).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(keys, "identity.pem")));
    }

    [Fact]
    public async Task Participants_with_a_token_in_their_home_enrol_when_they_start_and_train_and_pin_each_other()
    {
        using var lab = new TemporaryLab([]);
        using var coordinator = await CoordinatorProcess.StartAsync(lab, port: 0);
        var homes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var party in Two) homes.Add(party, await PrepareAsync(lab, party, coordinator.Address));
        using var bank = new ParticipantProcess(homes["bank"]);
        using var tax = new ParticipantProcess(homes["tax"]);
        await ConnectedAsync(bank, tax);
        foreach (var home in homes.Values) Assert.False(File.Exists(Path.Combine(home, EnrolmentToken.FileName)));

        Assert.Equal((RunState.Finished, ""), await TrainAsync(lab, coordinator.Address));
        using (var pinned = KeyFiles.LoadCertificate(Path.Combine(homes["bank"], "peers", "tax.crt.pem")))
        using (var own = KeyFiles.LoadCertificate(Path.Combine(homes["tax"], "keys", KeyFiles.IdentityCertificate)))
        {
            Assert.Equal(own.RawData, pinned.RawData);
            var (_, shown, _) = await ParticipantProcess.OutputAsync(["peers", "--home", homes["bank"]]);
            Assert.Contains($"tax  {LabFingerprint.TextOf(own)}", shown, StringComparison.Ordinal);
            Assert.Contains(LabFingerprint.TextOf(lab.Authority.Certificate), shown, StringComparison.Ordinal);
        }

        // Put out, it ends with the sentence; invited anew it comes back with another key, which the bank takes because the old one was revoked.
        await Admissions.RevokeAsync(lab, coordinator.Address, "tax", "moved");
        while (!tax.HasExited) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Contains("moved", tax.Errors, StringComparison.Ordinal);
        var token = await Admissions.InviteAsync(lab, coordinator.Address, "tax");
        var file = WriteToken(lab, token);
        var (code, output, error) = await ParticipantProcess.OutputAsync(["enrol", "--home", homes["tax"], "--token-file", file]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Enrolled as 'tax'", output, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
        Assert.Equal(2, KeyFiles.LoadCertificates(Path.Combine(homes["tax"], "keys", KeyFiles.IdentityCertificate)).Count);
        using var again = new ParticipantProcess(homes["tax"]);
        await ConnectedAsync(again);
        Assert.Equal((RunState.Finished, ""), await TrainAsync(lab, coordinator.Address));
    }

    [Fact]
    public async Task A_coordinator_that_shows_another_key_for_a_pinned_party_is_refused_with_both_fingerprints()
    {
        using var lab = new TemporaryLab([]);
        using var coordinator = await CoordinatorProcess.StartAsync(lab, port: 0);
        var homes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var party in Two) homes.Add(party, await PrepareAsync(lab, party, coordinator.Address));
        // The bank has seen another tax office before.
        using var pinned = lab.Authority.Issue("tax", LabRole.Participant);
        Directory.CreateDirectory(Path.Combine(homes["bank"], "peers"));
        KeyFiles.SaveCertificate(Path.Combine(homes["bank"], "peers", "tax.crt.pem"), pinned);
        using var bank = new ParticipantProcess(homes["bank"]);
        using var tax = new ParticipantProcess(homes["tax"]);
        await ConnectedAsync(bank, tax);

        var (state, reason) = await TrainAsync(lab, coordinator.Address);

        Assert.Equal(RunState.Refused, state);
        Assert.Contains(LabFingerprint.TextOf(pinned), reason, StringComparison.Ordinal);
        Assert.Contains("another key", reason, StringComparison.Ordinal);
        using var kept = KeyFiles.LoadCertificate(Path.Combine(homes["bank"], "peers", "tax.crt.pem"));
        Assert.Equal(pinned.RawData, kept.RawData);
    }

    [Fact]
    public async Task A_participant_renews_its_certificate_by_itself_and_stays_connected()
    {
        using var lab = new TemporaryLab(Two);
        var home = ParticipantHomes.Write(lab, "bank", new Uri("https://127.0.0.1:1"));
        // A third of its life is left, the five minutes before now included.
        using var ending = lab.Authority.Issue("bank", LabRole.Participant, validity: TimeSpan.FromSeconds(140));
        KeyFiles.SaveIdentity(Path.Combine(home, "keys"), ending);
        KeyFiles.SaveCertificate(Path.Combine(lab.CoordinatorHome, "parties", "bank.crt.pem"), ending);
        using var coordinator = await CoordinatorProcess.StartAsync(lab, port: 0);
        var configuration = Path.Combine(home, "participant.json");
        File.WriteAllText(configuration, File.ReadAllText(configuration).Replace("https://127.0.0.1:1\"", coordinator.Address.GetLeftPart(UriPartial.Authority) + "\"", StringComparison.Ordinal));
        using var bank = new ParticipantProcess(home);
        await ConnectedAsync(bank);
        var path = Path.Combine(home, "keys", KeyFiles.IdentityCertificate);
        while (KeyFiles.LoadCertificates(path).Count < 2) await Task.Delay(50, TestContext.Current.CancellationToken);

        using var renewed = KeyFiles.LoadIdentity(Path.Combine(home, "keys"));
        Assert.Equal(ending.PublicKey.ExportSubjectPublicKeyInfo(), renewed.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.True(renewed.NotAfter > ending.NotAfter.AddDays(300));
        Assert.Contains(lab.Audit, entry => entry.Type == "certificate.renewed" && entry.Body.GetProperty("certificateSha256").GetString() == Convert.ToHexStringLower(SHA256.HashData(renewed.RawData)));
        Assert.DoesNotContain("\"Disconnected\"", lab.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_an_enrolment_is_one_sentence_and_the_right_exit_code()
    {
        using var lab = new TemporaryLab(["bank"]);
        await using var coordinator = await lab.StartAsync();
        var home = Path.Combine(lab.Folder, "tax");
        var token = await Admissions.InviteAsync(lab, coordinator.Address, "tax");
        var text = token.ToText();

        await EndsWithAsync(2, "Usage", ["enrol"]);
        foreach (var empty in (string[])["", " "]) await EndsWithAsync(2, "Usage", ["enrol", "--home", home], empty);
        await EndsWithAsync(2, "--token", ["enrol", "--home", home, "--token", text]);
        await EndsWithAsync(1, Path.Combine(lab.Folder, "none"), ["enrol", "--home", home, "--token-file", Path.Combine(lab.Folder, "none")]);
        await EndsWithAsync(1, "whole enrolment token", ["enrol", "--home", home, "--token-file", Write("cut", text[..^10])]);
        await EndsWithAsync(1, "does not know", ["enrol", "--home", home, "--token-file", Write("other", EnrolmentToken.Create(TemporaryLab.Name, coordinator.Address, LabFingerprint.Of(lab.Authority.Certificate)).ToText())]);
        Assert.False(Enroller.IsEnrolled(home));
        // The file is there to be tried again.
        Assert.True(File.Exists(Path.Combine(lab.Folder, "other")));
        if (OperatingSystem.IsWindows()) return;
        var wide = Write("wide", text);
        File.SetUnixFileMode(wide, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await EndsWithAsync(1, $"chmod 600 '{wide}'", ["enrol", "--home", home, "--token-file", wide]);

        string Write(string name, string content)
        {
            var path = Path.Combine(lab.Folder, name);
            KeyFiles.WriteSecret(path, content);
            return path;
        }

        static async Task EndsWithAsync(int code, string expected, string[] arguments, string? token = null)
        {
            var (actual, error) = await ParticipantProcess.RunAsync(arguments, token: token);
            Assert.Equal((code, 1), (actual, error.Split('\n').Length));
            Assert.Contains(expected, error, StringComparison.Ordinal);
        }
    }

    private static X509Certificate2 ForHost(LabAuthority authority, string host)
    {
        // As the authority makes them, but without the names of this machine that each of its coordinators has.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var folder = Directory.CreateTempSubdirectory("fedlab-authority-").FullName;
        try
        {
            authority.Save(folder);
            using var signing = KeyFiles.LoadKey(Path.Combine(folder, LabAuthority.KeyFile));
            var request = new CertificateRequest("CN=coordinator, OU=coordinator, O=FedLab", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            request.CertificateExtensions.Add(names.Build());
            var now = TimeProvider.System.GetUtcNow();
            using var certificate = request.Create(authority.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(signing), now.AddMinutes(-1), now.AddDays(1), [1, 2, 3]);
            return certificate.CopyWithPrivateKey(key);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string WriteToken(TemporaryLab lab, EnrolmentToken token)
    {
        var path = Path.Combine(lab.Folder, "token");
        KeyFiles.WriteSecret(path, token.ToText());
        return path;
    }

    /// <summary>A home with data, configuration and a token, and nothing else.</summary>
    private static async Task<string> PrepareAsync(TemporaryLab lab, string party, Uri coordinator)
    {
        var home = ParticipantHomes.WriteUnenrolled(lab, party, coordinator, isActive: party == "bank");
        KeyFiles.WriteSecret(Path.Combine(home, EnrolmentToken.FileName), (await Admissions.InviteAsync(lab, coordinator, party)).ToText());
        return home;
    }

    private static async Task ConnectedAsync(params ParticipantProcess[] participants)
    {
        foreach (var participant in participants)
        {
            while (!participant.Output.Contains("onnected", StringComparison.Ordinal))
            {
                Assert.False(participant.HasExited, participant.Errors);
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    private static async Task<(RunState State, string Reason)> TrainAsync(TemporaryLab lab, Uri coordinator)
    {
        using var channel = lab.LeadChannel(coordinator);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var spec = new Federation.Experiments.ExperimentSpec
        {
            Name = "joint",
            Parties = [.. Two.Select((party, i) => new Federation.Experiments.ExperimentParty(party, i == 0 ? Federation.Experiments.PartyRole.Active : Federation.Experiments.PartyRole.Required))],
            Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["trees"] = "2", ["depth"] = "2" },
        };
        var run = await TemporaryLab.ProposeAsync(lead, spec);
        var ended = await TemporaryLab.WaitAsync(lead, run.Run, TemporaryLab.HasEnded, seconds: 120);
        return (ended.State, ended.Reason);
    }
}
