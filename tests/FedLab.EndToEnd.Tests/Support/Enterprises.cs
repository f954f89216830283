using System.Globalization;
using System.Text;

namespace FedLab.EndToEnd.Tests.Support;

/// <summary>
/// Three institutions' files about the same enterprises, the same at every call: the bank has the outcome, the platform is
/// required, the chain is optional. Keys, numbers, texts and column names that are to stay secret are unmistakable.
/// </summary>
internal sealed class Enterprises
{
    public const string KeyMark = "CANARYKEY-QX7-";
    public const string TextMark = "CANARYTEXT-";
    public const string LabelColumn = "CANARYLABEL_default";
    public const string ExcludedColumn = "CANARYCOLUMN_owner";

    private ulong _state;

    private Enterprises(string bank, string platform, string chain) => (Bank, Platform, Chain) = (bank, platform, chain);

    public string Bank { get; }

    public string Platform { get; }

    public string Chain { get; }

    /// <summary>The keys by row of the bank's file.</summary>
    public List<string> Keys { get; } = [];

    /// <summary>The outcomes by row of the bank's file.</summary>
    public List<byte> Labels { get; } = [];

    /// <summary>Numbers that are secret, with the column that holds each.</summary>
    public List<(string Column, double Value)> Numbers { get; } = [];

    /// <summary>Keys that the platform, a required source, does not know.</summary>
    public HashSet<string> UnknownToPlatform { get; } = new(StringComparer.Ordinal);

    /// <summary>Keys that the chain, an optional source, does not know.</summary>
    public HashSet<string> UnknownToChain { get; } = new(StringComparer.Ordinal);

    /// <summary>The arguments that name the files, their roles and columns.</summary>
    public string[] Arguments =>
    [
        "--party", $"bank={Bank}", "--party", $"platform={Platform}", "--party", $"chain={Chain}",
        "--optional", "chain", "--key", "id", "--label", $"bank.{LabelColumn}", "--exclude", $"platform.{ExcludedColumn}",
    ];

    /// <summary>Writes the three files.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="rows">Rows of the bank.</param>
    /// <param name="seed">Other seeds give other enterprises with the same columns.</param>
    public static Enterprises Write(TemporaryFolder folder, int rows, ulong seed = 1)
    {
        var made = new Enterprises(folder.File("bank.csv"), folder.File("platform.csv"), folder.File("chain.csv")) { _state = seed };
        var bank = new StringBuilder($"id,turnover,employees,sector,{LabelColumn}\n");
        var platform = new StringBuilder($"id,arrears,invoices,region,{ExcludedColumn}\n");
        var chain = new StringBuilder("id,orders,delay\n");
        for (var row = 0; row < rows; row++) made.AddRow(row, seed, bank, platform, chain);
        File.WriteAllText(made.Bank, bank.ToString());
        File.WriteAllText(made.Platform, platform.ToString());
        File.WriteAllText(made.Chain, chain.ToString());
        return made;
    }

    private void AddRow(int row, ulong seed, StringBuilder bank, StringBuilder platform, StringBuilder chain)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{KeyMark}{seed}-{row:D6}");
        double turnover = Secret("turnover", 10_000, 90_000), arrears = Secret("arrears", 1_000, 9_000), invoices = Secret("invoices", 100, 900), orders = Secret("orders", 50_000, 20_000);
        var employees = 1 + (int)(Uniform() * 200);
        var delay = (int)(Uniform() * 60);
        var risk = (arrears / 5_000) + (delay / 30.0) - (turnover / 60_000) + (employees < 40 ? 0.6 : 0) + (Uniform() * 1.2);
        var label = (byte)(risk > 1.9 ? 1 : 0);
        Keys.Add(key);
        Labels.Add(label);
        bank.Append(CultureInfo.InvariantCulture, $"{key},{turnover:R},{employees},{TextMark}sector-{(int)(Uniform() * 4)},{label}\n");
        if (Uniform() < 0.08) UnknownToPlatform.Add(key);
        else platform.Append(CultureInfo.InvariantCulture, $"{key},{arrears:R},{(Uniform() < 0.15 ? "" : invoices.ToString("R", CultureInfo.InvariantCulture))},{TextMark}region-{(int)(Uniform() * 3)},{TextMark}owner-{row}\n");
        if (Uniform() < 0.3) UnknownToChain.Add(key);
        else chain.Append(CultureInfo.InvariantCulture, $"{key},{orders:R},{delay}\n");
    }

    /// <summary>A number with a full mantissa, which stands nowhere else by chance.</summary>
    private double Secret(string column, double from, double width)
    {
        var value = from + (width * Uniform());
        Numbers.Add((column, value));
        return value;
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014), 53 bits.</summary>
    private double Uniform()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
