using System.Diagnostics;
using System.Text.Json;
using FedLab.Client.Launching;
using FedLab.Client.Processes;

namespace FedLab.Client.Tests.Launching;

/// <summary>Who runs a lab, as the lab's folder has it on record.</summary>
public sealed class RunningLabTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RunningLabTests()
    {
        Directory.CreateDirectory(_folder.File("lab"));
        _folder.Write("up.json", """{"lab":"demo","kind":"Processes","parties":["a"],"port":7443,"ownPort":7443}""");
    }

    private LaunchedLab Lab => LaunchedLab.Find(_folder.Path)!;

    private string Record => Path.Combine(_folder.Path, "lab", "running.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_process_is_itself_until_it_has_ended_also_while_nobody_has_buried_it()
    {
        Assert.True(ProcessIdentity.Own.IsAlive);
        Assert.Null(ProcessIdentity.Of(0));
        Assert.Null(ProcessIdentity.Of(-1));
        using var sleeper = Sleep();
        var identity = ProcessIdentity.Of(sleeper.Id)!;
        Assert.Equal(identity, ProcessIdentity.Of(sleeper.Id));
        Assert.True(identity.IsAlive);
        Assert.False((identity with { Started = identity.Started + "1" }).IsAlive);
        // To another process with the number nothing happens.
        await (identity with { Started = "long ago" }).SignalAsync("KILL");
        Assert.True(identity.IsAlive);
        await identity.SignalAsync("TERM");
        Assert.True(await identity.WaitForEndAsync(TimeSpan.FromSeconds(20), TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_process_whose_first_thread_has_ended_runs_until_the_last_one_has()
    {
        // Programs end so, for a moment: it holds its ports and locks as long as a thread is left.
        const string Program = "import ctypes, platform, threading, time; threading.Thread(target=time.sleep, args=(600,)).start(); ctypes.CDLL(None).syscall(60 if platform.machine() == 'x86_64' else 93, 0)";
        var cancellation = TestContext.Current.CancellationToken;
        if (!OperatingSystem.IsLinux()) Assert.Skip("Processes are looked at as Linux has them.");
        using var process = StartPython(Program);
        var file = FormattableString.Invariant($"/proc/{process.Id}/stat");
        while (!(await File.ReadAllTextAsync(file, cancellation)).Contains(") Z ", StringComparison.Ordinal)) await Task.Delay(20, cancellation);

        var identity = ProcessIdentity.Of(process.Id);
        process.Kill();

        Assert.NotNull(identity);
        await process.WaitForExitAsync(cancellation);
        Assert.False(identity.IsAlive);
    }

    [Fact]
    public async Task One_process_runs_a_lab_at_a_time_and_the_next_one_can_when_it_is_gone()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using (await RunningLab.TakeAsync(Lab, TimeProvider.System, cancellation))
        {
            Assert.True(DetachedLab.Find(_folder.Path)!.IsRunning);
            Assert.Equal(Environment.ProcessId, DetachedLab.Find(_folder.Path)!.ProcessId);
            Assert.Contains("https://localhost:7443", (await Assert.ThrowsAsync<ClientException>(() => RunningLab.TakeAsync(Lab, TimeProvider.System, cancellation))).Message, StringComparison.Ordinal);
            Assert.True((await Assert.ThrowsAsync<ClientException>(() => DetachedLab.StartAsync(_folder.Path, cancellationToken: cancellation))).IsUsage);
        }
        Assert.False(File.Exists(Record));
        using var next = await RunningLab.TakeAsync(Lab, TimeProvider.System, cancellation);
        next.Fail("why");
        next.Dispose();
        Assert.Equal("why", RunningLab.Find(Lab)!.Failure);
        using var third = await RunningLab.TakeAsync(Lab, TimeProvider.System, cancellation);
        Assert.Null(RunningLab.Find(Lab)!.Failure);
    }

    [Fact]
    public async Task A_process_that_has_got_the_number_since_is_left_alone_and_programs_that_were_left_behind_are_ended()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var stranger = Sleep();
        Write(new { process = new { id = stranger.Id, started = "another boot 7" }, programs = new { coordinator = new { id = stranger.Id, started = "another boot 8" } }, failure = (string?)null });
        var lab = DetachedLab.Find(_folder.Path)!;
        Assert.False(lab.IsRunning);
        Assert.Null(lab.ProcessId);
        Assert.Empty(await lab.StopAsync(cancellation));
        using (await RunningLab.TakeAsync(Lab, TimeProvider.System, cancellation)) Assert.False(stranger.HasExited);

        // This one is really the lab's: its supervisor was killed, and it does not see that.
        var left = ProcessIdentity.Of(stranger.Id)!;
        Write(new { process = new { id = int.MaxValue, started = "gone" }, programs = new { coordinator = new { id = left.Id, started = left.Started } }, failure = (string?)null });
        Assert.Equal(["coordinator"], await lab.StopAsync(cancellation));
        Assert.False(left.IsAlive);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"process":{"id":1},"programs":{}}""")]
    [InlineData("""{"process":null,"programs":null,"failure":null}""")]
    public async Task A_record_that_cannot_be_read_is_nobodys(string text)
    {
        await File.WriteAllTextAsync(Record, text, TestContext.Current.CancellationToken);
        Assert.False(DetachedLab.Find(_folder.Path)!.IsRunning);
        Assert.Empty(await DetachedLab.Find(_folder.Path)!.StopAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Where_no_lab_of_processes_was_made_none_is_found_or_started()
    {
        Assert.Null(DetachedLab.Find(_folder.File("nowhere")));
        Assert.Contains("nowhere", (await Assert.ThrowsAsync<ClientException>(() => DetachedLab.StartAsync(_folder.File("nowhere"), cancellationToken: TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        _folder.Write("up.json", """{"lab":"demo","kind":"Containers","parties":["a"],"port":7443,"ownPort":7443}""");
        Assert.Null(DetachedLab.Find(_folder.Path));
    }

    private static Process Sleep() => Process.Start(new ProcessStartInfo("sleep", ["600"]) { UseShellExecute = false })!;

    private static Process StartPython(string program)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("python3", ["-c", program]) { UseShellExecute = false })!;
        }
        catch (System.ComponentModel.Win32Exception e) when (Environment.GetEnvironmentVariable("FEDLAB_REQUIRE_TOOLS") != "1")
        {
            Assert.Skip(e.Message);
            throw;
        }
    }

    private void Write(object record) => File.WriteAllText(Record, JsonSerializer.Serialize(record));
}
