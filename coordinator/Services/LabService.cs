using FedLab.Audit;
using FedLab.Coordinator.Auditing;
using FedLab.Coordinator.Runs;
using FedLab.Federation;
using FedLab.Federation.Channels;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Coordinator.Services;

/// <summary>The lab's gRPC service: who may call what, and in which words it is refused.</summary>
internal sealed class LabService(RunBook book, ModelShelf models, LabJournal journal, CheckpointKeeper checkpoints, ILogger<LabService> logger) : Lab.LabBase
{
    private const int DefaultListLimit = 100;
    private const int MaximumListLimit = 1000;
    private const int AuditChunkBytes = 1 << 20;

    public override async Task Session(IAsyncStreamReader<ParticipantFrame> requestStream, IServerStreamWriter<CoordinatorFrame> responseStream, ServerCallContext context)
    {
        var caller = Require(context, LabRole.Participant);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        patience.CancelAfter(LabProtocol.GreetingTimeout);
        if (!await requestStream.MoveNext(patience.Token).ConfigureAwait(false) || requestStream.Current.Hello is not { } hello)
            throw Refuse(context, StatusCode.InvalidArgument, Messages.NoGreeting);
        if (hello.ProtocolVersion != LabProtocol.Version) throw Refuse(context, StatusCode.FailedPrecondition, Messages.OtherProtocolVersion(caller.Name, hello.ProtocolVersion, LabProtocol.Version));
        if (hello.Party != caller.Name) throw Refuse(context, StatusCode.PermissionDenied, Messages.OtherName(hello.Party, caller.Name));
        if (book.SessionOf(caller.Name) is not { } session) throw Refuse(context, StatusCode.PermissionDenied, Messages.UnknownParty(caller.Name, book.Lab));
        if (hello.Instance.Length != LabProtocol.InstanceBytes || hello.Software.Length > 200) throw Refuse(context, StatusCode.InvalidArgument, Messages.NoGreeting);
        if (hello.CosigningVkey.Length > 0 && CosigningKeyProblem(hello.CosigningVkey, caller.Name) is { } problem) throw Refuse(context, StatusCode.InvalidArgument, problem);
        try
        {
            await session.ServeAsync(hello, requestStream, responseStream, context.CancellationToken).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists)
        {
            throw Refuse(context, e.StatusCode, e.Status.Detail);
        }
    }

    public override Task<RunDescription> CreateRun(CreateRunRequest request, ServerCallContext context)
    {
        var caller = Require(context, LabRole.Lead);
        try
        {
            return Task.FromResult(book.Propose(request.Spec.Span, caller.Name));
        }
        catch (ProtocolException e)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, e.Message));
        }
    }

    public override Task<RunDescription> GetRun(GetRunRequest request, ServerCallContext context)
    {
        Require(context, LabRole.Lead);
        return Task.FromResult(book.Find(request.Run) ?? throw NoSuchRun(request.Run));
    }

    public override Task<ListRunsReply> ListRuns(ListRunsRequest request, ServerCallContext context)
    {
        Require(context, LabRole.Lead);
        if (request.Limit is < 0 or > MaximumListLimit) throw new RpcException(new Status(StatusCode.InvalidArgument, Messages.FieldInvalid("ListRuns", "limit", Messages.MustBeBetween(request.Limit, 0, MaximumListLimit))));
        var reply = new ListRunsReply();
        reply.Runs.AddRange(book.List(request.Limit == 0 ? DefaultListLimit : request.Limit));
        return Task.FromResult(reply);
    }

    public override async Task WatchRun(WatchRunRequest request, IServerStreamWriter<RunEvent> responseStream, ServerCallContext context)
    {
        Require(context, LabRole.Lead);
        var any = false;
        await foreach (var change in book.WatchAsync(request.Run, context.CancellationToken).ConfigureAwait(false))
        {
            any = true;
            await responseStream.WriteAsync(change, context.CancellationToken).ConfigureAwait(false);
        }
        if (!any) throw NoSuchRun(request.Run);
    }

    public override Task<RunDescription> StopRun(StopRunRequest request, ServerCallContext context)
    {
        var caller = Require(context, LabRole.Lead);
        try
        {
            return Task.FromResult(book.Stop(request.Run, request.Reason.Length <= 1000 ? request.Reason : request.Reason[..1000], caller.Name) ?? throw NoSuchRun(request.Run));
        }
        catch (InvalidOperationException e)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, e.Message));
        }
    }

    public override Task<ListPartiesReply> ListParties(ListPartiesRequest request, ServerCallContext context)
    {
        Require(context, LabRole.Lead);
        var reply = new ListPartiesReply { Lab = book.Lab, LogVkey = book.LogKey };
        reply.Parties.AddRange(book.Parties());
        return Task.FromResult(reply);
    }

    public override async Task ListCatalogues(ListCataloguesRequest request, IServerStreamWriter<PartyCatalogue> responseStream, ServerCallContext context)
    {
        // Who comes this far is a lead or a participant of the lab's authority.
        var caller = AccessControl.CallerOf(context);
        if (caller.Role == LabRole.Participant && book.SessionOf(caller.Name) is null) throw Refuse(context, StatusCode.PermissionDenied, Messages.UnknownParty(caller.Name, book.Lab));
        var catalogues = book.Catalogues(request.Party);
        if (request.Party.Length > 0 && catalogues.Count == 0) throw new RpcException(new Status(StatusCode.NotFound, Messages.NoSuchParty(RunText.Clip(RunText.Shortened(request.Party)), string.Join(", ", book.Parties().Select(party => party.Name)))));
        foreach (var catalogue in catalogues) await responseStream.WriteAsync(catalogue, context.CancellationToken).ConfigureAwait(false);
    }

    public override async Task<PublishedModel> GetModel(GetModelRequest request, ServerCallContext context)
    {
        Require(context, LabRole.Lead);
        var model = EnvelopeHeader.IsName(request.Run) ? await models.FindAsync(request.Run, context.CancellationToken).ConfigureAwait(false) : null;
        return model ?? throw new RpcException(new Status(StatusCode.NotFound, Messages.NoSuchModel(request.Run)));
    }

    public override async Task DownloadAudit(DownloadAuditRequest request, IServerStreamWriter<AuditFileChunk> responseStream, ServerCallContext context)
    {
        Require(context, LabRole.Lead);
        var folder = Directory.CreateTempSubdirectory("fedlab-audit-").FullName;
        try
        {
            await checkpoints.CheckpointAsync(context.CancellationToken).ConfigureAwait(false);
            await journal.Log.ExportAsync(folder, context.CancellationToken).ConfigureAwait(false);
            foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                await SendAsync(path, Path.GetRelativePath(folder, path).Replace('\\', '/'), responseStream, context.CancellationToken).ConfigureAwait(false);
        }
        catch (AuditException e)
        {
            throw new RpcException(new Status(StatusCode.Internal, e.Message));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task SendAsync(string path, string name, IServerStreamWriter<AuditFileChunk> responses, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        var offset = 0L;
        do
        {
            var chunk = new byte[Math.Min(AuditChunkBytes, length - offset)];
            var read = await RandomAccess.ReadAsync(file, chunk, offset, cancellationToken).ConfigureAwait(false);
            await responses.WriteAsync(new AuditFileChunk { Path = name, Length = length, Data = UnsafeByteOperations.UnsafeWrap(chunk.AsMemory(0, read)) }, cancellationToken).ConfigureAwait(false);
            offset += read;
            if (read == 0) break;
        }
        while (offset < length);
    }

    private static string? CosigningKeyProblem(string text, string party)
    {
        try
        {
            var key = VerifierKey.Parse(text);
            return key.Type == NoteSignatureType.Cosignature && key.Name == party ? null : Messages.CosigningKeyInvalid(party);
        }
        catch (AuditException)
        {
            return Messages.CosigningKeyInvalid(party);
        }
    }

    private static RpcException NoSuchRun(string run) => new(new Status(StatusCode.NotFound, Messages.NoSuchRun(run.Length <= 128 ? run : run[..128])));

    private Caller Require(ServerCallContext context, LabRole role)
    {
        try
        {
            return AccessControl.Require(context, role);
        }
        catch (RpcException e)
        {
            Log.CallRefused(logger, context.Peer, e.Status.Detail);
            throw;
        }
    }

    private RpcException Refuse(ServerCallContext context, StatusCode code, string sentence)
    {
        Log.CallRefused(logger, context.Peer, sentence);
        return new RpcException(new Status(code, sentence));
    }
}
