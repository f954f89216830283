using System.Collections.Concurrent;
using System.Net;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Federation.Scan.Workers;
using FedLab.Operation.Management;
using FedLab.Participant.Workers;
using FedLab.Proto;
using Grpc.Core;

namespace FedLab.Participant.Tests.Workers;

/// <summary>A scan worker on a real port: who may call it, and what its command line takes.</summary>
public sealed class WorkerHostTests : IDisposable
{
    private readonly string _own = Directory.CreateTempSubdirectory("fedlab-worker-").FullName;
    private readonly string _other = Directory.CreateTempSubdirectory("fedlab-worker-").FullName;
    private readonly CancellationTokenSource _stop = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _stop.Dispose();
        Directory.Delete(_own, recursive: true);
        Directory.Delete(_other, recursive: true);
    }

    [Fact]
    public async Task A_worker_answers_holders_of_its_credential_and_nobody_else_and_a_participant_trusts_no_other_worker()
    {
        foreach (var home in (string[])[_own, _other]) Assert.True(WorkerCredential.Create(Path.Combine(home, "keys"), TimeProvider.System));
        var lines = new ConcurrentQueue<string>();
        var serving = WorkerHost.ServeAsync(WorkerArguments.Parse(["--role", "worker", "--home", _own, "--listen", "127.0.0.1:0", "--threads", "1"]), lines.Enqueue, _stop.Token);
        while (lines.IsEmpty && !serving.IsCompleted) await Task.Delay(20, Token);
        Assert.True(lines.TryPeek(out var line), "it said nothing");
        var port = int.Parse(line[(line.IndexOf("127.0.0.1:", StringComparison.Ordinal) + 10)..].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);

        // A setup without a plan is refused, but it is heard.
        Assert.Equal(StatusCode.InvalidArgument, (await CallAsync(_own, port)).StatusCode);
        Assert.Equal(StatusCode.Unavailable, (await CallAsync(_other, port)).StatusCode);

        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
    }

    [Fact]
    public async Task A_worker_with_a_management_port_tells_whether_it_can_work()
    {
        Assert.True(WorkerCredential.Create(Path.Combine(_own, "keys"), TimeProvider.System));
        using var output = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        using var port = new HeldPort();
        var management = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"127.0.0.1:{port.Number}");
        Task<int> AskAsync() => HealthCommand.RunAsync(["--management", management], "", output);
        Assert.Equal(1, await AskAsync());
        var lines = new ConcurrentQueue<string>();
        var serving = WorkerHost.ServeAsync(WorkerArguments.Parse(["--role", "worker", "--home", _own, "--listen", "127.0.0.1:0", "--threads", "1", "--management", management]), lines.Enqueue, _stop.Token);
        while (lines.IsEmpty && !serving.IsCompleted) await Task.Delay(20, Token);
        Assert.Equal(0, await AskAsync());
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
        Assert.Equal(1, await AskAsync());
    }

    [Fact]
    public void A_credential_is_made_once_is_for_its_owner_alone_and_is_refused_where_others_can_read_it()
    {
        var keys = Path.Combine(_own, "keys");
        Assert.True(WorkerCredential.Create(keys, TimeProvider.System));
        using var first = WorkerCredential.Load(keys);
        Assert.False(WorkerCredential.Create(keys, TimeProvider.System));
        using var second = WorkerCredential.Load(keys);
        Assert.True(WorkerCredential.Matches(first, second));
        Assert.False(WorkerCredential.Matches(first, null));

        if (OperatingSystem.IsWindows()) return;
        File.SetUnixFileMode(Path.Combine(keys, WorkerCredential.KeyFile), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Throws<KeyFileException>(() => WorkerCredential.Load(keys));
    }

    [Theory]
    [InlineData("workers", "workers", WorkerOptions.DefaultPort)]
    [InlineData("tasks.scan:7000", "tasks.scan", 7000)]
    [InlineData("10.0.0.7:7000", "10.0.0.7", 7000)]
    [InlineData("[::1]:7000", "::1", 7000)]
    [InlineData("[::1]", "::1", WorkerOptions.DefaultPort)]
    public void An_address_is_a_host_and_perhaps_a_port(string text, string host, int port)
    {
        Assert.True(WorkerAddress.TryParse(text, out var address));
        Assert.Equal(new WorkerAddress(host, port), address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("workers:")]
    [InlineData("workers:70000")]
    [InlineData("workers:-1")]
    [InlineData("https://workers")]
    [InlineData(":7444")]
    public void Anything_else_is_none(string text)
    {
        Assert.False(WorkerAddress.TryParse(text, out _));
        var error = Assert.Throws<ConfigurationException>(() => new WorkerOptions { Address = text }.Check((field, problem) => new ConfigurationException($"{field}: {problem}")));
        Assert.StartsWith("workers.address: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--listen", "workers:7000")]
    [InlineData("--management", "127.0.0.1")]
    [InlineData("--threads", "0")]
    [InlineData("--memory", "-1")]
    [InlineData("--data", "x.csv")]
    [InlineData("--threads")]
    public void A_wrong_argument_is_named(params string[] arguments)
    {
        var error = Assert.Throws<ConfigurationException>(() => WorkerArguments.Parse(["--role", "worker", "--home", _own, .. arguments]));

        Assert.Contains(arguments.Length > 1 && arguments[0] is "--listen" or "--management" ? arguments[1] : arguments[0], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_does_not_resolve_is_told_once_and_is_no_failure()
    {
        WorkerCredential.Create(Path.Combine(_own, "keys"), TimeProvider.System);
        var lost = new List<string>();
        using var pool = new ScanWorkerPool([new DnsEndPoint("no-such-host.invalid", 7444)], WorkerCredential.Load(Path.Combine(_own, "keys"))) { OnLost = (name, _) => lost.Add(name) };

        Assert.Empty(await pool.FindAsync(Token));
        Assert.Empty(await pool.FindAsync(Token));

        Assert.Equal(["no-such-host.invalid"], lost);
    }

    private static async Task<RpcException> CallAsync(string home, int port)
    {
        using var pool = new ScanWorkerPool([new DnsEndPoint("127.0.0.1", port)], WorkerCredential.Load(Path.Combine(home, "keys")));
        var worker = Assert.Single(await pool.FindAsync(Token));
        using var call = new ScanWorkers.ScanWorkersClient(worker.Invoker).Work(new CallOptions(cancellationToken: Token));
        return await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await call.RequestStream.WriteAsync(new WorkOrder { Setup = new WorkSetup { Version = WorkerProtocol.Version } });
            await call.ResponseStream.MoveNext(Token);
        });
    }
}
