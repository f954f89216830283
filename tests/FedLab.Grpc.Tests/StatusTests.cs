using Grpc.Core;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;
using Microsoft.Extensions.Logging;

namespace Grpc.Tests;

public sealed class StatusTests
{
    [Fact]
    public async Task A_status_with_any_text_and_trailers_reaches_the_client_in_every_kind_of_call()
    {
        const string Text = "余额不足 100% – no\tcontrol\r\ncharacters lost 🙂";
        static RpcException Refusal() => new(new Status(StatusCode.FailedPrecondition, Text), new Metadata { { "reason-bin", [1, 2, 3] } });
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = (_, _) => throw Refusal(),
            OnCollect = async (requests, context) =>
            {
                await requests.MoveNext(context.CancellationToken);
                throw Refusal();
            },
            OnExpand = async (_, responses, _) =>
            {
                await responses.WriteAsync(new Note());
                throw Refusal();
            },
            OnTalk = async (requests, responses, context) =>
            {
                await requests.MoveNext(context.CancellationToken);
                throw Refusal();
            },
        });
        var client = server.Client();
        var failures = new List<RpcException> { await Wait.Failure(() => client.SingleAsync(new Note()).ResponseAsync) };
        using var collect = client.Collect();
        await collect.RequestStream.CompleteAsync();
        failures.Add(await Wait.Failure(() => collect.ResponseAsync));
        using var expand = client.Expand(new Note());
        Assert.True(await Wait.For(expand.ResponseStream.MoveNext()));
        failures.Add(await Wait.Failure(() => expand.ResponseStream.MoveNext()));
        failures.Add(await Wait.Failure(() => expand.ResponseStream.MoveNext()));
        using var talk = client.Talk();
        await talk.RequestStream.CompleteAsync();
        failures.Add(await Wait.Failure(() => talk.ResponseStream.MoveNext()));
        Assert.All(failures, failure =>
        {
            Assert.Equal(StatusCode.FailedPrecondition, failure.StatusCode);
            Assert.Equal(Text, failure.Status.Detail);
            Assert.Equal([1, 2, 3], failure.Trailers.GetValueBytes("reason-bin"));
        });
        Assert.Equal([1, 2, 3], expand.GetTrailers().GetValueBytes("reason-bin"));
    }

    [Fact]
    public async Task An_exception_in_a_handler_is_unknown_to_the_client_and_known_to_the_log()
    {
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = (_, _) => throw new InvalidOperationException("the password is 12345"),
            OnCollect = (_, _) => Task.FromResult<Note>(null!),
            OnTalk = (_, _, _) => throw new OperationCanceledException("not because of the client"),
        });
        var client = server.Client();
        var failure = await Wait.Failure(() => client.SingleAsync(new Note()).ResponseAsync);
        Assert.Equal(StatusCode.Unknown, failure.StatusCode);
        Assert.DoesNotContain("12345", failure.ToString(), StringComparison.Ordinal);
        using var collect = client.Collect();
        Assert.Equal(StatusCode.Unknown, (await Wait.Failure(() => collect.ResponseAsync)).StatusCode);
        using var talk = client.Talk();
        Assert.Equal(StatusCode.Unknown, (await Wait.Failure(() => talk.ResponseStream.MoveNext())).StatusCode);
        var errors = server.Log.Entries.Where(e => e.Level == LogLevel.Error).ToList();
        Assert.Equal(3, errors.Count);
        Assert.Contains(errors, e => e.Message.Contains("/fedlab.trial.Notes/Single", StringComparison.Ordinal) && e.Exception!.Message.Contains("12345", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_handler_may_set_the_status_without_an_exception()
    {
        await using var server = await TestServer.StartAsync(new NotesService
        {
            OnSingle = (request, context) =>
            {
                context.Status = new Status(StatusCode.NotFound, "no such note");
                return Task.FromResult(request);
            },
        });
        var failure = await Wait.Failure(() => server.Client().SingleAsync(new Note()).ResponseAsync);
        Assert.Equal((StatusCode.NotFound, "no such note"), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task Methods_and_services_that_do_not_exist_are_unimplemented()
    {
        await using var server = await TestServer.StartAsync();
        var invoker = server.Connect().CreateCallInvoker();
        foreach (var (service, name) in new[] { ("fedlab.trial.Notes", "Nothing"), ("fedlab.trial.Nothing", "Single") })
        {
            var marshaller = Marshallers.Create(_ => [], _ => new Note());
            var method = new Method<Note, Note>(MethodType.Unary, service, name, marshaller, marshaller);
            var failure = await Wait.Failure(() => invoker.AsyncUnaryCall(method, null, default, new Note()).ResponseAsync);
            Assert.Equal(StatusCode.Unimplemented, failure.StatusCode);
        }
    }

    [Fact]
    public async Task A_long_text_is_cut_instead_of_breaking_the_connection()
    {
        var text = string.Concat(Enumerable.Repeat("错误", 20_000));
        await using var server = await TestServer.StartAsync(new NotesService { OnSingle = (_, _) => throw new RpcException(new Status(StatusCode.Aborted, text)) });
        var failure = await Wait.Failure(() => server.Client().SingleAsync(new Note()).ResponseAsync);
        Assert.Equal(StatusCode.Aborted, failure.StatusCode);
        Assert.StartsWith(failure.Status.Detail, text, StringComparison.Ordinal);
        Assert.InRange(failure.Status.Detail.Length, 400, 4096);
    }
}
