using System.Text.Json;

namespace FedLab.Federation.Runs;

/// <summary>The figures of a run that is under way, as a party keeps them in its own store; at most a second old.</summary>
public static class RunFigures
{
    /// <summary>Name of the file in a run's store.</summary>
    public const string FileName = "meter.json";

    /// <summary>Mean log loss after each round so far; null for a round whose figure was lost. They are the party's own to know and never sent.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <returns>Empty where the party does not know it, or the file is none.</returns>
    public static IReadOnlyList<double?> LossesOf(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize<Content>(utf8)?.Losses ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private sealed record Content(IReadOnlyList<double?>? Losses);
}
