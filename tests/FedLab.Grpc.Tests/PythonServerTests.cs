using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;

namespace Grpc.Tests;

/// <summary>The client of this layer over the server of another implementation: python3-grpcio.</summary>
public sealed class PythonServerTests(PythonServerTests.Server server) : IClassFixture<PythonServerTests.Server>
{
    [Fact]
    public async Task Unary_and_the_three_streams()
    {
        var client = await server.NotesAsync();
        var note = new Note { Number = 7, Text = "中文", Payload = ByteString.CopyFrom([.. Enumerable.Range(0, 256).Select(i => (byte)i)]) };
        Assert.Equal(note, await Wait.For(client.SingleAsync(note).ResponseAsync));

        using var collect = client.Collect();
        for (var i = 1u; i <= 100; i++) await Wait.For(collect.RequestStream.WriteAsync(new Note { Number = i }));
        await collect.RequestStream.CompleteAsync();
        Assert.Equal(5050u, (await Wait.For(collect.ResponseAsync)).Number);

        using var expand = client.Expand(new Note { Number = 5 });
        for (var i = 0u; i < 5; i++)
        {
            Assert.True(await Wait.For(expand.ResponseStream.MoveNext()));
            Assert.Equal(i, expand.ResponseStream.Current.Number);
        }
        Assert.False(await Wait.For(expand.ResponseStream.MoveNext()));

        using var talk = client.Talk();
        for (var i = 0u; i < 5; i++)
        {
            await Wait.For(talk.RequestStream.WriteAsync(new Note { Number = i }));
            Assert.True(await Wait.For(talk.ResponseStream.MoveNext()));
            Assert.Equal(i, talk.ResponseStream.Current.Number);
        }
        await talk.RequestStream.CompleteAsync();
        Assert.False(await Wait.For(talk.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task Thirty_two_mebibytes_each_way()
    {
        var client = await server.NotesAsync();
        var payload = ByteString.CopyFrom(new byte[1 << 20]);
        using var collect = client.Collect();
        for (var i = 0; i < 32; i++) await Wait.For(collect.RequestStream.WriteAsync(new Note { Payload = payload }));
        await collect.RequestStream.CompleteAsync();
        Assert.Equal(32u << 20, (await Wait.For(collect.ResponseAsync)).Number);
        using var expand = client.Expand(new Note { Number = 32, Payload = payload });
        var received = 0;
        while (await Wait.For(expand.ResponseStream.MoveNext())) received += expand.ResponseStream.Current.Payload.Length;
        Assert.Equal(32 << 20, received);
    }

    [Fact]
    public async Task Failed_precondition_with_a_chinese_message_and_binary_trailers()
    {
        var client = await server.NotesAsync();
        var failure = await Wait.Failure(() => client.SingleAsync(new Note { Text = "fail" }).ResponseAsync);
        Assert.Equal((StatusCode.FailedPrecondition, "not now: 不行 100%"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal([0x00, 0xFF], failure.Trailers.GetValueBytes("x-reason-bin"));
        using var expand = client.Expand(new Note { Number = 1, Text = "fail" });
        Assert.True(await Wait.For(expand.ResponseStream.MoveNext()));
        Assert.Equal("不行", (await Wait.Failure(() => expand.ResponseStream.MoveNext())).Status.Detail);
    }

    [Fact]
    public async Task Unimplemented()
    {
        var invoker = (await server.ChannelAsync()).CreateCallInvoker();
        var marshaller = Marshallers.Create(_ => [], _ => new Note());
        foreach (var service in new[] { "fedlab.trial.Notes", "fedlab.trial.Nothing" })
        {
            var method = new Method<Note, Note>(MethodType.Unary, service, "Nothing", marshaller, marshaller);
            Assert.Equal(StatusCode.Unimplemented, (await Wait.Failure(() => invoker.AsyncUnaryCall(method, null, default, new Note()).ResponseAsync)).StatusCode);
        }
    }

    [Fact]
    public async Task A_compressed_response_that_nobody_asked_for_is_internal()
    {
        var client = await server.NotesAsync();
        var failure = await Wait.Failure(() => client.SingleAsync(new Note { Text = "gzip", Payload = ByteString.CopyFrom(new byte[10_000]) }).ResponseAsync);
        Assert.Equal(StatusCode.Internal, failure.StatusCode);
        Assert.Contains("gzip", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deadlines_arrive_and_cancellations_are_noticed()
    {
        var client = await server.NotesAsync();
        Assert.InRange((await Wait.For(client.SingleAsync(new Note { Text = "remaining" }, deadline: Wait.Deadline(1000)).ResponseAsync)).Number, 900u, 1001u);
        Assert.Equal(StatusCode.DeadlineExceeded, (await Wait.Failure(() => client.SingleAsync(new Note { Text = "wait" }, deadline: Wait.Deadline(1)).ResponseAsync)).StatusCode);
        using var source = new CancellationTokenSource();
        using var call = client.SingleAsync(new Note { Text = "wait" }, cancellationToken: source.Token);
        await source.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await Wait.Failure(() => call.ResponseAsync)).StatusCode);
        Assert.Equal(1u, (await Wait.For(client.SingleAsync(new Note { Text = "cancelled?" }).ResponseAsync)).Number);
    }

    [Fact]
    public async Task Binary_metadata()
    {
        var client = await server.NotesAsync();
        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        using var call = client.SingleAsync(new Note { Text = "metadata" }, new Metadata { { "x-text", "plain text" }, { "x-bytes-bin", all } });
        await Wait.For(call.ResponseAsync);
        foreach (var received in new[] { await Wait.For(call.ResponseHeadersAsync), call.GetTrailers() })
        {
            Assert.Equal("plain text", received.GetValue("x-text"));
            Assert.Equal(all, received.GetValueBytes("x-bytes-bin"));
        }
    }

    [Fact]
    public async Task Health_check()
    {
        var client = new Health.V1.Health.HealthClient(await server.ChannelAsync());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await Wait.For(client.CheckAsync(new HealthCheckRequest()).ResponseAsync)).Status);
        Assert.Equal(StatusCode.NotFound, (await Wait.Failure(() => client.CheckAsync(new HealthCheckRequest { Service = "nothing" }).ResponseAsync)).StatusCode);
        using var watch = client.Watch(new HealthCheckRequest());
        Assert.True(await Wait.For(watch.ResponseStream.MoveNext()));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.ServiceUnknown, watch.ResponseStream.Current.Status);
    }

    /// <summary>One Python process for all tests of the class.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private readonly Lazy<Task<(Process Process, GrpcChannel Channel)>> _running = new(StartAsync);

        public ValueTask InitializeAsync() => ValueTask.CompletedTask;

        public async Task<GrpcChannel> ChannelAsync() => (await _running.Value).Channel;

        public async Task<Notes.NotesClient> NotesAsync() => new(await ChannelAsync());

        public async ValueTask DisposeAsync()
        {
            if (!_running.IsValueCreated || !_running.Value.IsCompletedSuccessfully) return;
            var (process, channel) = await _running.Value;
            channel.Dispose();
            process.StandardInput.Close();
            try
            {
                await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
            }
            catch (TimeoutException)
            {
                process.Kill();
            }
            process.Dispose();
        }

        private static async Task<(Process Process, GrpcChannel Channel)> StartAsync()
        {
            var process = await Python.StartAsync("server.py");
            var line = await Wait.For(process.StandardOutput.ReadLineAsync());
            if (line is null) Assert.Fail(await process.StandardError.ReadToEndAsync());
            var port = int.Parse(line, CultureInfo.InvariantCulture);
            return (process, GrpcChannel.ForAddress($"http://127.0.0.1:{port}", new GrpcChannelOptions { MaxReceiveMessageSize = null }));
        }
    }
}
