namespace FedLab.Client.Labs;

/// <summary>What a finished run left, whichever way it ran.</summary>
/// <param name="Run">Identifier of the run.</param>
/// <param name="Manifest">The published manifest; null for a scoring run.</param>
/// <param name="Signatures">Signatures over it by party (IEEE P1363).</param>
/// <param name="AlignedRows">Length of the common order.</param>
/// <param name="Seconds">Seconds by phase at the active party.</param>
/// <param name="Bytes">Payload bytes by phase over the whole network, every message once.</param>
/// <param name="WallSeconds">Seconds from the proposal to the end.</param>
internal sealed record LabOutcome(
    string Run,
    byte[]? Manifest,
    IReadOnlyDictionary<string, byte[]> Signatures,
    long AlignedRows,
    IReadOnlyDictionary<string, double> Seconds,
    IReadOnlyDictionary<string, long> Bytes,
    double WallSeconds)
{
    /// <summary>Bytes over the network from what each party counted: every message is counted where it is sent and where it arrives.</summary>
    public static IReadOnlyDictionary<string, long> NetworkBytes(IEnumerable<IReadOnlyDictionary<string, long>> byParty) =>
        byParty.SelectMany(party => party)
            .GroupBy(step => step.Key, StringComparer.Ordinal)
            .OrderBy(step => step.Key, StringComparer.Ordinal)
            .ToDictionary(step => step.Key, step => step.Sum(count => count.Value) / 2, StringComparer.Ordinal);
}
