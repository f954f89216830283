using Grpc.Core;
using Grpc.Tests.Trial;

namespace Grpc.Tests.Support;

/// <summary>A service whose handlers each test gives it; what a test leaves out echoes.</summary>
internal sealed class NotesService : Notes.NotesBase
{
    public UnaryServerMethod<Note, Note> OnSingle { get; init; } = (request, _) => Task.FromResult(request);

    public ClientStreamingServerMethod<Note, Note> OnCollect { get; init; } = async (requests, context) =>
    {
        var sum = new Note();
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken)) sum.Number += (uint)request.Payload.Length + request.Number;
        return sum;
    };

    public ServerStreamingServerMethod<Note, Note> OnExpand { get; init; } = async (request, responses, _) =>
    {
        for (var i = 0u; i < request.Number; i++) await responses.WriteAsync(new Note { Number = i, Payload = request.Payload });
    };

    public DuplexStreamingServerMethod<Note, Note> OnTalk { get; init; } = async (requests, responses, context) =>
    {
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken)) await responses.WriteAsync(request);
    };

    public override Task<Note> Single(Note request, ServerCallContext context) => OnSingle(request, context);

    public override Task<Note> Collect(IAsyncStreamReader<Note> requestStream, ServerCallContext context) => OnCollect(requestStream, context);

    public override Task Expand(Note request, IServerStreamWriter<Note> responseStream, ServerCallContext context) => OnExpand(request, responseStream, context);

    public override Task Talk(IAsyncStreamReader<Note> requestStream, IServerStreamWriter<Note> responseStream, ServerCallContext context) => OnTalk(requestStream, responseStream, context);
}
