using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Grpc.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task Check_answers_what_was_set_and_refuses_unknown_services()
    {
        var health = new HealthServiceImpl();
        await using var server = await StartAsync(health);
        var client = new Health.V1.Health.HealthClient(server.Connect());
        Assert.Equal(StatusCode.NotFound, (await Wait.Failure(() => client.CheckAsync(new HealthCheckRequest()).ResponseAsync)).StatusCode);
        health.SetStatus("", ServingStatus.Serving);
        health.SetStatus("fedlab.v1.Lab", ServingStatus.NotServing);
        Assert.Equal(ServingStatus.Serving, (await Wait.For(client.CheckAsync(new HealthCheckRequest()).ResponseAsync)).Status);
        Assert.Equal(ServingStatus.NotServing, (await Wait.For(client.CheckAsync(new HealthCheckRequest { Service = "fedlab.v1.Lab" }).ResponseAsync)).Status);
        health.ClearAll();
        Assert.Equal(StatusCode.NotFound, (await Wait.Failure(() => client.CheckAsync(new HealthCheckRequest()).ResponseAsync)).StatusCode);
    }

    [Fact]
    public async Task Watch_tells_the_status_at_once_and_every_change()
    {
        var health = new HealthServiceImpl();
        await using var server = await StartAsync(health);
        var client = new Health.V1.Health.HealthClient(server.Connect());
        using var watch = client.Watch(new HealthCheckRequest { Service = "lab" });
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch));
        health.SetStatus("lab", ServingStatus.Serving);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
        health.SetStatus("other", ServingStatus.NotServing);
        health.SetStatus("lab", ServingStatus.Serving);
        health.SetStatus("lab", ServingStatus.NotServing);
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
        health.ClearStatus("lab");
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch));
    }

    [Fact]
    public async Task A_server_stops_although_somebody_watches()
    {
        var health = new HealthServiceImpl();
        await using var server = await StartAsync(health);
        using var watch = new Health.V1.Health.HealthClient(server.Connect()).Watch(new HealthCheckRequest());
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch));
        var stopping = server.StopAsync();
        Assert.Equal(StatusCode.Unavailable, (await Wait.Failure(() => watch.ResponseStream.MoveNext())).StatusCode);
        await Wait.For(stopping);
    }

    private static Task<TestServer> StartAsync(HealthServiceImpl health) =>
        TestServer.StartAsync(build: b => b.Services.AddSingleton(health), map: app => app.MapGrpcService<HealthServiceImpl>());

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await Wait.For(watch.ResponseStream.MoveNext()));
        return watch.ResponseStream.Current.Status;
    }
}
