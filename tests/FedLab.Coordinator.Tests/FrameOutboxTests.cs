using FedLab.Federation;
using FedLab.Federation.Remote;
using FedLab.Proto;
using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;

namespace FedLab.Coordinator.Tests;

/// <summary>The two halves of a session against a line that breaks at any frame.</summary>
public sealed class FrameOutboxTests
{
    [Fact]
    public void Whatever_breaks_every_frame_is_taken_in_once_and_in_order()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<PositiveInt[]>(), ArbMap.Default.ArbFor<bool[]>(), (lives, acknowledges) => Survives([.. lives.Select(life => life.Get)], acknowledges)).Search();

        static bool Survives(int[] lives, bool[] acknowledges)
        {
            const int frames = 40;
            var outbox = new FrameOutbox<ParticipantFrame>(long.MaxValue);
            var taken = new List<ulong>();
            ulong acknowledged = 0;
            var counter = new FrameCounter(sequence => acknowledged = sequence);
            for (var i = 0; i < frames; i++) outbox.Enqueue(new ParticipantFrame { Decision = new Decision { Run = $"{i}" } }, bytes: 1);
            for (var connection = 0; connection <= lives.Length; connection++)
            {
                var left = connection < lives.Length ? lives[connection] : int.MaxValue;
                using var broken = new CancellationTokenSource();
                var writer = new Writer(frame =>
                {
                    if (frame.Sequence != 0 && counter.Accept(frame.Sequence))
                    {
                        taken.Add(frame.Sequence);
                        counter.Handled(Task.CompletedTask);
                        // An acknowledgement may be lost with the line, or come at once, while the frame is still being written.
                        if (acknowledges.Length > 0 && acknowledges[taken.Count % acknowledges.Length]) outbox.Acknowledge(acknowledged);
                    }
                    if (--left == 0 || taken.Count == frames) broken.Cancel();
                });
                try
                {
                    outbox.PumpAsync(writer, counter.Received, broken.Token).GetAwaiter().GetResult();
                }
                catch (OperationCanceledException)
                {
                    // The line broke.
                }
                if (taken.Count == frames) break;
            }
            outbox.Acknowledge(counter.Received);
            return taken.SequenceEqual(Enumerable.Range(1, frames).Select(i => (ulong)i)) && outbox.IsEmpty && outbox.Budget.Used == 0;
        }
    }

    [Fact]
    public void A_missing_frame_and_an_acknowledgement_of_what_was_never_sent_break_the_protocol()
    {
        var counter = new FrameCounter(_ => { });
        Assert.True(counter.Accept(1));
        Assert.False(counter.Accept(1));
        Assert.Throws<ProtocolException>(() => counter.Accept(3));
        var outbox = new FrameOutbox<CoordinatorFrame>(1);
        outbox.Enqueue(new CoordinatorFrame());
        Assert.Throws<ProtocolException>(() => outbox.Acknowledge(2));
    }

    [Fact]
    public async Task Acknowledgements_wait_for_room_in_order_and_stop_with_a_reset()
    {
        var told = new List<ulong>();
        var counter = new FrameCounter(sequence =>
        {
            lock (told) told.Add(sequence);
        });
        var room = new TaskCompletionSource();
        counter.Accept(1);
        counter.Handled(room.Task);
        counter.Accept(2);
        counter.Handled(Task.CompletedTask);
        Assert.Empty(told);
        room.SetResult();
        for (var i = 0; i < 100 && told.Count < 2; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Equal([1ul, 2ul], told);

        counter.Accept(3);
        var never = new TaskCompletionSource();
        counter.Handled(never.Task);
        counter.Reset();
        never.SetResult();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal([1ul, 2ul], told);
        Assert.True(counter.Accept(1));
    }

    private sealed class Writer(Action<ParticipantFrame> write) : IAsyncStreamWriter<ParticipantFrame>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(ParticipantFrame message) => WriteAsync(message, CancellationToken.None);

        public Task WriteAsync(ParticipantFrame message, CancellationToken cancellationToken)
        {
            write(message);
            return Task.CompletedTask;
        }
    }
}
