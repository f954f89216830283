using FedLab.Coordinator.Configuration;

namespace FedLab.Coordinator.Containers;

/// <summary>Adds what looks after the participants' containers, where the configuration names some.</summary>
internal static class ContainerServices
{
    /// <summary>Adds the supervisor and the leads' view of it.</summary>
    public static void AddContainers(this IServiceCollection services, CoordinatorHome home)
    {
        services.AddSingleton<ContainerService>();
        switch (home.Options.Containers)
        {
            case null:
                return;
            case { Swarm: true }:
                services.AddSingleton<SwarmSupervisor>().AddSingleton<ILabSupervisor>(provider => provider.GetRequiredService<SwarmSupervisor>());
                services.AddHostedService(provider => provider.GetRequiredService<SwarmSupervisor>());
                return;
            default:
                services.AddSingleton<ContainerSupervisor>().AddSingleton<ILabSupervisor>(provider => provider.GetRequiredService<ContainerSupervisor>());
                services.AddHostedService(provider => provider.GetRequiredService<ContainerSupervisor>());
                return;
        }
    }
}
