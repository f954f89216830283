using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using FedLab.Federation.Remote;
using FedLab.Operation.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace FedLab.Operation.Management;

/// <summary>
/// The management port of a program: <c>/healthz</c> (it runs), <c>/readyz</c> (it can do its work; otherwise 503 and why not) and
/// <c>/metrics</c> (the figures in Prometheus' text form). It says nothing that a log does not, and nothing at all where no port is configured.
/// </summary>
public sealed class ManagementServer : IAsyncDisposable
{
    private const int LargestRequestBytes = 1024;

    private readonly WebApplication? _application;
    private readonly MetricsText? _metrics;

    private ManagementServer(WebApplication? application, MetricsText? metrics) => (_application, _metrics) = (application, metrics);

    /// <summary>Starts to serve.</summary>
    /// <param name="options">Address and port.</param>
    /// <param name="notReady">Why the program cannot do its work now, a word or a sentence each; empty when it can.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The server; one that serves nothing when the configuration has no port.</returns>
    /// <exception cref="ConfigurationException">The port cannot be listened on.</exception>
    public static async Task<ManagementServer> StartAsync(ManagementOptions options, Func<IReadOnlyList<string>> notReady, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(notReady);
        if (options.Port == 0) return new ManagementServer(application: null, metrics: null);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, Args = [] });
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestRequestBytes;
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.Listen(IPAddress.Parse(options.Listen), options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var application = builder.Build();
        var metrics = new MetricsText();
        application.MapGet("/healthz", static context => AnswerAsync(context, StatusCodes.Status200OK, "healthy", []));
        application.MapGet("/readyz", context => notReady() is { Count: > 0 } reasons
            ? AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "not-ready", reasons)
            : AnswerAsync(context, StatusCodes.Status200OK, "ready", []));
        application.MapGet("/metrics", context =>
        {
            context.Response.ContentType = MetricsText.ContentType;
            return context.Response.WriteAsync(metrics.Write(), context.RequestAborted);
        });
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
            return new ManagementServer(application, metrics);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            metrics.Dispose();
            await application.DisposeAsync().ConfigureAwait(false);
            throw new ConfigurationException(Messages.CannotListen(options.Listen, options.Port, (e.InnerException ?? e).Message), e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_application is null) return;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(patience.Token).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        _metrics?.Dispose();
    }

    private static Task AnswerAsync(HttpContext context, int code, string status, IReadOnlyList<string> reasons)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new { status, reasons }), context.RequestAborted).AsTask();
    }
}
