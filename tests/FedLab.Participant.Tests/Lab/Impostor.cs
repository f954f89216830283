using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FedLab.Participant.Tests.Lab;

/// <summary>A server that answers as a coordinator's admission does, with whatever certificates a test gives it, and keeps the tokens that it is sent.</summary>
internal sealed class Impostor : Admission.AdmissionBase, IAsyncDisposable
{
    private readonly X509Certificate2 _authority;
    private WebApplication? _application;

    private Impostor(X509Certificate2 authority) => _authority = authority;

    public Uri Address { get; private set; } = new("https://127.0.0.1");

    public ConcurrentQueue<byte[]> Tokens { get; } = new();

    public static async Task<Impostor> StartAsync(X509Certificate2 server, X509Certificate2 authority)
    {
        var impostor = new Impostor(authority);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(impostor);
        builder.Services.AddGrpc();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            // Unlike the coordinator, an impostor shows whatever it has.
            var options = new SslServerAuthenticationOptions { ServerCertificate = server, ApplicationProtocols = [SslApplicationProtocol.Http2] };
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(options) });
        }));
        var application = builder.Build();
        application.MapGrpcService<Impostor>();
        await application.StartAsync(TestContext.Current.CancellationToken);
        impostor.Address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        impostor._application = application;
        return impostor;
    }

    public override Task<GetAuthorityReply> GetAuthority(GetAuthorityRequest request, ServerCallContext context) => Task.FromResult(new GetAuthorityReply { Certificate = ByteString.CopyFrom(_authority.RawData) });

    public override Task<EnrolReply> Enrol(EnrolRequest request, ServerCallContext context)
    {
        Tokens.Enqueue(request.Secret.ToByteArray());
        return Task.FromResult(new EnrolReply { Certificate = ByteString.CopyFrom(_authority.RawData) });
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null) await _application.DisposeAsync();
    }
}
