using System.Collections.Concurrent;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;
using Microsoft.Extensions.Logging;

namespace Grpc.Tests;

public sealed class StressTests
{
    /// <summary>
    /// Ends of calls race with everything else that happens to them: nothing may hang, fail with another exception than
    /// RpcException, or leave a handler behind.
    /// </summary>
    [Fact]
    public async Task Calls_that_end_at_any_moment_end_cleanly()
    {
        const int Calls = 400;
        var running = 0;
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnTalk = async (requests, responses, context) =>
            {
                Interlocked.Increment(ref running);
                try
                {
                    await foreach (var request in requests.ReadAllAsync(context.CancellationToken)) await responses.WriteAsync(request);
                }
                finally
                {
                    Interlocked.Decrement(ref running);
                }
            },
        });
        var client = server.Client();
        var codes = new ConcurrentDictionary<StatusCode, int>();
        var payload = ByteString.CopyFrom(new byte[50_000]);

        async Task CallAsync(int index)
        {
            var moment = TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(0, 40));
            using var source = new CancellationTokenSource();
            using var call = (index % 4) switch
            {
                0 => client.Talk(deadline: Wait.Deadline(moment.TotalSeconds)),
                1 => client.Talk(cancellationToken: source.Token),
                _ => client.Talk(),
            };
            var end = Task.Delay(moment).ContinueWith(
                _ =>
                {
                    if (index % 4 == 1) source.Cancel();
                    else if (index % 4 == 2) call.Dispose();
                },
                TaskScheduler.Default);
            var write = Task.Run(async () =>
            {
                for (var i = 0; i < 20; i++) await call.RequestStream.WriteAsync(new Note { Payload = payload });
                await call.RequestStream.CompleteAsync();
            });
            try
            {
                while (await Wait.For(call.ResponseStream.MoveNext()))
                {
                }
                codes.AddOrUpdate(StatusCode.OK, 1, (_, n) => n + 1);
            }
            catch (RpcException e)
            {
                codes.AddOrUpdate(e.StatusCode, 1, (_, n) => n + 1);
            }
            var failure = await Record.ExceptionAsync(() => Wait.For(write));
            Assert.True(failure is null or RpcException, failure?.ToString());
            await end;
        }

        await Parallel.ForAsync(0, Calls, new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (i, _) => await CallAsync(i));

        Assert.Equal(Calls, codes.Values.Sum());
        Assert.Empty(codes.Keys.Except([StatusCode.OK, StatusCode.Cancelled, StatusCode.DeadlineExceeded]));
        Assert.InRange(codes.GetValueOrDefault(StatusCode.OK), Calls / 4, Calls); // a quarter of the calls is left alone
        for (var i = 0; i < 600 && Volatile.Read(ref running) > 0; i++) await Task.Delay(100);
        Assert.Equal(0, running);
        Assert.DoesNotContain(server.Log.Entries, e => e.Level >= LogLevel.Error);
        await Wait.For(client.SingleAsync(new Note()).ResponseAsync);
    }
}
