using FedLab.Federation.Remote;

namespace FedLab.Federation.Tests.Remote;

/// <summary>What a session acknowledges, and when.</summary>
public sealed class FrameCounterTests
{
    [Fact]
    public async Task A_frame_that_comes_while_the_one_before_it_is_acknowledged_waits_for_its_own_room()
    {
        TaskCompletionSource[] rooms = [new(), new(), new()];
        var told = new List<ulong>();
        FrameCounter? counter = null;
        counter = new FrameCounter(sequence =>
        {
            lock (told) told.Add(sequence);
            if (sequence != 1) return;
            Handled(2);
            Handled(3);
        });
        Handled(1);

        rooms[0].SetResult();
        await ToldAsync(1);
        rooms[1].SetResult();
        await ToldAsync(1, 2);
        rooms[2].SetResult();
        await ToldAsync(1, 2, 3);

        async Task ToldAsync(params ulong[] expected)
        {
            while (Told().Length < expected.Length) await Task.Delay(10, TestContext.Current.CancellationToken);
            await Task.Delay(100, TestContext.Current.CancellationToken);
            Assert.Equal(expected, Told());
        }

        ulong[] Told()
        {
            lock (told) return [.. told];
        }

        void Handled(ulong sequence)
        {
            Assert.True(counter!.Accept(sequence));
            counter.Handled(rooms[sequence - 1].Task);
        }
    }
}
