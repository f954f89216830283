using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Security.Authentication;
using FedLab.Audit;
using FedLab.Coordinator.Auditing;
using FedLab.Coordinator.Configuration;
using FedLab.Coordinator.Runs;
using FedLab.Coordinator.Services;
using FedLab.Coordinator.State;
using FedLab.Federation.Remote;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Grpc.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace FedLab.Coordinator;

/// <summary>The port cannot be listened on; the message is one sentence for people.</summary>
public sealed class PortException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>A running coordinator: home folder, state, audit log and the service on its port.</summary>
public sealed class CoordinatorHost : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(8);

    private readonly CoordinatorHome _home;
    private readonly WebApplication _application;
    private readonly AuditLog _audit;
    private readonly ILabStore _store;
    private readonly RunBook _book;
    private readonly ILogger _logger;
    private bool _stopped;

    private CoordinatorHost(CoordinatorHome home, WebApplication application, AuditLog audit, ILabStore store)
    {
        (_home, _application, _audit, _store) = (home, application, audit, store);
        _book = application.Services.GetRequiredService<RunBook>();
        _logger = application.Services.GetRequiredService<ILogger<CoordinatorHost>>();
    }

    /// <summary>Where it listens, such as <c>https://127.0.0.1:7443</c>.</summary>
    public Uri Address { get; private set; } = new("https://127.0.0.1");

    /// <summary>Why it stopped by itself; null when it was asked to.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Opens a home folder and starts to serve.</summary>
    /// <param name="home">The home folder.</param>
    /// <param name="port">Overrides the configuration's port; 0 takes a free one.</param>
    /// <param name="time">Clock; the system's by default.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ConfigurationException">The folder or its configuration is wrong.</exception>
    /// <exception cref="Federation.Identity.KeyFileException">A key or certificate is wrong.</exception>
    /// <exception cref="AuditException">The audit log cannot be opened or written.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="PortException">The port cannot be listened on.</exception>
    public static async Task<CoordinatorHost> StartAsync(string home, int? port = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        time ??= TimeProvider.System;
        var opened = CoordinatorHome.Open(home, port, time);
        AuditLog? audit = null;
        SqliteLabStore? store = null;
        WebApplication? application = null;
        try
        {
            audit = await AuditLog.OpenAsync(opened.AuditFolder, opened.Options.Lab, opened.LogKey, time, cancellationToken).ConfigureAwait(false);
            CoordinatorHost? host = null;
            Exception? early = null;
            void Failed(Exception e)
            {
                if (host is null) early ??= e;
                else host.Fail(e);
            }
            store = SqliteLabStore.Open(opened.StatePath, Failed);
            var journal = new LabJournal(audit, Failed);
            application = Build(opened, store, journal, Failed, time);
            host = new CoordinatorHost(opened, application, audit, store);
            if (audit.Size == 0) journal.Append(AuditEvent.LabConfigured(opened.Options.Lab, Sha256Hash.Of(opened.Authority.RawData), Quorum(opened.Options.Parties.Count)));
            await host.ListenAsync(cancellationToken).ConfigureAwait(false);
            if ((early ?? host.Failure) is { } failure) ExceptionDispatchInfo.Throw(failure);
            return host;
        }
        catch
        {
            if (application is not null) await application.DisposeAsync().ConfigureAwait(false);
            if (audit is not null) await audit.DisposeAsync().ConfigureAwait(false);
            store?.Dispose();
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the service has stopped, because it was asked to or because it failed (<see cref="Failure"/>).</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitForStopAsync(CancellationToken cancellationToken = default) => _application.WaitForShutdownAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stopped) return;
        _stopped = true;
        Log.Stopping(_logger);
        _book.CloseSessions();
        using var patience = new CancellationTokenSource(StopPatience);
        await _application.StopAsync(patience.Token).ConfigureAwait(false);
        _book.Dispose();
        await _application.DisposeAsync().ConfigureAwait(false);
        await _audit.DisposeAsync().ConfigureAwait(false);
        _store.Dispose();
        _home.Dispose();
    }

    /// <summary>More than half of the parties: two different histories cannot both find as many cosigners.</summary>
    private static int Quorum(int parties) => (parties / 2) + 1;

    private static WebApplication Build(CoordinatorHome home, ILabStore store, LabJournal journal, Action<Exception> failed, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = home.Folder, Args = [] });
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(home.Options.Level);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Grpc", LogLevel.Warning);
        builder.Logging.Services.AddSingleton<ILoggerProvider>(_ => new JsonLinesLoggerProvider(home.LogPath, time, e => failed(new IOException(Messages.LogUnwritable(home.LogPath, e.Message), e))));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopPatience);
        builder.Services.AddSingleton(home);
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton(journal);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<CheckpointKeeper>();
        builder.Services.AddSingleton<ModelShelf>();
        builder.Services.AddSingleton<RunBook>();
        builder.Services.AddSingleton<LabService>();
        builder.Services.AddSingleton<HealthServiceImpl>();
        builder.Services.AddLongSessions();
        builder.Services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = LabProtocol.MaximumMessageBytes;
            options.MaxSendMessageSize = LabProtocol.MaximumMessageBytes;
        });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.UseLongSessions();
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Parse(home.Options.Listen), home.Options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = home.Certificate,
                    SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                    ClientCertificateValidation = (_, _, _) => true, // AccessControl judges it and says why it is refused
                    CheckCertificateRevocation = false,
                });
            });
        });
        var application = builder.Build();
        application.UseMiddleware<AccessControl>();
        application.MapGrpcService<LabService>();
        application.MapGrpcService<HealthServiceImpl>();
        return application;
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            throw new PortException(Messages.CannotListen(_home.Options.Listen, _home.Options.Port, (e.InnerException ?? e).Message), e);
        }
        var address = _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Address = new Uri(address);
        var health = _application.Services.GetRequiredService<HealthServiceImpl>();
        health.SetStatus("", HealthCheckResponse.Types.ServingStatus.Serving);
        health.SetStatus("fedlab.v1.Lab", HealthCheckResponse.Types.ServingStatus.Serving);
        Log.Listening(_logger, _home.Options.Lab, address);
    }

    private void Fail(Exception e)
    {
        Failure ??= e;
        Log.BrokeDown(_logger, e.Message);
        _application.Lifetime.StopApplication();
    }
}
