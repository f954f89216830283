using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests;

/// <summary>The server of this layer under the client of another implementation: python3-grpcio.</summary>
public sealed class PythonClientTests(PythonClientTests.Run run) : IClassFixture<PythonClientTests.Run>
{
    private const string ChineseMessage = "not now: 不行 100%";

    [Fact]
    public async Task Unary() => Assert.Equal("[7,\"中文\",true]", Compact(await run.ValueAsync("unary")));

    [Fact]
    public async Task Client_stream() => Assert.Equal(5050, (await run.ValueAsync("client_stream")).GetInt32());

    [Fact]
    public async Task Server_stream() => Assert.Equal("[0,1,2,3,4]", Compact(await run.ValueAsync("server_stream")));

    [Fact]
    public async Task Duplex() => Assert.Equal("[0,1,2,3,4]", Compact(await run.ValueAsync("duplex")));

    [Fact]
    public async Task Thirty_two_mebibytes() => Assert.Equal(32 << 20, (await run.ValueAsync("large")).GetInt32());

    [Theory]
    [InlineData("failed_precondition")]
    [InlineData("failed_precondition_in_a_stream")]
    public async Task Failed_precondition_with_a_chinese_message(string scenario) => Assert.Equal(("FAILED_PRECONDITION", ChineseMessage), await run.FailureAsync(scenario));

    [Theory]
    [InlineData("unimplemented_method")]
    [InlineData("unimplemented_service")]
    [InlineData("compressed")]
    public async Task Unimplemented(string scenario) => Assert.Equal("UNIMPLEMENTED", (await run.FailureAsync(scenario)).Code);

    [Fact]
    public async Task Deadline_exceeded() => Assert.Equal("DEADLINE_EXCEEDED", (await run.FailureAsync("deadline")).Code);

    [Fact]
    public async Task Binary_metadata()
    {
        var all = Convert.ToHexStringLower([.. Enumerable.Range(0, 256).Select(i => (byte)i)]);
        foreach (var received in (await run.ValueAsync("metadata")).EnumerateArray())
        {
            Assert.Equal("plain text", received.GetProperty("x-text").GetString());
            Assert.Equal(all, received.GetProperty("x-bytes-bin").GetString());
        }
    }

    [Fact]
    public async Task Cancellation() => Assert.Equal("[\"StatusCode.CANCELLED\",true]", Compact(await run.ValueAsync("cancellation")));

    [Fact]
    public async Task Health_check() => Assert.Equal("[1,3,\"NOT_FOUND\"]", Compact(await run.ValueAsync("health")));

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element, Run.Json);

    /// <summary>Runs all scenarios once.</summary>
    public sealed class Run : IAsyncLifetime
    {
        public static readonly JsonSerializerOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

        private readonly Lazy<Task<Dictionary<string, JsonElement>>> _results = new(RunAsync);

        public ValueTask InitializeAsync() => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public async Task<JsonElement> ValueAsync(string scenario)
        {
            var result = (await _results.Value)[scenario];
            Assert.True(result.TryGetProperty("value", out var value), result.ToString());
            return value;
        }

        public async Task<(string Code, string Details)> FailureAsync(string scenario)
        {
            var result = (await _results.Value)[scenario];
            Assert.True(result.TryGetProperty("code", out var code), result.ToString());
            return (code.GetString()!, result.GetProperty("details").GetString()!);
        }

        private static async Task<Dictionary<string, JsonElement>> RunAsync()
        {
            var cancelled = 0;
            var health = new HealthServiceImpl();
            health.SetStatus("", HealthCheckResponse.Types.ServingStatus.Serving);
            var service = new NotesService
            {
                OnSingle = async (request, context) =>
                {
                    switch (request.Text)
                    {
                        case "fail":
                            throw new RpcException(new Status(StatusCode.FailedPrecondition, ChineseMessage));
                        case "wait":
                            await Task.Delay(Timeout.Infinite, context.CancellationToken);
                            break;
                        case "cancelled?":
                            return new Note { Number = (uint)Volatile.Read(ref cancelled) };
                        case "metadata":
                            var own = new Metadata();
                            foreach (var entry in context.RequestHeaders.Where(e => e.Key.StartsWith("x-", StringComparison.Ordinal))) own.Add(entry);
                            foreach (var entry in own) context.ResponseTrailers.Add(entry);
                            await context.WriteResponseHeadersAsync(own);
                            break;
                    }
                    return request;
                },
                OnTalk = async (requests, responses, context) =>
                {
                    await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
                    {
                        if (request.Text == "fail") throw new RpcException(new Status(StatusCode.FailedPrecondition, ChineseMessage));
                        if (request.Text == "count cancellations") context.CancellationToken.Register(() => Interlocked.Increment(ref cancelled));
                        await responses.WriteAsync(request);
                    }
                },
            };
            await using var server = await TestServer.StartAsync(service, build: b => b.Services.AddSingleton(health), map: app =>
            {
                app.MapGrpcService<NotesService>();
                app.MapGrpcService<HealthServiceImpl>();
            });
            using var client = await Python.StartAsync("client.py", server.Address.Port.ToString(CultureInfo.InvariantCulture));
            try
            {
                var errors = client.StandardError.ReadToEndAsync();
                var output = await client.StandardOutput.ReadToEndAsync().WaitAsync(3 * Wait.Limit); // each scenario has a limit of its own
                Assert.True(output.Length > 0, await Wait.For(errors));
                return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(output)!;
            }
            finally
            {
                if (!client.HasExited) client.Kill();
            }
        }
    }
}
