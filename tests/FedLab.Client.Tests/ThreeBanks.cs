using System.Globalization;
using System.Text;

namespace FedLab.Client.Tests;

/// <summary>Three small files with the same columns about different customers; the last bank is the smallest.</summary>
internal static class ThreeBanks
{
    public static readonly int[] Rows = [300, 200, 120];

    /// <summary>Writes the files and returns them as <c>--party</c> takes them.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="banks">How many banks.</param>
    public static string[] Write(TemporaryFolder folder, int banks = 3) => [.. Enumerable.Range(0, banks).Select(bank => Name(bank) + "=" + folder.Write(Name(bank) + ".csv", Content(bank, Rows[bank])))];

    public static string Content(int bank, int rows)
    {
        var text = new StringBuilder("id,income,sector,flat,code,default\n");
        for (var row = 0; row < rows; row++)
        {
            var income = (row * 37 + bank * 11) % 101;
            var sector = Sectors[bank][row * 7 % Sectors[bank].Length];
            var risky = income < 45 && sector == "shop";
            var label = risky ? row % 4 == 0 ? 0 : 1 : row % 9 == 0 ? 1 : 0;
            // Only the second bank writes a code that is no number.
            var code = bank == 1 && row % 5 == 0 ? "x1" : row % 3 == 0 ? "10" : "2";
            text.Append(CultureInfo.InvariantCulture, $"{Name(bank)}{row},{(row % 13 == 5 ? "" : income)},{sector},7,{code},{label}\n");
        }
        return text.ToString();
    }

    private static readonly string[][] Sectors = [["works", "shop"], ["shop", "farm"], ["shop", "works", "Works"]];

    private static string Name(int bank) => ((char)('a' + bank)).ToString();
}
