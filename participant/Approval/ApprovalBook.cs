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
    private const int MaximumReason = 500;
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

    /// <summary>What a person wrote into <c>proposals/RUN.decision</c>: <c>approve</c>, or <c>refuse</c> with a reason behind it.</summary>
    /// <returns>Whether it is approved, and why not; null when there is no valid decision yet.</returns>
    public async Task<(bool Approve, string Reason)?> ManualDecisionAsync(string run, CancellationToken cancellationToken)
    {
        var path = PathOf(run, ".decision");
        if (!File.Exists(path)) return null;
        var text = (await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)).Trim();
        if (text == "approve") return (true, "");
        if (!text.StartsWith("refuse", StringComparison.Ordinal)) return null;
        var reason = text["refuse".Length..].Trim(' ', ':', '\t');
        return (false, reason.Length == 0 ? Messages.RefusedByPerson : reason[..Math.Min(reason.Length, MaximumReason)]);
    }

    private string PathOf(string run, string suffix) => Path.Combine(home.ProposalsFolder, run + suffix);
}
