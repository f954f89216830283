using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FedLab.Kernel.Zmtp;

namespace FedLab.Kernel.Tests.Zmtp;

/// <summary>The managed sockets against libzmq, and against peers that mean no good.</summary>
public sealed class PeerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_dealer_has_everything_answered_from_nothing_to_megabytes()
    {
        Libzmq.Require();
        byte[]? identity = null;
        await using var router = new RouterSocket(Any(), new ZmtpLimits(), (peer, frames, _) =>
        {
            identity = peer.Identity;
            RouterSocket.Send(peer, frames);
            return ValueTask.CompletedTask;
        });
        using var dealer = new Libzmq(Libzmq.Dealer, router.Port, identity: "front-end");
        foreach (var size in new[] { 0, 1, 255, 256, 70_000, 8 << 20 })
        {
            var body = new byte[size];
            for (var index = 0; index < size; index++) body[index] = (byte)(index * 31 + size);
            dealer.Send("head"u8.ToArray(), [], body);
            var answer = dealer.Receive();
            Assert.NotNull(answer);
            Assert.Equal(["head"u8.ToArray(), [], body], answer);
        }
        Assert.Equal("front-end"u8.ToArray(), identity);
    }

    [Fact]
    public async Task A_socket_closes_without_a_fault_while_peers_still_connect()
    {
        for (var round = 0; round < 500; round++)
        {
            var router = new RouterSocket(Any(), new ZmtpLimits(), (_, _, _) => ValueTask.CompletedTask);
            var port = router.Port;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var knocking = Enumerable.Range(0, 2).Select(_ => Task.Run(() => KnockAsync(port, end.Token), CancellationToken.None)).ToArray();
            await Task.Yield();
            await router.DisposeAsync().AsTask().WaitAsync(Patience, end.Token);
            await end.CancelAsync();
            await Task.WhenAll(knocking);
        }

        static async Task KnockAsync(int port, CancellationToken cancellationToken)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                }
                catch (Exception exception) when (exception is SocketException or OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    [Fact]
    public async Task A_message_finds_the_peer_by_its_identity()
    {
        Libzmq.Require();
        var known = new TaskCompletionSource();
        await using var router = new RouterSocket(Any(), new ZmtpLimits(), (_, _, _) =>
        {
            known.TrySetResult();
            return ValueTask.CompletedTask;
        });
        using var dealer = new Libzmq(Libzmq.Dealer, router.Port, identity: "asked");
        dealer.Send([1]);
        await known.Task.WaitAsync(Patience);
        Assert.True(router.SendTo("asked"u8, ["question"u8.ToArray()]));
        Assert.False(router.SendTo("other"u8, ["question"u8.ToArray()]));
        Assert.False(router.SendTo([], ["question"u8.ToArray()]));
        Assert.Equal(["question"u8.ToArray()], dealer.Receive());
    }

    [Fact]
    public async Task Subscribers_get_what_begins_with_their_prefix()
    {
        Libzmq.Require();
        await using var publisher = new PublisherSocket(Any(), ZmtpLimits.Small);
        using var all = new Libzmq(Libzmq.Sub, publisher.Port, subscribe: "");
        using var some = new Libzmq(Libzmq.Sub, publisher.Port, subscribe: "kernel.b");
        await SubscribedAsync(publisher, all, some);
        publisher.Publish(["kernel.a"u8.ToArray(), [1]]);
        publisher.Publish(["kernel.b"u8.ToArray(), [2]]);
        Assert.Equal(["kernel.a"u8.ToArray(), [1]], Next(all));
        Assert.Equal(["kernel.b"u8.ToArray(), [2]], Next(all));
        Assert.Equal(["kernel.b"u8.ToArray(), [2]], Next(some));
    }

    [Fact]
    public async Task Heartbeats_are_echoed()
    {
        Libzmq.Require();
        await using var heartbeat = new EchoSocket(Any(), ZmtpLimits.Small);
        using var client = new Libzmq(Libzmq.Req, heartbeat.Port);
        for (var beat = 0; beat < 3; beat++)
        {
            client.Send("ping"u8.ToArray());
            Assert.Equal(["ping"u8.ToArray()], client.Receive());
        }
    }

    [Fact]
    public async Task A_subscriber_that_does_not_read_keeps_nobody_waiting()
    {
        Libzmq.Require();
        var limits = ZmtpLimits.Small with { OutgoingBytes = 1 << 20 };
        await using var publisher = new PublisherSocket(Any(), limits);
        using var deaf = await GreetedAsync(publisher.Port, "SUB");
        await deaf.GetStream().WriteAsync(FramingTests.Message([[1]]));
        using var reader = new Libzmq(Libzmq.Sub, publisher.Port, subscribe: "");
        await SubscribedAsync(publisher, reader);
        var chunk = new byte[64 << 10];
        // A hundred times what may wait for the deaf one and what the system's own buffers take.
        for (var index = 0; index < 1600; index++)
        {
            chunk[0] = (byte)index;
            publisher.Publish(["x"u8.ToArray(), [.. chunk]]);
            Assert.Equal((byte)index, Next(reader)![1][0]);
        }
    }

    [Fact]
    public async Task Half_a_greeting_is_not_waited_for()
    {
        await using var router = new RouterSocket(Any(), new ZmtpLimits { Handshake = TimeSpan.FromMilliseconds(200) }, static (_, _, _) => ValueTask.CompletedTask);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, router.Port);
        await client.GetStream().WriteAsync(ZmtpWire.Greeting().AsMemory(0, 20));
        await ClosedAsync(client);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost:8888\r\nAccept: */*, a greeting is longer\r\n\r\n")]
    [InlineData("PULL")]
    [InlineData("READY twice")]
    public async Task Peers_that_speak_something_else_are_left(string said)
    {
        await using var router = new RouterSocket(Any(), new ZmtpLimits(), static (_, _, _) => ValueTask.CompletedTask);
        using var client = said == "PULL" || said.StartsWith("READY", StringComparison.Ordinal) ? await GreetedAsync(router.Port, said == "PULL" ? "PULL" : "DEALER") : new TcpClient();
        if (!client.Connected) await client.ConnectAsync(IPAddress.Loopback, router.Port);
        await client.GetStream().WriteAsync(said.StartsWith("GET", StringComparison.Ordinal) ? Encoding.ASCII.GetBytes(said) : [0xF0, 0x00]);
        await ClosedAsync(client);
    }

    [Fact]
    public async Task More_connections_than_allowed_are_closed_and_the_others_go_on()
    {
        Libzmq.Require();
        await using var router = new RouterSocket(Any(), new ZmtpLimits { Connections = 3 }, static (peer, frames, _) =>
        {
            RouterSocket.Send(peer, frames);
            return ValueTask.CompletedTask;
        });
        using var dealer = new Libzmq(Libzmq.Dealer, router.Port);
        dealer.Send([1]);
        Assert.NotNull(dealer.Receive());
        using var second = await GreetedAsync(router.Port, "DEALER");
        using var third = await GreetedAsync(router.Port, "DEALER");
        using var fourth = new TcpClient();
        await fourth.ConnectAsync(IPAddress.Loopback, router.Port);
        await ClosedAsync(fourth);
        dealer.Send([2]);
        Assert.Equal([[2]], dealer.Receive());
    }

    [Fact]
    public async Task A_peer_that_leaves_its_answers_unread_loses_its_connection()
    {
        await using var router = new RouterSocket(Any(), new ZmtpLimits { OutgoingBytes = 1 << 20 }, static (peer, frames, _) =>
        {
            for (var copies = 0; copies < 64; copies++) RouterSocket.Send(peer, [new byte[64 << 10]]);
            return ValueTask.CompletedTask;
        });
        using var client = await GreetedAsync(router.Port, "DEALER");
        try
        {
            for (var index = 0; index < 200; index++)
            {
                await client.GetStream().WriteAsync(FramingTests.Message([[1]]));
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }
            Assert.Fail("The connection is still there.");
        }
        catch (IOException)
        {
            // Closed, as it should be.
        }
    }

    [Fact]
    public async Task Closing_writes_what_is_queued_first()
    {
        Libzmq.Require();
        var asked = new TaskCompletionSource();
        var router = new RouterSocket(Any(), new ZmtpLimits(), (peer, _, _) =>
        {
            RouterSocket.Send(peer, ["bye"u8.ToArray()]);
            asked.TrySetResult();
            return ValueTask.CompletedTask;
        });
        using var dealer = new Libzmq(Libzmq.Dealer, router.Port);
        dealer.Send([1]);
        await asked.Task.WaitAsync(Patience);
        await router.DisposeAsync();
        Assert.Equal(["bye"u8.ToArray()], dealer.Receive());
    }

    private static IPEndPoint Any() => new(IPAddress.Loopback, 0);

    // Subscriptions arrive some time after the connection: until each has heard something, it is not subscribed.
    private static async Task SubscribedAsync(PublisherSocket publisher, params Libzmq[] subscribers)
    {
        var clock = Stopwatch.StartNew();
        var waiting = subscribers.Select(subscriber => Task.Run(subscriber.Receive)).ToArray();
        while (waiting.Any(heard => !heard.IsCompleted))
        {
            Assert.True(clock.Elapsed < Patience);
            publisher.Publish(["kernel.b.sync"u8.ToArray()]);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        Assert.All(await Task.WhenAll(waiting), Assert.NotNull);
    }

    private static List<byte[]>? Next(Libzmq subscriber)
    {
        while (true)
        {
            var message = subscriber.Receive();
            if (message is null || !message[0].AsSpan().SequenceEqual("kernel.b.sync"u8)) return message;
        }
    }

    private static async Task<TcpClient> GreetedAsync(int port, string type)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = client.GetStream();
        await stream.WriteAsync(ZmtpWire.Greeting());
        await stream.WriteAsync(ZmtpWire.ReadyCommand(type));
        var greeting = new byte[ZmtpWire.GreetingBytes];
        await stream.ReadExactlyAsync(greeting);
        return client;
    }

    private static async Task ClosedAsync(TcpClient client)
    {
        var stream = client.GetStream();
        var buffer = new byte[256];
        try
        {
            while (await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Reset instead of ended, which is as closed.
        }
    }
}
