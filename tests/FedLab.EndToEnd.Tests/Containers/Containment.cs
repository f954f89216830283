using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json;

namespace FedLab.EndToEnd.Tests.Containers;

/// <summary>What a container of a lab must not be able to do, looked at from outside.</summary>
internal static class Containment
{
    private const int CoordinatorPort = 7443;

    public static Task<string> InspectAsync(string id, string format) => DockerProgram.RunAsync("docker", ["inspect", "--format", format, id]);

    public static string HealthOf(string id) => InspectAsync(id, "{{.State.Health.Status}}").GetAwaiter().GetResult();

    /// <summary>Not root, nothing writable but its home and /tmp, no capability, no way to more rights.</summary>
    public static async Task AssertConfinedAsync(string id)
    {
        Assert.Equal("true", await InspectAsync(id, "{{.HostConfig.ReadonlyRootfs}}"));
        var process = await InspectAsync(id, "{{.State.Pid}}");
        var status = await File.ReadAllLinesAsync($"/proc/{process}/status");
        Assert.Equal("0000000000000000", Field("CapEff"));
        Assert.Equal("0000000000000000", Field("CapBnd"));
        Assert.Equal("1", Field("NoNewPrivs"));
        Assert.DoesNotContain("0", Field("Uid").Split('\t'));
        string Field(string name) => status.Single(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Trim();
    }

    /// <summary>From a participant's network: the coordinator answers there, and neither its address elsewhere, nor this machine, nor anything beyond it.</summary>
    /// <param name="participant">The participant's container.</param>
    /// <param name="coordinator">The coordinator's container.</param>
    /// <param name="own">Name on the engine of the network that both share.</param>
    public static async Task AssertReachesCoordinatorAloneAsync(string participant, string coordinator, string own)
    {
        using var machine = new TcpListener(IPAddress.Any, 0);
        machine.Start();
        var port = ((IPEndPoint)machine.LocalEndpoint).Port;
        using var inspected = JsonDocument.Parse(await InspectAsync(coordinator, "{{json .NetworkSettings.Networks}}"));
        var networks = inspected.RootElement.EnumerateObject().ToDictionary(network => network.Name, network => network.Value, StringComparer.Ordinal);
        Assert.True(networks.Count > 2);
        Assert.True(await ReachesAsync(participant, Address(networks[own], "IPAddress"), CoordinatorPort), "the coordinator is not reached");
        // That of another institution, and the lead's.
        foreach (var (name, network) in networks.Where(network => network.Key != own)) Assert.False(await ReachesAsync(participant, Address(network, "IPAddress"), CoordinatorPort), $"the network {name} is reached");
        var addresses = NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(unicast => unicast.Address)
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address)).Select(address => address.ToString()).ToHashSet(StringComparer.Ordinal);
        if (Address(networks[own], "Gateway") is { Length: > 0 } gateway) addresses.Add(gateway);
        Assert.NotEmpty(addresses);
        foreach (var address in addresses) Assert.False(await ReachesAsync(participant, address, port), $"this machine is reached at {address}");

        static string Address(JsonElement network, string name) => network.GetProperty(name).GetString() ?? "";
    }

    /// <summary>Whether a connection can be made from a container's network; the SDK image has a program that tries.</summary>
    private static async Task<bool> ReachesAsync(string id, string address, int port)
    {
        var script = string.Create(CultureInfo.InvariantCulture, $"nc -w 2 {address} {port} </dev/null >/dev/null 2>&1 && echo reached || echo not");
        return await DockerProgram.RunAsync("docker", ["run", "--rm", "--network", "container:" + id, "--entrypoint", "/bin/sh", LabImages.SdkImage, "-c", script]) == "reached";
    }
}
