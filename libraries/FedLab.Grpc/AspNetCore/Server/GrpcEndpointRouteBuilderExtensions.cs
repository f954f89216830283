using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps gRPC services to endpoints.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps every method of a service. The service object is taken from the application's services if it is registered
    /// there, and otherwise created for each call and disposed after it.
    /// </summary>
    /// <typeparam name="TService">The implementation, derived from the generated base.</typeparam>
    /// <param name="builder">The application.</param>
    /// <exception cref="InvalidOperationException"><c>AddGrpc</c> was not called, or the type does not derive from a generated base.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        var binder = new ServiceTypeBinder<TService>(builder, Dispatcher(builder));
        binder.BindAll();
        return new GrpcServiceEndpointConventionBuilder(binder.Endpoints);
    }

    /// <summary>Maps every method of a service to the object that the definition was made with; it serves all calls.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="serviceDefinition">What the generated <c>BindService</c> returned.</param>
    /// <exception cref="InvalidOperationException"><c>AddGrpc</c> was not called.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService(this IEndpointRouteBuilder builder, ServerServiceDefinition serviceDefinition)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(serviceDefinition);
        var binder = new ServiceObjectBinder(builder, Dispatcher(builder));
        serviceDefinition.BindService(binder);
        return new GrpcServiceEndpointConventionBuilder(binder.Endpoints);
    }

    private static ServerCallDispatcher Dispatcher(IEndpointRouteBuilder builder) =>
        builder.ServiceProvider.GetService<ServerCallDispatcher>() ?? throw new InvalidOperationException("gRPC is not registered: call services.AddGrpc() before MapGrpcService.");
}
