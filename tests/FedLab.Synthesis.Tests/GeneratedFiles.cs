using System.Globalization;
using System.Text;

namespace FedLab.Synthesis.Tests;

/// <summary>The four files of the published population, made once for all tests.</summary>
public sealed class GeneratedFiles : IAsyncLifetime
{
    private readonly Dictionary<string, CsvText> _files = [];

    public SyntheticPopulation Population { get; } = SyntheticPopulation.Generate();

    public async ValueTask InitializeAsync()
    {
        foreach (var institution in SyntheticInstitution.All)
            _files[institution.Name] = await CsvText.WriteAsync(Population, institution, new SyntheticOptions { ObservationDate = true });
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public CsvText this[SyntheticInstitution institution] => _files[institution.Name];
}

/// <summary>A generated file split into fields; the generator never quotes.</summary>
public sealed class CsvText
{
    private CsvText(byte[] bytes)
    {
        Bytes = bytes;
        var lines = Encoding.UTF8.GetString(bytes).TrimEnd('\n').Split('\n');
        Header = lines[0].Split(',');
        Rows = [.. lines.Skip(1).Select(line => line.Split(','))];
    }

    public byte[] Bytes { get; }

    public string[] Header { get; }

    public List<string[]> Rows { get; }

    public static async Task<CsvText> WriteAsync(SyntheticPopulation population, SyntheticInstitution institution, SyntheticOptions options)
    {
        using var stream = new MemoryStream();
        await population.WriteCsvAsync(institution, stream, options, TestContext.Current.CancellationToken);
        return new CsvText(stream.ToArray());
    }

    public string[] Column(string name)
    {
        var index = Array.IndexOf(Header, name);
        Assert.True(index >= 0, name);
        return [.. Rows.Select(row => row[index])];
    }

    /// <summary>The non-missing numbers of a column.</summary>
    public double[] Numbers(string name) =>
        [.. Column(name).Where(text => text.Length > 0).Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
}
