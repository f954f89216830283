using Grpc.Transport;

namespace FedLab.Grpc.Tests;

/// <summary>The server's buffers: reused, bounded, and safe to give back at any time.</summary>
public sealed class LargeBlockMemoryPoolTests
{
    [Fact]
    public void A_block_that_was_given_back_is_rented_again()
    {
        using var pool = new LargeBlockMemoryPool();
        var first = pool.Rent();
        first.Memory.Span[0] = 7;
        first.Dispose();
        first.Dispose();

        using var second = pool.Rent(4096);
        using var third = pool.Rent();

        Assert.Equal(LargeBlockMemoryPool.BlockSize, second.Memory.Length);
        Assert.Equal(7, second.Memory.Span[0]);
        Assert.Throws<ObjectDisposedException>(() => first.Memory);
        Assert.False(second.Memory.Equals(third.Memory));
    }

    [Fact]
    public void Idle_blocks_are_bounded()
    {
        using var pool = new LargeBlockMemoryPool();
        var blocks = Enumerable.Range(0, LargeBlockMemoryPool.MaximumIdleBlocks + 10).Select(_ => pool.Rent()).ToList();
        blocks.ForEach(block => block.Dispose());

        Assert.Equal(LargeBlockMemoryPool.MaximumIdleBlocks, pool.IdleBlocks);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(LargeBlockMemoryPool.BlockSize + 1));
    }

    [Fact]
    public void A_block_that_comes_back_after_the_end_is_dropped()
    {
        var pool = new LargeBlockMemoryPool();
        var block = pool.Rent();
        pool.Dispose();
        block.Dispose();

        Assert.Equal(0, pool.IdleBlocks);
        Assert.Throws<ObjectDisposedException>(() => pool.Rent());
    }
}
