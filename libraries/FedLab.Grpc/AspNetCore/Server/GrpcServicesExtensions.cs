using Grpc.AspNetCore.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers gRPC.</summary>
public static class GrpcServicesExtensions
{
    /// <summary>Registers what <c>MapGrpcService</c> needs.</summary>
    /// <param name="services">The services of the application.</param>
    public static IGrpcServerBuilder AddGrpc(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddRouting();
        services.AddOptions<GrpcServiceOptions>()
            .Validate(options => options.MaxReceiveMessageSize is null or >= 0, "GrpcServiceOptions.MaxReceiveMessageSize must be null (no limit) or at least 0 bytes.")
            .Validate(options => options.MaxSendMessageSize is null or >= 0, "GrpcServiceOptions.MaxSendMessageSize must be null (no limit) or at least 0 bytes.")
            .Validate(options => options.MaxReceiveMetadataSize > 0, "GrpcServiceOptions.MaxReceiveMetadataSize must be at least 1 byte.")
            .Validate(options => options.MaxSendMetadataSize >= 0, "GrpcServiceOptions.MaxSendMetadataSize must be at least 0 bytes.");
        services.TryAddSingleton<ServerCallDispatcher>();
        return new GrpcServerBuilder(services);
    }

    /// <summary>Registers what <c>MapGrpcService</c> needs, with settings.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configureOptions">Changes the settings.</param>
    public static IGrpcServerBuilder AddGrpc(this IServiceCollection services, Action<GrpcServiceOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(configureOptions);
        var builder = services.AddGrpc();
        services.Configure(configureOptions);
        return builder;
    }

    private sealed class GrpcServerBuilder(IServiceCollection services) : IGrpcServerBuilder
    {
        public IServiceCollection Services => services;
    }
}
