using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Data;

namespace FedLab.Client.Simulations;

/// <summary>Reads the institutions' files, one after the other.</summary>
internal static class DataFiles
{
    /// <summary>Reads all files.</summary>
    /// <param name="parties">The institutions.</param>
    /// <param name="progress">Progress, in bytes read.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The files' content, in the order of the institutions.</returns>
    /// <exception cref="DataFormatException">A file cannot be used.</exception>
    public static async Task<IReadOnlyList<DataSet>> ReadAsync(IReadOnlyList<PartyFile> parties, IProgress<LabProgress> progress, CancellationToken cancellationToken)
    {
        var total = parties.Sum(party => new FileInfo(party.Source.Path).Length);
        progress.Report(new LabProgress(LabPhase.Reading, 0, total));
        var sets = new List<DataSet>(parties.Count);
        long before = 0;
        foreach (var party in parties)
        {
            var start = before;
            sets.Add(await DataSetReader.ReadAsync(party.Source, new DirectProgress<ReadingProgress>(read => progress.Report(new LabProgress(LabPhase.Reading, start + read.Bytes, total))), cancellationToken));
            before += new FileInfo(party.Source.Path).Length;
        }
        return sets;
    }

    /// <summary>Reports at once and in order, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class DirectProgress<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
