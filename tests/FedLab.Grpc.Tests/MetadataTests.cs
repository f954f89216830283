using Grpc.Core;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;

namespace Grpc.Tests;

public sealed class MetadataTests
{
    [Fact]
    public async Task Text_and_bytes_travel_in_headers_and_trailers_both_ways()
    {
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = async (request, context) =>
            {
                var own = new Metadata();
                foreach (var entry in context.RequestHeaders.Where(e => e.Key.StartsWith("x-", StringComparison.Ordinal)))
                {
                    own.Add(entry);
                    context.ResponseTrailers.Add(entry);
                }
                await context.WriteResponseHeadersAsync(own);
                return request;
            },
        });
        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        var sent = new Metadata { { "X-Text", "a b,c=~" }, { "x-text", "second" }, { "x-bytes-bin", all }, { "x-bytes-bin", [] }, { "x-bytes-bin", new byte[] { 0xFF } } };
        using var call = server.Client().SingleAsync(new Note(), sent);
        var headers = await Wait.For(call.ResponseHeadersAsync);
        await Wait.For(call.ResponseAsync);
        foreach (var received in new[] { headers, call.GetTrailers() })
        {
            // The protocol lets texts under one key be joined by commas on the way, and the HTTP client does so.
            Assert.Equal("a b,c=~, second", string.Join(", ", received.GetAll("X-Text").Select(e => e.Value)));
            var bytes = received.GetAll("x-bytes-bin").Select(e => e.ValueBytes).ToList();
            Assert.Equal(3, bytes.Count);
            Assert.Equal(all, bytes[0]);
            Assert.Empty(bytes[1]);
            Assert.Equal([0xFF], bytes[2]);
        }
    }

    [Theory]
    [InlineData("YWI=", "ab")]
    [InlineData("YWI", "ab")]
    [InlineData("YQ==", "a")]
    [InlineData("YQ", "a")]
    [InlineData("YWJj", "abc")]
    [InlineData("YWI,YQ==, YWJj", "ab|a|abc")]
    [InlineData("", "")]
    public async Task Binary_metadata_is_read_with_and_without_padding_and_joined_by_commas(string wire, string expected)
    {
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = (_, context) => Task.FromResult(new Note { Text = string.Join('|', context.RequestHeaders.GetAll("x-bin").Select(e => System.Text.Encoding.ASCII.GetString(e.ValueBytes))) }),
        });
        using var raw = new RawClient(server.Address);
        var answer = await raw.PostAsync("Single", RawClient.Frame([]), headers: ("x-bin", wire));
        Assert.Equal(StatusCode.OK, answer.Status);
        Assert.Equal(expected, Note.Parser.ParseFrom(answer.Body.AsSpan(5)).Text);
    }

    [Theory]
    [InlineData("Y")]
    [InlineData("YWI==")]
    [InlineData("YQ=")]
    [InlineData("YW I")]
    [InlineData("YW!I")]
    [InlineData("YWI=YWI=")]
    [InlineData("====")]
    [InlineData("YWI,=")]
    public async Task Binary_metadata_that_is_not_base64_is_refused(string wire)
    {
        await using var server = await TestServer.StartAsync();
        using var raw = new RawClient(server.Address);
        var answer = await raw.PostAsync("Single", RawClient.Frame([]), headers: ("x-bin", wire));
        Assert.Equal(StatusCode.Internal, answer.Status);
        Assert.Contains("x-bin", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_protocol_s_own_headers_are_not_shown_as_metadata()
    {
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = (_, context) => Task.FromResult(new Note { Text = string.Join(' ', context.RequestHeaders.Select(e => e.Key).Where(k => k != "user-agent").Order(StringComparer.Ordinal)) }),
        });
        var answer = await Wait.For(server.Client().SingleAsync(new Note(), new Metadata { { "own", "1" } }, Wait.Deadline()).ResponseAsync);
        Assert.Equal("own", answer.Text);
    }

    [Theory]
    [InlineData("grpc-status")]
    [InlineData("grpc-anything")]
    [InlineData("te")]
    [InlineData("Content-Type")]
    [InlineData("host")]
    [InlineData("connection")]
    public async Task Reserved_names_are_refused_on_both_sides(string name)
    {
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = (request, context) =>
            {
                context.ResponseTrailers.Add(name, "1");
                return Task.FromResult(request);
            },
            OnExpand = (_, _, context) => context.WriteResponseHeadersAsync(new Metadata { { name, "1" } }),
        });
        var client = server.Client();
        Assert.Throws<ArgumentException>(() => client.SingleAsync(new Note(), new Metadata { { name, "1" } }));
        Assert.Equal(StatusCode.Internal, (await Wait.Failure(() => client.SingleAsync(new Note()).ResponseAsync)).StatusCode);
        using var expand = client.Expand(new Note());
        Assert.Equal(StatusCode.Unknown, (await Wait.Failure(() => expand.ResponseStream.MoveNext())).StatusCode);
        Assert.Contains(server.Log.Entries, e => e.Exception is ArgumentException);
    }

    [Fact]
    public void Entries_refuse_what_cannot_travel()
    {
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("", "x"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("ключ", "x"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("a b", "x"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry(":path", "x"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("key", "line\r\nbreak"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("key", "中"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("key-bin", "text"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("key", new byte[1]));
        Assert.Throws<InvalidOperationException>(() => new Metadata.Entry("key-bin", new byte[1]).Value);
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("key", "x"));
    }

    [Fact]
    public async Task Headers_go_out_once_and_only_before_the_response_has_begun()
    {
        var caught = new System.Collections.Concurrent.ConcurrentQueue<Exception?>();
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = async (request, context) =>
            {
                await context.WriteResponseHeadersAsync(new Metadata { { "first", "1" } });
                caught.Enqueue(await Record.ExceptionAsync(() => context.WriteResponseHeadersAsync([])));
                return request;
            },
            OnTalk = async (requests, responses, context) =>
            {
                await context.WriteResponseHeadersAsync(new Metadata { { "first", "2" } });
                await requests.MoveNext(context.CancellationToken);
                await responses.WriteAsync(new Note());
                caught.Enqueue(await Record.ExceptionAsync(() => context.WriteResponseHeadersAsync([])));
            },
        });
        var client = server.Client();
        using var single = client.SingleAsync(new Note());
        Assert.Equal("1", (await Wait.For(single.ResponseHeadersAsync)).GetValue("first"));
        await Wait.For(single.ResponseAsync);
        using var talk = client.Talk();
        Assert.Equal("2", (await Wait.For(talk.ResponseHeadersAsync)).GetValue("first"));
        await talk.RequestStream.CompleteAsync();
        Assert.True(await Wait.For(talk.ResponseStream.MoveNext()));
        Assert.False(await Wait.For(talk.ResponseStream.MoveNext()));
        Assert.Equal(2, caught.Count);
        Assert.All(caught, e => Assert.IsType<InvalidOperationException>(e));
    }
}
