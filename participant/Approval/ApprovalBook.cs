using System.Text.Json;
using FedLab.Data;
using FedLab.Federation.Channels;
using FedLab.Participant.Configuration;

namespace FedLab.Participant.Approval;

/// <summary>What this party decided on a run.</summary>
/// <param name="Run">The run.</param>
/// <param name="SpecSha256">Hash of the specification that was decided on, hexadecimal.</param>
/// <param name="Approve">Whether it takes part.</param>
/// <param name="Code">Why not, a word.</param>
/// <param name="Reason">Why not, a sentence.</param>
/// <param name="Approver">The rule or the person that decided.</param>
internal sealed record StoredApproval(string Run, string SpecSha256, bool Approve, string Code, string Reason, string Approver);

/// <summary>
/// The party's decisions, on disk before they are told: <c>proposals/RUN.json</c>. A run that is not approved there is never
/// started, whatever the coordinator says.
/// </summary>
internal sealed class ApprovalBook(ParticipantHome home)
{
    private const int MaximumManualBytes = 1 << 16;
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>What was decided; null when nothing was.</summary>
    public async Task<StoredApproval?> FindAsync(string run, CancellationToken cancellationToken)
    {
        if (!EnvelopeHeader.IsName(run)) return null;
        var path = PathOf(run, ".json");
        if (!File.Exists(path)) return null;
        return JsonSerializer.Deserialize<StoredApproval>(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false), Format);
    }

    /// <summary>Keeps a decision.</summary>
    public Task SaveAsync(StoredApproval approval, CancellationToken cancellationToken) =>
        AtomicFile.WriteAsync(PathOf(approval.Run, ".json"), JsonSerializer.SerializeToUtf8Bytes(approval, Format), cancellationToken);

    /// <summary>Shows a proposal to a person: <c>proposals/RUN.proposal.json</c> is the specification.</summary>
    public Task ShowAsync(string run, ReadOnlyMemory<byte> specification, CancellationToken cancellationToken) => AtomicFile.WriteAsync(PathOf(run, ".proposal.json"), specification, cancellationToken);

    /// <summary>What stands in <c>proposals/RUN.decision</c>, where a person decides.</summary>
    /// <returns>Null when there is no such file or nothing in it yet; no text of a decision when the file cannot be read or is far too long for one.</returns>
    public async Task<string?> ManualTextAsync(string run, CancellationToken cancellationToken)
    {
        var path = ManualPath(run);
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) return null;
            if (file.Length > MaximumManualBytes) return "";
            var text = await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
            // Whoever writes a file makes it, or empties it, before the first word stands in it.
            return string.IsNullOrWhiteSpace(text) ? null : text;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>The file in which a person decides on a run.</summary>
    public string ManualPath(string run) => PathOf(run, ".decision");

    private string PathOf(string run, string suffix) => Path.Combine(home.ProposalsFolder, run + suffix);
}
