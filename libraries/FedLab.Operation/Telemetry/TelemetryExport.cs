using FedLab.Federation.Remote;
using FedLab.Federation.Runs;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FedLab.Operation.Telemetry;

/// <summary>Sends a program's metrics and traces to a collector by OpenTelemetry's protocol, from the institution to its own collector.</summary>
public sealed class TelemetryExport : IDisposable
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>What the framework tells by itself: HTTP and TLS of server and client.</summary>
    private static readonly string[] FrameworkMeters = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

    private readonly MeterProvider _meters;
    private readonly TracerProvider _tracers;

    private TelemetryExport(MeterProvider meters, TracerProvider tracers) => (_meters, _tracers) = (meters, tracers);

    /// <summary>Starts to send.</summary>
    /// <param name="options">Where to.</param>
    /// <param name="service">What the program is, such as <c>fedlab-participant</c>.</param>
    /// <param name="instance">Its name in the lab.</param>
    /// <returns>Null when neither the configuration nor the environment names a collector.</returns>
    public static TelemetryExport? Start(TelemetryOptions options, string service, string instance)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Endpoint is null && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(EndpointVariable))) return null;
        var resource = ResourceBuilder.CreateDefault().AddService(service, serviceVersion: LabProtocol.SoftwareVersion, serviceInstanceId: instance);
        var meters = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(RunTelemetry.Name + "*").AddMeter(FrameworkMeters).AddOtlpExporter(exporter => Configure(exporter, "v1/metrics")).Build();
        var tracers = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(RunTelemetry.Name + "*").AddOtlpExporter(exporter => Configure(exporter, "v1/traces")).Build();
        return new TelemetryExport(meters, tracers);

        void Configure(OtlpExporterOptions exporter, string path)
        {
            if (options.Protocol is not null) exporter.Protocol = options.Protocol == "http" ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
            if (options.Endpoint is null) return;
            // An address that is set by program is taken as it is; the environment's is not, so that both mean the same here.
            exporter.Endpoint = exporter.Protocol == OtlpExportProtocol.HttpProtobuf ? new Uri(new Uri(options.Endpoint.TrimEnd('/') + "/"), path) : new Uri(options.Endpoint);
        }
    }

    /// <summary>How long the end may send what is left of each kind.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Sends what is left, for two seconds at most, and ends.</summary>
    public void Dispose()
    {
        var patience = (int)Patience.TotalMilliseconds;
        _meters.Shutdown(patience);
        _tracers.Shutdown(patience);
        _meters.Dispose();
        _tracers.Dispose();
    }
}
