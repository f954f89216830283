using FedLab.Coordinator.Tests.Lab;
using FedLab.Participant.Tests.Lab;

namespace FedLab.Participant.Tests;

/// <summary>A participant that cannot start says why in one sentence.</summary>
public sealed class StartTests
{
    private static readonly string[] Two = ["bank", "tax"];

    [Fact]
    public async Task A_bad_start_is_one_sentence_and_the_right_exit_code()
    {
        using var lab = new TemporaryLab(Two);
        var home = ParticipantHomes.Write(lab, "bank", new Uri("https://127.0.0.1:1"));
        object Configuration(object? data = null, string name = "bank") => new { name, coordinator = "https://127.0.0.1:1", data = data ?? new { path = "data.csv", key = "enterprise", label = "overdue" } };

        await EndsWithAsync(2, "--home", []);
        await EndsWithAsync(2, "does not exist", ["--home", Path.Combine(lab.Folder, "nowhere")]);
        await EndsWithAsync(1, "127.0.0.1:1", ["--home", home, "--connect-timeout", "1"]);

        ParticipantHomes.Configure(home, Configuration(new { path = "data.csv", key = "enterprise", lable = "overdue" }));
        await EndsWithAsync(2, "lable", ["--home", home]);
        ParticipantHomes.Configure(home, Configuration(new { path = "data.csv", key = "enterprise", keyFormat = "guess" }));
        await EndsWithAsync(2, "data.keyFormat", ["--home", home]);
        await EndsWithAsync(2, "management.port", ["health", "--home", home]);
        await EndsWithAsync(2, "字段", ["--home", home], "zh_CN.UTF-8");
        ParticipantHomes.Configure(home, Configuration(name: "tax"));
        await EndsWithAsync(2, "'bank'", ["--home", home]);
        ParticipantHomes.Configure(home, Configuration(new { path = "data.csv", key = "enterprise", label = "defaulted" }));
        await EndsWithAsync(1, "defaulted", ["--home", home]);
        ParticipantHomes.Configure(home, Configuration());
        await EndsWithAsync(1, "missing.csv", ["--home", home, "--data", Path.Combine(lab.Folder, "missing.csv")]);

        string[] withWorkers = ["--home", home, "--set", "workers.address=workers:7444"];
        await EndsWithAsync(1, Path.Combine(home, "keys", "workers.pem"), withWorkers);
        await EndsWithAsync(1, "participant workers init", withWorkers);
        await EndsWithAsync(1, "请在参与方的主目录中用 participant workers init", withWorkers, "zh_CN.UTF-8");
        await EndsWithAsync(1, "participant workers init", ["--role", "worker", "--home", Path.Combine(lab.Folder, "nowhere")]);

        if (OperatingSystem.IsWindows()) return;
        var key = Path.Combine(home, "keys", "cosigning.key");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await EndsWithAsync(1, $"chmod 600 '{key}'", ["--home", home]);
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        var keys = Path.Combine(home, "keys");
        File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute);
        await EndsWithAsync(1, $"chmod 700 '{keys}'", ["--home", home]);

        static async Task EndsWithAsync(int code, string expected, string[] arguments, string? language = null)
        {
            var (actual, error) = await ParticipantProcess.RunAsync(arguments, language);
            Assert.Equal((code, 1), (actual, error.Split('\n').Length));
            Assert.Contains(expected, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_participant_that_the_lab_does_not_know_prints_the_coordinators_sentence_and_ends_with_1()
    {
        using var lab = new TemporaryLab(Two);
        using var coordinator = await CoordinatorProcess.StartAsync(lab, port: 0);
        using var other = new TemporaryLab(["stranger", "tax"]);
        var home = ParticipantHomes.Write(other, "stranger", coordinator.Address);
        File.Copy(Path.Combine(lab.CoordinatorHome, "keys", "ca.pem"), Path.Combine(home, "keys", "ca.pem"), overwrite: true);
        Directory.Delete(Path.Combine(home, "peers"), recursive: true);
        Directory.CreateDirectory(Path.Combine(home, "peers"));
        var (code, error) = await ParticipantProcess.RunAsync(["--home", home]);
        Assert.Equal((1, "The certificate of 'stranger' was not issued by this lab's authority (ca.pem)."), (code, error));
        Assert.Contains("stranger", lab.Log, StringComparison.Ordinal);
    }
}
