using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FedLab.Coordinator.Tests.Lab;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Learning;

namespace FedLab.Participant.Tests.Lab;

/// <summary>A participant's home folder with data of a test.</summary>
internal static class ParticipantHomes
{
    public const int Rows = 240;

    /// <summary>Writes keys, certificates, data and configuration; the first party of the lab has the label.</summary>
    public static string Write(TemporaryLab lab, string party, Uri coordinator, object? approval = null)
    {
        var home = Path.Combine(lab.Folder, party);
        LabEnrolment.WriteKeys(home, lab.Authority, party, LabRole.Participant);
        Directory.CreateDirectory(Path.Combine(home, "peers"));
        // The party's certificate is the one that was just issued; the coordinator and the others must know it.
        var own = Path.Combine(home, "keys", KeyFiles.IdentityCertificate);
        File.Copy(own, Path.Combine(lab.CoordinatorHome, "parties", party + ".crt.pem"), overwrite: true);
        foreach (var peer in lab.Parties) File.Copy(Path.Combine(lab.CoordinatorHome, "parties", peer + ".crt.pem"), Path.Combine(home, "peers", peer + ".crt.pem"), overwrite: true);
        return WriteUnenrolled(lab, party, coordinator, lab.Parties[0] == party, approval);
    }

    /// <summary>Writes data and configuration alone: the keys are still to come.</summary>
    public static string WriteUnenrolled(TemporaryLab lab, string party, Uri coordinator, bool isActive, object? approval = null)
    {
        var home = Path.Combine(lab.Folder, party);
        KeyFiles.CreateFolder(home);
        File.WriteAllText(Path.Combine(home, "data.csv"), Data(isActive));
        Configure(home, new
        {
            name = party,
            coordinator = coordinator.ToString().TrimEnd('/'),
            data = new { path = "data.csv", key = "enterprise", label = isActive ? "overdue" : null, keyFormat = "text" },
            settings = new { minimumCohort = 2, threads = 1, memoryMiB = 64 },
            approval = approval ?? new { automatic = true, purposes = new[] { "credit-risk" }, actives = new[] { "*" } },
        });
        return home;
    }

    public static void Configure(string home, object configuration) => File.WriteAllBytes(Path.Combine(home, "participant.json"), JsonSerializer.SerializeToUtf8Bytes(configuration));

    /// <summary>All parties' certificates in all homes, once every home is written.</summary>
    public static void Introduce(TemporaryLab lab)
    {
        foreach (var party in lab.Parties)
        {
            foreach (var peer in lab.Parties) File.Copy(Path.Combine(lab.CoordinatorHome, "parties", peer + ".crt.pem"), Path.Combine(lab.Folder, party, "peers", peer + ".crt.pem"), overwrite: true);
        }
    }

    /// <summary>A home of a bank: the same columns at all, a label at each, other customers.</summary>
    public static string WriteBank(TemporaryLab lab, string bank, Uri coordinator, object? approval = null)
    {
        var home = Write(lab, bank, coordinator);
        var number = lab.Parties.ToList().IndexOf(bank);
        var text = new StringBuilder("customer,overdue,age,income\n");
        for (var i = 0; i < Rows; i++)
        {
            var (a, b) = (((i * 37) + (number * 11)) % 101, ((i * 53) + (number * 7)) % 89);
            text.Append(CultureInfo.InvariantCulture, $"SECRETKEY{number}{i:D5},{((a + b + (i * 29 % 97)) % 190 > 130 ? 1 : 0)},{a},{b * 3 % 17}\n");
        }
        File.WriteAllText(Path.Combine(home, "data.csv"), text.ToString());
        Configure(home, new
        {
            name = bank,
            coordinator = coordinator.ToString().TrimEnd('/'),
            data = new { path = "data.csv", key = "customer", label = "overdue", keyFormat = "text" },
            settings = new { threads = 1, memoryMiB = 64 },
            approval = approval ?? new { thresholdKeys = true },
        });
        return home;
    }

    /// <summary>What banks with such homes train.</summary>
    public static ExperimentSpec BankSpec(TemporaryLab lab, params (string Name, string Value)[] settings) => new()
    {
        Name = "banks",
        Parties = [.. lab.Parties.Select(bank => new ExperimentParty(bank, PartyRole.Bank))],
        Features = [new FeatureDefinition("age"), new FeatureDefinition("income")],
        Settings = settings.ToDictionary(setting => setting.Name, setting => setting.Value, StringComparer.Ordinal),
    };

    private static string Data(bool isActive)
    {
        var text = new StringBuilder(isActive ? "enterprise,overdue,age,income\n" : "enterprise,tax,power\n");
        for (var i = 0; i < Rows; i++)
        {
            var (a, b, c) = (i * 37 % 101, i * 53 % 89, i * 29 % 97);
            text.Append(CultureInfo.InvariantCulture, $"SECRETKEY{i:D5},");
            if (isActive) text.Append(CultureInfo.InvariantCulture, $"{((a + b + c) % 190 > 130 ? 1 : 0)},{a},{a * 3 % 17}\n");
            else text.Append(CultureInfo.InvariantCulture, $"{b},{c}\n");
        }
        return text.ToString();
    }
}

/// <summary>The participant as a process of its own.</summary>
internal sealed class ParticipantProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    public ParticipantProcess(string home, params string[] more)
    {
        _process = Launch(["--home", home, .. more]);
        _process.OutputDataReceived += (_, line) =>
        {
            lock (_output) _output.AppendLine(line.Data);
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors) _errors.AppendLine(line.Data);
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Whether it has ended; all that it said is then in <see cref="Output"/> and <see cref="Errors"/>.</summary>
    public bool HasExited
    {
        get
        {
            if (!_process.HasExited) return false;
            _process.WaitForExit(); // to the end of what it wrote, which comes through threads of its own
            return true;
        }
    }

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    public string Errors
    {
        get
        {
            lock (_errors) return _errors.ToString();
        }
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Error)> RunAsync(IEnumerable<string> arguments, string? language = null, string? token = null)
    {
        using var process = Launch(arguments, language, token);
        _ = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error.Trim());
    }

    /// <summary>Runs it to its end and keeps what it says.</summary>
    public static async Task<(int Code, string Output, string Error)> OutputAsync(IEnumerable<string> arguments)
    {
        using var process = Launch(arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, error.Trim());
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static Process Launch(IEnumerable<string> arguments, string? language = null, string? token = null)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = language ?? "C.UTF-8";
        if (token is not null) start.Environment[EnrolmentToken.Variable] = token;
        start.ArgumentList.Add(typeof(ParticipantHost).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
