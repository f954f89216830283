using System.IO.Pipelines;
using System.Net;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>The request body of a call with one request.</summary>
/// <typeparam name="T">The request message.</typeparam>
internal sealed class SingleRequestContent<T>(HttpCall call, Marshaller<T> marshaller, int? limit, T request) : HttpContent
    where T : class
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var pipe = PipeWriter.Create(stream, RequestStreamContent.WriterOptions);
        try
        {
            new MessageWriter<T>(pipe, marshaller, limit).Write(request);
        }
        catch (RpcException e)
        {
            call.End(e);
            await pipe.CompleteAsync(e).ConfigureAwait(false);
            throw;
        }
        // Without the HTTP client's token: the stream itself notices when the request is given up, and says why.
        await pipe.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        await pipe.CompleteAsync().ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
