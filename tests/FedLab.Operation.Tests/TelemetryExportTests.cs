using System.Collections.Concurrent;
using System.Net;
using System.Text;
using FedLab.Federation.Runs;
using FedLab.Operation.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FedLab.Operation.Tests;

public sealed class TelemetryExportTests
{
    [Fact]
    public async Task Metrics_and_traces_reach_a_collector_and_name_the_program()
    {
        var received = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var collector = builder.Build();
        collector.MapPost("/{**path}", async (HttpContext context, string path) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.AddOrUpdate(path, Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);

        using (var export = TelemetryExport.Start(new TelemetryOptions { Endpoint = collector.Urls.Single(), Protocol = "http" }, "fedlab-test", "bank-a")!)
        {
            export.Patience = TimeSpan.FromMinutes(1); // the first message of a process on a busy machine
            using (RunTelemetry.Attempt("run-1", 1, "Active"))
            {
                RunTelemetry.Scan(0, 4).Dispose();
            }
        }

        var metrics = received["v1/metrics"];
        Assert.Contains("fedlab.scan.duration", metrics, StringComparison.Ordinal);
        foreach (var part in (string[])["fedlab-test", "bank-a"]) Assert.Contains(part, metrics, StringComparison.Ordinal);
        foreach (var part in (string[])["attempt", "scan", "run-1", "fedlab.nodes"]) Assert.Contains(part, received["v1/traces"], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_collector_nothing_is_sent() => Assert.Null(TelemetryExport.Start(new TelemetryOptions(), "fedlab-test", "bank-a"));
}
