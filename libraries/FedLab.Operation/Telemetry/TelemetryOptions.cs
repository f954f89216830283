using FedLab.Federation.Remote;

namespace FedLab.Operation.Telemetry;

/// <summary>The section <c>telemetry</c> of a configuration: where metrics and traces go. They hold names, steps, sizes and times, no data of any party.</summary>
public sealed record TelemetryOptions
{
    /// <summary>The collector, such as <c>http://localhost:4317</c>; null: the environment's OTEL_EXPORTER_OTLP_ENDPOINT, and without it nowhere.</summary>
    public string? Endpoint { get; init; }

    /// <summary>grpc or http; null: grpc.</summary>
    public string? Protocol { get; init; }

    /// <summary>Checks every field.</summary>
    /// <param name="invalid">Makes the error for a field and what is wrong with it.</param>
    public void Check(Func<string, string, ConfigurationException> invalid)
    {
        ArgumentNullException.ThrowIfNull(invalid);
        if (Endpoint is not null && (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))) throw invalid("telemetry.endpoint", Messages.MustBeEndpoint(Endpoint));
        if (Protocol is not (null or "grpc" or "http")) throw invalid("telemetry.protocol", Messages.MustBeOneOf(Protocol, "grpc, http"));
    }
}
