using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;

namespace Grpc.Tests;

public sealed class DeadlineTests
{
    [Fact]
    public async Task A_client_gives_up_at_its_deadline_and_the_handler_hears_of_it()
    {
        var heard = new TaskCompletionSource<DateTime>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = async (_, context) =>
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, context.CancellationToken);
                }
                finally
                {
                    heard.SetResult(context.Deadline);
                }
                return new Note();
            },
        });
        var client = await ReadyAsync(server);
        var deadline = Wait.Deadline(3);
        using var call = client.SingleAsync(new Note(), deadline: deadline);
        var failure = await Wait.Failure(() => call.ResponseAsync);
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.Equal(StatusCode.DeadlineExceeded, call.GetStatus().StatusCode);
        Assert.InRange(TimeProvider.System.GetUtcNow().UtcDateTime, deadline, DateTime.MaxValue);
        var seen = await Wait.For(heard.Task);
        Assert.Equal(DateTimeKind.Utc, seen.Kind);
        Assert.InRange(seen, deadline.AddSeconds(-1), deadline.AddSeconds(30));
    }

    [Theory]
    [InlineData("200m")]
    [InlineData("200000u")]
    [InlineData("90000000n")]
    [InlineData("0S")]
    public async Task A_server_ends_a_call_at_its_deadline_even_if_the_handler_does_not_listen(string timeout)
    {
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = async (request, _) =>
            {
                await release.Task;
                return request;
            },
        });
        using var raw = new RawClient(server.Address);
        var answer = await raw.PostAsync("Single", RawClient.Frame([]), headers: ("grpc-timeout", timeout));
        Assert.Equal(StatusCode.DeadlineExceeded, answer.Status);
        Assert.Empty(answer.Body);
        release.SetResult();
    }

    [Fact]
    public async Task A_stream_keeps_the_messages_before_the_deadline()
    {
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnExpand = async (_, responses, context) =>
            {
                await responses.WriteAsync(new Note { Number = 1 });
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            },
        });
        var client = await ReadyAsync(server);
        using var call = client.Expand(new Note(), deadline: Wait.Deadline(4));
        Assert.True(await Wait.For(call.ResponseStream.MoveNext()));
        var failure = await Wait.Failure(() => call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task A_write_that_nobody_takes_ends_at_the_deadline_on_both_sides()
    {
        var handler = new TaskCompletionSource<Exception?>();
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnTalk = async (_, responses, context) =>
            {
                handler.SetResult(await Record.ExceptionAsync(async () =>
                {
                    while (true) await responses.WriteAsync(new Note { Payload = ByteString.CopyFrom(new byte[1 << 20]) }, context.CancellationToken);
                }));
            },
        });
        var client = await ReadyAsync(server);
        using var call = client.Talk(deadline: Wait.Deadline(4));
        var failure = await Wait.Failure(async () =>
        {
            while (true) await call.RequestStream.WriteAsync(new Note { Payload = ByteString.CopyFrom(new byte[1 << 20]) });
        });
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.NotNull(await Wait.For(handler.Task));
    }

    [Fact]
    public async Task A_deadline_that_has_passed_fails_without_a_request()
    {
        var calls = 0;
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = (request, _) =>
            {
                Interlocked.Increment(ref calls);
                return Task.FromResult(request);
            },
        });
        var client = server.Client();
        Assert.Equal(StatusCode.DeadlineExceeded, (await Wait.Failure(() => client.SingleAsync(new Note(), deadline: Wait.Deadline(-1)).ResponseAsync)).StatusCode);
        using var talk = client.Talk(deadline: DateTime.MinValue);
        Assert.Equal(StatusCode.DeadlineExceeded, (await Wait.Failure(() => talk.ResponseStream.MoveNext())).StatusCode);
        Assert.Equal(StatusCode.DeadlineExceeded, (await Wait.Failure(() => talk.RequestStream.WriteAsync(new Note()))).StatusCode);
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task A_deadline_without_a_kind_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.Client();
        Assert.Throws<ArgumentException>(() => client.SingleAsync(new Note(), deadline: DateTime.SpecifyKind(Wait.Deadline(), DateTimeKind.Unspecified)));
    }

    [Fact]
    public async Task A_handler_sees_no_deadline_when_there_is_none_and_very_long_ones_work()
    {
        var seen = new ConcurrentQueue<DateTime>();
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = (request, context) =>
            {
                seen.Enqueue(context.Deadline);
                return Task.FromResult(request);
            },
        });
        var client = server.Client();
        await Wait.For(client.SingleAsync(new Note()).ResponseAsync);
        await Wait.For(client.SingleAsync(new Note(), deadline: DateTime.MaxValue).ResponseAsync);
        await Wait.For(client.SingleAsync(new Note(), deadline: Wait.Deadline(400 * 86400)).ResponseAsync);
        using var raw = new RawClient(server.Address);
        Assert.Equal(StatusCode.OK, (await raw.PostAsync("Single", RawClient.Frame([]), headers: ("grpc-timeout", "99999999H"))).Status);
        Assert.Equal(DateTime.MaxValue, seen.ElementAt(0));
        Assert.Equal(DateTime.MaxValue, seen.ElementAt(1));
        Assert.InRange(seen.ElementAt(2), Wait.Deadline(399 * 86400), Wait.Deadline(401 * 86400));
        Assert.Equal(4, seen.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("-5S")]
    [InlineData("+5S")]
    [InlineData("5s")]
    [InlineData("123456789S")]
    [InlineData("1.5S")]
    public async Task A_malformed_timeout_is_refused(string timeout)
    {
        await using var server = await TestServer.StartAsync();
        using var raw = new RawClient(server.Address);
        var answer = await raw.PostAsync("Single", RawClient.Frame([]), headers: ("grpc-timeout", timeout));
        Assert.Equal(StatusCode.Internal, answer.Status);
        Assert.Contains("grpc-timeout", answer.Message, StringComparison.Ordinal);
    }

    /// <summary>A client that is connected and has called once: a short deadline is not spent on what a process does the first time.</summary>
    private static async Task<Notes.NotesClient> ReadyAsync(TestServer server)
    {
        var client = server.Client();
        using var first = client.Collect();
        await first.RequestStream.CompleteAsync();
        await Wait.For(first.ResponseAsync);
        return client;
    }
}
