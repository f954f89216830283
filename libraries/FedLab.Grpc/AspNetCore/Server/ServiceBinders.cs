using System.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>Makes an endpoint of every method that generated code adds.</summary>
internal abstract class EndpointBinder(IEndpointRouteBuilder builder, ServerCallDispatcher dispatcher) : ServiceBinderBase
{
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);

    public List<IEndpointConventionBuilder> Endpoints { get; } = [];

    protected void Map<TRequest, TResponse>(Method<TRequest, TResponse> method, Func<ServerCall<TRequest, TResponse>, Task> handler)
        where TRequest : class
        where TResponse : class
    {
        Endpoints.Add(builder.MapPost(method.FullName, http => dispatcher.InvokeAsync(http, method, handler)).WithDisplayName("gRPC " + method.FullName));
        if (_services.Add(method.ServiceName))
        {
            Endpoints.Add(builder.MapPost("/" + method.ServiceName + "/{unknownMethod}", http => dispatcher.RefuseUnknownMethodAsync(http, method.ServiceName)).WithDisplayName("gRPC unknown method of " + method.ServiceName));
        }
    }
}

/// <summary>Binds to the object whose methods the generated code hands over.</summary>
internal sealed class ServiceObjectBinder(IEndpointRouteBuilder builder, ServerCallDispatcher dispatcher) : EndpointBinder(builder, dispatcher)
{
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        Map(method, async call => call.SetResponse(await NotNull(handler)(await call.ReadSingleAsync(), call.Context)));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        Map(method, async call => call.SetResponse(await NotNull(handler)(call.Requests, call.Context)));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        Map(method, async call => await NotNull(handler)(await call.ReadSingleAsync(), call.Responses, call.Context));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        Map(method, call => NotNull(handler)(call.Requests, call.Responses, call.Context));

    private static T NotNull<T>(T? handler)
        where T : class => handler ?? throw new InvalidOperationException("The service definition was made without an implementation.");
}

/// <summary>Binds to a service type, of which every call gets its own object unless one is registered.</summary>
internal sealed class ServiceTypeBinder<TService>(IEndpointRouteBuilder builder, ServerCallDispatcher dispatcher) : EndpointBinder(builder, dispatcher)
    where TService : class
{
    private static readonly ObjectFactory<TService> Create = ActivatorUtilities.CreateFactory<TService>([]);

    private delegate Task<TResponse> Unary<TRequest, TResponse>(TService service, TRequest request, ServerCallContext context);

    private delegate Task<TResponse> ClientStreaming<TRequest, TResponse>(TService service, IAsyncStreamReader<TRequest> requests, ServerCallContext context);

    private delegate Task ServerStreaming<TRequest, TResponse>(TService service, TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context);

    private delegate Task DuplexStreaming<TRequest, TResponse>(TService service, IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context);

    /// <summary>Finds the generated method that adds all methods of the service, and calls it.</summary>
    public void BindAll()
    {
        for (var type = typeof(TService).BaseType; type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is not { } marker) continue;
            var bind = marker.BindType.GetMethod(marker.BindMethodName, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static, [typeof(ServiceBinderBase), type])
                ?? throw new InvalidOperationException($"{marker.BindType} has no method {marker.BindMethodName}(ServiceBinderBase, {type.Name}).");
            bind.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [this, null], null);
            return;
        }
        throw new InvalidOperationException($"{typeof(TService)} does not derive from a service base that Grpc.Tools generated.");
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var invoke = Open<Unary<TRequest, TResponse>>(method.Name, typeof(TRequest), typeof(ServerCallContext));
        Map(method, call => WithServiceAsync(call.Http, async service => call.SetResponse(await invoke(service, await call.ReadSingleAsync(), call.Context))));
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var invoke = Open<ClientStreaming<TRequest, TResponse>>(method.Name, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        Map(method, call => WithServiceAsync(call.Http, async service => call.SetResponse(await invoke(service, call.Requests, call.Context))));
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var invoke = Open<ServerStreaming<TRequest, TResponse>>(method.Name, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Map(method, call => WithServiceAsync(call.Http, async service => await invoke(service, await call.ReadSingleAsync(), call.Responses, call.Context)));
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var invoke = Open<DuplexStreaming<TRequest, TResponse>>(method.Name, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Map(method, call => WithServiceAsync(call.Http, service => invoke(service, call.Requests, call.Responses, call.Context)));
    }

    private static TDelegate Open<TDelegate>(string name, params Type[] parameters)
        where TDelegate : Delegate
    {
        var method = typeof(TService).GetMethod(name, BindingFlags.Public | BindingFlags.Instance, parameters) ?? throw new InvalidOperationException($"{typeof(TService)} has no public method {name} with the generated parameters.");
        return method.CreateDelegate<TDelegate>();
    }

    private static async Task WithServiceAsync(HttpContext http, Func<TService, Task> use)
    {
        if (http.RequestServices.GetService<TService>() is { } registered)
        {
            await use(registered);
            return;
        }
        var service = Create(http.RequestServices, []);
        try
        {
            await use(service);
        }
        finally
        {
            if (service is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync();
            else (service as IDisposable)?.Dispose();
        }
    }
}
