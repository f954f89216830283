using System.Globalization;
using System.Text.Json;
using FedLab.Client.Labs;
using FedLab.Client.Processes;
using FedLab.EndToEnd.Tests.Support;
using FedLab.Federation.Identity;

namespace FedLab.EndToEnd.Tests.Runs;

/// <summary><c>fedlab project</c> as a lead uses it: with a coordinator and a participant that are programs of their own.</summary>
public sealed class ProjectTests : IDisposable
{
    private const int Usage = 2;
    private const int Failure = 1;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_project_is_made_an_institution_is_invited_enrols_and_is_put_out()
    {
        using var held = new HeldPort();
        var port = held.Number;
        var made = (await FedLabProgram.RunAsync(_folder.Path, "project", "init", "credit", "--host", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "--json")).Succeeded();
        var fingerprint = JsonDocument.Parse(made.Output).RootElement.GetProperty("fingerprint").GetString()!;
        var project = ProjectFolder.Open(_folder.File("credit"));
        Assert.Equal(("credit", port, fingerprint), (project.Name, project.Coordinator.Port, project.Fingerprint));
        Assert.Matches("^([0-9A-F]{4}-){15}[0-9A-F]{4}$", fingerprint);
        foreach (var secret in (string[])["coordinator/authority/ca.key.pem", "coordinator/keys/identity.pem", "coordinator/keys/log.key", "lead/keys/identity.pem"])
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(project.Root, secret)));

        // Nobody answers yet.
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "project", "invite", "bank", "--project", "credit"), Failure, [project.Coordinator.Authority]);
        await using var coordinator = ChildProcess.Start(LabProcesses.CoordinatorName, ProgramLocator.Coordinator, project.CoordinatorHome);
        using (var lead = new LabConnection(project.Coordinator, project.LeadKeys, TimeProvider.System))
            await lead.WaitForPartiesAsync([], Patience.Long, Patience.Long, coordinator.LogPath, TestContext.Current.CancellationToken);

        var invited = (await FedLabProgram.RunAsync(_folder.Path, "project", "invite", "bank", "--project", "credit", "--expires", "10m")).Succeeded();
        var token = EnrolmentToken.Parse(invited.Output); // the token alone stands on standard output
        Assert.Equal(("credit", project.Coordinator), (token.Lab, token.Coordinator));
        (await FedLabProgram.RunAsync(_folder.Path, "project", "invite", "tax", "--project", "credit", "--out", "tax.token")).Succeeded();
        Assert.Equal([("bank", "invited"), ("tax", "invited")], await MembersAsync());

        // A participant with the token in its home enrols when it starts.
        var home = _folder.File("bank");
        KeyFiles.CreateFolder(home);
        File.WriteAllText(Path.Combine(home, "rows.csv"), "id,default,age\n1,0,30\n2,1,40\n3,0,50\n");
        File.WriteAllText(Path.Combine(home, "participant.json"), JsonSerializer.Serialize(new { name = "bank", coordinator = project.Coordinator.GetLeftPart(UriPartial.Authority), data = new { path = "rows.csv", key = "id", label = "default", keyFormat = "text" } }));
        KeyFiles.WriteSecret(Path.Combine(home, EnrolmentToken.FileName), token.ToText());
        await using var bank = ChildProcess.Start("bank", ProgramLocator.Participant, home);
        using (var lead = new LabConnection(project.Coordinator, project.LeadKeys, TimeProvider.System))
            await lead.WaitForPartiesAsync(["bank"], Patience.Long, Patience.Long, coordinator.LogPath, TestContext.Current.CancellationToken);
        Assert.Equal([("bank", "enrolled"), ("tax", "invited")], await MembersAsync());
        var table = (await FedLabProgram.RunAsync(_folder.Path, "project", "list", "--project", "credit")).Succeeded();
        Assert.Contains("enrolled, connected", table.Output, StringComparison.Ordinal);

        await RenewAsync(project);

        (await FedLabProgram.RunAsync(_folder.Path, "project", "revoke", "bank", "--reason", "key stolen", "--project", "credit")).Succeeded();
        Assert.Equal(Failure, await bank.Ended.WaitAsync(Patience.Long, TestContext.Current.CancellationToken));
        Assert.Contains("key stolen", bank.LastError, StringComparison.Ordinal);
        Assert.Equal([("bank", "revoked"), ("tax", "invited")], await MembersAsync());

        async Task<IEnumerable<(string, string)>> MembersAsync()
        {
            var list = (await FedLabProgram.RunAsync(_folder.Path, "project", "list", "--project", "credit", "--json")).Succeeded();
            return [.. JsonDocument.Parse(list.Output).RootElement.GetProperty("members").EnumerateArray().Select(member => (member.GetProperty("party").GetString()!, member.GetProperty("state").GetString()!))];
        }
    }

    /// <summary>A lead on another machine, without the authority: reminded when a third is left, and renewed by the coordinator.</summary>
    private async Task RenewAsync(ProjectFolder project)
    {
        string[] access = ["--coordinator", project.Coordinator.GetLeftPart(UriPartial.Authority), "--keys", project.LeadKeys];
        var path = Path.Combine(project.LeadKeys, KeyFiles.IdentityCertificate);
        using (var authority = LabAuthority.Load(project.Authority))
        using (var own = KeyFiles.LoadIdentity(project.LeadKeys))
        using (var ending = authority.Certify("lead", LabRole.Lead, own.PublicKey, validity: TimeSpan.FromMinutes(2))) // from five minutes ago
            KeyFiles.SaveCertificate(path, ending);

        var reminded = (await FedLabProgram.RunAsync(_folder.Path, ["project", "list", .. access])).Succeeded();
        Assert.Contains("fedlab project renew --coordinator", reminded.Error, StringComparison.Ordinal);
        var renewed = (await FedLabProgram.RunAsync(_folder.Path, ["project", "renew", .. access])).Succeeded();
        Assert.Contains("was renewed", renewed.Output, StringComparison.Ordinal);
        var again = (await FedLabProgram.RunAsync(_folder.Path, ["project", "renew", .. access, "--json"])).Succeeded();
        Assert.False(JsonDocument.Parse(again.Output).RootElement.GetProperty("renewed").GetBoolean());
        Assert.DoesNotContain("renew", (await FedLabProgram.RunAsync(_folder.Path, ["project", "list", .. access])).Succeeded().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_asked_wrongly_is_said_in_one_sentence_and_nothing_is_made()
    {
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "project", "init", "credit"), Usage, ["--host"]);
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "project", "init", "no name!", "--host", "lab.example"), Usage, ["no name!"]);
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "project", "init", "credit", "--host", "lab.example:0"), Usage, ["lab.example:0"]);
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "project", "init", "credit", "--host", "https://lab.example"), Usage, ["https"]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "project", "invite", "bank"), Usage, ["project.json"]);
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "project", "invite", "bank", "--expires", "soon"), Usage, ["soon"]);
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "project", "list", "--project", "nowhere"), Usage, ["nowhere"]);
        File.WriteAllText(_folder.File("project.json"), "{}");
        Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "project", "list"), Usage, ["project.json"]);
    }
}
