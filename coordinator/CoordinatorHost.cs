using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using FedLab.Audit;
using FedLab.Coordinator.Auditing;
using FedLab.Coordinator.Configuration;
using FedLab.Coordinator.Containers;
using FedLab.Coordinator.Enrolment;
using FedLab.Coordinator.Runs;
using FedLab.Coordinator.Services;
using FedLab.Coordinator.State;
using FedLab.Federation.Remote;
using FedLab.Operation.Management;
using FedLab.Operation.Telemetry;
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
    private readonly IHostApplicationLifetime _lifetime;
    private readonly CoordinatorTelemetry _figures;
    private readonly TelemetryExport? _export;
    private readonly ManagementServer _management;
    private volatile bool _serves;
    private volatile bool _stopped;

    private CoordinatorHost(CoordinatorHome home, WebApplication application, AuditLog audit, ILabStore store, ManagementServer management)
    {
        (_home, _application, _audit, _store, _management) = (home, application, audit, store, management);
        _book = application.Services.GetRequiredService<RunBook>();
        _logger = application.Services.GetRequiredService<ILogger<CoordinatorHost>>();
        _lifetime = application.Lifetime;
        _figures = new CoordinatorTelemetry(_book, () => audit.Size);
        _export = TelemetryExport.Start(home.Options.Telemetry, "fedlab-coordinator", home.Options.Lab);
    }

    /// <summary>Where it listens, such as <c>https://127.0.0.1:7443</c>.</summary>
    public Uri Address { get; private set; } = new("https://127.0.0.1");

    /// <summary>Why it stopped by itself; null when it was asked to.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Opens a home folder and starts to serve.</summary>
    /// <param name="home">The home folder.</param>
    /// <param name="port">Overrides the configuration's port; 0 takes a free one.</param>
    /// <param name="settings">The command line's settings, each <c>field=value</c>.</param>
    /// <param name="tell">Shows a line to the person at the terminal: that it stands by, that it takes over.</param>
    /// <param name="time">Clock; the system's by default.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ConfigurationException">The folder or its configuration is wrong.</exception>
    /// <exception cref="Federation.Identity.KeyFileException">A key or certificate is wrong.</exception>
    /// <exception cref="AuditException">The audit log cannot be opened or written.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="PortException">The port cannot be listened on.</exception>
    public static async Task<CoordinatorHost> StartAsync(string home, int? port = null, IReadOnlyList<string>? settings = null, Action<string>? tell = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        time ??= TimeProvider.System;
        var opened = CoordinatorHome.Open(home, port, settings ?? [], time);
        ManagementServer? management = null;
        AuditLog? audit = null;
        SqlLabStore? store = null;
        WebApplication? application = null;
        CoordinatorHost? host = null;
        Exception? early = null;
        string[] starting = ["starting"];
        try
        {
            management = await ManagementServer.StartAsync(opened.Options.Management, () => host?.NotReady() ?? starting, cancellationToken).ConfigureAwait(false);
            // The state first: whoever holds it is the one coordinator that is at work, and only that one may open the audit log.
            store = await OpenStateAsync(opened, () => starting = StandBy(opened, tell), Failed, time, cancellationToken).ConfigureAwait(false);
            if (starting is not ["starting"])
            {
                tell?.Invoke(Messages.TakesOver(opened.Options.Lab));
                // The other one may have changed the home in the meantime.
                opened.Dispose();
                opened = CoordinatorHome.Open(home, port, settings ?? [], time);
                starting = ["starting"];
            }
            audit = await AuditLog.OpenAsync(opened.AuditFolder, opened.Options.Lab, opened.LogKey, time, cancellationToken).ConfigureAwait(false);
            RequireHead(opened, store, audit);
            application = Build(opened, store, new LabJournal(audit, Failed), Failed, time);
            host = new CoordinatorHost(opened, application, audit, store, management);
            var desk = application.Services.GetRequiredService<EnrolmentDesk>();
            desk.Open();
            desk.RenewOwn();
            await host.ListenAsync(cancellationToken).ConfigureAwait(false);
            if ((early ?? host.Failure) is { } failure) ExceptionDispatchInfo.Throw(failure);
            return host;
        }
        catch
        {
            if (host is not null) await host.CloseOperationAsync().ConfigureAwait(false);
            else if (management is not null) await management.DisposeAsync().ConfigureAwait(false);
            if (application is not null) await application.DisposeAsync().ConfigureAwait(false);
            if (audit is not null) await audit.DisposeAsync().ConfigureAwait(false);
            store?.Dispose();
            opened.Dispose();
            // A start that broke off because something failed behind it says what that was.
            if ((early ?? host?.Failure) is { } cause) ExceptionDispatchInfo.Throw(cause);
            throw;
        }

        void Failed(Exception e)
        {
            if (host is null) early ??= e;
            else host.Fail(e);
        }
    }

    private static async Task<SqlLabStore> OpenStateAsync(CoordinatorHome home, Action waits, Action<Exception> failed, TimeProvider time, CancellationToken cancellationToken)
    {
        if (home.Options.State.Postgres is not { } postgres) return SqliteLabStore.Open(home.StatePath, failed);
        var access = postgres.ToAccess("state.postgres", home.Folder, Path.Combine(home.Folder, CoordinatorHome.ConfigurationFileName));
        return await PostgresLabStore.OpenAsync(access, home.Options.Lab, waits, failed, time, cancellationToken).ConfigureAwait(false);
    }

    private static string[] StandBy(CoordinatorHome home, Action<string>? tell)
    {
        tell?.Invoke(Messages.StandsBy(home.Options.Lab));
        return ["another coordinator is at work"];
    }

    /// <summary>What was signed before must be in the log: a coordinator on another folder would tell the participants another history.</summary>
    private static void RequireHead(CoordinatorHome home, SqlLabStore store, AuditLog audit)
    {
        if (store.Head(home.Options.Lab) is not { } head) return;
        if (audit.Size >= head.Size && audit.RootAt(head.Size).ToArray().AsSpan().SequenceEqual(head.Root)) return;
        throw new LabStoreException(Messages.LogNotShared(home.AuditFolder, audit.Size, head.Size));
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
        SetHealth(HealthCheckResponse.Types.ServingStatus.NotServing);
        _book.CloseSessions();
        using var patience = new CancellationTokenSource(StopPatience);
        await _application.StopAsync(patience.Token).ConfigureAwait(false);
        await _book.FinishAsync(patience.Token).ConfigureAwait(false);
        await CloseOperationAsync().ConfigureAwait(false);
        _book.Dispose();
        await _application.DisposeAsync().ConfigureAwait(false);
        // A signed head over everything that happened; the participants cosign the next one. A log that could not be written has none.
        if (Failure is null)
        {
            var head = (await _audit.CreateCheckpointAsync(CancellationToken.None).ConfigureAwait(false)).Checkpoint;
            _store.PutHead(_home.Options.Lab, head.Size, head.Root.ToArray());
        }
        await _audit.DisposeAsync().ConfigureAwait(false);
        _store.Dispose();
        _home.Dispose();
    }

    private static WebApplication Build(CoordinatorHome home, ILabStore store, LabJournal journal, Action<Exception> failed, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = home.Folder, Args = [] });
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(home.Options.Level);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Grpc", LogLevel.Warning);
        builder.Logging.Services.AddSingleton<ILoggerProvider>(_ => new JsonLinesLoggerProvider(home.LogPath, time, e => failed(new IOException(Messages.LogUnwritable(home.LogPath, e.Message), e))));
        if (home.Options.LogConsole) builder.Logging.AddJsonConsole();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopPatience);
        builder.Services.AddSingleton(home);
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton(journal);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<CheckpointKeeper>();
        builder.Services.AddSingleton<ModelShelf>();
        builder.Services.AddSingleton<PartyRoster>();
        builder.Services.AddSingleton<RunBook>();
        builder.Services.AddSingleton<EnrolmentDesk>();
        builder.Services.AddSingleton<StrangerGate>();
        builder.Services.AddHostedService<OwnRenewal>();
        builder.Services.AddSingleton<LabService>();
        builder.Services.AddSingleton<AdmissionService>();
        builder.Services.AddSingleton<ProjectService>();
        builder.Services.AddSingleton<HealthServiceImpl>();
        builder.Services.AddContainers(home);
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
                var credential = new ServerCredential(home);
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(credential.Options()) });
            });
        });
        var application = builder.Build();
        application.UseMiddleware<AccessControl>();
        application.MapGrpcService<LabService>();
        application.MapGrpcService<AdmissionService>();
        application.MapGrpcService<ProjectService>();
        application.MapGrpcService<HealthServiceImpl>();
        application.MapGrpcService<ContainerService>();
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
        SetHealth(HealthCheckResponse.Types.ServingStatus.Serving);
        _serves = true;
        Log.Listening(_logger, _home.Options.Lab, address);
    }

    private void SetHealth(HealthCheckResponse.Types.ServingStatus status)
    {
        var health = _application.Services.GetRequiredService<HealthServiceImpl>();
        health.SetStatus("", status);
        health.SetStatus("fedlab.v1.Lab", status);
    }

    private string[] NotReady() => _stopped ? ["stopping"] : Failure is not null ? ["failed"] : _serves ? [] : ["starting"];

    private async Task CloseOperationAsync()
    {
        await _management.DisposeAsync().ConfigureAwait(false);
        _figures.Dispose();
        _export?.Dispose();
    }

    private void Fail(Exception e)
    {
        Failure ??= e;
        Log.BrokeDown(_logger, e.Message);
        // Not from here: who has failed may hold a lock that those wait for who are stopped, and they are stopped one caller after another.
        _ = Task.Run(_lifetime.StopApplication);
    }
}
