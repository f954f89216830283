using Grpc.Core;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;

namespace Grpc.Tests;

public sealed class SecurityTests
{
    [Fact]
    public async Task A_handler_knows_who_calls_by_the_client_s_certificate()
    {
        await using var server = await TestServer.StartAsync(tls: true, service: new NotesService
        {
            OnSingle = (_, context) => Task.FromResult(new Note
            {
                Text = string.Join(' ', context.AuthContext.IsPeerAuthenticated, context.AuthContext.PeerIdentityPropertyName, context.AuthContext.PeerIdentity.Single().Value, context.GetHttpContext().Connection.ClientCertificate!.Subject),
            }),
        });
        var byName = new Notes.NotesClient(server.Connect(handler: server.CreateHandler("bank-a")));
        Assert.Equal("True x509_common_name bank-a CN=bank-a", (await Wait.For(byName.SingleAsync(new Note()).ResponseAsync)).Text);
        var byAlternative = new Notes.NotesClient(server.Connect(handler: server.CreateHandler("bank-b", "bank-b.example")));
        Assert.Equal("True x509_subject_alternative_name bank-b.example CN=bank-b", (await Wait.For(byAlternative.SingleAsync(new Note()).ResponseAsync)).Text);
    }

    [Fact]
    public async Task Without_tls_nobody_is_authenticated()
    {
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = (_, context) => Task.FromResult(new Note { Text = $"{context.AuthContext.IsPeerAuthenticated} {context.AuthContext.PeerIdentity.Any()} {context.Peer.Split(':')[0]} {context.Method} {context.Host}" }),
        });
        var answer = await Wait.For(server.Client().SingleAsync(new Note()).ResponseAsync);
        Assert.Equal($"False False ipv4 /fedlab.trial.Notes/Single {server.Address.Authority}", answer.Text);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_not_let_in()
    {
        using var stranger = new Authority();
        await using var server = await TestServer.StartAsync(tls: true);
        for (var i = 0; i < 20; i++)
        {
            // TLS 1.3 lets the client send before the server refused it, so the refusal meets the call at different moments.
            var client = new Notes.NotesClient(server.Connect(handler: server.CreateHandler("mallory", issuer: stranger)));
            var single = await Wait.Failure(() => client.SingleAsync(new Note()).ResponseAsync);
            Assert.True(single.StatusCode == StatusCode.Unavailable, single.ToString());
            using var talk = client.Talk();
            var stream = await Wait.Failure(() => talk.ResponseStream.MoveNext());
            Assert.True(stream.StatusCode == StatusCode.Unavailable, stream.ToString());
        }
    }

    [Fact]
    public async Task A_server_of_another_authority_is_not_trusted()
    {
        await using var server = await TestServer.StartAsync(tls: true);
        await using var impostor = await TestServer.StartAsync(tls: true);
        var client = new Notes.NotesClient(server.Connect(handler: server.CreateHandler(), address: impostor.Address));
        Assert.Equal(StatusCode.Unavailable, (await Wait.Failure(() => client.SingleAsync(new Note()).ResponseAsync)).StatusCode);
    }

    [Fact]
    public async Task A_client_may_name_another_authority_than_its_channel()
    {
        await using var server = await TestServer.StartAsync(new NotesService { OnSingle = (_, context) => Task.FromResult(new Note { Text = context.Host }) });
        var client = server.Client().WithHost("coordinator.example:443");
        Assert.Equal("coordinator.example:443", (await Wait.For(client.SingleAsync(new Note()).ResponseAsync)).Text);
    }
}
