using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using FedLab.Federation.Remote;
using FedLab.Federation.Scan.Workers;
using FedLab.Operation.Management;
using Grpc.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FedLab.Participant.Workers;

/// <summary>
/// A scan worker: listens for its institution's participants and computes for them. It reads nothing but its credential and writes
/// nothing, so any number of replicas can share one read-only folder.
/// </summary>
internal static class WorkerHost
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    /// <summary>Runs <c>participant --role worker</c>.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        WorkerArguments parsed;
        try
        {
            parsed = WorkerArguments.Parse(arguments);
        }
        catch (ConfigurationException e)
        {
            return TerminalProgram.Complain(e.Message, TerminalProgram.Usage);
        }
        if (parsed.Help)
        {
            Console.WriteLine(Messages.WorkerUsage);
            return TerminalProgram.Ok;
        }
        if (parsed.Home.Length == 0) return TerminalProgram.Complain(Messages.WorkerUsage, TerminalProgram.Usage);
        return await TerminalProgram.RunAsync(
            parsed.StopsWithInput,
            async stop =>
            {
                await ServeAsync(parsed, Console.WriteLine, stop).ConfigureAwait(false);
                return null;
            },
            _ => false).ConfigureAwait(false);
    }

    /// <summary>Serves until the token ends it.</summary>
    /// <param name="arguments">How it is started.</param>
    /// <param name="tell">Shows a line to the person at the terminal.</param>
    /// <param name="cancellationToken">Ends the worker.</param>
    /// <exception cref="Federation.Identity.KeyFileException">The credential is missing or wrong.</exception>
    /// <exception cref="ConfigurationException">The management port cannot be listened on.</exception>
    /// <exception cref="IOException">The port cannot be listened on.</exception>
    public static async Task ServeAsync(WorkerArguments arguments, Action<string> tell, CancellationToken cancellationToken)
    {
        using var credential = WorkerCredential.Load(Path.Combine(arguments.Home, "keys"));
        var listens = false;
        var told = arguments.Management is { } at ? new ManagementOptions { Listen = at.Address.ToString(), Port = at.Port } : new ManagementOptions();
        await using var management = await ManagementServer.StartAsync(told, () => listens ? [] : ["starting"], cancellationToken).ConfigureAwait(false);
        var application = Build(arguments, credential, tell);
        await using (application.ConfigureAwait(false))
        {
            try
            {
                await application.StartAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
            {
                throw new IOException(Messages.WorkerCannotListen(arguments.Listen.ToString(), (e.InnerException ?? e).Message), e);
            }
            var address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
            listens = true;
            tell(Messages.WorkerListens(address.Authority, arguments.Threads));
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                using var patience = new CancellationTokenSource(StopPatience);
                await application.StopAsync(patience.Token).ConfigureAwait(false);
            }
        }
    }

    private static WebApplication Build(WorkerArguments arguments, X509Certificate2 credential, Action<string> tell)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = arguments.Home, Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopPatience);
        builder.Services.AddSingleton(new ScanWorkerService(arguments.Threads, (long)arguments.MemoryMiB << 20, (peer, begins) => tell(begins ? Messages.WorkerServes(peer) : Messages.WorkerServed(peer))));
        builder.Services.AddLongSessions();
        builder.Services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = WorkerProtocol.MaximumMessageBytes;
            options.MaxSendMessageSize = WorkerProtocol.MaximumMessageBytes;
        });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.UseLongSessions();
            kestrel.AddServerHeader = false;
            kestrel.Listen(arguments.Listen, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = credential,
                    SslProtocols = SslProtocols.Tls13,
                    ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                    ClientCertificateValidation = (certificate, _, _) => WorkerCredential.Matches(credential, certificate),
                    CheckCertificateRevocation = false,
                });
            });
        });
        var application = builder.Build();
        application.MapGrpcService<ScanWorkerService>();
        return application;
    }
}
