using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http;

namespace Grpc.Core;

/// <summary>What a call on ASP.NET Core has beyond gRPC.</summary>
public static class ServerCallContextExtensions
{
    /// <summary>The HTTP request of a call, with its connection and the client's certificate.</summary>
    /// <param name="serverCallContext">The call.</param>
    /// <exception cref="InvalidOperationException">The call did not come over HTTP.</exception>
    public static HttpContext GetHttpContext(this ServerCallContext serverCallContext)
    {
        ArgumentNullException.ThrowIfNull(serverCallContext);
        return (serverCallContext as HttpServerCallContext)?.Http ?? throw new InvalidOperationException("This call did not come over HTTP.");
    }
}
