using FedLab.Participant.Runs;

namespace FedLab.Participant.Tests;

/// <summary>The files of a run on disk.</summary>
public sealed class RunFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-run-").FullName;

    [Fact]
    public async Task Files_are_replaced_whole_listed_and_removed_and_what_a_killed_process_left_is_cleared()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "checkpoint.1234.tmp"), "half", TestContext.Current.CancellationToken);
        Assert.Empty(RunFolder.Open(_folder).Names);
        Assert.Single(Directory.EnumerateFiles(_folder)); // of another run, perhaps, that is being written
        var store = RunFolder.Begin(_folder);
        Assert.Empty(store.Names);
        await store.SaveAsync("checkpoint", new byte[] { 1 }, TestContext.Current.CancellationToken);
        await store.SaveAsync("checkpoint", new byte[] { 2, 3 }, TestContext.Current.CancellationToken);
        Assert.Equal([2, 3], await store.LoadAsync("checkpoint", TestContext.Current.CancellationToken));
        Assert.Equal("checkpoint", Assert.Single(store.Names));
        Assert.Null(await store.LoadAsync("other", TestContext.Current.CancellationToken));
        store.Delete("checkpoint");
        store.Delete("checkpoint");
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }

    [Theory]
    [InlineData("../keys/identity.pem")]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("half.tmp")]
    public async Task A_name_that_is_no_plain_file_name_is_refused(string name) =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await RunFolder.Open(_folder).LoadAsync(name, TestContext.Current.CancellationToken));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
