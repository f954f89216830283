using System.Net;
using System.Net.Security;
using Grpc.AspNetCore.Server;
using Grpc.Net.Client;
using Grpc.Tests.Trial;
using Grpc.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grpc.Tests.Support;

/// <summary>A server on a loopback port that the operating system chose, over HTTP/2 without TLS or over mutual TLS.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Authority? _authority;
    private readonly List<IDisposable> _owned = [];

    private TestServer(WebApplication app, Authority? authority, RecordingLoggerProvider log)
    {
        _app = app;
        _authority = authority;
        Log = log;
        Address = new Uri(app.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
    }

    public Uri Address { get; }

    public RecordingLoggerProvider Log { get; }

    /// <summary>Starts a server with the notes service and whatever a test adds.</summary>
    public static async Task<TestServer> StartAsync(
        NotesService? service = null,
        bool tls = false,
        int port = 0,
        Action<GrpcServiceOptions>? options = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null,
        Authority? authority = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var log = new RecordingLoggerProvider();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddProvider(log);
        if (tls) authority ??= new Authority();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.UseLongSessions().Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (!tls) return;
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = authority!.IssueServer(),
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (certificate, _, _) => authority.AcceptsClient(certificate),
            });
        }));
        builder.Services.AddLongSessions();
        builder.Services.AddGrpc(options ?? (_ => { }));
        builder.Services.AddSingleton(service ?? new NotesService());
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        build?.Invoke(builder);
        var app = builder.Build();
        if (map is null) app.MapGrpcService<NotesService>();
        else map(app);
        await app.StartAsync();
        return new TestServer(app, authority, log);
    }

    /// <summary>A handler that trusts the server's authority and presents a certificate of it, or of another.</summary>
    public SocketsHttpHandler CreateHandler(string name = "bank-a", string? dnsName = null, Authority? issuer = null)
    {
        var handler = LongSessions.CreateHandler();
        handler.UseProxy = false;
        if (_authority is not null)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [(issuer ?? _authority).IssueClient(name, dnsName)],
                CertificateChainPolicy = _authority.ServerPolicy(),
            };
        }
        return handler;
    }

    public GrpcChannel Connect(Action<GrpcChannelOptions>? configure = null, SocketsHttpHandler? handler = null, Uri? address = null)
    {
        var options = new GrpcChannelOptions { HttpHandler = handler ?? CreateHandler(), DisposeHttpClient = true };
        configure?.Invoke(options);
        var channel = GrpcChannel.ForAddress(address ?? Address, options);
        _owned.Add(channel);
        return channel;
    }

    public Notes.NotesClient Client(Action<GrpcChannelOptions>? configure = null) => new(Connect(configure));

    /// <summary>Stops the server without waiting for its calls.</summary>
    public async Task KillAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // That is the point.
        }
        await _app.DisposeAsync();
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _owned) channel.Dispose();
        await _app.DisposeAsync();
    }
}
