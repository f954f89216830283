using System.Globalization;
using System.Security.Cryptography;
using FedLab.Audit;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Federation.Runs;
using FedLab.Federation.Scan.Workers;
using FedLab.Participant.Approval;
using FedLab.Participant.Auditing;
using FedLab.Participant.Configuration;
using FedLab.Participant.Runs;
using FedLab.Participant.Tests.Lab;
using FedLab.Proto;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;

namespace FedLab.Participant.Tests;

/// <summary>What a bank makes of the coordinator's word that an attempt begins: whose certificate comes with it, and who is said to be gone.</summary>
public sealed class BankAttemptTests : IAsyncLifetime
{
    private const string Run = "banks-1";
    private static readonly string[] Four = ["bank-0", "bank-1", "bank-2", "bank-3"];

    private readonly TemporaryLab _lab = new(Four);
    private readonly List<ParticipantFrame> _posted = [];
    private readonly List<string> _warnings = [];
    private ParticipantHome _home = null!;
    private AuditLog _audit = null!;
    private OwnData _data = null!;
    private PartyRunContext? _context;
    private string? _coordinator;

    public async ValueTask InitializeAsync()
    {
        ParticipantHomes.WriteBank(_lab, "bank-0", new Uri("https://127.0.0.1:1"));
        await OpenAsync();
        _audit = await AuditLog.OpenAsync(_home.AuditFolder, "bank-0", _home.CosigningKey, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _audit.DisposeAsync();
        _home.Dispose();
        _lab.Dispose();
    }

    [Fact]
    public async Task The_role_is_given_the_coordinators_certificate_who_is_gone_and_a_place_for_its_keys()
    {
        await StartAsync(1, Certificate(LabRole.Coordinator));
        Assert.Empty(_context!.Absent);
        Assert.Equal("coordinator", _coordinator);
        Assert.Equal(240, _context.Data.Labels!.Length);
        await StartAsync(2, Certificate(LabRole.Coordinator), ["bank-3", "bank-3"]);
        Assert.Equal(["bank-3"], _context!.Absent);
        Assert.Equal(["bank-0", "bank-1", "bank-2"], _context.Parties);
        Assert.Equal(Path.Combine(_home.RunsFolder, Run), _context.SecretFolder);
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task A_certificate_that_is_none_of_another_authority_of_another_role_expired_or_of_a_banks_name_is_refused()
    {
        await RefusedAsync([], "did not send its certificate", "没有为银行之间的运行发送证书");
        await RefusedAsync([1, 2, 3], "did not send its certificate", "没有为银行之间的运行发送证书");
        using var other = LabAuthority.Create("another-lab");
        await RefusedAsync(Certificate(LabRole.Coordinator, other), "was not issued by this lab's authority", "不是由本实验室");
        await RefusedAsync(Certificate(LabRole.Participant), "is for the role 'participant'", "角色为“participant”");
        await RefusedAsync(Certificate(LabRole.Lead), "is for the role 'lead'", "角色为“lead”");
        using (var expired = _lab.Authority.Issue("coordinator", LabRole.Coordinator, validity: TimeSpan.FromMinutes(-1))) await RefusedAsync(expired.RawData, "expired on", "过期");
        using (var named = _lab.Authority.Issue("bank-2", LabRole.Coordinator)) await RefusedAsync(named.RawData, "must have different names", "同名");

        async Task RefusedAsync(byte[] certificate, string english, string chinese)
        {
            foreach (var (language, sentence) in new[] { ("en", english), ("zh-CN", chinese) })
                await AssertRefusedAsync("coordinator-certificate", language, sentence, () => StartAsync(1, certificate));
        }
    }

    [Fact]
    public async Task Going_on_without_banks_needs_threshold_keys_in_the_experiment_and_in_the_rules_and_enough_that_are_left()
    {
        await RefusedAsync(["bank-0"], "bank-0");
        await RefusedAsync(["nobody"], "nobody");
        await RefusedAsync(["bank-2", "bank-3"], "bank-2, bank-3"); // two are left, the threshold is three
        await RefusedAsync(["bank-1", "bank-2", "bank-3"], "bank-1, bank-2, bank-3");
        await RefusedAsync(["bank-3"], "bank-3", spec: ParticipantHomes.BankSpec(_lab)); // n-out-of-n
        await RefusedAsync(["bank-3"], "bank-3", spec: ParticipantHomes.BankSpec(_lab, ("threshold", "4")));
        await RefusedAsync(["bank-3"], "bank-3", spec: _lab.Spec()); // not between banks
        Configure(new { twoBanks = true });
        await OpenAsync();
        await RefusedAsync(["bank-3"], "bank-3");

        async Task RefusedAsync(string[] absent, string named, ExperimentSpec? spec = null)
        {
            foreach (var (language, sentence) in new[] { ("en", $"wants to go on without {named},"), ("zh-CN", $"没有 {named} 的情况下继续") })
                await AssertRefusedAsync("absent-not-allowed", language, sentence, () => StartAsync(2, Certificate(LabRole.Coordinator), absent, spec));
            Assert.False(File.Exists(Path.Combine(_home.RunsFolder, Run, "absent.json")));
        }
    }

    [Fact]
    public async Task A_bank_that_has_left_does_not_come_back_whatever_the_coordinator_says()
    {
        var spec = ParticipantHomes.BankSpec(_lab, ("threshold", "2"));
        Configure(new { thresholdKeys = true, twoBanks = true });
        await OpenAsync();
        await StartAsync(2, Certificate(LabRole.Coordinator), ["bank-2"], spec);
        await StartAsync(3, Certificate(LabRole.Coordinator), ["bank-3", "bank-2"], spec);
        Assert.Equal(["bank-0", "bank-1"], _context!.Parties);
        await OpenAsync(); // as after a restart of the participant
        foreach (var absent in (string[][])[[], ["bank-2"], ["bank-3", "bank-1"]])
        {
            foreach (var (language, sentence) in new[] { ("en", "does not come back"), ("zh-CN", "不能再回来") })
                await AssertRefusedAsync("absent-not-allowed", language, sentence, () => StartAsync(4, Certificate(LabRole.Coordinator), absent, spec));
        }
        await StartAsync(4, Certificate(LabRole.Coordinator), ["bank-2", "bank-3"], spec);
        Assert.Equal(["bank-0", "bank-1"], _context!.Parties);
    }

    [Fact]
    public async Task A_run_between_banks_that_was_not_approved_as_it_is_does_not_start()
    {
        await StartAsync(1, Certificate(LabRole.Coordinator));
        var other = ParticipantHomes.BankSpec(_lab, ("threshold", "2"));
        await AssertRefusedAsync("not-approved", "en", "has not approved", () => StartAsync(2, Certificate(LabRole.Coordinator), [], other, approve: false));
    }

    [Fact]
    public async Task A_role_that_ends_with_its_attempt_is_no_failure_however_soon_it_is_back()
    {
        using var transport = Transport(1);
        var ended = new TaskCompletionSource<PartyRunResult>();
        Task? attempt = null;
        attempt = StartAsync(1, Certificate(LabRole.Coordinator), transport: transport, role: (_, _) =>
        {
            // What asked last is told first: the role is back, and the attempt done with, before anybody else has heard of the end.
            transport.Closed.Register(() =>
            {
                ended.SetCanceled();
                attempt!.Wait(TimeSpan.FromSeconds(20));
            });
            _ = Task.Run(transport.Close, CancellationToken.None);
            return ended.Task;
        });

        await attempt;

        Assert.Empty(_warnings);
        Assert.Empty(_posted);
    }

    [Fact]
    public async Task A_credential_for_scan_workers_that_vanished_or_broke_since_the_start_is_told_by_name_and_as_itself()
    {
        var keys = Path.Combine(_home.Folder, "keys");
        Assert.True(WorkerCredential.Create(keys, TimeProvider.System));
        await OpenAsync("workers.address=workers:7444");
        var key = Path.Combine(keys, WorkerCredential.KeyFile);
        await File.WriteAllTextAsync(key, "broken", TestContext.Current.CancellationToken);
        await AssertRefusedAsync(RoleFailure.WorkerCredential, "en", key, () => StartAsync(1, Certificate(LabRole.Coordinator)));
        File.Delete(key);
        await AssertRefusedAsync(RoleFailure.WorkerCredential, "zh-CN", $"扫描工作进程的凭据缺少“{key}”", () => StartAsync(2, Certificate(LabRole.Coordinator)));
        Assert.NotEqual(RoleFailure.Describe("unheard-of"), RoleFailure.Describe(RoleFailure.WorkerCredential));
    }

    [Fact]
    public async Task The_exceptions_among_the_rules_are_off_unless_the_file_names_them()
    {
        Configure(new { purposes = new[] { "credit-risk" } });
        await OpenAsync();
        Assert.Equal((false, false), (_home.Options.Approval.TwoBanks, _home.Options.Approval.ThresholdKeys));
        Configure(new { twoBanks = true, thresholdKeys = true });
        await OpenAsync();
        Assert.Equal((true, true), (_home.Options.Approval.TwoBanks, _home.Options.Approval.ThresholdKeys));
        Assert.Equal(["credit-risk"], _home.Options.Approval.Purposes);
        foreach (var (approval, named) in new (object, string)[] { (new { twoBank = true }, "twoBank"), (new { thresholdKeys = "yes" }, "thresholdKeys") })
        {
            Configure(approval);
            Assert.Contains(named, Assert.Throws<ConfigurationException>(() => ParticipantHome.Open(_home.Folder, [], TimeProvider.System)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_bank_brings_its_label_and_the_column_of_test_rows_that_the_experiment_names()
    {
        var spec = ParticipantHomes.BankSpec(_lab);
        Assert.Equal(_data.RowCount, _data.ForRun(spec, "bank-0").Labels!.Length);
        Assert.Null(_data.ForRun(spec, "bank-0").TestRows);
        Assert.Equal(RoleFailure.FoldMissing, Assert.Throws<ProtocolException>(() => _data.ForRun(spec with { Test = new TestRows(Column: "fold") }, "bank-0")).Code);
        Assert.Null(_data.ForRun(_lab.Spec(), "bank-1").Labels); // a source of a vertical experiment does not
    }

    private async Task AssertRefusedAsync(string code, string language, string sentence, Func<Task> start)
    {
        _posted.Clear();
        _warnings.Clear();
        _context = null;
        var before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        try
        {
            await start();
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
        Assert.Null(_context);
        Assert.Contains(sentence, Assert.Single(_warnings), StringComparison.Ordinal);
        var failed = Assert.Single(_posted).Failed;
        Assert.Equal((Run, code), (failed.Run, failed.Code));
    }

    private async Task StartAsync(int attempt, byte[] certificate, IReadOnlyList<string>? absent = null, ExperimentSpec? spec = null, bool approve = true, AttemptTransport? transport = null, Runs.PartyRole? role = null)
    {
        spec ??= ParticipantHomes.BankSpec(_lab, ("threshold", "3"));
        var approvals = new ApprovalBook(_home);
        var bytes = spec.ToBytes();
        if (approve) await approvals.SaveAsync(new StoredApproval(Run, Convert.ToHexStringLower(SHA256.HashData(bytes)), true, "", "", "test"), TestContext.Current.CancellationToken);
        var start = new StartAttempt { Run = Run, Attempt = attempt, Spec = ByteString.CopyFrom(bytes), CoordinatorCertificate = ByteString.CopyFrom(certificate) };
        start.Absent.AddRange(absent ?? []);
        using var own = transport is null ? Transport(attempt) : null;
        var runner = new AttemptRunner(_home, _data, approvals, new ParticipantJournal(_audit, _ => { }), role ?? RoleAsync, _posted.Add, _warnings.Add, NullLogger.Instance, TimeProvider.System);
        await runner.RunAsync(start, transport ?? own!, TestContext.Current.CancellationToken);
    }

    private static AttemptTransport Transport(int attempt) => new(Run, attempt, new FrameOutbox<ParticipantFrame>(1), new ByteBudget(1), () => 1);

    private Task<PartyRunResult> RoleAsync(PartyRunContext context, CancellationToken cancellationToken)
    {
        (_context, _coordinator) = (context, LabCertificates.NameOf(context.CoordinatorCertificate!));
        return Task.FromResult(new PartyRunResult(null, new Dictionary<string, byte[]>(), 0, new Dictionary<string, double>(), new Dictionary<string, long>(), null));
    }

    private byte[] Certificate(LabRole role, LabAuthority? authority = null)
    {
        using var certificate = (authority ?? _lab.Authority).Issue("coordinator", role);
        return certificate.RawData;
    }

    private void Configure(object approval) =>
        ParticipantHomes.Configure(_home.Folder, new { name = "bank-0", coordinator = "https://127.0.0.1:1", data = new { path = "data.csv", key = "customer", label = "overdue", keyFormat = "text" }, approval });

    private async Task OpenAsync(params string[] settings)
    {
        _home?.Dispose();
        _home = ParticipantHome.Open(Path.Combine(_lab.Folder, "bank-0"), settings, TimeProvider.System);
        _data = await OwnData.ReadAsync(_home, otherPath: null, TestContext.Current.CancellationToken);
    }
}
