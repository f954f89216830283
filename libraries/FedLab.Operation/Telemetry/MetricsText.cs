using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using FedLab.Federation.Runs;

namespace FedLab.Operation.Telemetry;

/// <summary>
/// Collects the program's own instruments and writes them in Prometheus' text form (exposition formats, version 0.0.4). Counters get the
/// suffix _total, histograms count, sum and buckets, and units are written out, as Prometheus' naming asks.
/// </summary>
internal sealed class MetricsText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Upper bounds of a histogram's buckets, in seconds: a scan of milliseconds to a phase of hours.</summary>
    private static readonly double[] Bounds = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

    private readonly Lock _writing = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public MetricsText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith(RunTelemetry.Name, StringComparison.Ordinal)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All figures as they are now.</summary>
    public string Write()
    {
        // One at a time: another reader would forget what this one has observed before it is written.
        lock (_writing) return ObserveAndWrite();
    }

    public void Dispose() => _listener.Dispose();

    private string ObserveAndWrite()
    {
        lock (_gate)
        {
            // What is observed is what there is now: a party that left has no figure any more.
            foreach (var family in _families.Values) family.Forget();
        }

        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        lock (_gate)
        {
            foreach (var (name, family) in _families) family.Write(name, text);
        }

        return text.ToString();
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels(tags);
        var name = NameOf(instrument);
        lock (_gate)
        {
            if (!_families.TryGetValue(name, out var family)) _families.Add(name, family = new Family(instrument));
            family.Record(labels, value);
        }
    }

    private static string NameOf(Instrument instrument)
    {
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        var name = instrument.Name.Replace('.', '_');
        if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
        return instrument is Counter<long> or Counter<double> or ObservableCounter<long> ? name + "_total" : name;
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0) return "";
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name.Replace('.', '_')).Append("=\"");
            foreach (var c in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
            {
                text.Append(c switch { '\\' => "\\\\", '"' => "\\\"", '\n' => "\\n", _ => c.ToString() });
            }

            text.Append('"');
        }

        return text.ToString();
    }

    /// <summary>The values of one instrument by their labels.</summary>
    private sealed class Family(Instrument instrument)
    {
        private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);

        private readonly string _type = instrument switch
        {
            Histogram<double> or Histogram<long> => "histogram",
            Counter<long> or Counter<double> or ObservableCounter<long> => "counter",
            _ => "gauge",
        };

        private bool Adds => instrument is Counter<long> or Counter<double> or UpDownCounter<long> or UpDownCounter<int>;

        public void Forget()
        {
            if (instrument.IsObservable) _series.Clear();
        }

        public void Record(string labels, double value)
        {
            if (!_series.TryGetValue(labels, out var series)) _series.Add(labels, series = new Series());
            if (_type == "histogram")
            {
                series.Buckets ??= new long[Bounds.Length];
                for (var i = 0; i < Bounds.Length; i++) series.Buckets[i] += value <= Bounds[i] ? 1 : 0;
                series.Count++;
                series.Value += value;
            }
            else
            {
                series.Value = Adds ? series.Value + value : value;
            }
        }

        public void Write(string name, StringBuilder text)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description}\n# TYPE {name} {_type}\n");
            foreach (var (labels, series) in _series)
            {
                var all = labels.Length == 0 ? "" : $"{{{labels}}}";
                if (series.Buckets is not { } buckets)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}{all} {series.Value:R}\n");
                    continue;
                }

                var before = labels.Length == 0 ? "" : labels + ",";
                for (var i = 0; i < Bounds.Length; i++) text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"{Bounds[i]}\"}} {buckets[i]}\n");
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"+Inf\"}} {series.Count}\n{name}_sum{all} {series.Value:R}\n{name}_count{all} {series.Count}\n");
            }
        }
    }

    private sealed class Series
    {
        public double Value { get; set; }

        public long Count { get; set; }

        public long[]? Buckets { get; set; }
    }
}
