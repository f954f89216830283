using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grpc.Tests;

public sealed class ConnectionTests
{
    [Fact]
    public async Task A_server_that_dies_in_a_stream_is_unavailable_and_the_channel_works_when_it_is_back()
    {
        using var port = new HeldPort();
        var server = await TestServer.StartAsync(port: port.Number);
        await using var clientSide = await TestServer.StartAsync(); // only lends its handler
        var channel = clientSide.Connect(address: server.Address);
        var client = new Notes.NotesClient(channel);
        using (var talk = client.Talk())
        {
            await Wait.For(talk.RequestStream.WriteAsync(new Note()));
            Assert.True(await Wait.For(talk.ResponseStream.MoveNext()));
            var reading = talk.ResponseStream.MoveNext();
            await server.KillAsync();
            Assert.Equal(StatusCode.Unavailable, (await Wait.Failure(() => reading)).StatusCode);
            Assert.Equal(StatusCode.Unavailable, (await Wait.Failure(() => talk.RequestStream.WriteAsync(new Note()))).StatusCode);
        }
        Assert.Equal(StatusCode.Unavailable, (await Wait.Failure(() => client.SingleAsync(new Note()).ResponseAsync)).StatusCode);
        using (var collect = client.Collect())
        {
            Assert.Equal(StatusCode.Unavailable, (await Wait.Failure(() => collect.RequestStream.WriteAsync(new Note()))).StatusCode);
        }
        await using var again = await TestServer.StartAsync(port: port.Number);
        Assert.Equal(5u, (await Wait.For(client.SingleAsync(new Note { Number = 5 }).ResponseAsync)).Number);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    public async Task A_connection_that_is_cut_is_unavailable_in_reads_and_writes(string where)
    {
        await using var server = await TestServer.StartAsync();
        await using var proxy = new TcpProxy(server.Address.Port);
        var client = new Notes.NotesClient(server.Connect(address: proxy.Address));
        using var talk = client.Talk();
        await Wait.For(talk.RequestStream.WriteAsync(new Note()));
        Assert.True(await Wait.For(talk.ResponseStream.MoveNext()));
        RpcException failure;
        if (where == "read")
        {
            var reading = talk.ResponseStream.MoveNext();
            proxy.Cut();
            failure = await Wait.Failure(() => reading);
        }
        else
        {
            proxy.Cut();
            failure = await Wait.Failure(async () =>
            {
                while (true) await talk.RequestStream.WriteAsync(new Note { Payload = ByteString.CopyFrom(new byte[1000]) });
            });
        }
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Equal(4u, (await Wait.For(client.SingleAsync(new Note { Number = 4 }).ResponseAsync)).Number);
    }

    [Fact]
    public async Task A_silent_network_is_noticed_by_pings_and_ends_the_call_as_unavailable()
    {
        await using var server = await TestServer.StartAsync();
        await using var proxy = new TcpProxy(server.Address.Port);
        var handler = server.CreateHandler();
        handler.KeepAlivePingDelay = TimeSpan.FromSeconds(1);
        handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(10); // a busy machine answers late
        var client = new Notes.NotesClient(server.Connect(handler: handler, address: proxy.Address));
        using var talk = client.Talk();
        await Wait.For(talk.ResponseHeadersAsync);
        proxy.Freeze();
        Assert.Equal(StatusCode.Unavailable, (await Wait.Failure(() => talk.ResponseStream.MoveNext())).StatusCode);
        proxy.Thaw();
        Assert.Equal(6u, (await Wait.For(client.SingleAsync(new Note { Number = 6 }).ResponseAsync)).Number);
    }

    [Fact]
    public async Task A_stream_may_be_idle_longer_than_kestrel_waits_for_request_bodies()
    {
        var patience = TimeSpan.FromSeconds(2);
        await using var server = await TestServer.StartAsync(build: b => b.WebHost.ConfigureKestrel(k => k.Limits.MinRequestBodyDataRate = new MinDataRate(240, patience)));
        using var talk = server.Client().Talk();
        await Wait.For(talk.ResponseHeadersAsync);
        await Task.Delay(3 * patience);
        await Wait.For(talk.RequestStream.WriteAsync(new Note { Number = 2 }));
        Assert.True(await Wait.For(talk.ResponseStream.MoveNext()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_the_server_refused_unprocessed_is_repeated_unless_a_request_is_lost(bool afterRequest)
    {
        var tries = 0;
        var reopened = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(map: app => app.MapPost("/fedlab.trial.Notes/{method}", async context =>
        {
            if (Interlocked.Increment(ref tries) == 1)
            {
                if (afterRequest) await context.Request.Body.ReadExactlyAsync(new byte[1]);
                context.Features.Get<IHttpResetFeature>()!.Reset(0x7); // REFUSED_STREAM
                return;
            }
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.FlushAsync();
            reopened.TrySetResult();
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            await context.Response.Body.WriteAsync(body.ToArray());
            context.Response.AppendTrailer("grpc-status", "0");
        }));
        var client = server.Client();
        using var collect = client.Collect();
        if (afterRequest)
        {
            await Wait.Failure(async () =>
            {
                while (true) await collect.RequestStream.WriteAsync(new Note { Number = 3 });
            });
            Assert.Equal(StatusCode.Unavailable, (await Wait.Failure(() => collect.ResponseAsync)).StatusCode);
        }
        else
        {
            await Wait.For(reopened.Task);
            await Wait.For(collect.RequestStream.WriteAsync(new Note { Number = 3 }));
            await collect.RequestStream.CompleteAsync();
            Assert.Equal(3u, (await Wait.For(collect.ResponseAsync)).Number);
        }
        Interlocked.Exchange(ref tries, 0);
        Assert.Equal(4u, (await Wait.For(client.SingleAsync(new Note { Number = 4 }).ResponseAsync)).Number);
    }

    [Fact]
    public async Task The_handler_of_a_connection_that_is_cut_hears_of_it()
    {
        var heard = new TaskCompletionSource<bool>();
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnTalk = async (requests, responses, context) =>
            {
                await responses.WriteAsync(new Note());
                try
                {
                    while (await requests.MoveNext(CancellationToken.None))
                    {
                    }
                }
                finally
                {
                    heard.SetResult(context.CancellationToken.IsCancellationRequested);
                }
            },
        });
        await using var proxy = new TcpProxy(server.Address.Port);
        using var talk = new Notes.NotesClient(server.Connect(address: proxy.Address)).Talk();
        Assert.True(await Wait.For(talk.ResponseStream.MoveNext()));
        proxy.Cut();
        Assert.True(await Wait.For(heard.Task));
        Assert.DoesNotContain(server.Log.Entries, e => e.Level == Microsoft.Extensions.Logging.LogLevel.Error);
    }

    [Fact]
    public async Task A_server_that_shuts_down_ends_open_streams_as_unavailable_and_lets_unary_calls_finish()
    {
        var begun = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(
            new NotesService
            {
                OnSingle = async (request, _) =>
                {
                    begun.SetResult();
                    await release.Task;
                    return request;
                },
            },
            build: b => b.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Wait.Limit));
        var client = server.Client();
        using var talk = client.Talk();
        await Wait.For(talk.ResponseHeadersAsync);
        using var single = client.SingleAsync(new Note { Number = 8 });
        await Wait.For(begun.Task);
        var stopping = server.StopAsync();
        Assert.Equal(StatusCode.Unavailable, (await Wait.Failure(() => talk.ResponseStream.MoveNext())).StatusCode);
        release.SetResult();
        Assert.Equal(8u, (await Wait.For(single.ResponseAsync)).Number);
        await Wait.For(stopping);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_and_a_port_that_nobody_serves_are_unavailable()
    {
        using var nobodys = new HeldPort();
        foreach (var address in new[] { $"http://127.0.0.1:{nobodys.Number}", "http://does-not-exist.invalid:1" })
        {
            using var channel = GrpcChannel.ForAddress(address);
            var client = new Notes.NotesClient(channel);
            Assert.Equal(StatusCode.Unavailable, (await Wait.Failure(() => client.SingleAsync(new Note()).ResponseAsync)).StatusCode);
        }
    }

    [Fact]
    public async Task A_connection_that_is_not_made_in_time_is_unavailable()
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(200),
            ConnectCallback = async (_, cancellationToken) =>
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return Stream.Null;
            },
        };
        using var channel = GrpcChannel.ForAddress("http://localhost:1", new GrpcChannelOptions { HttpHandler = handler });
        var client = new Notes.NotesClient(channel);
        Assert.Equal(StatusCode.Unavailable, (await Wait.Failure(() => client.SingleAsync(new Note()).ResponseAsync)).StatusCode);
        using var talk = client.Talk();
        Assert.Equal(StatusCode.Unavailable, (await Wait.Failure(() => talk.RequestStream.WriteAsync(new Note()))).StatusCode);
    }

    [Fact]
    public async Task A_peer_that_does_not_speak_http2_fails_cleanly()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync();
            await socket.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
            await socket.ReceiveAsync(new byte[4096]);
        });
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        var failure = await Wait.Failure(() => new Notes.NotesClient(channel).SingleAsync(new Note()).ResponseAsync);
        Assert.Contains(failure.StatusCode, new[] { StatusCode.Internal, StatusCode.Unavailable });
        await Wait.For(serving);
    }
}
