using System.Diagnostics;
using System.Diagnostics.Metrics;
using FedLab.Federation.Channels;

namespace FedLab.Federation.Runs;

/// <summary>
/// The figures and traces of runs at a party, for the institution's own monitoring: names of parties, phases and steps, sizes and times.
/// Nothing of them leaves the institution unless it sends them somewhere itself.
/// </summary>
public static class RunTelemetry
{
    /// <summary>Name of the meter and of the activity source; those of programs begin with it.</summary>
    public const string Name = "FedLab";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Envelopes = Meter.CreateCounter<long>("fedlab.envelopes", unit: null, "Messages of runs at this party, by direction and class.");

    private static readonly Counter<long> EnvelopeBytes = Meter.CreateCounter<long>("fedlab.envelope.bytes", "By", "Payload bytes of runs at this party, by direction and class.");

    private static readonly Counter<long> Rounds = Meter.CreateCounter<long>("fedlab.rounds", unit: null, "Trees or iterations finished, by phase.");

    private static readonly Histogram<double> PhaseDuration = Meter.CreateHistogram<double>("fedlab.phase.duration", "s", "Time in a phase of a run.");

    private static readonly Histogram<double> ScanDuration = Meter.CreateHistogram<double>("fedlab.scan.duration", "s", "Time to answer one encrypted scan.");

    private static readonly ActivitySource Source = new(Name);

    /// <summary>Begins the trace of an attempt; what is done under it belongs to it.</summary>
    /// <param name="run">Identifier of the run.</param>
    /// <param name="attempt">Number of the attempt.</param>
    /// <param name="role">This party's role.</param>
    /// <returns>Null where nobody listens.</returns>
    public static Activity? Attempt(string run, int attempt, string role) =>
        Source.StartActivity("attempt")?.SetTag("fedlab.run", run).SetTag("fedlab.attempt", attempt).SetTag("fedlab.role", role);

    /// <summary>Begins the trace of an encrypted scan.</summary>
    /// <param name="tree">Number of the tree.</param>
    /// <param name="nodes">Number of nodes.</param>
    internal static ScanTrace Scan(int tree, int nodes) => new(Source.StartActivity("scan")?.SetTag("fedlab.tree", tree).SetTag("fedlab.nodes", nodes));

    /// <summary>Begins the trace of a phase of an attempt.</summary>
    internal static Activity? Phase(string phase, ActivityContext attempt) => Source.StartActivity("phase " + phase, ActivityKind.Internal, attempt);

    internal static void PhaseEnded(string phase, double seconds) => PhaseDuration.Record(seconds, new KeyValuePair<string, object?>("phase", phase));

    internal static void RoundsDone(string phase, int count)
    {
        if (count > 0) Rounds.Add(count, new KeyValuePair<string, object?>("phase", phase));
    }

    internal static void Sent(MessageClass kind, long bytes) => Count("sent", kind, bytes);

    internal static void Received(MessageClass kind, long bytes) => Count("received", kind, bytes);

    private static void Count(string direction, MessageClass kind, long bytes)
    {
        if (!Envelopes.Enabled && !EnvelopeBytes.Enabled) return;
        var tags = new TagList { { "direction", direction }, { "class", NameOf(kind) } };
        Envelopes.Add(1, tags);
        EnvelopeBytes.Add(bytes, tags);
    }

    private static string NameOf(MessageClass kind) => kind switch
    {
        MessageClass.Public => "public",
        MessageClass.Ciphertext => "ciphertext",
        _ => "sealed",
    };

    /// <summary>One scan under way.</summary>
    internal readonly struct ScanTrace(Activity? activity) : IDisposable
    {
        private readonly long _started = Stopwatch.GetTimestamp();

        public void Dispose()
        {
            ScanDuration.Record(Stopwatch.GetElapsedTime(_started).TotalSeconds);
            activity?.Dispose();
        }
    }
}
