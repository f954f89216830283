using FedLab.Coordinator.Containers;
using FedLab.Coordinator.Enrolment;
using FedLab.Federation.Channels;
using FedLab.Federation.Remote;
using FedLab.Operation.Configuration;
using FedLab.Operation.Management;
using FedLab.Operation.Telemetry;

namespace FedLab.Coordinator.Configuration;

/// <summary>A party that the lab admits.</summary>
/// <param name="Name">Its name: the common name of its certificate.</param>
internal sealed record PartyEntry(string Name);

/// <summary>The section <c>state</c>.</summary>
internal sealed record StateOptions
{
    /// <summary>A PostgreSQL database of this lab alone; with it a second coordinator can stand by and take over.</summary>
    public PostgresServer? Postgres { get; init; }
}

/// <summary>The contents of <c>coordinator.json</c>.</summary>
internal sealed record CoordinatorOptions
{
    /// <summary>Name of the lab; the origin of the audit log's checkpoints.</summary>
    public required string Lab { get; init; }

    /// <summary>Address to listen on.</summary>
    public string Listen { get; init; } = "127.0.0.1";

    /// <summary>Port to listen on; 0 takes a free one.</summary>
    public int Port { get; init; } = 7443;

    /// <summary>Parties whose certificates are in <c>parties/</c>; others enrol.</summary>
    public IReadOnlyList<PartyEntry> Parties { get; init; } = [];

    /// <summary>Parties that are to enrol with tokens that were made beforehand.</summary>
    public IReadOnlyList<InvitationEntry> Invitations { get; init; } = [];

    /// <summary>How long a run waits for a missing party.</summary>
    public int ReconnectSeconds { get; init; } = 600;

    /// <summary>How long a run between banks with threshold keys waits for a missing bank before it goes on without it.</summary>
    public int AbsenceSeconds { get; init; } = 60;

    /// <summary>Minutes between checkpoints of the audit log that the participants cosign.</summary>
    public int CheckpointMinutes { get; init; } = 10;

    /// <summary>Mebibytes on their way to one participant from which on senders wait.</summary>
    public int WindowMiB { get; init; } = 32;

    /// <summary>Where the state is kept; a file in the home without it.</summary>
    public StateOptions State { get; init; } = new();

    /// <summary>Lowest level that is logged.</summary>
    public string LogLevel { get; init; } = nameof(Microsoft.Extensions.Logging.LogLevel.Information);

    /// <summary>The port on which the program tells how it is.</summary>
    public ManagementOptions Management { get; init; } = new();

    /// <summary>Where metrics and traces go.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>Whether the log also goes to standard output, a JSON object a line, as container platforms collect it.</summary>
    public bool LogConsole { get; init; }

    /// <summary>Participants that the coordinator runs in containers; null: it runs none.</summary>
    public ContainerOptions? Containers { get; init; }

    /// <summary>The level as the logger knows it.</summary>
    internal LogLevel Level => Enum.Parse<LogLevel>(LogLevel, ignoreCase: true);

    /// <summary>Checks every field.</summary>
    /// <param name="path">The file, for the message.</param>
    /// <exception cref="ConfigurationException">A field is out of range; the message names it.</exception>
    internal CoordinatorOptions Validated(string path)
    {
        if (!EnvelopeHeader.IsName(Lab)) throw Invalid("lab", Messages.MustBeName(Lab));
        if (!System.Net.IPAddress.TryParse(Listen, out _)) throw Invalid("listen", Messages.MustBeAddress(Listen));
        if (Port is < 0 or > 65535) throw Invalid("port", Messages.MustBeBetween(Port, 0, 65535));
        if (ReconnectSeconds is < 1 or > 7 * 86400) throw Invalid("reconnectSeconds", Messages.MustBeBetween(ReconnectSeconds, 1, 7 * 86400));
        if (AbsenceSeconds is < 1 or > 7 * 86400) throw Invalid("absenceSeconds", Messages.MustBeBetween(AbsenceSeconds, 1, 7 * 86400));
        if (CheckpointMinutes is < 1 or > 1440) throw Invalid("checkpointMinutes", Messages.MustBeBetween(CheckpointMinutes, 1, 1440));
        if (WindowMiB is < 1 or > 4096) throw Invalid("windowMiB", Messages.MustBeBetween(WindowMiB, 1, 4096));
        State.Postgres?.CheckServer("state.postgres", Invalid);
        Management.Check(Invalid);
        Telemetry.Check(Invalid);
        if (!Enum.TryParse<LogLevel>(LogLevel, ignoreCase: true, out _)) throw Invalid("logLevel", Messages.MustBeOneOf(LogLevel, string.Join(", ", Enum.GetNames<LogLevel>())));
        Containers?.Validate(path);
        for (var i = 0; i < Parties.Count; i++)
        {
            if (!EnvelopeHeader.IsName(Parties[i].Name)) throw Invalid($"parties[{i}].name", Messages.MustBeName(Parties[i].Name));
            if (Parties.Take(i).Any(party => party.Name == Parties[i].Name)) throw Invalid($"parties[{i}].name", Messages.Twice(Parties[i].Name));
        }
        InvitationEntry.Check(Invitations, Invalid);
        return this;

        ConfigurationException Invalid(string field, string problem) => new(Messages.FieldInvalid(path, field, problem));
    }
}
