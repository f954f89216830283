using System.Globalization;
using System.Text;

namespace FedLab.Client.Tests;

/// <summary>Two small files that learn quickly: the label follows a column of each.</summary>
internal static class TwoBanks
{
    public const int Rows = 400;

    public static (string Bank, string Source) Write(TemporaryFolder folder, int rows = Rows)
    {
        var bank = new StringBuilder("id,balance,default\n");
        var source = new StringBuilder("id,arrears,region\n");
        for (var row = 0; row < rows; row++)
        {
            var balance = row * 37 % 101;
            var arrears = row * 53 % 17;
            var label = balance < 40 && arrears > 6 || row % 23 == 0 ? 1 : 0;
            bank.Append(CultureInfo.InvariantCulture, $"e{row},{balance},{label}\n");
            source.Append(CultureInfo.InvariantCulture, $"e{row},{arrears},{(row % 3 == 0 ? "north" : "south")}\n");
        }
        return (folder.Write("bank.csv", bank.ToString()), folder.Write("source.csv", source.ToString()));
    }
}
