using Google.Protobuf;
using Grpc.Core;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests;

public sealed class CallKindsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_four_kinds_of_calls_carry_their_messages(bool tls)
    {
        await using var server = await TestServer.StartAsync(tls: tls);
        var client = server.Client();

        Assert.Equal("中文", (await Wait.For(client.SingleAsync(new Note { Text = "中文" }).ResponseAsync)).Text);

        using var collect = client.Collect();
        for (var i = 1u; i <= 100; i++) await Wait.For(collect.RequestStream.WriteAsync(new Note { Number = i }));
        await collect.RequestStream.CompleteAsync();
        Assert.Equal(5050u, (await Wait.For(collect.ResponseAsync)).Number);

        using var expand = client.Expand(new Note { Number = 100 });
        Assert.Equal(Enumerable.Range(0, 100), await Wait.For(Numbers(expand.ResponseStream)));

        using var talk = client.Talk();
        for (var i = 0u; i < 100; i++)
        {
            await Wait.For(talk.RequestStream.WriteAsync(new Note { Number = i }));
            Assert.True(await Wait.For(talk.ResponseStream.MoveNext()));
            Assert.Equal(i, talk.ResponseStream.Current.Number);
        }
        await talk.RequestStream.CompleteAsync();
        Assert.False(await Wait.For(talk.ResponseStream.MoveNext()));
        Assert.False(await Wait.For(talk.ResponseStream.MoveNext()));
        Assert.Equal(Status.DefaultSuccess, talk.GetStatus());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_far_over_the_windows_of_flow_control_arrive_whole(bool tls)
    {
        var large = ByteString.CopyFrom(System.Security.Cryptography.RandomNumberGenerator.GetBytes(20 << 20));
        await using var server = await TestServer.StartAsync(tls: tls, options: o => o.MaxReceiveMessageSize = null);
        var client = server.Client(o => o.MaxReceiveMessageSize = null);
        Assert.Equal(large, (await Wait.For(client.SingleAsync(new Note { Payload = large }).ResponseAsync)).Payload);
        using var talk = client.Talk();
        var write = talk.RequestStream.WriteAsync(new Note { Payload = large });
        Assert.True(await Wait.For(talk.ResponseStream.MoveNext()));
        await Wait.For(write);
        Assert.Equal(large, talk.ResponseStream.Current.Payload);
    }

    [Fact]
    public async Task Many_calls_share_a_channel()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.Client();
        var calls = Enumerable.Range(0, 300).Select(async i =>
        {
            using var call = client.Expand(new Note { Number = (uint)(i % 7) });
            Assert.Equal(Enumerable.Range(0, i % 7), await Numbers(call.ResponseStream));
        });
        await Wait.For(Task.WhenAll(calls));
    }

    [Fact]
    public async Task The_blocking_form_of_a_unary_call_answers()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.Client();
        var answer = await Wait.For(Task.Run(() => client.Single(new Note { Number = 7 })));
        Assert.Equal(7u, answer.Number);
    }

    [Fact]
    public async Task A_server_that_speaks_first_is_heard_before_the_client_sends_anything()
    {
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnTalk = async (requests, responses, context) =>
            {
                await responses.WriteAsync(new Note { Text = "welcome" });
                await requests.MoveNext(context.CancellationToken);
            },
        });
        using var talk = server.Client().Talk();
        Assert.True(await Wait.For(talk.ResponseStream.MoveNext()));
        Assert.Equal("welcome", talk.ResponseStream.Current.Text);
    }

    [Fact]
    public async Task Response_headers_of_a_stream_arrive_while_the_handler_waits_for_its_first_request()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.Client();
        using var talk = client.Talk();
        await Wait.For(talk.ResponseHeadersAsync);
        using var collect = client.Collect();
        await Wait.For(collect.ResponseHeadersAsync);
        Assert.False(collect.ResponseAsync.IsCompleted);
    }

    [Fact]
    public async Task A_server_may_end_a_call_well_before_it_read_all_requests()
    {
        await using var server = await TestServer.StartAsync(new NotesService { OnCollect = (_, _) => Task.FromResult(new Note { Text = "enough" }) });
        using var call = server.Client().Collect();
        Assert.Equal("enough", (await Wait.For(call.ResponseAsync)).Text);
        var failure = await Wait.Failure(() => call.RequestStream.WriteAsync(new Note()));
        Assert.Equal(StatusCode.OK, failure.StatusCode);
    }

    [Fact]
    public async Task A_writer_learns_the_status_of_a_call_that_the_server_ended()
    {
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnCollect = async (requests, context) =>
            {
                await requests.MoveNext(context.CancellationToken);
                throw new RpcException(new Status(StatusCode.PermissionDenied, "not yours"));
            },
        });
        using var call = server.Client().Collect();
        var failure = await Wait.Failure(async () =>
        {
            while (true) await call.RequestStream.WriteAsync(new Note { Payload = ByteString.CopyFrom(new byte[1 << 20]) });
        });
        Assert.Equal((StatusCode.PermissionDenied, "not yours"), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task One_message_is_written_at_a_time()
    {
        var release = new TaskCompletionSource();
        var second = new TaskCompletionSource<Exception?>();
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnExpand = async (_, responses, _) =>
            {
                var blocked = responses.WriteAsync(new Note { Payload = ByteString.CopyFrom(new byte[32 << 20]) });
                second.SetResult(await Record.ExceptionAsync(() => responses.WriteAsync(new Note())));
                await release.Task;
                await blocked;
            },
            OnCollect = async (_, _) =>
            {
                await release.Task;
                return new Note();
            },
        });
        var client = server.Client(o => o.MaxReceiveMessageSize = null);
        using var expand = client.Expand(new Note());
        Assert.IsType<InvalidOperationException>(await Wait.For(second.Task));

        using var collect = client.Collect();
        var blocked = collect.RequestStream.WriteAsync(new Note { Payload = ByteString.CopyFrom(new byte[32 << 20]) });
        await Assert.ThrowsAsync<InvalidOperationException>(() => collect.RequestStream.WriteAsync(new Note()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => collect.RequestStream.CompleteAsync());
        Assert.False(blocked.IsCompleted);
        release.SetResult();
        Assert.True(await Wait.For(expand.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task Writing_waits_for_a_reader_that_does_not_read()
    {
        var written = 0;
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnExpand = async (_, responses, _) =>
            {
                for (; written < 64; written++) await responses.WriteAsync(new Note { Payload = ByteString.CopyFrom(new byte[1 << 20]) });
            },
        });
        using var call = server.Client().Expand(new Note());
        Assert.True(await Wait.For(call.ResponseStream.MoveNext()));
        var before = -1;
        while (before != Volatile.Read(ref written))
        {
            before = written;
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
        Assert.InRange(before, 1, 40); // the windows and buffers, not the 64 MiB
        var count = 1;
        while (await Wait.For(call.ResponseStream.MoveNext())) count++;
        Assert.Equal(64, count);
    }

    [Fact]
    public async Task Only_one_read_may_wait()
    {
        await using var server = await TestServer.StartAsync();
        using var talk = server.Client().Talk();
        var first = talk.ResponseStream.MoveNext();
        await Assert.ThrowsAsync<InvalidOperationException>(() => talk.ResponseStream.MoveNext());
        await talk.RequestStream.CompleteAsync();
        Assert.False(await Wait.For(first));
    }

    [Fact]
    public async Task A_service_object_is_made_for_each_call_and_disposed_after_it()
    {
        var counter = new Counter();
        await using var server = await TestServer.StartAsync(build: b => b.Services.AddSingleton(counter), map: app => app.MapGrpcService<CountingService>());
        var client = server.Client();
        await Wait.For(client.SingleAsync(new Note()).ResponseAsync);
        await Wait.For(client.SingleAsync(new Note()).ResponseAsync);
        Assert.Equal((2, 2), (counter.Made, counter.Disposed));
    }

    [Fact]
    public async Task A_service_definition_serves_all_calls_with_one_object()
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapGrpcService(Notes.BindService(new NotesService())));
        var client = server.Client();
        Assert.Equal(3u, (await Wait.For(client.SingleAsync(new Note { Number = 3 }).ResponseAsync)).Number);
        using var expand = client.Expand(new Note { Number = 3 });
        Assert.Equal([0, 1, 2], await Wait.For(Numbers(expand.ResponseStream)));
        using var collect = client.Collect();
        await collect.RequestStream.CompleteAsync();
        Assert.Equal(0u, (await Wait.For(collect.ResponseAsync)).Number);
        using var talk = client.Talk();
        await talk.RequestStream.CompleteAsync();
        Assert.False(await Wait.For(talk.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task Messages_held_back_by_a_buffer_hint_arrive_with_the_end_of_the_stream()
    {
        await using var server = await TestServer.StartAsync();
        using var collect = server.Client().Collect();
        collect.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        for (var i = 0; i < 10; i++) await collect.RequestStream.WriteAsync(new Note { Number = 1 });
        await collect.RequestStream.CompleteAsync();
        Assert.Equal(10u, (await Wait.For(collect.ResponseAsync)).Number);
    }

    private static async Task<List<int>> Numbers(IAsyncStreamReader<Note> stream)
    {
        var numbers = new List<int>();
        await foreach (var note in stream.ReadAllAsync()) numbers.Add((int)note.Number);
        return numbers;
    }

    private sealed class Counter
    {
        private int _made;
        private int _disposed;

        public int Made => _made;

        public int Disposed => _disposed;

        public void Make() => Interlocked.Increment(ref _made);

        public void Dispose() => Interlocked.Increment(ref _disposed);
    }

    private sealed class CountingService : Notes.NotesBase, IDisposable
    {
        private readonly Counter _counter;

        public CountingService(Counter counter)
        {
            _counter = counter;
            counter.Make();
        }

        public override Task<Note> Single(Note request, ServerCallContext context) => Task.FromResult(request);

        public void Dispose() => _counter.Dispose();
    }
}
