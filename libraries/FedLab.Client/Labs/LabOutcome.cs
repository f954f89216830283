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
    double WallSeconds);
