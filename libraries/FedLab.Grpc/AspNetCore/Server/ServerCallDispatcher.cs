using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// Takes HTTP requests for gRPC methods: looks at the headers, answers what is not a proper gRPC request, and runs the
/// handler of what is.
/// </summary>
internal sealed class ServerCallDispatcher(IOptions<GrpcServiceOptions> options, ILoggerFactory loggers, IServiceProvider services)
{
    private readonly GrpcServiceOptions _options = options.Value;
    private readonly ILogger _logger = loggers.CreateLogger("Grpc.AspNetCore.Server.ServerCall");
    private readonly TimeProvider _time = services.GetService<TimeProvider>() ?? TimeProvider.System;
    private readonly CancellationToken _stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;

    public async Task InvokeAsync<TRequest, TResponse>(HttpContext http, Method<TRequest, TResponse> method, Func<ServerCall<TRequest, TResponse>, Task> handler)
        where TRequest : class
        where TResponse : class
    {
        if (!IsGrpcRequest(http)) return;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null; // a stream may be idle for hours
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null; // messages have a limit, streams have none
        if (CheckHeaders(http.Request.Headers, out var metadata, out var timeout) is { } refusal)
        {
            Log.CallRefused(_logger, method.FullName, refusal.StatusCode, refusal.Detail);
            new ServerResponse(http, _options.MaxSendMetadataSize).Refuse(refusal);
            return;
        }
        using var call = new ServerCall<TRequest, TResponse>(http, method, metadata, timeout, _options, _time, _logger);
        var stopping = method.Type == MethodType.Unary ? CancellationToken.None : _stopping;
        await call.RunAsync(handler, stopping);
    }

    public Task RefuseUnknownMethodAsync(HttpContext http, string service)
    {
        if (IsGrpcRequest(http))
        {
            var refusal = new Status(StatusCode.Unimplemented, $"The service {service} has no such method.");
            Log.CallRefused(_logger, service, refusal.StatusCode, refusal.Detail);
            new ServerResponse(http, _options.MaxSendMetadataSize).Refuse(refusal);
        }
        return Task.CompletedTask;
    }

    private static bool IsGrpcRequest(HttpContext http)
    {
        if (!ProtocolNames.IsGrpcContentType(http.Request.ContentType))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return false;
        }
        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && !HttpProtocol.IsHttp3(http.Request.Protocol))
        {
            http.Response.StatusCode = StatusCodes.Status505HttpVersionNotsupported;
            return false;
        }
        return true;
    }

    private Status? CheckHeaders(IHeaderDictionary headers, out Metadata metadata, out TimeSpan? timeout)
    {
        (metadata, timeout) = ([], null);
        if (!string.Equals(headers.TE.ToString(), ProtocolNames.Trailers, StringComparison.OrdinalIgnoreCase))
        {
            return new Status(StatusCode.Internal, "The request lacks the header 'te: trailers'; something between client and server may not pass trailers.");
        }
        long size = 0;
        foreach (var (name, values) in headers)
        {
            foreach (var value in values) size += MetadataText.FieldSize(name, value);
        }
        if (size > _options.MaxReceiveMetadataSize)
        {
            return new Status(StatusCode.ResourceExhausted, $"The request headers of {size} bytes are over the limit of {_options.MaxReceiveMetadataSize} bytes (MaxReceiveMetadataSize).");
        }
        if (headers.TryGetValue(ProtocolNames.Timeout, out var text))
        {
            if (!TimeoutText.TryParse(text.ToString(), out var parsed)) return new Status(StatusCode.Internal, $"The header grpc-timeout is malformed: '{text}'. It must be at most eight digits and a unit (H, M, S, m, u, n).");
            timeout = parsed;
        }
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                if (!MetadataText.TryAdd(metadata, name, value ?? "")) return new Status(StatusCode.Internal, $"The metadata '{name.ToLowerInvariant()}' is not base64.");
            }
        }
        return null;
    }
}
