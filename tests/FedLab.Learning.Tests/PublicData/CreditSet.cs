using System.Globalization;
using System.IO.Compression;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace FedLab.Learning.Tests.PublicData;

/// <summary>
/// A public credit set: bank and source features over the same rows, labels, the fixed test rows, and the training rows of the three
/// banks of the horizontal split.
/// </summary>
internal sealed record CreditSet(Table Bank, Table Source, byte[] Labels, ulong[] RowIdentities, int[] TrainingRows, int[] TestRows, int[][] BankRows)
{
    /// <summary>Bank and source features side by side: what every bank of a horizontal federation has.</summary>
    public Table All => new([.. Bank.Columns, .. Source.Columns]);

    /// <summary>The folder of the sets: the environment variable FEDLAB_DATA, or shared/data beside the repository; null without either.</summary>
    public static string? Folder()
    {
        if (Environment.GetEnvironmentVariable("FEDLAB_DATA") is { Length: > 0 } named)
            return named;
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FedLab.sln")))
            folder = folder.Parent;
        var beside = folder?.Parent is null ? null : Path.Combine(folder.Parent.FullName, "shared", "data");
        return Directory.Exists(beside) ? beside : null;
    }

    public static CreditSet Read(string folder)
    {
        var (bankHeader, bank) = ReadRows(Path.Combine(folder, "bank.csv.gz"));
        var (sourceHeader, source) = ReadRows(Path.Combine(folder, "source.csv.gz"));
        var byId = source.ToDictionary(row => row[0], StringComparer.Ordinal);
        source = [.. bank.Select(row => byId[row[0]])];
        var hashes = bank.ConvertAll(row => SHA256.HashData(Encoding.UTF8.GetBytes(row[0])));
        var fold = hashes.ConvertAll(hash => (int)(new BigInteger(hash, isUnsigned: true, isBigEndian: true) % 5));
        var all = Enumerable.Range(0, bank.Count).ToArray();
        return new CreditSet(
            Columns(bankHeader, bank, 1, bankHeader.Length - 1),
            Columns(sourceHeader, source, 1, sourceHeader.Length),
            [.. bank.Select(row => byte.Parse(row[^1], CultureInfo.InvariantCulture))],
            [.. hashes.Select(hash => BitConverter.ToUInt64(hash))],
            [.. all.Where(row => fold[row] != 0)],
            [.. all.Where(row => fold[row] == 0)],
            [[.. all.Where(row => fold[row] is 1 or 2)], [.. all.Where(row => fold[row] == 3)], [.. all.Where(row => fold[row] == 4)]]);
    }

    private static (string[] Header, List<string[]> Rows) ReadRows(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var header = reader.ReadLine()!.Split(',');
        List<string[]> rows = [];
        while (reader.ReadLine() is { } line)
            rows.Add(line.Split(','));
        return (header, rows);
    }

    private static Table Columns(string[] header, List<string[]> rows, int first, int last) =>
        new([.. Enumerable.Range(first, last - first).Select(position => Parse(header[position], [.. rows.Select(row => row[position])]))]);

    private static Column Parse(string name, string[] texts)
    {
        var values = new double[texts.Length];
        for (var row = 0; row < texts.Length; row++)
        {
            values[row] = double.NaN;
            if (texts[row].Length > 0 && !double.TryParse(texts[row], NumberStyles.Float, CultureInfo.InvariantCulture, out values[row]))
            {
                var categories = texts.Where(text => text.Length > 0).Distinct(StringComparer.Ordinal).ToList();
                return new CategoricalColumn(name, categories, Array.ConvertAll(texts, text => text.Length == 0 ? -1 : categories.IndexOf(text)));
            }
        }

        return new NumericColumn(name, values);
    }
}
