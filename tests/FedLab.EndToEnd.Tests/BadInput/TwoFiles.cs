using System.Globalization;
using System.Text;
using FedLab.EndToEnd.Tests.Support;

namespace FedLab.EndToEnd.Tests.BadInput;

/// <summary>Two small good files, of which a test spoils one.</summary>
internal sealed class TwoFiles
{
    public const int Rows = 200;

    private TwoFiles(string bank, string platform) => (Bank, Platform) = (bank, platform);

    public string Bank { get; }

    public string Platform { get; }

    /// <summary>A command line that works with the files as they were written.</summary>
    public string[] Simulate => ["simulate", "--party", $"bank={Bank}", "--party", $"platform={Platform}", "--key", "id", "--label", "bank.default", "--set", "trees=2", "--set", "depth=2", "--minimum-cohort", "2", "--out", "run"];

    public static TwoFiles Write(TemporaryFolder folder)
    {
        var bank = new StringBuilder("id,balance,default\n");
        var platform = new StringBuilder("id,arrears,region\n");
        for (var row = 0; row < Rows; row++)
        {
            int balance = row * 37 % 101, arrears = row * 53 % 17;
            bank.Append(CultureInfo.InvariantCulture, $"e{row},{balance},{((balance < 40 && arrears > 6) || row % 23 == 0 ? 1 : 0)}\n");
            platform.Append(CultureInfo.InvariantCulture, $"e{row},{arrears},{(row % 3 == 0 ? "north" : "south")}\n");
        }
        return new TwoFiles(folder.Write("bank.csv", bank.ToString()), folder.Write("platform.csv", platform.ToString()));
    }

    /// <summary>Changes a field of a file.</summary>
    public static void Set(string path, int line, int column, string value)
    {
        var lines = File.ReadAllLines(path);
        var fields = lines[line - 1].Split(',');
        fields[column] = value;
        lines[line - 1] = string.Join(',', fields);
        File.WriteAllLines(path, lines);
    }
}
