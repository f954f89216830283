using FedLab.Federation.Channels;
using FedLab.Federation.Remote;
using FedLab.Federation.Runs;
using FedLab.Operation.Management;
using FedLab.Operation.Telemetry;
using FedLab.Participant.Workers;
using FedLab.Sources;
using Microsoft.Extensions.Logging;

namespace FedLab.Participant.Configuration;

/// <summary>The contents of <c>participant.json</c>.</summary>
internal sealed record ParticipantOptions
{
    /// <summary>The party's name: the common name of its certificate.</summary>
    public required string Name { get; init; }

    /// <summary>The coordinator, <c>https://host:port</c>.</summary>
    public required string Coordinator { get; init; }

    /// <summary>The party's rows.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>What the party allows and grants.</summary>
    public SettingOptions Settings { get; init; } = new();

    /// <summary>How proposals are decided.</summary>
    public ApprovalOptions Approval { get; init; } = new();

    /// <summary>What the lab may know of the party's columns.</summary>
    public CatalogueOptions Catalogue { get; init; } = new();

    /// <summary>The institution's scan workers; null where the participant computes its scans itself.</summary>
    public WorkerOptions? Workers { get; init; }

    /// <summary>The longest wait before dialling again, in seconds.</summary>
    public int LongestReconnectSeconds { get; init; } = 2;

    /// <summary>Mebibytes on their way from which on sending waits.</summary>
    public int WindowMiB { get; init; } = 32;

    /// <summary>Lowest level that is logged.</summary>
    public string LogLevel { get; init; } = nameof(Microsoft.Extensions.Logging.LogLevel.Information);

    /// <summary>The port on which the program tells how it is.</summary>
    public ManagementOptions Management { get; init; } = new();

    /// <summary>Where metrics and traces go.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>Whether the log also goes to standard output, a JSON object a line, as container platforms collect it.</summary>
    public bool LogConsole { get; init; }

    /// <summary>Checks every field.</summary>
    /// <param name="path">The file, for the message.</param>
    /// <exception cref="ConfigurationException">A field is out of range; the message names it.</exception>
    internal ParticipantOptions Validated(string path)
    {
        if (!EnvelopeHeader.IsName(Name)) throw Invalid("name", Messages.MustBeName(Name));
        if (!Uri.TryCreate(Coordinator, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps) throw Invalid("coordinator", Messages.MustBeAddress(Coordinator));
        Data.Check(Invalid);
        Catalogue.Check(Invalid);
        Workers?.Check(Invalid);
        if (Settings.MinimumCohort is < 1 or > 1_000_000) throw Invalid("settings.minimumCohort", Messages.MustBeBetween(Settings.MinimumCohort, 1, 1_000_000));
        if (Settings.MemoryMiB is < 16 or > 1 << 20) throw Invalid("settings.memoryMiB", Messages.MustBeBetween(Settings.MemoryMiB, 16, 1 << 20));
        if (Settings.Threads is < 0 or > 1024) throw Invalid("settings.threads", Messages.MustBeBetween(Settings.Threads, 0, 1024));
        if (LongestReconnectSeconds is < 1 or > 300) throw Invalid("longestReconnectSeconds", Messages.MustBeBetween(LongestReconnectSeconds, 1, 300));
        if (WindowMiB is < 1 or > 4096) throw Invalid("windowMiB", Messages.MustBeBetween(WindowMiB, 1, 4096));
        Management.Check(Invalid);
        Telemetry.Check(Invalid);
        if (!Enum.TryParse<LogLevel>(LogLevel, ignoreCase: true, out _)) throw Invalid("logLevel", Messages.MustBeOneOf(LogLevel, string.Join(", ", Enum.GetNames<LogLevel>())));
        return this;

        ConfigurationException Invalid(string field, string problem) => new(Messages.FieldInvalid(path, field, problem));
    }
}

/// <summary>What the party allows and grants.</summary>
internal sealed record SettingOptions
{
    /// <summary>Smallest number of rows on either side of a split.</summary>
    public int MinimumCohort { get; init; } = 10;

    /// <summary>Whether the published manifest may carry the names of this party's features.</summary>
    public bool PublishFeatureNames { get; init; } = true;

    /// <summary>Mebibytes that the scan may use for kept transforms.</summary>
    public int MemoryMiB { get; init; } = 1024;

    /// <summary>Threads that computations may use; 0: all processors.</summary>
    public int Threads { get; init; }

    internal PartySettings ToPartySettings() => new(MinimumCohort, PublishFeatureNames, (long)MemoryMiB << 20, Threads == 0 ? Environment.ProcessorCount : Threads);
}

/// <summary>How proposals are decided.</summary>
internal sealed record ApprovalOptions
{
    /// <summary>True: by the rules below. False: what they allow waits for a person (<c>proposals/RUN.decision</c>).</summary>
    public bool Automatic { get; init; } = true;

    /// <summary>Purposes that are allowed; * allows all.</summary>
    public IReadOnlyList<string> Purposes { get; init; } = ["credit-risk"];

    /// <summary>Parties that may be active; * allows all.</summary>
    public IReadOnlyList<string> Actives { get; init; } = ["*"];

    /// <summary>
    /// Whether runs between two banks alone are allowed, and those that go on with two. Then each bank sees the other's sums by subtracting its own from the total; without it three are needed.
    /// </summary>
    public bool TwoBanks { get; init; }

    /// <summary>
    /// Whether runs between banks may use threshold keys, with which a run goes on without a bank that is gone. Then any so many banks that pool their keys can read a single bank's part;
    /// without it that takes all banks.
    /// </summary>
    public bool ThresholdKeys { get; init; }
}
