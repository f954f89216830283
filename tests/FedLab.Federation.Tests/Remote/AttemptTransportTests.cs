using FedLab.Federation.Channels;
using FedLab.Federation.Remote;
using FedLab.Proto;

namespace FedLab.Federation.Tests.Remote;

/// <summary>The end of an attempt as a role meets it.</summary>
public sealed class AttemptTransportTests
{
    [Fact]
    public async Task A_wait_for_a_message_ends_only_after_the_attempt_is_known_to_be_over()
    {
        using var transport = new AttemptTransport("run", 1, new FrameOutbox<ParticipantFrame>(1), new ByteBudget(1), () => 1);
        Task<Envelope>? waiting = null;
        var hadEnded = true;
        await using var told = transport.Closed.Register(() =>
        {
            waiting = transport.ReceiveAsync(TestContext.Current.CancellationToken).AsTask();
            hadEnded = waiting.IsCompleted;
        });

        transport.Close();

        Assert.False(hadEnded);
        var end = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting!);
        Assert.Equal(transport.Closed, end.CancellationToken);
    }
}
