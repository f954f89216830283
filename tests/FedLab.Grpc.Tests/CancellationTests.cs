using Google.Protobuf;
using Grpc.Core;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;
using Microsoft.Extensions.Logging;

namespace Grpc.Tests;

public sealed class CancellationTests
{
    [Theory]
    [InlineData("token")]
    [InlineData("dispose")]
    [InlineData("read")]
    [InlineData("channel")]
    public async Task However_a_client_cancels_the_handler_hears_of_it(string how)
    {
        var begun = new TaskCompletionSource();
        var heard = new TaskCompletionSource<bool>();
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnTalk = async (requests, responses, context) =>
            {
                await responses.WriteAsync(new Note());
                begun.SetResult();
                try
                {
                    while (await requests.MoveNext(context.CancellationToken))
                    {
                    }
                    heard.SetResult(false);
                }
                catch (OperationCanceledException)
                {
                    heard.SetResult(context.CancellationToken.IsCancellationRequested);
                    throw;
                }
            },
        });
        using var source = new CancellationTokenSource();
        var channel = server.Connect();
        using var call = new Notes.NotesClient(channel).Talk(cancellationToken: how == "token" ? source.Token : CancellationToken.None);
        Assert.True(await Wait.For(call.ResponseStream.MoveNext()));
        await Wait.For(begun.Task);
        var reading = call.ResponseStream.MoveNext(how == "read" ? source.Token : CancellationToken.None);
        if (how == "dispose") call.Dispose();
        else if (how == "channel") channel.Dispose();
        else await source.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await Wait.Failure(() => reading)).StatusCode);
        Assert.Equal(StatusCode.Cancelled, (await Wait.Failure(() => call.RequestStream.WriteAsync(new Note()))).StatusCode);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        Assert.True(await Wait.For(heard.Task), "The handler saw the end of the request stream instead of a cancellation.");
    }

    [Fact]
    public async Task An_upload_that_is_cancelled_between_messages_never_looks_complete()
    {
        for (var round = 0; round < 20; round++)
        {
            var ended = new TaskCompletionSource<bool>();
            await using var server = await TestServer.StartAsync(new NotesService
            {
                OnCollect = async (requests, context) =>
                {
                    try
                    {
                        while (await requests.MoveNext(CancellationToken.None))
                        {
                        }
                        ended.SetResult(true);
                    }
                    catch (Exception)
                    {
                        ended.SetResult(false);
                        throw;
                    }
                    return new Note();
                },
            });
            using var call = server.Client().Collect();
            await Wait.For(call.RequestStream.WriteAsync(new Note { Payload = ByteString.CopyFrom(new byte[100_000]) }));
            call.Dispose();
            Assert.False(await Wait.For(ended.Task));
        }
    }

    [Fact]
    public async Task A_write_that_waits_is_ended_by_its_token()
    {
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnCollect = async (_, _) =>
            {
                await release.Task;
                return new Note();
            },
        });
        using var call = server.Client().Collect();
        using var source = new CancellationTokenSource();
        var write = call.RequestStream.WriteAsync(new Note { Payload = ByteString.CopyFrom(new byte[32 << 20]) }, source.Token);
        await Wait.For(call.ResponseHeadersAsync.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(TimeSpan.FromMilliseconds(200)).ContinueWith(_ => { }, TaskScheduler.Default));
        Assert.False(write.IsCompleted);
        await source.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await Wait.Failure(() => write)).StatusCode);
        release.SetResult();
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_fails_the_call_at_once()
    {
        await using var server = await TestServer.StartAsync();
        var failure = await Wait.Failure(() => server.Client().SingleAsync(new Note(), cancellationToken: new CancellationToken(true)).ResponseAsync);
        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
    }

    [Fact]
    public async Task A_cancelled_unary_call_ends_while_the_server_still_works()
    {
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = async (_, context) =>
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                return new Note();
            },
        });
        using var source = new CancellationTokenSource();
        using var call = server.Client().SingleAsync(new Note(), cancellationToken: source.Token);
        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.Throws<InvalidOperationException>(() => call.GetTrailers());
        await source.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await Wait.Failure(() => call.ResponseAsync)).StatusCode);
        Assert.Equal(StatusCode.Cancelled, (await Wait.Failure(() => call.ResponseHeadersAsync)).StatusCode);
    }

    [Fact]
    public async Task A_handler_that_writes_on_after_the_client_went_is_stopped()
    {
        var stopped = new TaskCompletionSource<Exception>();
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnExpand = async (_, responses, _) =>
            {
                try
                {
                    while (true) await responses.WriteAsync(new Note { Payload = ByteString.CopyFrom(new byte[1000]) });
                }
                catch (Exception e)
                {
                    stopped.SetResult(e);
                    throw;
                }
            },
        });
        using (var call = server.Client().Expand(new Note()))
        {
            Assert.True(await Wait.For(call.ResponseStream.MoveNext()));
        }
        Assert.IsAssignableFrom<OperationCanceledException>(await Wait.For(stopped.Task));
    }

    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    public async Task Who_comes_upon_the_end_of_a_call_at_the_moment_it_is_cancelled_gets_its_status(string where)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var refuse = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = async (_, _) =>
            {
                begun.SetResult();
                await refuse.Task;
                throw new RpcException(new Status(StatusCode.NotFound, "no such note"));
            },
        });
        await using var proxy = new TcpProxy(server.Address.Port);
        using var ending = new HoldingLoggerProvider(); // a call logs its end when that has begun and nobody knows of it yet
        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(ending));
        var client = new Notes.NotesClient(server.Connect(options => options.LoggerFactory = loggers, address: proxy.Address));
        using var source = new CancellationTokenSource();
        try
        {
            Task<RpcException> failure;
            Task cancelling;
            if (where == "read")
            {
                failure = Wait.Failure(() => client.SingleAsync(new Note(), cancellationToken: source.Token).ResponseAsync);
                await Wait.For(begun.Task);
                cancelling = Task.Run(source.Cancel, CancellationToken.None);
                await Wait.For(ending.Held);
                refuse.SetResult();
            }
            else
            {
                var talk = client.Talk(cancellationToken: source.Token);
                await Wait.For(talk.ResponseHeadersAsync);
                cancelling = Task.Run(source.Cancel, CancellationToken.None);
                await Wait.For(ending.Held);
                proxy.Cut();
                failure = Wait.Failure(async () =>
                {
                    while (true) await talk.RequestStream.WriteAsync(new Note { Payload = ByteString.CopyFrom(new byte[1000]) });
                });
            }
            await Task.WhenAny(failure, Task.Delay(500));
            ending.Release();
            Assert.Equal(StatusCode.Cancelled, (await failure).StatusCode);
            await Wait.For(cancelling);
        }
        finally
        {
            refuse.TrySetResult();
            ending.Release();
        }
    }

    [Fact]
    public async Task A_channel_that_was_disposed_starts_no_calls()
    {
        await using var server = await TestServer.StartAsync();
        var channel = server.Connect();
        var client = new Notes.NotesClient(channel);
        channel.Dispose();
        Assert.Throws<ObjectDisposedException>(() => client.SingleAsync(new Note()));
    }
}
