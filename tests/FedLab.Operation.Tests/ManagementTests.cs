using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using FedLab.Federation.Remote;
using FedLab.Operation.Management;

namespace FedLab.Operation.Tests;

public sealed class ManagementTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_is_always_readiness_only_while_nothing_stands_against_it()
    {
        string[] reasons = ["not connected"];
        using var held = new HeldPort();
        var port = held.Number;
        await using var server = await ManagementServer.StartAsync(new ManagementOptions { Port = port }, () => reasons, Cancellation);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/healthz", Cancellation)).StatusCode);
        using (var waiting = await client.GetAsync("/readyz", Cancellation))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, waiting.StatusCode);
            using var said = JsonDocument.Parse(await waiting.Content.ReadAsStringAsync(Cancellation));
            Assert.Equal(("not-ready", "not connected"), (said.RootElement.GetProperty("status").GetString(), said.RootElement.GetProperty("reasons")[0].GetString()));
        }

        reasons = [];
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/readyz", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsync("/healthz", null, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Figures_are_told_as_prometheus_reads_them()
    {
        using var held = new HeldPort();
        var port = held.Number;
        await using var server = await ManagementServer.StartAsync(new ManagementOptions { Port = port }, () => [], Cancellation);
        using var meter = new Meter("FedLab.Test");
        var connected = new List<string> { "a\"b\\c\nd", "left" };
        var bytes = meter.CreateCounter<long>("fedlab.test.bytes", "By", "Bytes.");
        var seconds = meter.CreateHistogram<double>("fedlab.test.duration", "s", "Durations.");
        meter.CreateObservableGauge("fedlab.test.connected", () => connected.Select(name => new Measurement<int>(1, new KeyValuePair<string, object?>("party", name))), null, "Who is there.");
        bytes.Add(3, new KeyValuePair<string, object?>("class", "sealed"));
        bytes.Add(4, new KeyValuePair<string, object?>("class", "sealed"));
        seconds.Record(0.3);
        seconds.Record(100);
        using var other = new Meter("Other");
        other.CreateCounter<long>("other").Add(1);

        using var client = new HttpClient();
        var text = await client.GetStringAsync($"http://127.0.0.1:{port}/metrics", Cancellation);
        foreach (var line in (string[])[
            "# TYPE fedlab_test_bytes_total counter", "fedlab_test_bytes_total{class=\"sealed\"} 7",
            "# TYPE fedlab_test_duration_seconds histogram", "fedlab_test_duration_seconds_bucket{le=\"0.25\"} 0", "fedlab_test_duration_seconds_bucket{le=\"0.5\"} 1",
            "fedlab_test_duration_seconds_bucket{le=\"+Inf\"} 2", "fedlab_test_duration_seconds_sum 100.3", "fedlab_test_duration_seconds_count 2",
            "# TYPE fedlab_test_connected gauge", "fedlab_test_connected{party=\"a\\\"b\\\\c\\nd\"} 1", "fedlab_test_connected{party=\"left\"} 1"])
            Assert.Contains(line, text.Split('\n'));
        Assert.DoesNotContain("other", text, StringComparison.Ordinal);

        connected.RemoveAt(1);
        Assert.DoesNotContain("left", await client.GetStringAsync($"http://127.0.0.1:{port}/metrics", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_a_sentence_and_no_port_is_no_server()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => ManagementServer.StartAsync(new ManagementOptions { Port = port }, () => [], Cancellation));
        Assert.Contains("management.port", error.Message, StringComparison.Ordinal);
        await using var none = await ManagementServer.StartAsync(new ManagementOptions(), () => [], Cancellation);
    }
}
