using Google.Protobuf;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;
using Microsoft.Extensions.Options;

namespace Grpc.Tests;

public sealed class LimitTests
{
    private static readonly Note FiveMebibytes = new() { Payload = ByteString.CopyFrom(new byte[5 << 20]) };

    [Fact]
    public async Task A_request_over_four_mebibytes_is_refused_unless_the_server_allows_it()
    {
        await using var strict = await TestServer.StartAsync();
        var failure = await Wait.Failure(() => strict.Client().SingleAsync(FiveMebibytes).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        Assert.Contains("MaxReceiveMessageSize", failure.Status.Detail, StringComparison.Ordinal);

        await using var generous = await TestServer.StartAsync(options: o => o.MaxReceiveMessageSize = 6 << 20);
        Assert.Equal(FiveMebibytes, await Wait.For(generous.Client(o => o.MaxReceiveMessageSize = null).SingleAsync(FiveMebibytes).ResponseAsync));
    }

    [Fact]
    public async Task A_response_over_four_mebibytes_ends_the_call_unless_the_client_allows_it()
    {
        await using var server = await TestServer.StartAsync(options: o => o.MaxReceiveMessageSize = null);
        var failure = await Wait.Failure(() => server.Client().SingleAsync(FiveMebibytes).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        using var talk = server.Client().Talk();
        await Wait.For(talk.RequestStream.WriteAsync(FiveMebibytes));
        Assert.Equal(StatusCode.ResourceExhausted, (await Wait.Failure(() => talk.ResponseStream.MoveNext())).StatusCode);
    }

    [Fact]
    public async Task A_message_at_the_limit_passes_and_one_byte_more_does_not()
    {
        await using var server = await TestServer.StartAsync(options: o => o.MaxReceiveMessageSize = 1000);
        var client = server.Client();
        var fits = new Note { Payload = ByteString.CopyFrom(new byte[997]) };
        Assert.Equal(1000, fits.CalculateSize());
        await Wait.For(client.SingleAsync(fits).ResponseAsync);
        var over = new Note { Payload = ByteString.CopyFrom(new byte[998]) };
        Assert.Equal(StatusCode.ResourceExhausted, (await Wait.Failure(() => client.SingleAsync(over).ResponseAsync)).StatusCode);
    }

    [Fact]
    public async Task Messages_to_send_have_a_limit_of_their_own_and_a_stream_survives_one_that_is_refused()
    {
        await using var server = await TestServer.StartAsync(options: o => o.MaxSendMessageSize = 1000);
        var client = server.Client(o => o.MaxSendMessageSize = 100_000);
        Assert.Equal(StatusCode.ResourceExhausted, (await Wait.Failure(() => client.SingleAsync(FiveMebibytes).ResponseAsync)).StatusCode);
        var middle = new Note { Payload = ByteString.CopyFrom(new byte[5000]) };
        Assert.Equal(StatusCode.ResourceExhausted, (await Wait.Failure(() => client.SingleAsync(middle).ResponseAsync)).StatusCode);

        using var collect = client.Collect();
        Assert.Equal(StatusCode.ResourceExhausted, (await Wait.Failure(() => collect.RequestStream.WriteAsync(FiveMebibytes))).StatusCode);
        await Wait.For(collect.RequestStream.WriteAsync(new Note { Number = 9 }));
        await collect.RequestStream.CompleteAsync();
        Assert.Equal(9u, (await Wait.For(collect.ResponseAsync)).Number);
    }

    [Theory]
    [InlineData(9 << 10)]
    [InlineData(1 << 20)]
    public async Task Metadata_over_the_limit_of_the_sender_fails_one_call_and_not_the_connection(int size)
    {
        var large = new Metadata { { "large", new string('x', size) } };
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = async (request, context) =>
            {
                if (request.Text == "headers") await context.WriteResponseHeadersAsync(large);
                if (request.Text == "trailers") context.ResponseTrailers.Add(large[0]);
                return request;
            },
        });
        var client = server.Client();
        using var bystander = client.Talk();
        await Wait.For(bystander.RequestStream.WriteAsync(new Note()));
        Assert.Equal(StatusCode.ResourceExhausted, (await Wait.Failure(() => client.SingleAsync(new Note(), large).ResponseAsync)).StatusCode);
        foreach (var where in new[] { "headers", "trailers" })
        {
            Assert.Equal(StatusCode.ResourceExhausted, (await Wait.Failure(() => client.SingleAsync(new Note { Text = where }).ResponseAsync)).StatusCode);
        }
        await Wait.For(client.SingleAsync(new Note(), new Metadata { { "fits", new string('x', 7 << 10) } }).ResponseAsync);
        Assert.True(await Wait.For(bystander.ResponseStream.MoveNext()));
    }

    [Theory]
    [InlineData(9 << 10)]
    [InlineData(40 << 10)]
    public async Task Metadata_over_the_limit_of_the_receiver_is_resource_exhausted_when_the_sender_allows_it(int size)
    {
        await using var server = await TestServer.StartAsync(
            new NotesService
            {
                OnSingle = async (request, context) =>
                {
                    await context.WriteResponseHeadersAsync(new Metadata { { "large", new string('x', 100 << 10) } });
                    return request;
                },
            },
            options: o => o.MaxSendMetadataSize = int.MaxValue);
        var client = server.Client(o => o.MaxSendMetadataSize = int.MaxValue);
        Assert.Equal(StatusCode.ResourceExhausted, (await Wait.Failure(() => client.SingleAsync(new Note()).ResponseAsync)).StatusCode);
        using var bystander = client.Talk(); // with a connection there, the client knows the limits of the server
        await Wait.For(bystander.ResponseHeadersAsync);
        var large = new Metadata { { "large", new string('x', size) } };
        Assert.Equal(StatusCode.ResourceExhausted, (await Wait.Failure(() => client.SingleAsync(new Note(), large).ResponseAsync)).StatusCode);
    }

    [Fact]
    public async Task Settings_that_make_no_sense_are_named()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { MaxReceiveMessageSize = -1 }));
        Assert.Throws<ArgumentException>(() => GrpcChannel.ForAddress("ftp://localhost"));
        var invalid = await Assert.ThrowsAsync<OptionsValidationException>(() => TestServer.StartAsync(options: o => o.MaxReceiveMetadataSize = 0));
        Assert.Contains(nameof(GrpcServiceOptions.MaxReceiveMetadataSize), invalid.Message, StringComparison.Ordinal);
    }
}
