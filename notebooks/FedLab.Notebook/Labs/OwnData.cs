using FedLab.Client;
using FedLab.Data;
using FedLab.Federation.Remote;
using FedLab.Notebook.Data;

namespace FedLab.Notebook.Labs;

/// <summary>
/// The rows of one's own institution, read where they are and sent nowhere: as the participant reads them, by the home's own configuration, so that what is described
/// is what an experiment uses: from a file, from SQLite, or from a PostgreSQL server with the participant's password.
/// </summary>
public static class OwnData
{
    /// <summary>Reads the rows of a home: the key, the label where there is one, and the features.</summary>
    /// <param name="home">The institution's home folder.</param>
    /// <param name="cancellationToken">Ends the reading; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">It is no participant's home.</exception>
    /// <exception cref="ConfigurationException">The home's configuration is wrong, or the password is not where it says.</exception>
    /// <exception cref="DataFormatException">The rows cannot be read.</exception>
    public static async Task<DataFrame> LoadAsync(string home, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(home);
        var source = OwnHome.Open(home).Source();
        var set = await DataSetReader.ReadAsync(source, progress: null, Interruption.Or(cancellationToken));
        List<DataFrameColumn> columns = [DataFrameColumn.Create(source.KeyColumn, set.Keys)];
        if (set.Labels is { } labels) columns.Add(DataFrameColumn.Create(source.LabelColumn!, labels.Select(label => (double)label)));
        if (set.Table.Columns.Count > 0) columns.AddRange(DataFrame.From(set.Table).Columns);
        return new DataFrame(columns);
    }

    /// <summary>Describes the rows: for each column its type, how many values are missing and how many distinct, mean, quantiles, most frequent text.</summary>
    /// <param name="homeOrFile">The institution's home folder, or a file: <c>.csv</c> or <c>.csv.gz</c>.</param>
    /// <param name="cancellationToken">Ends the reading; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">It is neither.</exception>
    /// <exception cref="ConfigurationException">The home's configuration is wrong, or the password is not where it says.</exception>
    /// <exception cref="DataFormatException">The rows cannot be read.</exception>
    public static async Task<DataFrame> DescribeAsync(string homeOrFile, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(homeOrFile);
        var token = Interruption.Or(cancellationToken);
        var frame = File.Exists(homeOrFile) ? await Task.Run(() => DataFrame.LoadCsv(homeOrFile), token) : await LoadAsync(homeOrFile, token);
        return await Task.Run(frame.Describe, token);
    }
}
