using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FedLab.Operation.Management;

namespace FedLab.Operation.Tests;

/// <summary>What a watcher of programs learns by the command <c>health</c>. It reads the environment, which other tests change.</summary>
[Collection(LayeredConfigurationTests.OfEnvironment)]
public sealed class HealthCommandTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_health_command_asks_the_program_of_a_home_and_tells_by_line_and_exit_code()
    {
        var folder = Directory.CreateTempSubdirectory("fedlab-health").FullName;
        try
        {
            using var held = new HeldPort();
            var port = held.Number;
            File.WriteAllText(Path.Combine(folder, "home.json"), $$"""{ "name": "bank", "data": { "invented": 1 }, "management": { "listen": "0.0.0.0", "port": {{port}} } }""");
            var (code, line) = await HealthAsync("--home", folder);
            Assert.Equal(1, code);
            Assert.Contains($"127.0.0.1:{port}", line, StringComparison.Ordinal);
            string[] reasons = ["not connected to the coordinator"];
            await using (await ManagementServer.StartAsync(new ManagementOptions { Port = port }, () => reasons, Cancellation))
            {
                Assert.Equal((1, "not ready: not connected to the coordinator"), await HealthAsync("--home", folder));
                reasons = [];
                Assert.Equal((0, "ready"), await HealthAsync("--home", folder));
                Assert.Equal((0, "ready"), await HealthAsync("--management", $"127.0.0.1:{port}"));
                Assert.Equal((0, "ready"), await HealthAsync("--home", folder, "--set", $"management.port={port}"));
            }
            // Whoever listens there and never answers, or answers something else.
            using var other = new TcpListener(IPAddress.Loopback, 0);
            other.Start();
            var address = other.LocalEndpoint.ToString()!;
            Assert.Contains("no answer within", (await HealthAsync("--management", address)).Line, StringComparison.Ordinal);
            (await other.AcceptTcpClientAsync(Cancellation)).Dispose();
            foreach (var answer in (string[])["", "nonsense", "HTTP/1.1 200", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 404 Not Found\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n"])
            {
                var asked = HealthAsync("--management", address);
                using (var connection = await other.AcceptTcpClientAsync(Cancellation))
                {
                    var stream = connection.GetStream();
                    _ = await stream.ReadAsync(new byte[1024], Cancellation);
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), Cancellation);
                }
                Assert.Equal((1, $"Another program listens on {address}."), await asked);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("--home")]
    [InlineData("--home", "/nowhere")]
    [InlineData("--home", "/nowhere", "--port", "1")]
    [InlineData("--set", "management.port=1")]
    [InlineData("--management", "127.0.0.1")]
    [InlineData("--management", "here:9464")]
    public async Task A_health_command_that_cannot_ask_anybody_is_2(params string[] arguments) => Assert.Equal((2, ""), await HealthAsync(arguments));

    private static async Task<(int Code, string Line)> HealthAsync(params string[] arguments)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var code = await HealthCommand.RunAsync(arguments, "home.json", output);
        var line = output.ToString().TrimEnd();
        Assert.DoesNotContain('\n', line);
        return (code, line);
    }
}
