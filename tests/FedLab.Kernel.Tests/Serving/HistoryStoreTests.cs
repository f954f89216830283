using FedLab.Kernel.Serving;

namespace FedLab.Kernel.Tests.Serving;

public sealed class HistoryStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-history-").FullName;

    private string File => Path.Combine(_folder, "deep", "history.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Cells_are_found_in_later_sessions()
    {
        var first = await OpenAsync();
        await first.AddAsync(1, "var a = 1;", null, default);
        await first.AddAsync(2, "a", "1", default);
        var second = await OpenAsync();
        await second.AddAsync(1, "a + 1", "2", default);
        await second.AddAsync(2, "a", "1", default);
        Assert.Equal((1, 2), (first.Session, second.Session));
        Assert.Equal(["var a = 1;", "a", "a + 1", "a"], Codes(second.Tail(10)));
        Assert.Equal(["a + 1", "a"], Codes(second.Tail(2)));
        Assert.Equal(["var a = 1;"], Codes(second.Range(-1, 1, 2)));
        Assert.Equal(["a + 1", "a"], Codes(second.Range(0, 1, null)));
        Assert.Equal(["a"], Codes(second.Range(1, 2, null)));
        Assert.Equal(["var a = 1;"], Codes(second.Search("var*", null, unique: false)));
        Assert.Equal(["a", "a"], Codes(second.Search("a", null, unique: false)));
        Assert.Equal([new HistoryEntry(2, 2, "a", "1")], second.Search("a", null, unique: true));
        Assert.Equal(["a + 1", "a"], Codes(second.Search("*", 2, unique: false)));
    }

    [Fact]
    public async Task A_damaged_file_loses_only_its_damaged_lines()
    {
        var first = await OpenAsync();
        await first.AddAsync(1, "kept", null, default);
        await System.IO.File.AppendAllTextAsync(File, "{\"Session\":1,\"Li\n[]\nnull\n{\"Session\":-5,\"Line\":1,\"Code\":\"x\"}\n{\"Session\":1,\"Line\":2}\n\0\0\n");
        var second = await OpenAsync();
        Assert.Equal(["kept"], Codes(second.Tail(10)));
        Assert.Equal(2, second.Session);
    }

    [Fact]
    public async Task What_cells_showed_is_remembered_by_the_session_and_never_written()
    {
        var store = await OpenAsync();
        await store.AddAsync(1, "GetPassword(\"pw\")", "canary", default);
        Assert.Equal("canary", store.Tail(1)[0].Output);
        foreach (var file in Directory.GetFiles(_folder, "*", SearchOption.AllDirectories)) Assert.DoesNotContain("canary", await System.IO.File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Equal([new HistoryEntry(1, 1, "GetPassword(\"pw\")", null)], (await OpenAsync()).Tail(1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_earlier_kernels_wrote_of_outputs_goes_when_the_file_is_opened(bool behindLink)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        var real = behindLink ? Path.Combine(_folder, "elsewhere.jsonl") : File;
        await System.IO.File.WriteAllTextAsync(
            real, "{\"Session\":4,\"Line\":1,\"Code\":\"a\",\"Output\":\"canary\"}\n{\"Session\":4,\"Line\":2,\"Code\":\"b\",\"Output\":null}\n{\"Session\":4,\"Line\":3,\"Code\":\"c\",\"Outp\":\"can");
        await System.IO.File.AppendAllTextAsync(real, "ary");
        if (behindLink) System.IO.File.CreateSymbolicLink(File, real);
        var store = await OpenAsync();
        Assert.Equal(5, store.Session);
        Assert.Equal([new HistoryEntry(4, 1, "a", null), new HistoryEntry(4, 2, "b", null)], store.Tail(10));
        foreach (var file in Directory.GetFiles(_folder, "*", SearchOption.AllDirectories))
        {
            var text = await System.IO.File.ReadAllTextAsync(file);
            Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Output", text, StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file));
        }
        Assert.Equal(["a", "b"], Codes((await OpenAsync()).Tail(10)));
    }

    [Fact]
    public async Task Several_kernels_write_without_losing_a_line()
    {
        var stores = new List<HistoryStore>();
        for (var index = 0; index < 4; index++) stores.Add(await OpenAsync());
        await Task.WhenAll(stores.Select(store => Task.Run(async () =>
        {
            for (var line = 1; line <= 25; line++) await store.AddAsync(line, $"{store.Session}:{line}", null, default);
        })));
        var all = Codes((await OpenAsync()).Tail(1000));
        Assert.Equal(100, all.Distinct().Count());
    }

    [Fact]
    public async Task The_file_stays_small_and_is_its_owners_alone()
    {
        await OpenAsync();
        var line = new string('x', 2000);
        await System.IO.File.AppendAllLinesAsync(File, Enumerable.Range(1, HistoryStore.MaximumEntries + 2).Select(number => $"{{\"Session\":1,\"Line\":{number},\"Code\":\"{line}\"}}"));
        var store = await OpenAsync();
        Assert.InRange(new FileInfo(File).Length, 1, HistoryStore.MaximumFileBytes);
        Assert.Equal(HistoryStore.MaximumEntries + 2, store.Tail(1)[0].Line);
        await store.AddAsync(1, new string('y', 1 << 20), null, default);
        Assert.InRange(new FileInfo(File).Length, 1, HistoryStore.MaximumFileBytes);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public async Task Where_no_file_can_be_written_the_session_remembers()
    {
        var store = await HistoryStore.OpenAsync("/proc/none/history.jsonl", default);
        await store.AddAsync(1, "here", null, default);
        Assert.Equal(["here"], Codes(store.Tail(5)));
    }

    private static string[] Codes(IEnumerable<HistoryEntry> entries) => [.. entries.Select(entry => entry.Code)];

    private Task<HistoryStore> OpenAsync() => HistoryStore.OpenAsync(File, default);
}
