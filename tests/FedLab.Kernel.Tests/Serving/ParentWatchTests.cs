using System.Diagnostics;
using System.Globalization;
using FedLab.Kernel.Serving;

namespace FedLab.Kernel.Tests.Serving;

public sealed class ParentWatchTests
{
    [Fact]
    public async Task The_end_of_the_parent_is_noticed_and_not_before()
    {
        using var parent = Process.Start(new ProcessStartInfo("sleep", ["600"]))!;
        var watching = ParentWatch.WaitAsync(parent.Id.ToString(CultureInfo.InvariantCulture), TimeProvider.System, default);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.False(watching.IsCompleted);
        parent.Kill();
        await watching.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("1")]
    [InlineData("-5")]
    public async Task Without_a_parent_nothing_ends(string? parent)
    {
        using var end = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ParentWatch.WaitAsync(parent, TimeProvider.System, end.Token));
    }
}
