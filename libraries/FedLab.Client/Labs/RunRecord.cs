using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Client.Plans;
using FedLab.Client.Resources;
using FedLab.Data;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;

namespace FedLab.Client.Labs;

/// <summary>A party of a finished run, as <c>run.json</c> remembers it.</summary>
/// <param name="Name">Name of the party.</param>
/// <param name="Role">Its role.</param>
/// <param name="Key">Its key column.</param>
/// <param name="Label">Its label column, for the active party.</param>
/// <param name="Fold">Its test column, where there is one.</param>
/// <param name="Categorical">Its numeric codes that are categories.</param>
/// <param name="Exclude">Its columns that are left out.</param>
/// <param name="KeyFormat">Format of its keys; null for detection.</param>
internal sealed record RecordedParty(
    string Name,
    PartyRole Role,
    string Key,
    string? Label,
    string? Fold,
    IReadOnlyList<string> Categorical,
    IReadOnlyList<string> Exclude,
    [property: JsonConverter(typeof(JsonStringEnumConverter<KeyFormat>))] KeyFormat? KeyFormat)
{
    /// <summary>What is remembered of a party.</summary>
    /// <param name="party">The party.</param>
    public static RecordedParty Of(PartyFile party) => new(
        party.Name,
        party.Role,
        party.Source.KeyColumn,
        party.Source.LabelColumn,
        party.Source.FoldColumn,
        party.Source.CategoricalColumns,
        party.Source.ExcludedColumns,
        party.Source.KeyFormat);
}

/// <summary>What a finished run was, so that new rows can be scored with its model.</summary>
/// <param name="Version">Version of the file.</param>
/// <param name="Lab">Name of the lab.</param>
/// <param name="Run">Identifier of the training run.</param>
/// <param name="ManifestSha256">SHA-256 of the published manifest, lower-case hexadecimal.</param>
/// <param name="MinimumCohort">Smallest number of rows on either side of a source's split.</param>
/// <param name="InMemory">Whether the roles ran in one process.</param>
/// <param name="Parties">The parties, the active one first.</param>
internal sealed record RunRecord(int Version, string Lab, string Run, string ManifestSha256, int MinimumCohort, bool InMemory, IReadOnlyList<RecordedParty> Parties)
{
    /// <summary>The only version.</summary>
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the record.</summary>
    /// <param name="workspace">The run's folder.</param>
    public void Write(LabWorkspace workspace) => KeyFiles.WriteAtomically(workspace.RunFile, JsonSerializer.SerializeToUtf8Bytes(this, Json), ownerOnly: false);

    /// <summary>Finds and reads the record of a run.</summary>
    /// <param name="path">The run's folder, or its model folder.</param>
    /// <exception cref="ClientException">There is none, or it is of another version.</exception>
    /// <exception cref="ConfigurationException">It is malformed.</exception>
    public static (LabWorkspace Workspace, RunRecord Record) Find(string path)
    {
        var full = Path.GetFullPath(path);
        if (!Directory.Exists(full)) throw ClientException.Usage(Messages.ModelFolderMissing(path));
        var roots = new[] { full, Path.GetDirectoryName(full) };
        var root = roots.FirstOrDefault(candidate => candidate is not null && File.Exists(LabWorkspace.Open(candidate).RunFile))
            ?? throw ClientException.Usage(Messages.ModelFolderNoRun(path));
        var workspace = LabWorkspace.Open(root);
        var record = ConfigurationFile.Read<RunRecord>(workspace.RunFile);
        if (record.Version != CurrentVersion) throw new ClientException(Messages.ModelFolder(path, $"run.json: version {record.Version}"));
        return (workspace, record);
    }
}
