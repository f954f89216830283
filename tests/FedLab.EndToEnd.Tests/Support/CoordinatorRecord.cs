using System.Text.Json;

namespace FedLab.EndToEnd.Tests.Support;

/// <summary>An envelope that the coordinator passed on, as its audit log has it.</summary>
internal sealed record RelayedEnvelope(string Run, int Attempt, string Step, string Class, string Sender, string Receiver, long Length, string Sha256);

/// <summary>Reads a log of the audit trail by its file format, without the library that wrote it.</summary>
internal static class CoordinatorRecord
{
    /// <summary>The envelopes in the log below a home folder, in order.</summary>
    public static IReadOnlyList<RelayedEnvelope> Relayed(string home) =>
        [.. Entries(home).Where(entry => entry.GetProperty("type").GetString() == "relay.forwarded").Select(entry =>
        {
            var body = entry.GetProperty("body");
            return new RelayedEnvelope(
                entry.GetProperty("run").GetString()!, body.GetProperty("attempt").GetInt32(), body.GetProperty("step").GetString()!, body.GetProperty("class").GetString()!,
                body.GetProperty("sender").GetString()!, body.GetProperty("receiver").GetString()!, body.GetProperty("length").GetInt64(), body.GetProperty("sha256").GetString()!);
        })];

    /// <summary>The types of all entries, in order.</summary>
    public static IReadOnlyList<string> Types(string home) => [.. Entries(home).Select(entry => entry.GetProperty("type").GetString()!)];

    private static IEnumerable<JsonElement> Entries(string home)
    {
        foreach (var line in File.ReadLines(Path.Combine(home, "audit", "entries.jsonl")))
        {
            using var entry = JsonDocument.Parse(line);
            yield return entry.RootElement.Clone();
        }
    }
}
