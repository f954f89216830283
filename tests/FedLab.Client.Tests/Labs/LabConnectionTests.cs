using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FedLab.Client.Labs;

namespace FedLab.Client.Tests.Labs;

public sealed class LabConnectionTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_wait_for_the_parties_that_is_cancelled_in_the_middle_of_a_call_ends_as_cancelled()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}"));
        var project = ProjectFolder.Create(_folder.File("lab"), "credit", address, "alice", TimeProvider.System);
        using var lab = new LabConnection(address, project.LeadKeys, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var waiting = lab.WaitForPartiesAsync([], Patience, Patience, "coordinator.log", stop.Token);
        // Who dials is connected and hears nothing: the call is under way.
        using var connection = await silent.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
