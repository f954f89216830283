namespace FedLab.Data.Tests;

public sealed class AtomicFileTests : TestFolder
{
    [Fact]
    public async Task A_written_file_replaces_the_earlier_one_and_leaves_nothing_else()
    {
        await AtomicFile.WriteAsync(At("f"), "one"u8.ToArray(), Cancellation);
        await AtomicFile.WriteAsync(At("f"), "two"u8.ToArray(), Cancellation);
        Assert.Equal("two", await File.ReadAllTextAsync(At("f"), Cancellation));
        Assert.Single(Directory.GetFiles(Folder));
    }

    [Theory]
    [InlineData(28, "disk is full")]
    [InlineData(unchecked((int)0x80070070), "disk is full")]
    [InlineData(5, "writing failed")]
    public async Task A_failure_keeps_the_earlier_file_and_names_path_and_remedy(int code, string expected)
    {
        Write("before", "f");
        var error = await Assert.ThrowsAsync<IOException>(() => AtomicFile.WriteAsync(
            At("f"),
            async (stream, token) =>
            {
                await stream.WriteAsync("half"u8.ToArray(), token);
                throw new IOException("device", code);
            },
            Cancellation));
        Assert.Contains(At("f"), error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal("before", await File.ReadAllTextAsync(At("f"), Cancellation));
        Assert.Single(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task A_missing_folder_and_a_folder_in_the_way_are_named()
    {
        var missing = await Assert.ThrowsAsync<IOException>(() => AtomicFile.WriteAsync(At("no/f"), "x"u8.ToArray(), Cancellation));
        Assert.Contains("folder does not exist", missing.Message, StringComparison.Ordinal);
        var folder = await Assert.ThrowsAsync<IOException>(() => AtomicFile.WriteAsync(Folder, "x"u8.ToArray(), Cancellation));
        Assert.Contains("this is a folder", folder.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_exceptions_pass_through_and_leave_nothing()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            AtomicFile.WriteAsync(At("f"), (_, _) => throw new InvalidOperationException(), Cancellation));
        using var source = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AtomicFile.WriteAsync(
            At("f"),
            async (stream, token) =>
            {
                await stream.WriteAsync("half"u8.ToArray(), token);
                await source.CancelAsync();
            },
            source.Token));
        Assert.Empty(Directory.GetFiles(Folder));
    }
}
