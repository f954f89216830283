using FedLab.Proto;

namespace FedLab.Federation.Tests.Workers;

/// <summary>Whole runs whose required source has its scans computed by workers: the model is the same to the byte, whatever becomes of the workers.</summary>
public sealed class WorkerRunTests
{
    private static readonly RandomEnterprises Data = new(5, 3000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1Gbit")]
    [InlineData("1Mbit")]
    public async Task The_manifest_is_the_same_with_any_number_of_workers(string link)
    {
        var expected = await ManifestAsync(null, link);

        foreach (var count in (int[])[0, 1, 2, 3])
        {
            var workers = new MemoryWorkers(count);
            Assert.Equal(expected, await ManifestAsync(workers, link));
            // One that is called late finds the work done.
            Assert.InRange(workers.Seen.Count, Math.Min(1, count), count);
            Assert.Empty(workers.Gone);
            Assert.Equal(count == 0, workers.TimesAlone > 0);
            Assert.All(workers.Workers, worker => Assert.Equal(1, worker.Calls));
        }
    }

    [Fact]
    public async Task A_worker_that_is_killed_in_a_scan_changes_nothing_and_the_other_does_its_share()
    {
        var expected = await ManifestAsync(null);
        var workers = new MemoryWorkers(2);
        var sent = 0;
        foreach (var worker in workers.Workers) worker.BreaksAt = order => order.BodyCase == WorkOrder.BodyOneofCase.Vectors && Interlocked.Increment(ref sent) == 3;

        Assert.Equal(expected, await ManifestAsync(workers));

        Assert.Equal("broken", Assert.Single(workers.Gone).Reason);
        Assert.Equal(0, workers.TimesAlone);
    }

    [Fact]
    public async Task When_every_worker_is_lost_the_participant_computes_the_rest_itself()
    {
        var expected = await ManifestAsync(null);
        var workers = new MemoryWorkers(2);
        var sent = 0;
        foreach (var worker in workers.Workers) worker.BreaksAt = order => order.BodyCase == WorkOrder.BodyOneofCase.Vectors && Interlocked.Increment(ref sent) > 2;

        // On a clock that stands they rest to the end of the run, however long the machine takes for it.
        Assert.Equal(expected, await ManifestAsync(workers, time: new StandingTime()));

        Assert.InRange(workers.Gone.Count, 1, 2);
        Assert.InRange(workers.TimesAlone, 1, int.MaxValue);
    }

    [Fact]
    public async Task A_connection_that_breaks_while_the_sums_arrive_does_not_leave_half_of_them_in_the_total()
    {
        var expected = await ManifestAsync(null);
        var workers = new MemoryWorkers(2);
        var pieces = 0;
        foreach (var worker in workers.Workers) worker.Alter = report => report.BodyCase == WorkReport.BodyOneofCase.Data && Interlocked.Increment(ref pieces) == 2 ? new WorkReport { Ready = new WorkReady() } : report;

        Assert.Equal(expected, await ManifestAsync(workers));

        var (name, reason) = Assert.Single(workers.Gone);
        Assert.Equal(ProtocolErrors.WorkerReportInvalid(name).Message, reason);
    }

    [Fact]
    public async Task A_silent_worker_counts_as_lost_and_its_chunks_are_done_again()
    {
        var expected = await ManifestAsync(null);
        // Long enough for a busy machine to open the calls: a worker that is not ready in time is lost too.
        var workers = new MemoryWorkers(2) { Patience = TimeSpan.FromSeconds(10) };
        MemoryWorker? mute = null;
        foreach (var worker in workers.Workers)
        {
            // The first that gets work.
            worker.BreaksAt = order =>
            {
                if (order.BodyCase == WorkOrder.BodyOneofCase.Vectors) Interlocked.CompareExchange(ref mute, worker, null);
                return false;
            };
            worker.Alter = report => worker == mute && report.BodyCase is WorkReport.BodyOneofCase.Done or WorkReport.BodyOneofCase.Working ? null : report;
        }

        Assert.Equal(expected, await ManifestAsync(workers));

        var gone = Assert.Single(workers.Gone.Where(gone => gone.Name == mute?.Name).Distinct());
        Assert.Contains("silent", gone.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_whose_sums_are_no_residues_ends_the_run_with_a_sentence()
    {
        var workers = new MemoryWorkers(1);
        workers.Workers[0].Alter = report =>
        {
            if (report.BodyCase == WorkReport.BodyOneofCase.Data) report.Data = Google.Protobuf.ByteString.CopyFrom(Enumerable.Repeat((byte)0xFF, report.Data.Length).ToArray());
            return report;
        };

        var error = await Assert.ThrowsAsync<ProtocolException>(() => ManifestAsync(workers));

        Assert.Equal("worker-sum-invalid", error.Code);
    }

    [Fact]
    public async Task A_run_that_is_stopped_stops_its_workers()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var workers = new MemoryWorkers(2);
        var sent = 0;
        foreach (var worker in workers.Workers)
        {
            worker.BreaksAt = order =>
            {
                if (order.BodyCase == WorkOrder.BodyOneofCase.Vectors && Interlocked.Increment(ref sent) == 3) stop.Cancel();
                return false;
            };
        }
        using var lab = Lab(workers, "1Gbit");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lab.RunAsync(1, stop.Token));

        await Task.WhenAll(workers.Workers.Select(worker => worker.Serving)).WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Empty(workers.Gone);
    }

    private static TestLab Lab(MemoryWorkers? workers, string link, TimeProvider? time = null) =>
        new(RandomEnterprises.Spec(("trees", "3"), ("depth", "4"), ("bins", "16"), ("link", link)), Data.All) { Workers = workers, Time = time ?? TimeProvider.System };

    private static async Task<byte[]?> ManifestAsync(MemoryWorkers? workers, string link = "1Gbit", TimeProvider? time = null)
    {
        using var lab = Lab(workers, link, time);
        var results = await lab.RunAsync(1, Token);
        return results["bank"].Manifest;
    }

    private sealed class StandingTime : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
