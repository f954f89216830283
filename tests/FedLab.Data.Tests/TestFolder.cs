using System.IO.Compression;
using System.Text;
using FedLab.Data.Reading;
using FedLab.Learning;

namespace FedLab.Data.Tests;

/// <summary>A folder for one test's files.</summary>
public abstract class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedlab-data");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected string Folder => _folder.FullName;

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string At(string name) => Path.Combine(Folder, name);

    protected string Write(string text, string name = "data.csv") => Write(Encoding.UTF8.GetBytes(text), name);

    protected string Write(byte[] bytes, string name = "data.csv")
    {
        File.WriteAllBytes(At(name), bytes);
        return At(name);
    }

    /// <summary>Reads a text as a file with key column "id".</summary>
    protected DataSet Read(string text, Func<DataSourceOptions, DataSourceOptions>? change = null) => Read(Encoding.UTF8.GetBytes(text), change);

    protected DataSet Read(byte[] bytes, Func<DataSourceOptions, DataSourceOptions>? change = null)
    {
        var options = new DataSourceOptions { Path = Write(bytes), KeyColumn = "id" };
        return Load(change is null ? options : change(options));
    }

    protected static DataSet Load(DataSourceOptions options) => new DataSetLoader(options, null, Cancellation).Load();

    protected static byte[] Gzip(byte[] bytes)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(bytes);
        return buffer.ToArray();
    }

    internal static double[] Numbers(DataSet data, string column) => Assert.IsType<NumericColumn>(data.Table[column]).Values.ToArray();

    internal static IEnumerable<string?> Texts(DataSet data, string column)
    {
        var categorical = Assert.IsType<CategoricalColumn>(data.Table[column]);
        return Enumerable.Range(0, categorical.RowCount).Select(categorical.CategoryOf);
    }
}

/// <summary>Waiting, for tests that say in one line what a text is read as.</summary>
internal static class Waiting
{
    /// <summary>Loads; a file is read without waiting for anything, a database on a thread of the pool.</summary>
    public static DataSet Load(this DataSetLoader loader) => Task.Run(loader.LoadAsync).GetAwaiter().GetResult();
}
