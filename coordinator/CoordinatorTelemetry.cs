using System.Diagnostics.Metrics;
using FedLab.Coordinator.Runs;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;

namespace FedLab.Coordinator;

/// <summary>The coordinator's figures: what it relays and refuses, who is connected, what waits. Names of parties and sizes, nothing of what passes.</summary>
internal sealed class CoordinatorTelemetry : IDisposable
{
    private const string Name = RunTelemetry.Name + ".Coordinator";

    private static readonly Meter Traffic = new(Name);

    private static readonly Counter<long> Relayed = Traffic.CreateCounter<long>("fedlab.relay.bytes", "By", "Payload bytes passed on, by class.");

    private static readonly Counter<long> RelayedEnvelopes = Traffic.CreateCounter<long>("fedlab.relay.envelopes", unit: null, "Messages passed on, by class.");

    private static readonly Counter<long> Refusals = Traffic.CreateCounter<long>("fedlab.relay.refused", unit: null, "Messages refused, by rule.");

    private readonly Meter _state = new(Name);

    /// <summary>Begins to observe a coordinator.</summary>
    /// <param name="book">Its runs and parties.</param>
    /// <param name="auditSize">Entries in its audit log.</param>
    public CoordinatorTelemetry(RunBook book, Func<long> auditSize)
    {
        _state.CreateObservableGauge("fedlab.runs.open", () => book.Figures().OpenRuns, unit: null, "Runs that have not ended.");
        _state.CreateObservableGauge("fedlab.party.connected", () => book.Figures().Parties.Select(party => Of(party.Name, party.IsConnected ? 1L : 0)), unit: null, "Whether a party is connected.");
        _state.CreateObservableGauge("fedlab.party.queue", () => book.Figures().Parties.Select(party => Of(party.Name, party.QueuedBytes)), "By", "Payload bytes on their way to a party.");
        _state.CreateObservableGauge("fedlab.audit.entries", auditSize, unit: null, "Entries of the audit log.");
    }

    /// <summary>A message was passed on.</summary>
    public static void Forwarded(EnvelopeHeader header)
    {
        var kind = new KeyValuePair<string, object?>("class", header.Class.ToString().ToLowerInvariant());
        RelayedEnvelopes.Add(1, kind);
        Relayed.Add(header.Length, kind);
    }

    /// <summary>A message was refused.</summary>
    public static void Refused(string rule) => Refusals.Add(1, new KeyValuePair<string, object?>("rule", rule));

    public void Dispose() => _state.Dispose();

    private static Measurement<long> Of(string party, long value) => new(value, new KeyValuePair<string, object?>("party", party));
}
