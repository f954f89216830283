using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Learning;
using FedLab.Participant.Configuration;

namespace FedLab.Participant.Approval;

/// <summary>Why a proposal is refused.</summary>
/// <param name="Code">A word for the audit log.</param>
/// <param name="Reason">A sentence for people.</param>
internal sealed record Objection(string Code, string Reason);

/// <summary>Judges a proposal by the party's rules.</summary>
internal static class ProposalReview
{
    private const string Any = "*";

    /// <summary>With two banks each sees the other's sums by subtraction.</summary>
    private const int MinimumBanks = 3;

    /// <summary>Reads a specification and looks for an objection.</summary>
    /// <param name="specification">The specification's bytes.</param>
    /// <param name="options">The party's rules.</param>
    /// <param name="knows">Says whether a party's certificate is known here.</param>
    /// <param name="hasModel">Says whether this party has a share of the model with that manifest hash.</param>
    /// <param name="spec">The specification; null when it cannot be read.</param>
    /// <returns>Null when the rules allow it.</returns>
    public static Objection? Judge(ReadOnlySpan<byte> specification, ParticipantOptions options, Func<string, bool> knows, Func<string, bool> hasModel, out ExperimentSpec? spec)
    {
        spec = null;
        try
        {
            spec = ExperimentSpec.Parse(specification);
        }
        catch (ProtocolException e)
        {
            return new Objection("specification-invalid", e.Message);
        }
        if (spec.Parties.All(party => party.Name != options.Name)) return new Objection("not-a-party", Messages.NotAParty(options.Name));
        foreach (var party in spec.Parties)
        {
            if (!knows(party.Name)) return new Objection("party-unknown", Messages.PeerUnknown(party.Name));
        }
        RunSettings settings;
        try
        {
            settings = RunSettings.Parse(spec);
        }
        catch (Exception e) when (e is LearningException or ProtocolException)
        {
            return new Objection("setting-invalid", e.Message);
        }
        if (!Allows(options.Approval.Purposes, spec.Purpose)) return new Objection("purpose-not-allowed", Messages.PurposeNotAllowed(spec.Purpose, string.Join(", ", options.Approval.Purposes)));
        if (spec.IsHorizontal) return OfBanks(spec, options, settings);
        if (spec.Active != options.Name && !Allows(options.Approval.Actives, spec.Active)) return new Objection("active-not-allowed", Messages.ActiveNotAllowed(spec.Active, string.Join(", ", options.Approval.Actives)));
        if (spec.Kind == RunKind.Train && spec.Active == options.Name && options.Data.Label is null) return new Objection("label-missing", Messages.LabelNeeded);
        if (spec.Kind == RunKind.Score && !hasModel(spec.ManifestHash!)) return new Objection("model-unknown", Messages.ModelUnknown(spec.ManifestHash![..12]));
        return null;
    }

    private static Objection? OfBanks(ExperimentSpec spec, ParticipantOptions options, RunSettings settings)
    {
        if (options.Data.Label is null) return new Objection("label-missing", Messages.LabelNeeded);
        var threshold = settings.Threshold ?? spec.Parties.Count;
        if (threshold < spec.Parties.Count && !options.Approval.ThresholdKeys) return new Objection("threshold-keys-not-allowed", Messages.ThresholdKeysNotAllowed(threshold, spec.Parties.Count));
        return threshold < MinimumBanks && !options.Approval.TwoBanks ? new Objection("too-few-banks", Messages.TooFewBanks(threshold, MinimumBanks)) : null;
    }

    private static bool Allows(IReadOnlyList<string> allowed, string value) => allowed.Contains(Any, StringComparer.Ordinal) || allowed.Contains(value, StringComparer.Ordinal);
}
