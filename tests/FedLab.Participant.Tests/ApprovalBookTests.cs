using FedLab.Coordinator.Tests.Lab;
using FedLab.Participant.Approval;
using FedLab.Participant.Configuration;
using FedLab.Participant.Tests.Lab;

namespace FedLab.Participant.Tests;

/// <summary>The file in which a person decides, while it is being written.</summary>
public sealed class ApprovalBookTests
{
    [Fact]
    public async Task A_decision_that_is_still_being_written_is_not_there_yet()
    {
        using var lab = new TemporaryLab(["bank", "tax"]);
        using var home = ParticipantHome.Open(ParticipantHomes.Write(lab, "tax", new Uri("https://127.0.0.1:1")), [], TimeProvider.System);
        var book = new ApprovalBook(home);
        var path = book.ManualPath("run-1");

        Assert.Null(await ReadAsync());
        // As a shell does it: the file is made, or emptied, before the first word stands in it.
        await using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite))
        {
            Assert.Null(await ReadAsync());
            file.Write("approve\n"u8);
            await file.FlushAsync(TestContext.Current.CancellationToken);
            Assert.Equal("approve\n", await ReadAsync());
        }
        await File.WriteAllTextAsync(path, "\n", TestContext.Current.CancellationToken);
        Assert.Null(await ReadAsync());
        // What is there and is no decision is told.
        await File.WriteAllTextAsync(path, new string('x', 1 << 20), TestContext.Current.CancellationToken);
        Assert.Equal("", await ReadAsync());

        Task<string?> ReadAsync() => book.ManualTextAsync("run-1", TestContext.Current.CancellationToken);
    }
}
