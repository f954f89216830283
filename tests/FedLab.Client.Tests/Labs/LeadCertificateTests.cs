using FedLab.Client.Labs;
using FedLab.Federation.Identity;

namespace FedLab.Client.Tests.Labs;

public sealed class LeadCertificateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(300)] // a third is left
    [InlineData(400)] // expired
    public void The_authority_in_the_projects_folder_renews_a_lead_for_the_same_key_and_keeps_the_certificate_before(int daysAgo)
    {
        var project = Make("lab", daysAgo);
        var key = Key(project);

        var renewed = LeadCertificate.Renew(project.Authority, project.LeadKeys, TimeProvider.System);

        Assert.Equal("alice", renewed.Name);
        Assert.InRange(renewed.Until - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(300), TimeSpan.FromDays(366));
        Assert.Equal(key, Key(project));
        Assert.Equal(2, KeyFiles.LoadCertificates(Path.Combine(project.LeadKeys, KeyFiles.IdentityCertificate)).Count);
        using var lab = new LabConnection(project.Coordinator, project.LeadKeys, TimeProvider.System); // refuses what is no lead's, or expired
    }

    [Fact]
    public void What_is_not_due_stays_and_keys_of_another_project_are_not_renewed()
    {
        var (fresh, old, other) = (Make("fresh", daysAgo: 1), Make("old", daysAgo: 300), Make("other", daysAgo: 300));
        var before = File.ReadAllBytes(Path.Combine(fresh.LeadKeys, KeyFiles.IdentityCertificate));

        Assert.Equal(LeadCertificate.Read(fresh.LeadKeys), LeadCertificate.Renew(fresh.Authority, fresh.LeadKeys, TimeProvider.System));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(fresh.LeadKeys, KeyFiles.IdentityCertificate)));

        var refused = Assert.Throws<KeyFileException>(() => LeadCertificate.Renew(other.Authority, old.LeadKeys, TimeProvider.System));
        Assert.Contains("authority", refused.Message, StringComparison.Ordinal);
        Assert.Throws<KeyFileException>(() => LeadCertificate.Renew(old.Authority, Path.Combine(old.CoordinatorHome, LabEnrolment.KeysFolder), TimeProvider.System)); // the coordinator is no lead
    }

    private ProjectFolder Make(string name, int daysAgo) => ProjectFolder.Create(_folder.File(name), "credit", new Uri("https://lab.example:7443"), "alice", new PastTime(TimeSpan.FromDays(daysAgo)));

    private static byte[] Key(ProjectFolder project)
    {
        using var own = KeyFiles.LoadIdentity(project.LeadKeys);
        return own.PublicKey.ExportSubjectPublicKeyInfo();
    }

    private sealed class PastTime(TimeSpan ago) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - ago;
    }
}
